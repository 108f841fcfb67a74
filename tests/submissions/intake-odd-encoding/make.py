"""Hands in a text that declares an encoding in which it means something else."""

from __future__ import annotations

from pathlib import Path


def make(place: Path, values: dict[str, str]) -> Path:
    """Make the hand-in."""
    text = "# coding: utf-7\n+AGkAbQBwAG8AcgB0-\nx = '+ACc-; 1/0 #'\n"
    (place / "target.py").write_text(text, "ascii")
    return place
