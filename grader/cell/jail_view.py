"""What a cell may read: Python, its packages, and those files of the grader that run inside.

Nothing of a course is on this list. Hidden suites, references and other submissions are out
of reach because they are absent, not because they are guarded.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
"""The folder of the package `grader`; at its top only the files named below are shown."""

SHOWN_OF_PACKAGE = ("__init__.py", "errors.py", "model.py", "shared_pages.py", "vision.py", "cell")
SYSTEM_PREFIXES = ("/usr", "/usr/local")
SYSTEM_PATHS = (
    "/usr/lib",
    "/usr/lib64",
    "/lib",
    "/lib64",
    "/nix/store",
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/usr/share/zoneinfo",
)


@dataclass(frozen=True, slots=True)
class View:
    """Paths that a cell may read.

    Attributes:
        paths: Files and folders, each shown at its own place; none lies within another.
        links: (path, target) of system folders that are links, such as `/lib`.
    """

    paths: tuple[str, ...]
    links: tuple[tuple[str, str], ...]


def readable() -> View:
    """Return what the Python of this process needs, as far as it exists."""
    wanted: list[str] = []
    links: list[tuple[str, str]] = []
    for path in SYSTEM_PATHS:
        if Path(path).is_symlink():
            links.append((path, str(Path(path).readlink())))
        else:
            wanted.append(path)
    for prefix in (sys.base_prefix, sys.base_exec_prefix, sys.prefix, sys.exec_prefix):
        wanted += _of_prefix(prefix)
    wanted += [str(PACKAGE / name) for name in SHOWN_OF_PACKAGE]
    return View(outermost([path for path in wanted if Path(path).exists()]), tuple(links))


def _of_prefix(prefix: str) -> list[str]:
    """Return the folders of one Python prefix, and the real ones behind a link.

    A system prefix also holds what has nothing to do with Python, so only its programs and
    libraries are shown.
    """
    places = {prefix, os.path.realpath(prefix)}
    if places & set(SYSTEM_PREFIXES):
        return [f"{place}/{part}" for place in sorted(places) for part in ("bin", "lib")]
    return sorted(places)


def outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """Return those of some paths that lie within no other, sorted."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not any(path.startswith(f"{outer}/") for outer in kept):
            kept.append(path)
    return tuple(kept)
