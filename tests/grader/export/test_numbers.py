"""Points stay what they are."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.export.numbers import points_number


@given(st.integers(0, 10**7))
def test_thousandths_come_back_exactly(thousandths: int) -> None:
    """By the number's shortest notation."""
    points = Fraction(thousandths, 1000)
    assert Fraction(str(points_number(points))) == points


def test_more_decimals_are_refused() -> None:
    """No course has them."""
    with pytest.raises(ValueError, match="three decimals"):
        points_number(Fraction(1, 3))
