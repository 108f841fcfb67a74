"""Numbers as people read them, never on the wrong side of what they are compared with."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

POINT_DECIMALS = 3
"""Decimals that points may have anywhere in a course."""


def points_number(points: Fraction) -> int | float:
    """Turn points into the JSON number that denotes them exactly.

    Args:
        points: A multiple of 1/1000.

    Returns:
        An int where possible, otherwise the float whose shortest notation is exact.

    Raises:
        ValueError: If the points need more than three decimals.
    """
    if points.denominator == 1:
        return points.numerator
    if (points * 10**POINT_DECIMALS).denominator != 1:
        msg = f"{points} points need more than {POINT_DECIMALS} decimals"
        raise ValueError(msg)
    return float(points)


def points_or_null(points: Fraction | None) -> int | float | None:
    """Turn points into a JSON number; open points are null."""
    return None if points is None else points_number(points)


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


def points_text(points: Fraction) -> str:
    """Write points without needless zeros: `3`, `2.5`, `0.125`."""
    return str(points_number(points))


def percent_text(share: Fraction, *landmarks: Fraction, decimals: int = 1) -> str:
    """Write a share as a percentage on the true side of every landmark.

    0 and 1 are landmarks always: what is not nothing never reads `0 %`, and what is not all
    never reads `100 %`. Decimals are added until the printed number is on the true side
    (89.996 %, not 90.0 %, when 90 % was asked).

    Args:
        share: The share; 1 is everything.
        landmarks: Shares that mean something when they are reached.
        decimals: Decimals where no landmark is near.

    Returns:
        The percentage with a no-break space before the sign.
    """
    if share in (0, 1):
        return f"{int(share) * 100}\u00a0%"
    reached = [mark for mark in (Fraction(1), *landmarks) if share >= mark]
    missed = [mark for mark in (Fraction(1), *landmarks) if share < mark]
    while True:
        printed = round(share * 100, decimals)
        if share in reached and printed / 100 < share:
            # A landmark such as 1/3 has no last decimal: it is printed from above.
            printed = Fraction(math.ceil(share * 100 * 10**decimals), 10**decimals)
        if _same_side(printed / 100, share, reached, missed):
            return f"{_decimal(printed, decimals)}\u00a0%"
        decimals += 1


def seconds_text(seconds: float) -> str:
    """Write a duration as short as it is meant: `0.02 s`, `4.1 s`, `3 min 20 s`."""
    if seconds < 1:
        return f"{seconds:.2f}\u00a0s"
    minute = 60
    if seconds < minute:
        return f"{seconds:.1f}\u00a0s"
    whole = round(seconds)
    return f"{whole // minute}\u00a0min {whole % minute}\u00a0s"


def moment_text(moment: datetime) -> str:
    """Write a moment in UTC, to the minute."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _same_side(
    printed: Fraction, share: Fraction, reached: Iterable[Fraction], missed: Iterable[Fraction]
) -> bool:
    """Tell whether the printed share reaches what the share reaches, and nothing else."""
    return (
        (printed > 0) == (share > 0)
        and all(printed >= mark for mark in reached)
        and all(printed < mark for mark in missed)
    )


def _decimal(number: Fraction, decimals: int) -> str:
    """Write a number that has at most this many decimals, digit by digit."""
    scaled = int(number * 10**decimals)
    whole, rest = divmod(abs(scaled), 10**decimals)
    sign = "-" if scaled < 0 else ""
    return f"{sign}{whole}.{rest:0{decimals}d}" if decimals else f"{sign}{whole}"
