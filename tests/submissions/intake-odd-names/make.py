"""Brings files and folders whose names would act on a terminal."""

from __future__ import annotations

from pathlib import Path


def make(place: Path, values: dict[str, str]) -> Path:
    """Make the hand-in."""
    for name in ("\x1b[2Jx.py", "a\u202eyp.b", "c\nd.py"):
        (place / name).write_text("x = 1\n", "ascii")
    return place
