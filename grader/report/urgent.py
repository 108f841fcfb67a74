"""Which one thing to mend first.

What stops everything comes first (a file that cannot be read), then a contract that other
tests wait for, then what is worth most. Tests that end with the same message are one cause,
and mending it is worth all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from grader.model import ExerciseGrade, Grade, HandInStatus, Outcome, Verdict, Visibility
from grader.points import points_sum

NOTHING_TO_MEND = frozenset(
    {Outcome.PASSED, Outcome.SKIPPED, Outcome.NOT_RUN, Outcome.GRADER_FAULT}
)
"""Outcomes that ask nothing of the student, or nothing before something else is mended."""

_NOTHING = Fraction(0)
_UNREADABLE, _WAITED_FOR, _BROKEN, _MISSING = range(4)


@dataclass(frozen=True, slots=True)
class Urgent:
    """What to mend first.

    Attributes:
        exercise_index: Where it belongs.
        verdict: The test that shows it; None if the whole hand-in is the problem.
        worth: Points that mending it can bring.
        others: Further tests that end alike or wait for this one.
    """

    exercise_index: int
    verdict: Verdict | None
    worth: Fraction
    others: int = 0


def most_urgent(grade: Grade) -> Urgent | None:
    """Choose what to mend first.

    Args:
        grade: The grade of one submission.

    Returns:
        The most urgent thing, or None if nothing asks for the student's hand.
    """
    found: list[tuple[tuple[int, Fraction, int], Urgent]] = []
    for index, exercise in enumerate(grade.exercises):
        status = exercise.hand_in.status
        if status is HandInStatus.SUBMITTED:
            found += _broken_tests(index, exercise)
        else:
            rank = _UNREADABLE if status is HandInStatus.UNREADABLE else _MISSING
            urgent = Urgent(index, None, exercise.max_score)
            found.append(((rank, -urgent.worth, 0), urgent))
    # min keeps the first of equals: suite order decides last.
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _broken_tests(
    index: int, exercise: ExerciseGrade
) -> list[tuple[tuple[int, Fraction, int], Urgent]]:
    """Rank the tests of one exercise that did not pass."""
    found = []
    broken = [v for v in exercise.verdicts if v.outcome not in NOTHING_TO_MEND]
    skipped = [v for v in exercise.verdicts if v.outcome is Outcome.SKIPPED]
    for verdict in broken:
        name = verdict.test.id.rpartition("::")[2].partition("[")[0]
        waiting = [v for v in skipped if name in v.test.depends_on]
        alike = [v for v in broken if _ends_alike(v, verdict)]
        mended = (verdict, *alike, *waiting)
        earned = points_sum(v.points or _NOTHING for v in mended)
        worth = points_sum(v.test.points for v in mended) - earned
        # Of equals, the public one is more use: it shows its values.
        hidden = int(verdict.test.visibility is Visibility.HIDDEN)
        rank = _WAITED_FOR if waiting else _BROKEN
        urgent = Urgent(index, verdict, worth, len(alike) + len(waiting))
        found.append(((rank, -worth, hidden), urgent))
    return found


def _ends_alike(one: Verdict, other: Verdict) -> bool:
    """Tell whether two different tests end with the same outcome and message.

    The message of one that ran out of time differs by how much it had, which says nothing.
    """
    if one is other or one.outcome is not other.outcome:
        return False
    return one.outcome is Outcome.TIMEOUT or (bool(one.message) and one.message == other.message)
