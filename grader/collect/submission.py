"""The door of the room: a path on disk to a `Submission` whose bytes no longer change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath

from grader.collect.archive import ZipTree
from grader.collect.git import commit_of
from grader.collect.hand_in import NOTEBOOK, Collected, collect_exercise
from grader.collect.layout import Found, find
from grader.collect.limits import IntakeLimits
from grader.collect.names import same, shown
from grader.collect.tree import FolderTree, Tree, cannot_read, is_ours, utc
from grader.errors import SubmissionError
from grader.model import Exercise, Note, Submission

_LISTED = 8
_KINDS = "Pass a folder, a .zip, a .py or a .ipynb file."


def read_submission(
    path: Path,
    exercises: Sequence[Exercise],
    *,
    limits: IntakeLimits = IntakeLimits(),  # noqa: B008 -- frozen
    owner: str | None = None,
) -> Submission:
    """Read a hand-in, without importing or running anything of it.

    Args:
        path: A folder (also a git working copy), a zip, a Python file or a notebook.
        exercises: Those to look for, in course order.
        limits: How much is read.
        owner: Who handed it in; the name of the folder or file unless told otherwise.

    Returns:
        One hand-in per exercise asked for; missing and unreadable ones are said to be so.

    Raises:
        SubmissionError: If the path is not a hand-in, an archive is damaged or refused, or
            nothing in it belongs to any of the exercises.
        AutogradeError: If it is this machine that fails to read it; nothing is known of it then.
    """
    try:
        return _read(path, exercises, limits, owner)
    except OSError as error:  # on the way to the hand-in, or around it
        raise cannot_read(path, error) from error


def _read(
    path: Path, exercises: Sequence[Exercise], limits: IntakeLimits, owner: str | None
) -> Submission:
    where = shown(str(path))
    real = _existing(path, where)
    name = real.name
    tree: Tree
    if real.is_dir():
        tree = FolderTree(real, limits)
        found = find(tree, exercises, name)
    elif real.suffix.lower() == ".zip":
        tree, name = ZipTree(real, limits), real.stem
        found = find(tree, exercises, name)
    else:
        tree, name = FolderTree(real.parent, limits), real.stem
        found = _single_file(real, exercises, where)
    if not found:
        raise _nothing_found(tree, exercises, where)
    collected = [
        collect_exercise(exercise, found.get(exercise.id), tree, limits) for exercise in exercises
    ]
    commit, received_at = "", _newest(collected, real)
    notes: tuple[Note, ...] = ()
    if isinstance(tree, FolderTree):
        root = real if real.is_dir() else real.parent
        commit, received_at, notes = _history(root, collected, received_at, limits)
    return Submission(
        id=_identity(exercises, collected),
        owner=shown(owner if owner is not None else name),
        origin=str(path),
        received_at=received_at,
        hand_ins=tuple(one.hand_in for one in collected),
        commit=commit,
        notes=notes,
    )


def _existing(path: Path, where: str) -> Path:
    """Resolve the folder that holds the hand-in, but not the hand-in itself."""
    try:
        if path.is_symlink():
            what_now = "Pass what it points to."
            raise SubmissionError(where, "this is a link, and links are not followed.", what_now)
        real = path.resolve(strict=True)
    except FileNotFoundError as error:
        raise SubmissionError(where, "there is no such file or folder.", _KINDS) from error
    except (OSError, RuntimeError, ValueError) as error:
        if isinstance(error, OSError) and is_ours(error):
            raise
        raise SubmissionError(where, "this path cannot be opened.", _KINDS) from error
    if not real.is_dir() and real.suffix.lower() not in {".zip", ".py", NOTEBOOK}:
        raise SubmissionError(where, "this kind of file is not a hand-in.", _KINDS)
    return real


def _single_file(path: Path, exercises: Sequence[Exercise], where: str) -> dict[str, Found]:
    """Decide which exercise a single file answers: the only one asked for, else by its name."""
    fits = [exercise for exercise in exercises if same(exercise.module) == same(path.stem)]
    if len(exercises) == 1:
        fits = list(exercises)
    if len(fits) != 1:
        names = ", ".join(exercise.id for exercise in fits or exercises)
        what = "the name of the file does not say which exercise it answers."
        raise SubmissionError(where, what, f"Pass -e with one of: {names}.")
    if path.suffix.lower() == NOTEBOOK:
        return {fits[0].id: Found(notebook=path.name)}
    return {fits[0].id: Found(python=path.name)}


def _nothing_found(tree: Tree, exercises: Sequence[Exercise], where: str) -> SubmissionError:
    """Say what was looked for and what is there instead."""
    wanted = [f"{exercise.id}/{exercise.module}.py" for exercise in exercises]
    there = [f"{shown(name, 60)} ({kind})" for name, kind in sorted(tree.entries("").items())] or [
        "nothing"
    ]
    what = f"no exercise was found; it holds {_some(there)}."
    looked = f"Looked for {_some(wanted)} (or .ipynb), also flat and under assignments/."
    return SubmissionError(where, what, looked)


def _some(items: list[str]) -> str:
    more = len(items) - _LISTED
    return ", ".join(items[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def _newest(collected: Sequence[Collected], path: Path) -> datetime:
    times = [one.file.modified_at for one in collected if one.file]
    return max(times) if times else utc(path.lstat().st_mtime)


def _history(
    root: Path, collected: Sequence[Collected], newest: datetime, limits: IntakeLimits
) -> tuple[str, datetime, tuple[Note, ...]]:
    """Ask git which commit was handed in and when; fall back on the newest file."""
    files: Mapping[str, bytes] = {one.name: one.file.data for one in collected if one.file}
    commit = commit_of(root, files, limits) if files else None
    if commit is None:
        return "", newest, ()
    if commit.clean:
        return commit.id, commit.committed_at, ()
    text = "Files were changed since this commit; the time of the newest one counts."
    return commit.id, newest, (Note(f"commit {commit.id[:10]}", text),)


def _identity(exercises: Sequence[Exercise], collected: Sequence[Collected]) -> str:
    """Hash names and bytes of what is graded, wherever in the hand-in the files stood."""
    rows = []
    for exercise, one in zip(exercises, collected, strict=True):
        if one.hand_in.path:
            suffix = PurePosixPath(one.name).suffix.lower()
            name = f"{exercise.id}/{exercise.module}{suffix}"
            rows.append([name, one.hand_in.sha256 or one.hand_in.problem])
    return hashlib.sha256(json.dumps(sorted(rows)).encode()).hexdigest()
