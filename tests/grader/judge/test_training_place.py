"""Code that raises on a graphics card and is right on a CPU; only the card is made up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from grader.cell import open_host
from grader.errors import StudentError
from grader.judge.raised import student_error
from grader.judge.recipes import RECIPES
from grader.judge.session import Session
from grader.judge.site import Site
from grader.judge.training import Training
from grader.model import Device, HandIn, HandInStatus, Limits, TrainingMode
from tests.grader.judge.test_training import RIGHT, _write

RECIPE = RECIPES["softmax-regression"]
SITE = Site(Device.CUDA, "Made up", "1.0", "")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Any, list[int]]]:
    """Give a function that trains a text on a card that refuses it, and the memory asked for."""
    exercise = _write(tmp_path).exercises[0]
    file = exercise.hidden_dir / "calibration.json"
    content = json.loads(file.read_text("utf-8"))
    (entry,) = content["entries"]
    there = {**entry, "key": {**entry["key"], "device": "Made up"}}
    file.write_text(json.dumps({**content, "entries": [entry, there]}), "utf-8")
    host = open_host(0, Limits())
    asked: list[int] = []

    @contextmanager
    def open_session(hand_in: HandIn, limits: Limits, seed: int) -> Iterator[Session]:
        asked.append(limits.gpu_memory_mib)
        if limits.gpu_memory_mib:
            raise student_error("RuntimeError", "Expected all tensors on one device", [], [])
        cell = host.open(limits)
        try:
            session = Session(cell, hand_in)
            session.seed(seed)
            body = {"name": "work", "path": "work.py", "source": hand_in.source}
            session.ask("load", body)
            session.ask("load_driver", {"source": RECIPE.driver_text})
            session.seed(seed)
            yield session
        finally:
            cell.close()

    def train(source: str) -> Training:
        hand_in = HandIn(exercise.id, HandInStatus.SUBMITTED, "work.py", source)
        return Training(
            exercise, hand_in, RECIPE.name, TrainingMode.JUDGE, lambda n: n, open_session, SITE
        )

    yield train, asked
    host.close()


def test_it_is_judged_on_the_cpu(opened: tuple[Any, list[int]]) -> None:
    """By the threshold of the CPU, and the record says where."""
    train, asked = opened
    record = train(RIGHT).run()

    assert record.reason == "passed"
    assert record.device == "cpu"
    assert len(record.attempts) == 1
    assert asked == [RECIPE.gpu_memory_mib, 0]


def test_what_raises_there_too_is_the_students(opened: tuple[Any, list[int]]) -> None:
    """The exception of the CPU is told, which has nothing to do with devices."""
    train, asked = opened
    with pytest.raises(StudentError, match="not today"):
        train(f"{RIGHT}\ndef updater(batch_size):\n    raise ValueError('not today')\n").run()

    assert asked == [RECIPE.gpu_memory_mib, 0]
