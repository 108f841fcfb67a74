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
from grader.collect.tree import FileBytes, Tree
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
        AutogradeError: If it is this machine that fails to read it.
    """
    if found is None:
        return Collected(HandIn(exercise.id, HandInStatus.NOT_SUBMITTED))
    blocked = f"{shown(found.blocked)} is {found.blocked_kind}, and only plain files are read."
    if found.blocked and not found.python:
        status = HandInStatus.UNREADABLE
        return Collected(HandIn(exercise.id, status, shown(found.blocked), problem=blocked))
    if not found.python or not found.notebook:
        chosen = _candidate(exercise, found.python or found.notebook, tree, limits)
        note = Note(shown(found.blocked), blocked) if found.blocked else None
        return _collected(exercise, chosen, note)
    return _collect_pair(exercise, found, tree, limits)


def _collect_pair(exercise: Exercise, found: Found, tree: Tree, limits: IntakeLimits) -> Collected:
    """Decide between a module and its notebook, and say so where it could surprise."""
    module = _candidate(exercise, found.python, tree, limits)
    if module.weight == 2 * len(names_asked(exercise)):
        return _collected(exercise, module, _note_on_spare(exercise, found, tree, limits))
    notebook = _candidate(exercise, found.notebook, tree, limits)
    chosen, other = (notebook, module) if notebook.weight > module.weight else (module, notebook)
    if other is notebook and other.weight == 0:
        return _collected(exercise, chosen)  # as it was handed out: nobody wonders
    if other.weight == 0:
        why = "nothing is written in it yet."
    elif other.reading.problem:
        why = other.reading.problem
    else:
        more = "as much" if chosen.weight == other.weight else "more"
        why = f"{shown(chosen.name)} answers {more} of the tasks."
    return _collected(exercise, chosen, Note(shown(other.name), f"It was not graded: {why}"))


def _note_on_spare(
    exercise: Exercise, found: Found, tree: Tree, limits: IntakeLimits
) -> Note | None:
    """Look whether somebody worked in the notebook beside a module that answers everything.

    Nothing can answer more, and to read a notebook properly costs 0.1 s, so stubs are counted.
    """
    try:
        data = tree.read(found.notebook, limits.notebook_kib * 1024).data
    except Refused:
        return None
    if data.count(f"raise {UNWRITTEN}".encode()) >= len(names_asked(exercise)):
        return None
    text = f"It was not graded: {shown(found.python)} answers every task."
    return Note(shown(found.notebook), text)


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
