"""Which exercises a push is graded for, and which of those have used up their attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import collect
from grader.course.handed_out import handed_out
from grader.model import Chosen, Course, Exercise, HandInStatus, Note, Submission
from grader.score.attempts import Admission, admission


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one exercise is not graded now.

    Attributes:
        exercise: Which.
        note: What the student reads.
        counted: SHA-256 of the versions that were graded or might have been.
    """

    exercise: Exercise
    note: Note
    counted: frozenset[str]


def choose(
    found: Course, submission: Submission, exercises: Sequence[Exercise], which: Chosen
) -> tuple[Exercise, ...]:
    """Choose among exercises; where nothing fits, the next wider choice is made.

    Args:
        found: The course.
        submission: Read for all of them.
        exercises: In course order.
        which: Those that are not yet due, those that were changed, or all.
    """
    chosen: tuple[Exercise, ...] = ()
    if which is Chosen.DUE:
        chosen = tuple(e for e in exercises if _is_open(found, e, submission))
    if which is Chosen.CHANGED or (which is Chosen.DUE and not chosen):
        chosen = _changed(found, submission, exercises)
    return chosen or tuple(exercises)


def refusals(
    found: Course, checkout: Path, submission: Submission, exercises: Sequence[Exercise]
) -> dict[str, Refusal]:
    """Find the exercises that are not graded, because attempts are limited or cooled down.

    Args:
        found: The course, with its rules.
        checkout: The hand-in.
        submission: What was read of it.
        exercises: Those chosen.

    Returns:
        By exercise id; nothing where the course sets no limit.

    Raises:
        SubmissionError: If attempts cannot be counted.
    """
    rules = found.push
    if not rules.max_attempts and not rules.cooldown_minutes:
        return {}
    hand_ins = {hand_in.exercise_id: hand_in for hand_in in submission.hand_ins}
    pairs = [(exercise, hand_ins[exercise.id]) for exercise in exercises]
    bounds = collect.IntakeLimits(**found.intake)
    given = handed_out(found)
    histories = collect.read_history(checkout, pairs, given, rules.counted, bounds)
    refused: dict[str, Refusal] = {}
    for exercise, hand_in in pairs:
        places = collect.names_of(exercise)
        if hand_in.path and hand_in.path not in places:
            text = f"It was not graded: attempts are limited, so its file has to be {places[0]}."
            refused[exercise.id] = Refusal(exercise, Note(exercise.id, text), frozenset())
            continue
        history = histories[exercise.id]
        counted = [(version.files, version.at) for version in history.versions]
        attempt = admission(counted, history.head.files, rules)
        if not attempt.is_admitted:
            note = Note(exercise.id, _in_words(attempt, rules.max_attempts))
            versions = frozenset[str]().union(*attempt.admitted)
            refused[exercise.id] = Refusal(exercise, note, versions)
    return refused


def _in_words(attempt: Admission, most: int) -> str:
    if attempt.ready_at is None:
        return (
            f"This version was not graded: all {most} attempts were used before it. "
            "What is shown is the last result that counts."
        )
    used = f"{len(attempt.admitted)} of {most} attempts are used. " if most else ""
    return (
        f"This version was not graded: it came too soon after the last attempt. {used}"
        f"A commit from {attempt.ready_at:%Y-%m-%d %H:%M} UTC on is graded again."
    )


def _is_open(found: Course, exercise: Exercise, submission: Submission) -> bool:
    due = found.due.get(exercise.id)
    return due is None or submission.received_at <= due


def _changed(
    found: Course, submission: Submission, exercises: Sequence[Exercise]
) -> tuple[Exercise, ...]:
    """Give the exercises whose file is there and is not what was handed out."""
    untouched = handed_out(found)
    changed = {
        hand_in.exercise_id
        for hand_in in submission.hand_ins
        if hand_in.status is not HandInStatus.NOT_SUBMITTED and hand_in.sha256 not in untouched
    }
    return tuple(exercise for exercise in exercises if exercise.id in changed)
