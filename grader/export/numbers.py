"""Points and moments as other systems read them."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

_THOUSANDTHS = 1000


def points_number(points: Fraction) -> int | float:
    """Turn points into the shortest JSON number that denotes them.

    Args:
        points: A multiple of 1/1000.

    Raises:
        ValueError: If the points need more than three decimals.
    """
    if (points * _THOUSANDTHS).denominator != 1:
        msg = f"{points} points need more than three decimals"
        raise ValueError(msg)
    return points.numerator if points.denominator == 1 else float(points)


def utc_text(moment: datetime) -> str:
    """Write a moment in UTC, to the second, with a `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
