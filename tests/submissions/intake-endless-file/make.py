"""Hands in a file with a hole of a terabyte."""

from __future__ import annotations

import os
from pathlib import Path


def make(place: Path, values: dict[str, str]) -> Path:
    """Make the hand-in."""
    (place / "target.py").write_text("x = 1\n", "ascii")
    os.truncate(place / "target.py", 1 << 40)
    return place
