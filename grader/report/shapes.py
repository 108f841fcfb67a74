"""Shapes of tensors as little drawings, so that (2, 5) and (5, 2) look as different as they are."""

from __future__ import annotations

import math

from grader.report.view import ShapeView

CELL, LARGEST = 14, 112
"""Side of a cell, and of a whole drawing, in the units of the drawing."""
MOST_CELLS = 12
"""Cells drawn along one axis; a longer one is drawn as long as this, without cells."""
MOST_SHEETS, SHIFT = 3, 5
"""Matrices drawn behind each other for all leading axes, and how far each is moved."""


def shape_views(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> tuple[ShapeView, ShapeView]:
    """Draw two shapes to one scale.

    Args:
        shapes: The expected shape and the actual one.
    """
    longest = max(min(n, MOST_CELLS) for shape in shapes for n in (1, *shape[-2:]))
    cell = min(CELL, LARGEST // longest)
    expected, actual = (_draw(shape, cell) for shape in shapes)
    return expected, actual


def _draw(shape: tuple[int, ...], cell: int) -> ShapeView:
    """Draw the last two axes as a grid, and the leading ones as sheets behind each other."""
    rows, columns = (1, 1, *shape)[-2:]
    across, down = min(columns, MOST_CELLS) * cell, min(rows, MOST_CELLS) * cell
    sheets = min(MOST_SHEETS, math.prod(shape[:-2])) if math.prod(shape) else 0
    behind = SHIFT * max(0, sheets - 1)
    paths = []
    for number in range(sheets):
        left, top = 1 + behind - SHIFT * number, 1 + SHIFT * number
        lines = [f"M{left} {top}h{across}v{down}h-{across}z"]
        if number == sheets - 1:
            lines += [f"M{left + cell * n} {top}v{down}" for n in _inner(columns)]
            lines += [f"M{left} {top + cell * n}h{across}" for n in _inner(rows)]
        paths.append("".join(lines))
    return ShapeView(
        text=f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})",
        paths=tuple(paths),
        width=across + behind + 2,
        height=down + behind + 2,
    )


def _inner(count: int) -> range:
    """Number the lines between cells; none if they are too many to be drawn."""
    return range(1, count if count <= MOST_CELLS else 1)
