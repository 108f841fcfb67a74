"""Hands in a megabyte of text."""

from __future__ import annotations

from pathlib import Path


def make(place: Path, values: dict[str, str]) -> Path:
    """Make the hand-in."""
    (place / "target.py").write_text("x = 1\n" * 170_000, "ascii")
    return place
