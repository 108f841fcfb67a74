"""Hands in a notebook whose JSON is nested a hundred thousand deep."""

from __future__ import annotations

from pathlib import Path


def make(place: Path, values: dict[str, str]) -> Path:
    """Make the hand-in."""
    (place / "target.ipynb").write_text("[" * 100_000 + "]" * 100_000, "ascii")
    return place
