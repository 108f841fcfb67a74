"""The folder that a release writes into, and the record of what it wrote there.

Only what the record names with its hash is ever replaced or removed; whatever else stands in
the folder belongs to somebody.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from grader.errors import CourseError
from grader.model import Course

RECORD = ".autograde-release.json"
_SCHEMA = "autograde/release/v1"
_RECORD_LIMIT_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Release:
    """What was written.

    Attributes:
        dest: The student repository.
        written: Files that are new or changed, relative to it.
        removed: Files of an earlier release that are gone.
    """

    dest: Path
    written: tuple[str, ...]
    removed: tuple[str, ...]


def read_record(course: Course, dest: Path) -> dict[str, str]:
    """Check that a folder may be released into, and give what an earlier release wrote there.

    Args:
        course: The teacher's course.
        dest: The folder, resolved.

    Returns:
        Hash by path of each file of the earlier release; empty if there was none.

    Raises:
        CourseError: If the folder holds something else, or stands in the teacher's repository.
    """
    root = course.root.resolve()
    if dest.is_relative_to(root) or root.is_relative_to(dest):
        what = "the student repository may not stand inside the teacher's, nor around it."
        raise CourseError(str(dest), what, "Choose a folder elsewhere.")
    if not dest.exists():
        return {}
    if not dest.is_dir():
        raise CourseError(str(dest), "this is not a folder.", "Choose a folder.")
    record = dest / RECORD
    if not record.is_file():
        if any(path.name != ".git" for path in dest.iterdir()):
            what = "the folder is not empty, and no release wrote it."
            raise CourseError(str(dest), what, "Choose an empty folder.")
        return {}
    return parse_record(record)


def parse_record(record: Path) -> dict[str, str]:
    """Read what a release wrote down; the file may have been changed by anyone.

    Returns:
        Hash by path.

    Raises:
        CourseError: If it is no such record.
    """
    try:
        with record.open("rb") as file:
            data = json.loads(file.read(_RECORD_LIMIT_BYTES))
        files: Any = data["files"] if data["schema"] == _SCHEMA else None
        known = {str(path): str(digest) for path, digest in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        what = "this is not the record of a release."
        raise CourseError(str(record), what, "Release into an empty folder.") from None
    for path in known:
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or not pure.parts:
            what = f"the record names `{path}`, which lies outside."
            raise CourseError(str(record), what, "Release into an empty folder.")
    return known


def keep_theirs(dest: Path, plan: dict[str, bytes], recorded: Mapping[str, str], name: str) -> None:
    """Take a file out of the plan if somebody wrote one of their own in its place.

    Args:
        dest: The folder.
        plan: Bytes of each file by path; changed.
        recorded: What `read_record` gave.
        name: The file that may be theirs.
    """
    path = dest / name
    if path.is_file() and _digest(path.read_bytes()) not in {
        _digest(plan[name]),
        recorded.get(name, ""),
    }:
        del plan[name]


def refuse_strangers(dest: Path, plan: Mapping[str, bytes], recorded: Mapping[str, str]) -> None:
    """Look whether anything of somebody's stands where a file is to be written.

    Raises:
        CourseError: For what no release wrote, or what was changed since.
    """
    for name, raw in plan.items():
        path = dest / name
        if not path.resolve().is_relative_to(dest):
            raise CourseError(str(path), "this leads out of the release.", "Remove the link.")
        if not path.exists() and not path.is_symlink():
            continue
        if not path.is_file():
            raise CourseError(str(path), "this is in the way.", "Move it elsewhere.")
        digest = _digest(path.read_bytes())
        if digest not in {_digest(raw), recorded.get(name, "")}:
            what = "this file was not written by a release, or was changed since."
            raise CourseError(str(path), what, "Move it elsewhere, or restore it.")


def write(dest: Path, plan: Mapping[str, bytes], recorded: Mapping[str, str]) -> Release:
    """Write what differs, and remove what an earlier release wrote and this one does not.

    Args:
        dest: The folder.
        plan: Bytes of each file by path.
        recorded: What `read_record` gave.
    """
    written, removed = [], []
    for name, raw in plan.items():
        path = dest / name
        if path.is_file() and path.read_bytes() == raw:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
        written.append(name)
    for name, digest in recorded.items():
        path = dest / name
        gone = name not in plan and path.is_file() and path.resolve().is_relative_to(dest)
        if gone and _digest(path.read_bytes()) == digest:
            path.unlink()
            removed.append(name)
    files = {name: _digest(raw) for name, raw in sorted(plan.items())}
    record = json.dumps({"schema": _SCHEMA, "files": files}, indent=1) + "\n"
    (dest / RECORD).write_text(record, encoding="utf-8")
    return Release(dest, tuple(written), tuple(removed))


def files_below(dest: Path) -> dict[str, bytes]:
    """Read everything below the release, git's own files aside."""
    return {
        path.relative_to(dest).as_posix(): path.read_bytes()
        for path in sorted(dest.rglob("*"))
        if path.is_file() and path.relative_to(dest).parts[0] != ".git"
    }


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
