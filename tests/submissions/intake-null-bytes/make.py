"""Hands in a text with null bytes."""

from __future__ import annotations

from pathlib import Path


def make(place: Path, values: dict[str, str]) -> Path:
    """Make the hand-in."""
    (place / "target.py").write_bytes(b"x = 1\n\0\0\n")
    return place
