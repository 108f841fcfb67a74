"""Packs a name with parent parts into a zip."""

from __future__ import annotations

import zipfile
from pathlib import Path


def make(place: Path, values: dict[str, str]) -> Path:
    """Make the hand-in."""
    path = place / "upload.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("target.py", "x = 1\n")
        file.writestr("../" * 40 + "tmp/" + values["TOKEN"], "x = 1\n")
    return path
