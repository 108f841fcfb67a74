"""From what was found to what is graded: reading each attempt, and choosing among several.

A person may have several attempts, whole ones (pushed twice) or parts (one folder for each
exercise). So the choice is made for each exercise by itself, among the attempts that hold it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import PurePath

from grader import collect
from grader.batch.plan import Attempt
from grader.errors import SubmissionError
from grader.model import Exercise, HandIn, HandInStatus, Note, Submission


class Policy(StrEnum):
    """Which of several attempts counts."""

    LATEST = "latest"
    BEST = "best"
    IN_TIME = "latest-before-due"


@dataclass(frozen=True, slots=True)
class Pick:
    """What may count for one exercise of one person.

    Attributes:
        submission: The attempt, with this exercise's hand-in as its only one.
        exercise: Which exercise.
        owner: Key of the person or group.
        is_late: True if it came after the due date.
    """

    submission: Submission
    exercise: Exercise
    owner: str
    is_late: bool = False

    @property
    def hand_in(self) -> HandIn:
        """What is graded."""
        return self.submission.hand_ins[0]


def read_attempt(
    attempt: Attempt, exercises: Sequence[Exercise], limits: collect.IntakeLimits
) -> Submission:
    """Read one attempt.

    Args:
        attempt: Where it stands.
        exercises: Those asked for, in course order.
        limits: How much is read.

    Returns:
        The submission; what the layout says about the time replaces what the files say.

    Raises:
        SubmissionError: If it cannot be read at all.
        AutogradeError: If it is this machine that fails to read it.
    """
    wanted = exercises
    if attempt.file_name and not attempt.file_name.lower().endswith(".zip"):
        wanted = [_exercise_of(attempt.file_name, exercises)]
    found = collect.read_submission(attempt.path, wanted, limits=limits, owner=attempt.owner)
    hand_ins = {hand_in.exercise_id: hand_in for hand_in in found.hand_ins}
    return replace(
        found,
        received_at=attempt.received_at or found.received_at,
        hand_ins=tuple(
            hand_ins.get(e.id, HandIn(e.id, HandInStatus.NOT_SUBMITTED)) for e in exercises
        ),
    )


def choose(
    submissions: Sequence[tuple[str, Submission]],
    exercise: Exercise,
    policy: Policy,
    due: datetime | None,
) -> tuple[Pick, ...]:
    """Choose what counts for one exercise of one person.

    Args:
        submissions: Owner and submission of each attempt, at least one.
        exercise: Which exercise.
        policy: How to choose.
        due: When it was due; None if it never is.

    Returns:
        One pick; under `best` one for each different hand-in, of which the one counts that is
        worth most after lateness.
    """
    picks = sorted(
        (_pick(owner, submission, exercise, due) for owner, submission in submissions),
        key=lambda pick: (pick.submission.received_at, pick.submission.origin),
    )
    present = [p for p in picks if p.hand_in.status is not HandInStatus.NOT_SUBMITTED]
    if not present:
        return (picks[-1],)
    match policy:
        case Policy.LATEST:
            return (present[-1],)
        case Policy.BEST:
            # Of the same file handed in twice the first counts: the second can only be late.
            different: dict[tuple[str, str], Pick] = {}
            for pick in present:
                content = pick.hand_in.sha256 or pick.hand_in.problem
                different.setdefault((pick.owner, content), pick)
            return tuple(different.values())
        case Policy.IN_TIME:
            in_time = [pick for pick in present if not pick.is_late]
            return (in_time[-1] if in_time else _too_late(present[-1], due),)


def join(picks: Sequence[Pick], owner: str) -> Submission:
    """Make one submission of what counts for each exercise.

    Args:
        picks: One per exercise, in course order.
        owner: Key of the person.
    """
    distinct = {pick.submission.origin: pick.submission for pick in picks}
    used = [s for s in distinct.values() if _is_used(s.origin, picks)] or list(distinct.values())
    newest = max(used, key=lambda submission: (submission.received_at, submission.origin))
    identity = newest.id
    if len(used) > 1:
        identity = hashlib.sha256("\n".join(sorted(s.id for s in used)).encode()).hexdigest()
    return replace(
        newest,
        id=identity,
        owner=owner,
        origin=", ".join(sorted(submission.origin for submission in used)),
        hand_ins=tuple(pick.hand_in for pick in picks),
        notes=tuple(dict.fromkeys(note for s in used for note in s.notes)),
    )


def _is_used(origin: str, picks: Sequence[Pick]) -> bool:
    return any(
        pick.submission.origin == origin and pick.hand_in.status is not HandInStatus.NOT_SUBMITTED
        for pick in picks
    )


def _pick(owner: str, submission: Submission, exercise: Exercise, due: datetime | None) -> Pick:
    hand_in = next(h for h in submission.hand_ins if h.exercise_id == exercise.id)
    handed_in = hand_in.status is not HandInStatus.NOT_SUBMITTED
    is_late = due is not None and handed_in and submission.received_at > due
    return Pick(replace(submission, hand_ins=(hand_in,)), exercise, owner, is_late)


def _too_late(pick: Pick, due: datetime | None) -> Pick:
    text = (
        f"It came at {pick.submission.received_at:%Y-%m-%d %H:%M} UTC, was due at "
        f"{due:%Y-%m-%d %H:%M} UTC, and only what came in time was graded."
    )
    status = HandInStatus.NOT_SUBMITTED
    hand_in = HandIn(pick.exercise.id, status, notes=(Note(pick.hand_in.path, text),))
    return replace(pick, submission=replace(pick.submission, hand_ins=(hand_in,)))


def _exercise_of(name: str, exercises: Sequence[Exercise]) -> Exercise:
    """Tell which exercise a single file answers: the only one asked for, else by its name."""
    if len(exercises) == 1:
        return exercises[0]
    stem = PurePath(name).stem.casefold()
    rules: list[Callable[[Exercise], bool]] = [
        lambda exercise: exercise.module.casefold() == stem,
        lambda exercise: exercise.id.casefold() == stem,
    ]
    for rule in rules:
        fits = [exercise for exercise in exercises if rule(exercise)]
        if len(fits) == 1:
            return fits[0]
    what = "the name of the file does not say which exercise it answers."
    raise SubmissionError(name, what, "Pass -e with the exercise.")
