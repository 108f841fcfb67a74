"""One exercise of a hand-in: from the files that stand for it to what is graded.

Where a module and its notebook stand side by side, as they are handed out, one is graded: the one
that answers more of the tasks, and the module when they answer the same. So nobody who works in
one of them is graded by the stub in the other. A file that cannot be read counts for more than an
untouched stub, because somebody wrote in it, and for less than any answer.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from grader.collect.layout import Found
from grader.collect.limits import IntakeLimits, Refused
from grader.collect.names import shown
from grader.collect.notebook import read_notebook
from grader.collect.progress import UNWRITTEN, names_asked, names_written
from grader.collect.python_file import Reading, read_python
from grader.collect.tree import FileBytes, Kind, Tree
from grader.model import Exercise, HandIn, HandInStatus, Note

NOTEBOOK = ".ipynb"


@dataclass(frozen=True, slots=True)
class Collected:
    """A hand-in for one exercise, and the file that it was read from.

    Attributes:
        hand_in: What the other rooms see.
        name: Name of the file inside the submission; empty if none.
        file: Its bytes and time; None if there is no file or it was not read.
    """

    hand_in: HandIn
    name: str = ""
    file: FileBytes | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One file that may be graded; `weight` says how much of the exercise it answers."""

    name: str
    file: FileBytes | None
    reading: Reading
    weight: int


def collect_exercise(
    exercise: Exercise, found: Found | None, tree: Tree, limits: IntakeLimits
) -> Collected:
    """Read what was handed in for one exercise.

    Args:
        exercise: Which exercise.
        found: The files that stand for it; None if there are none.
        tree: Where to read them.
        limits: For their size.

    Raises:
        SubmissionError: If an archive turns out to be damaged.
    """
    if found is None:
        return Collected(HandIn(exercise.id, HandInStatus.NOT_SUBMITTED))
    if found.blocked and not found.python:
        kind = found.blocked_kind or Kind.OTHER
        problem = f"{shown(found.blocked)} is {kind}, and only plain files are read."
        status = HandInStatus.UNREADABLE
        return Collected(HandIn(exercise.id, status, shown(found.blocked), problem=problem))
    if not found.python or not found.notebook:
        chosen = _candidate(exercise, found.python or found.notebook, tree, limits)
        return _collected(exercise, chosen)
    return _collect_pair(exercise, found, tree, limits)


def _collect_pair(exercise: Exercise, found: Found, tree: Tree, limits: IntakeLimits) -> Collected:
    """Decide between a module and its notebook, and say so where it could surprise."""
    module = _candidate(exercise, found.python, tree, limits)
    if module.weight == 2 * len(names_asked(exercise)):
        # Nothing can answer more. Reading a notebook costs 0.1 s, so a count has to do.
        try:
            data = tree.read(found.notebook, limits.notebook_kib * 1024).data
        except Refused:
            return _collected(exercise, module)
        left = data.count(f"raise {UNWRITTEN}".encode())
        if left >= len(names_asked(exercise)):
            return _collected(exercise, module)
        text = f"It was not graded: {shown(module.name)} answers every task."
        return _collected(exercise, module, Note(shown(found.notebook), text))
    notebook = _candidate(exercise, found.notebook, tree, limits)
    chosen, other = (notebook, module) if notebook.weight > module.weight else (module, notebook)
    if other.weight == 0:
        text = (
            f"It was not graded: nothing is written in it yet, and {shown(chosen.name)} is there."
        )
        note = Note(shown(other.name), text) if chosen is notebook else None
    elif other.reading.problem:
        note = Note(shown(other.name), f"It was not graded: {other.reading.problem}")
    else:
        more = "as much" if chosen.weight == other.weight else "more"
        text = f"It was not graded: {shown(chosen.name)} answers {more} of the tasks."
        note = Note(shown(other.name), text)
    return _collected(exercise, chosen, note)


def _candidate(exercise: Exercise, name: str, tree: Tree, limits: IntakeLimits) -> _Candidate:
    is_notebook = name.lower().endswith(NOTEBOOK)
    limit_kib = limits.notebook_kib if is_notebook else limits.source_kib
    label = shown(name.rpartition("/")[2])
    try:
        file = tree.read(name, limit_kib * 1024)
    except Refused as error:
        return _Candidate(name, None, Reading(problem=f"{label} {error}."), 1)
    read = read_notebook if is_notebook else read_python
    reading = read(file.data, label, limits)
    if reading.problem:
        return _Candidate(name, file, reading, 0 if reading.empty else 1)
    written = names_written(reading.source, names_asked(exercise))
    return _Candidate(name, file, reading, 2 * len(written))


def _collected(exercise: Exercise, chosen: _Candidate, note: Note | None = None) -> Collected:
    reading = chosen.reading
    hand_in = HandIn(
        exercise.id,
        HandInStatus.UNREADABLE if reading.problem else HandInStatus.SUBMITTED,
        path=shown(chosen.name),
        source=reading.source,
        sha256=hashlib.sha256(chosen.file.data).hexdigest() if chosen.file else "",
        problem=reading.problem,
        notes=(*reading.notes, *([note] if note else [])),
        cell_of_line=reading.cell_of_line,
    )
    return Collected(hand_in, chosen.name, chosen.file)
