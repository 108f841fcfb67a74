"""Numbers as people read them, never on the wrong side of what they are compared with."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from fractions import Fraction

from grader.points import points_number


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
