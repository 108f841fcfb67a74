"""The formulas, against examples worked by hand and laws that hold for any numbers."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from grader.insight import measures

# Five people, three tests of one point; the sums are 3, 2, 2, 1, 0.
RIGHT = [
    [True, True, True, True, False],
    [True, True, False, False, False],
    [True, False, True, False, False],
]
SCORES = st.lists(
    st.lists(st.integers(0, 8), min_size=5, max_size=5), min_size=2, max_size=6
)  # fmt: skip


def test_kr20_as_worked_by_hand() -> None:
    """Formula 20 of Kuder and Richardson (1937): k/(k-1) * (1 - sum pq / variance).

    p = 4/5, 2/5, 2/5, so sum pq = .16 + .24 + .24 = .64; the sums have mean 8/5 and variance
    (9 + 4 + 4 + 1 + 0)/5 - 64/25 = 1.04; hence 3/2 * (1 - .64/1.04) = 15/26.
    """
    assert measures.kr20(RIGHT) == pytest.approx(15 / 26)


def test_alpha_as_worked_by_hand() -> None:
    """Cronbach (1951), two tests of 0, 2, 4 and 0, 1, 5 points.

    Variances 8/3 and 14/3; sums 0, 3, 9 with mean 4 and variance 14; 2 * (1 - (22/3)/14) = 20/21.
    """
    assert measures.alpha([[0, 2, 4], [0, 1, 5]]) == pytest.approx(20 / 21)


def test_discrimination_as_worked_by_hand() -> None:
    """Henrysson (1963): the first test against the sums 2, 1, 1, 0, 0 of the others.

    Covariance 4/5 - 4/5 * 4/5 = 4/25, variances 4/25 and 6/5 - 16/25 = 14/25: 2/sqrt(14).
    """
    items = [[float(x) for x in item] for item in RIGHT]
    assert measures.item_rest_correlation(items, 0) == pytest.approx(2 / math.sqrt(14))


def test_quartiles_as_worked_by_hand() -> None:
    """Hyndman and Fan (1996), definition 7: of 1, 2, 3, 4 the quartiles are 7/4, 5/2, 13/4."""
    scores = [Fraction(n) for n in (4, 1, 3, 2)]
    found = [measures.quantile(scores, Fraction(n, 4)) for n in (0, 1, 2, 3, 4)]
    assert found == [1, Fraction(7, 4), Fraction(5, 2), Fraction(13, 4), 4]


def test_what_says_nothing_is_none() -> None:
    """Too few people, a single test, or no differences at all."""
    assert measures.correlation([0, 1], [0, 1]) is None
    assert measures.correlation([1, 1, 1], [0, 1, 2]) is None
    assert measures.alpha([[0, 1, 2]]) is None
    assert measures.alpha([[1, 1, 1], [2, 2, 2]]) is None
    assert measures.item_rest_correlation([[0, 1, 2]], 0) is None


@given(SCORES)
def test_alpha_and_discrimination_agree_with_numpy(items: list[list[int]]) -> None:
    """Computed in another way, from covariances."""
    matrix = np.array(items, dtype=float)
    total = matrix.sum(0)
    assume(total.std() > 0)
    count = len(items)
    expected = count / (count - 1) * (1 - np.cov(matrix, ddof=0).trace() / total.var())
    assert measures.alpha(items) == pytest.approx(expected)
    rest = total - matrix[0]
    found = measures.item_rest_correlation(items, 0)
    if matrix[0].std() > 0 and rest.std() > 0:
        assert found == pytest.approx(np.corrcoef(matrix[0], rest)[0, 1])
    else:
        assert found is None


@given(st.lists(st.fractions(0, 100), min_size=1, max_size=20), st.fractions(0, 1))
def test_a_quantile_lies_between_its_neighbours(values: list[Fraction], share: Fraction) -> None:
    """It never leaves the values, splits them by its share, and does not depend on their order."""
    found = measures.quantile(values, share)
    assert min(values) <= found <= max(values)
    assert found == measures.quantile(values[::-1], share)
    assert sum(1 for v in values if v < found) <= share * (len(values) - 1) + 1
