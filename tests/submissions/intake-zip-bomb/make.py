"""Packs two gigabytes of nothing into two megabytes."""

from __future__ import annotations

import zipfile
from pathlib import Path


def make(place: Path, values: dict[str, str]) -> Path:
    """Make the hand-in."""
    path = place / "upload.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        with file.open("target.py", "w", force_zip64=True) as member:
            for _ in range(32):
                member.write(bytes(8 << 20))
        for copy in range(8):
            with file.open(f"more-{copy}.py", "w") as member:
                for _ in range(16):
                    member.write(bytes(8 << 20))
    return path
