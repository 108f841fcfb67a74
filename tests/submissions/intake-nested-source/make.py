"""Hands in a text whose brackets are nested too deep for Python."""

from __future__ import annotations

from pathlib import Path


def make(place: Path, values: dict[str, str]) -> Path:
    """Make the hand-in."""
    (place / "target.py").write_text("x = " + "(" * 5000 + ")" * 5000, "ascii")
    return place
