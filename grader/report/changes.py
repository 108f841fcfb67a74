"""What changed between two attempts: which tests pass now, and which no longer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grader.model import Grade, HandInStatus, Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Changes:
    """The tests that two attempts have in common and that ended differently.

    Attributes:
        fixed: Verdicts of the later attempt that pass, and did not before.
        broken: Verdicts of the later attempt that do not pass, and did before.
        compared: How many tests both attempts tell something about.
    """

    fixed: tuple[Verdict, ...]
    broken: tuple[Verdict, ...]
    compared: int


def changes(before: Grade, after: Grade) -> Changes:
    """Compare two attempts test by test.

    A test counts only if both attempts tell something about it: not if it was left out of one
    of them, met a fault of ours, or did not run although the file was there.

    Args:
        before: The earlier attempt.
        after: The later one.
    """
    old = {_key(verdict): verdict for verdict in _telling(before)}
    pairs = [(old[_key(new)], new) for new in _telling(after) if _key(new) in old]
    return Changes(
        fixed=tuple(new for was, new in pairs if _passed(new) and not _passed(was)),
        broken=tuple(new for was, new in pairs if _passed(was) and not _passed(new)),
        compared=len(pairs),
    )


def _telling(grade: Grade) -> Iterator[Verdict]:
    """Give the verdicts that say something about the student's work."""
    for exercise in grade.exercises:
        handed_in = exercise.hand_in.status is HandInStatus.SUBMITTED
        for verdict in exercise.verdicts:
            unknown = verdict.outcome is Outcome.NOT_RUN and handed_in
            if not unknown and verdict.outcome is not Outcome.GRADER_FAULT:
                yield verdict


def _key(verdict: Verdict) -> tuple[str, str]:
    """Tell which test it is, in any attempt."""
    return verdict.test.exercise_id, verdict.test.id


def _passed(verdict: Verdict) -> bool:
    """Tell whether the test passed."""
    return verdict.outcome is Outcome.PASSED
