"""Numbers never lie about the side of a threshold on which they stand."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.numbers import percent_text, points_text, seconds_text

SHARES = st.fractions(0, 1, max_denominator=50_000)


def printed(text: str) -> Fraction:
    """Read a printed percentage back as a share."""
    return Fraction(text.removesuffix("\u00a0%")) / 100


@given(SHARES, st.lists(SHARES, max_size=3), st.integers(0, 3))
def test_a_percentage_stands_on_the_true_side_of_every_landmark(
    share: Fraction, landmarks: list[Fraction], decimals: int
) -> None:
    """Whoever compares the printed number decides as whoever compares the exact one."""
    shown = printed(percent_text(share, *landmarks, decimals=decimals))
    for mark in (Fraction(1), *landmarks):
        assert (shown >= mark) == (share >= mark)
    assert (shown > 0) == (share > 0)


@given(SHARES)
def test_a_percentage_is_right_to_its_last_decimal(share: Fraction) -> None:
    """Far from landmarks it is off by at most half of the last decimal."""
    assert abs(printed(percent_text(share)) - share) <= Fraction(5, 10_000)


@pytest.mark.parametrize(
    ("share", "landmark", "text"),
    [
        (Fraction(89996, 100_000), Fraction(9, 10), "89.996"),
        (Fraction(9, 10), Fraction(9, 10), "90.0"),
        (Fraction(90004, 100_000), Fraction(9, 10), "90.0"),
        (Fraction(99999, 100_000), Fraction(1), "99.999"),
        (Fraction(1, 100_000), Fraction(1), "0.001"),
        (Fraction(2, 3), Fraction(2, 3), "66.7"),
        (Fraction(1, 3), Fraction(1, 3), "33.4"),
        (Fraction(1), Fraction(1), "100"),
        (Fraction(0), Fraction(1), "0"),
        (Fraction(1, 2), Fraction(9, 10), "50.0"),
    ],
)
def test_known_percentages(share: Fraction, landmark: Fraction, text: str) -> None:
    """89.996 % is not 90.0 %, 99.999 % is not 100 %, and a trace is not 0 %."""
    assert percent_text(share, landmark) == f"{text}\u00a0%"


@pytest.mark.parametrize(
    ("points", "text"),
    [(Fraction(3), "3"), (Fraction(5, 2), "2.5"), (Fraction(1, 8), "0.125"), (Fraction(0), "0")],
)
def test_points_have_no_needless_zeros(points: Fraction, text: str) -> None:
    """Whole points are whole numbers."""
    assert points_text(points) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.004, "0.00 s"), (0.25, "0.25 s"), (4.06, "4.1 s"), (200.0, "3 min 20 s")],
)
def test_durations_are_short(seconds: float, text: str) -> None:
    """A duration has the digits it is read for."""
    assert seconds_text(seconds).replace("\u00a0", " ") == text
