"""Days late are counted from the time of the hand-in, and what they cost is exact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model import LateRule
from grader.score.late import after_lateness, days_late, grace_used, late_points

DUE = datetime(2026, 10, 1, 22, tzinfo=UTC)
DAYS = st.integers(0, 400)
PERCENT = st.fractions(0, 100, max_denominator=1000)
POINTS = st.fractions(0, 20, max_denominator=1000)
RULES = st.builds(LateRule, DAYS, st.none() | DAYS, PERCENT, PERCENT)


@pytest.mark.parametrize(
    ("late_by", "days"),
    [
        (timedelta(days=-3), 0),
        (timedelta(), 0),
        (timedelta(microseconds=1), 1),
        (timedelta(days=1), 1),
        (timedelta(days=1, microseconds=1), 2),
        (timedelta(days=40), 40),
    ],
)
def test_a_day_that_has_begun_is_a_day(late_by: timedelta, days: int) -> None:
    """To the microsecond; the due time itself is in time."""
    assert days_late(DUE + late_by, DUE) == days


def test_what_is_never_due_is_never_late() -> None:
    """Most exercises of a course that sets no dates."""
    assert days_late(DUE, None) == 0


@pytest.mark.parametrize(
    ("days", "left"), [(1, Fraction(9)), (3, Fraction(7)), (5, Fraction(5)), (9, Fraction(5))]
)
def test_each_day_takes_a_part_of_what_was_earned(days: int, left: Fraction) -> None:
    """Ten percent a day, fifty at most."""
    rule = LateRule(percent_per_day=Fraction(10), cap_percent=Fraction(50))
    assert after_lateness(Fraction(10), days, rule) == left


@pytest.mark.parametrize(
    ("rule", "used"),
    [
        (LateRule(9, None, Fraction(10)), 4),
        (LateRule(9, 2, Fraction(10)), 2),
        (LateRule(9, 0, Fraction(10)), 0),
        (LateRule(9), 0),
    ],
)
def test_grace_days_are_spent_only_where_lateness_costs(rule: LateRule, used: int) -> None:
    """And no more than an exercise may take."""
    assert grace_used(Fraction(8), 4, 9, rule) == used
    assert grace_used(Fraction(8), 4, 1, rule) == min(1, used)
    assert grace_used(Fraction(0), 4, 9, rule) == 0


@pytest.mark.parametrize(("days", "used"), [(3, 3), (9, 5), (10, 0), (12, 0)])
def test_no_grace_day_is_spent_where_the_cap_is_taken_all_the_same(days: int, used: int) -> None:
    """Of nine days late five spare a tenth; of ten late, half is gone with them or without."""
    rule = LateRule(5, None, Fraction(10), Fraction(50))
    assert grace_used(Fraction(10), days, 5, rule) == used


@given(points=st.fractions(0, 20), days=DAYS, rule=RULES)
def test_lateness_only_takes_and_never_more_than_there_is(
    points: Fraction, days: int, rule: LateRule
) -> None:
    """It takes at most the cap, and no less on the day after."""
    left = after_lateness(points, days, rule)
    assert 0 <= left <= points
    assert left >= points * (1 - rule.cap_percent / 100)
    assert after_lateness(points, days + 1, rule) <= left
    assert after_lateness(points, 0, rule) == points


@given(points=POINTS, days=DAYS, left=DAYS, rule=RULES)
def test_grace_days_never_exceed_what_is_left_or_late(
    points: Fraction, days: int, left: int, rule: LateRule
) -> None:
    """Nobody spends what they do not have."""
    assert 0 <= grace_used(points, days, left, rule) <= min(days, left)


@given(
    points=POINTS,
    days=st.integers(0, 20),
    left=st.integers(0, 20),
    rule=st.builds(
        LateRule, st.just(20), st.none() | st.integers(0, 20), st.integers(0, 40).map(Fraction),
        st.integers(0, 100).map(Fraction),
    ),
)  # fmt: skip
def test_one_grace_day_less_always_costs_points(
    points: Fraction, days: int, left: int, rule: LateRule
) -> None:
    """And the most that could be spent would give no more points."""
    used = grace_used(points, days, left, rule)
    got = late_points(points, days - used, rule)
    if used:
        assert late_points(points, days - used + 1, rule) < got
    bound = rule.grace_days_per_exercise
    most = min(days, left, days if bound is None else bound)
    assert late_points(points, days - most, rule) == got
