"""The formulas of classical test theory, and quantiles. Numbers in, numbers out.

Variances are those of a population (divided by n), as in the original papers; the ratios that
are shown do not depend on it, but for KR-20, which equals Cronbach's alpha only so.

- Corrected item-total correlation: each item against the sum of the others (S. Henrysson,
  "Correction of item-total correlations in item analysis", Psychometrika 28, 1963).
- alpha (L. J. Cronbach, "Coefficient alpha and the internal structure of tests",
  Psychometrika 16, 1951).
- KR-20 (G. F. Kuder and M. W. Richardson, "The theory of the estimation of test reliability",
  Psychometrika 2, 1937, formula 20).
- Quantiles by linear interpolation between order statistics (R. J. Hyndman and Y. Fan, "Sample
  quantiles in statistical packages", The American Statistician 50, 1996, definition 7).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TypeVar

Number = TypeVar("Number", float, Fraction)

_SMALLEST_CORRELATED = 3
"""Two points always lie on a line, so fewer than three say nothing."""


def quantile(values: Sequence[Number], share: Fraction) -> Number:
    """Give the value below which a share of the values lies.

    Args:
        values: At least one, in any order.
        share: From 0 to 1.

    Returns:
        A value of the list, or one between two neighbours; exact for fractions.
    """
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = int(place)
    if place == below:
        return ordered[below]
    rest = place - below
    low, high = ordered[below], ordered[below + 1]
    return low + (high - low) * type(low)(rest)


def correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Give Pearson's correlation of two lists of equal length.

    Returns:
        From -1 to 1; None if there are fewer than three pairs, or one list does not vary.
    """
    count = len(first)
    if count < _SMALLEST_CORRELATED or _is_constant(first) or _is_constant(second):
        return None
    one, other = _centred(first), _centred(second)
    both = math.fsum(a * b for a, b in zip(one, other, strict=True))
    size = math.sqrt(math.fsum(a * a for a in one)) * math.sqrt(math.fsum(b * b for b in other))
    return max(-1.0, min(1.0, both / size)) if size > 0 else None


def item_rest_correlation(items: Sequence[Sequence[float]], index: int) -> float | None:
    """Tell how well one item agrees with the rest of its exercise.

    Args:
        items: For each item one score per person, in the same order of people.
        index: Which item.

    Returns:
        The correlation of the item with the sum of all others; None where it is undefined.
    """
    others = [scores for number, scores in enumerate(items) if number != index]
    if not others:
        return None
    return correlation(items[index], [math.fsum(scores) for scores in zip(*others, strict=True)])


def alpha(items: Sequence[Sequence[float]]) -> float | None:
    """Give Cronbach's alpha: how far the items of one exercise measure one thing.

    Args:
        items: For each item one score per person, in the same order of people.

    Returns:
        At most 1, below 0 if items contradict each other; None for fewer than two items or
        three people, or if the sums do not vary.
    """
    count = len(items)
    if count <= 1 or len(items[0]) < _SMALLEST_CORRELATED:
        return None
    sums = [math.fsum(scores) for scores in zip(*items, strict=True)]
    if _is_constant(sums):
        return None
    parts = math.fsum(_variance(scores) for scores in items)
    return count / (count - 1) * (1 - parts / _variance(sums))


def kr20(items: Sequence[Sequence[bool]]) -> float | None:
    """Give formula 20 of Kuder and Richardson: alpha of items that are right or wrong.

    Args:
        items: For each item whether each person got it right.
    """
    return alpha([[float(right) for right in item] for item in items])


def _centred(values: Sequence[float]) -> list[float]:
    mean = math.fsum(values) / len(values)
    return [value - mean for value in values]


def _variance(values: Sequence[float]) -> float:
    return math.fsum(value * value for value in _centred(values)) / len(values)


def _is_constant(values: Sequence[float]) -> bool:
    return all(value == values[0] for value in values)
