"""Hands in a text nested exactly as deep as Python can read on an empty stack."""

from __future__ import annotations

from pathlib import Path

from grader.collect.limits import IntakeLimits
from grader.collect.python_file import read_python


def _text(depth: int) -> str:
    return "def curve(X):\n    return X" + ".T" * depth + "\n"


def make(place: Path, values: dict[str, str]) -> Path:
    """Make the hand-in."""
    low, high = 10, 50_000
    while high - low > 1:
        middle = (low + high) // 2
        problem = read_python(_text(middle).encode(), "target.py", IntakeLimits()).problem
        low, high = (low, middle) if problem else (middle, high)
    # A few levels of room: who reads it may stand a little deeper than this function.
    (place / "target.py").write_text(_text(low - 12), "ascii")
    return place
