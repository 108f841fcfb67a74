"""Hands in a link to a device that never ends."""

from __future__ import annotations

from pathlib import Path


def make(place: Path, values: dict[str, str]) -> Path:
    """Make the hand-in."""
    (place / "target.py").symlink_to("/dev/zero")
    return place
