"""The view: enough for Python and torch, and nothing of a course."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch

from grader.cell import guest, jail_view


def _shown(path: str | None) -> bool:
    assert path is not None
    return any(path == p or path.startswith(f"{p}/") for p in jail_view.readable().paths)


def test_python_and_its_packages_are_shown() -> None:
    """Everything that a cell imports is there."""
    for module in (torch, np, guest):
        assert _shown(module.__file__)
    assert _shown(str(Path(sys.executable).resolve()))


def test_nothing_of_a_course_is_shown() -> None:
    """Suites, references, stubs and the rest of the grader are absent."""
    root = jail_view.PACKAGE.parent
    for name in ("solutions", "tests", "assignments", ".git", "autograde.yml", "grader/judge"):
        assert not _shown(str(root / name))
    assert not _shown(str(jail_view.PACKAGE))
    assert not _shown("/etc/passwd")


def test_no_path_lies_within_another() -> None:
    """A mount over another would hide it."""
    paths = jail_view.readable().paths
    assert [a for a in paths for b in paths if a.startswith(f"{b}/")] == []
