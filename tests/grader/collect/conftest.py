"""Two exercises to look for, and how to write what is handed in for them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest

from grader.model import Exercise, Limits, Task

FILLED = "def softmax(X):\n    return X\n\n\ndef loss(Y, y):\n    return Y\n"
STUB = (
    "def softmax(X):\n    raise NotImplementedError('03-06-softmax: softmax')\n\n\n"
    "def loss(Y, y):\n    raise NotImplementedError('03-06-softmax: loss')\n"
)
HALF = FILLED.replace("return Y", "raise NotImplementedError('03-06-softmax: loss')")


def exercise(name: str, module: str, *names: str) -> Exercise:
    """Make an exercise with one task for each name."""
    tasks = tuple(Task(name, name, Fraction(1), (name,)) for name in names)
    nowhere = Path("/nowhere")
    points = Fraction(len(tasks))
    return Exercise(name, name, "3.6", module, points, tasks, Limits(), nowhere, nowhere, nowhere)


SOFTMAX = exercise("03-06-softmax", "softmax", "softmax", "loss")
VOCAB = exercise("08-02-vocab", "vocab", "Vocab")


def notebook(*cells: str, **changes: object) -> str:
    """Write a notebook of format 4 with these code cells."""
    code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    book = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [{**code, "id": f"c{at}", "source": cell} for at, cell in enumerate(cells)],
    }
    return json.dumps({**book, **changes})


def zipped(files: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Write an ordinary zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


Write = Callable[[dict[str, str]], Path]


@pytest.fixture(scope="session")
def kit() -> SimpleNamespace:
    """Hand the helpers of this file to tests, which cannot import it."""
    return SimpleNamespace(
        SOFTMAX=SOFTMAX,
        VOCAB=VOCAB,
        FILLED=FILLED,
        STUB=STUB,
        HALF=HALF,
        exercise=exercise,
        notebook=notebook,
        zipped=zipped,
    )


@pytest.fixture
def hand_in(tmp_path: Path) -> Write:
    """Write files into the folder `alice` and give its path."""

    def write(files: dict[str, str]) -> Path:
        root = tmp_path / "alice"
        root.mkdir(exist_ok=True)
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        return root

    return write
