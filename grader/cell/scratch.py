"""Private folders of flat cells: ordinary ones, measured while the cell runs, then removed.

A cell with namespaces has a file system of its own in memory and needs none of this.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from enum import StrEnum
from pathlib import Path

MAX_DEPTH = 32
OWNER_ONLY = 0o700


class Excess(StrEnum):
    """In what a folder is more than it may be."""

    BYTES = "bytes"
    FILES = "files"
    DEPTH = "depth"
    """A tree too deep to measure."""
    SHUT = "shut"
    """A folder that its owner made unreadable."""


def excess(folder: str, limit_bytes: int, limit_files: int) -> Excess | None:
    """Say in what a folder is more than it may be, if it is.

    Args:
        folder: Belongs to a running process, so anything in it may change meanwhile.
        limit_bytes: What its files may take up together.
        limit_files: How many files and folders it may hold.
    """
    used_bytes = files = 0
    pending = [(folder, 0)]
    while pending:
        path, depth = pending.pop()
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    files += 1
                    used_bytes += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        pending.append((entry.path, depth + 1))
                    if used_bytes > limit_bytes:
                        return Excess.BYTES
                    if files > limit_files:
                        return Excess.FILES
                    if depth > MAX_DEPTH:
                        return Excess.DEPTH
        except OSError as error:
            return Excess.DEPTH if error.errno == errno.ENAMETOOLONG else Excess.SHUT
    return None


def remove(folder: str) -> None:
    """Remove a dead cell's folder, however deep a tree it left there.

    What a subfolder holds is moved up before the subfolder goes. So no path gets long and
    nothing is recursive.
    """
    with contextlib.suppress(OSError):  # what cannot be removed is left; it is no longer ours
        while names := os.listdir(folder):  # noqa: PTH208 - names, and quickly
            for name in names:
                _remove_entry(folder, f"{folder}/{name}")
        Path(folder).rmdir()


def _remove_entry(folder: str, path: str) -> None:
    if Path(path).is_symlink() or not Path(path).is_dir():
        Path(path).unlink()
        return
    Path(path).chmod(OWNER_ONLY)
    for child in list(Path(path).iterdir()):
        if child.is_dir() and not child.is_symlink():
            child.chmod(OWNER_ONLY)  # moving a folder writes its entry for the one above
        child.rename(f"{folder}/{secrets.token_hex(8)}")
    Path(path).rmdir()
