"""Points as other programs read them: exact, with at most three decimals."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

POINT_DECIMALS = 3
"""Decimals that points may have anywhere in a course."""
_KNOWN = 4096
"""A class has millions of points and few different ones; exact arithmetic on them is slow."""


def points_number(points: Fraction) -> int | float:
    """Turn points into the JSON number that denotes them exactly.

    Args:
        points: A multiple of 1/1000.

    Returns:
        An int where possible, otherwise the float whose shortest notation is exact.

    Raises:
        ValueError: If the points need more than three decimals.
    """
    numerator, denominator = points.as_integer_ratio()
    if denominator == 1:
        return numerator
    if 10**POINT_DECIMALS % denominator:
        raise _too_fine(points)
    return numerator / denominator


def points_or_null(points: Fraction | None) -> int | float | None:
    """Turn points into a JSON number; open points are null."""
    return None if points is None else points_number(points)


def points_sum(points: Iterable[Fraction]) -> Fraction:
    """Add points up.

    Args:
        points: Multiples of 1/1000.

    Raises:
        ValueError: If one needs more than three decimals.
    """
    thousandths = 0
    for numerator, denominator in (p.as_integer_ratio() for p in points):
        times, rest = divmod(10**POINT_DECIMALS, denominator)
        if rest:
            raise _too_fine(Fraction(numerator, denominator))
        thousandths += numerator * times
    return Fraction(thousandths, 10**POINT_DECIMALS)


@functools.lru_cache(_KNOWN)
def points_fraction(number: float) -> Fraction:
    """Turn a JSON number back into exact points.

    Args:
        number: What `points_number` returned, possibly after a trip through a file.

    Returns:
        The points, by the number's shortest notation and not by its binary value.

    Raises:
        ValueError: If it is not a multiple of 1/1000.
    """
    points = Fraction(Decimal(str(number)))
    if (points * 10**POINT_DECIMALS).denominator != 1:
        msg = f"{number} points have more than {POINT_DECIMALS} decimals"
        raise ValueError(msg)
    return points


def _too_fine(points: Fraction) -> ValueError:
    return ValueError(f"{points} points need more than {POINT_DECIMALS} decimals")
