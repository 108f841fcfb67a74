"""Points stay what they are, in every file that holds them."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.points import points_fraction, points_number, points_sum

POINTS = st.integers(0, 10**9).map(lambda n: Fraction(n, 1000))


@given(POINTS)
def test_points_survive_a_file_exactly(points: Fraction) -> None:
    """The JSON number denotes the fraction itself, not its neighbour."""
    text = json.dumps(points_number(points))
    assert points_fraction(json.loads(text)) == points
    assert Fraction(text) == points


def test_points_with_more_than_three_decimals_are_refused() -> None:
    """A third has no exact number; a file that holds one is not ours."""
    with pytest.raises(ValueError, match="1/3"):
        points_number(Fraction(1, 3))
    with pytest.raises(ValueError, match="more than 3 decimals"):
        points_fraction(0.3333)


@given(st.lists(POINTS))
def test_points_add_up_exactly(points: list[Fraction]) -> None:
    """As fractions do."""
    assert points_sum(points) == sum(points, Fraction(0))


def test_points_that_are_too_fine_are_not_added_up() -> None:
    """Nothing is rounded on the way."""
    with pytest.raises(ValueError, match="1/3"):
        points_sum([Fraction(1), Fraction(1, 3)])
