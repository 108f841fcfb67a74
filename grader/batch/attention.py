"""What a run leaves to a person, one line each: `needs-a-person.txt`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from grader import report
from grader.batch.plan import Trouble
from grader.model import ClassRow, ExerciseGrade, Outcome

FILE_NAME = "needs-a-person.txt"
_OPEN_TITLE = "The grader failed on these. Nothing was counted; the same command tries them again."
_TROUBLE_TITLE = "These could not be read, or are no hand-ins."


def open_lines(rows: Iterable[ClassRow]) -> list[str]:
    """Say what our side failed on, but for what a person has decided since.

    Args:
        rows: One per person; verdicts are needed of open exercises alone.
    """
    return [
        Trouble(row.person.key, f"{exercise.exercise.id}: {_why_open(exercise)}").line
        for row in rows
        if row.grade is not None
        for exercise in row.grade.exercises
        if exercise.score is None and exercise.exercise.id not in _decided(row)
    ]


def write(folder: Path, left_open: Sequence[str], unreadable: Sequence[str]) -> None:
    """Write the file, or remove it where nothing is left to anybody.

    Args:
        folder: Of the batch.
        left_open: What our side failed on, one line each.
        unreadable: What could not be read, one line each.

    Raises:
        UsageError: If it cannot be written.
    """
    path = folder / FILE_NAME
    text = "\n".join(
        "\n".join([title, *(f"  {line}" for line in lines)]) + "\n"
        for title, lines in ((_OPEN_TITLE, left_open), (_TROUBLE_TITLE, unreadable))
        if lines
    )
    if text:
        report.write_text(path, text)
    else:
        path.unlink(missing_ok=True)


def _decided(row: ClassRow) -> set[str]:
    """Give the exercises whose points a person decided on."""
    exercises = row.standing.exercises if row.standing is not None else ()
    return {exercise.exercise_id for exercise in exercises if exercise.is_overridden}


def _why_open(exercise: ExerciseGrade) -> str:
    """Say in a sentence what our side failed with."""
    faults = [v.message for v in exercise.verdicts if v.outcome is Outcome.GRADER_FAULT]
    notes = [note.text for note in exercise.notes]
    return next(filter(None, [*faults, *notes]), "the judge failed.")
