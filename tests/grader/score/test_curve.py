"""A curve lifts, keeps the order, and never gives more than there is."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model import Curve, CurveKind
from grader.score.curve import curved, round_up

MAX = Fraction(10)
POINTS = st.integers(0, 10_000).map(lambda n: Fraction(n, 1000))
CURVES = st.none() | st.builds(Curve, st.sampled_from(CurveKind), POINTS.filter(bool))


@pytest.mark.parametrize(
    ("curve", "points", "lifted"),
    [
        (None, 4, 4),
        (Curve(CurveKind.ADD, Fraction(3)), 4, 7),
        (Curve(CurveKind.ADD, Fraction(3)), 9, 10),
        (Curve(CurveKind.SCALE, Fraction(10)), 4, 5),
        (Curve(CurveKind.SCALE, Fraction(10)), 8, 10),
        (Curve(CurveKind.SCALE, Fraction(4)), 4, 4),
        (Curve(CurveKind.SQUARE_ROOT), 0, 0),
        (Curve(CurveKind.SQUARE_ROOT), Fraction(5, 2), 5),
        (Curve(CurveKind.SQUARE_ROOT), 5, Fraction(7072, 1000)),
        (Curve(CurveKind.SQUARE_ROOT), 10, 10),
    ],
)
def test_each_curve_does_what_it_says(
    curve: Curve | None, points: Fraction, lifted: Fraction
) -> None:
    """The best of the class has 8 of 10; a top below that lowers nobody."""
    assert curved(Fraction(points), MAX, curve, Fraction(8)) == lifted


@given(one=POINTS, other=POINTS, best=POINTS, curve=CURVES)
def test_curves_lift_and_keep_the_order(
    one: Fraction, other: Fraction, best: Fraction, curve: Curve | None
) -> None:
    """For any two hand-ins and any best."""
    low, high = sorted((one, other))
    lifted = [curved(points, MAX, curve, best) for points in (low, high)]
    assert lifted[0] <= lifted[1]
    assert low <= lifted[0]
    assert high <= lifted[1] <= MAX


@given(points=POINTS)
def test_a_square_root_is_the_next_thousandth_above(points: Fraction) -> None:
    """Exactly, for any points, without floating point."""
    root = curved(points, MAX, Curve(CurveKind.SQUARE_ROOT), MAX)
    assert root**2 >= points * MAX
    if root > points:
        assert (root - Fraction(1, 1000)) ** 2 < points * MAX


@given(points=st.fractions(0, 20))
def test_rounding_gives_less_than_a_thousandth(points: Fraction) -> None:
    """And never takes."""
    rounded = round_up(points)
    assert 0 <= rounded - points < Fraction(1, 1000)
    assert (rounded * 1000).denominator == 1
