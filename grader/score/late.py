"""What lateness costs: days from the time of the hand-in to the due date, never to now."""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime, timedelta
from fractions import Fraction

from grader.model import LateRule
from grader.score.curve import round_up

_DAY = timedelta(days=1)
_ALL = Fraction(100)


def days_late(received_at: datetime, due: datetime | None) -> int:
    """Count the days late of a hand-in; a day that has begun is a day.

    Args:
        received_at: When it was handed in (aware).
        due: When it was due (aware); None if it never is.
    """
    if due is None or received_at <= due:
        return 0
    return -((due - received_at) // _DAY)


def grace_used(points: Fraction, days: int, left: int, rule: LateRule) -> int:
    """Tell how many grace days a hand-in takes: the fewest that give what the most would give.

    A day that spares nothing, for instance because the cap is taken all the same, stays for
    the exercises that are due later.

    Args:
        points: What was earned.
        days: Days late.
        left: Grace days that the person has left.
        rule: What lateness costs.
    """
    per_exercise = rule.grace_days_per_exercise
    most = min(days, left, days if per_exercise is None else per_exercise)
    spared = late_points(points, days - most, rule)
    return bisect_left(
        range(most + 1), spared, key=lambda used: late_points(points, days - used, rule)
    )


def late_points(points: Fraction, days: int, rule: LateRule) -> Fraction:
    """Give what is left of points after lateness, rounded up to thousandths.

    Args:
        points: What was earned.
        days: Days late beyond the grace days.
        rule: What lateness costs.
    """
    return round_up(after_lateness(points, days, rule))


def after_lateness(points: Fraction, days: int, rule: LateRule) -> Fraction:
    """Take what lateness costs from points, exactly.

    Args:
        points: What was earned.
        days: Days late beyond the grace days.
        rule: What lateness costs.
    """
    taken = min(days * rule.percent_per_day, rule.cap_percent, _ALL)
    return points * (1 - taken / _ALL)
