"""Curves: points of one exercise lifted for the whole class, and rounding in its favour."""

from __future__ import annotations

import math
from fractions import Fraction

from grader.model import Curve, CurveKind

THOUSANDTHS = 1000
"""Points have three decimals at most, which is what gradebooks keep."""


def curved(points: Fraction, max_points: Fraction, curve: Curve | None, best: Fraction) -> Fraction:
    """Lift the points of one hand-in.

    Nobody loses by a curve, nobody passes the maximum, and who had more has no less.

    Args:
        points: What the tests earned.
        max_points: What they could have earned.
        curve: How; None for not at all.
        best: The most that anybody in the class earned.

    Returns:
        The points: exact, but for a square root, which is rounded up to thousandths.
    """
    if curve is None:
        return points
    if curve.kind is CurveKind.ADD:
        lifted = points + curve.points
    elif curve.kind is CurveKind.SCALE:
        lifted = points * max(Fraction(1), curve.points / best) if best else points
    else:
        lifted = _root_up(points * max_points)
    return max(points, min(lifted, max_points))


def round_up(points: Fraction) -> Fraction:
    """Round up to thousandths of a point, in favour of whoever earned them."""
    return Fraction(math.ceil(points * THOUSANDTHS), THOUSANDTHS)


def _root_up(square: Fraction) -> Fraction:
    """Give the least number of thousandths that is not below a square root."""
    scaled = square * THOUSANDTHS**2
    root = math.isqrt(math.ceil(scaled))
    return Fraction(root if root * root >= scaled else root + 1, THOUSANDTHS)
