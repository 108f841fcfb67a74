"""Expected against actual, cut to what a person takes in at a glance."""

from __future__ import annotations

from grader.model import Comparison
from grader.report.shapes import shape_views
from grader.report.view import CellView, ComparisonView, RowView, TableView

MOST_TABLES = 4
"""Comparisons that one page shows; a student who sees four has enough to mend."""
FEW_TABLES = 3
"""Comparisons up to which each has room for its differences."""
_SIDE, _SMALLER_SIDE = 8, 5
"""Rows and columns shown of each, among few and among more: a long page stays light."""


def comparison_view(comparison: Comparison, tables: int) -> ComparisonView:
    """Cut a comparison to a window in which the first wrong cell stands.

    Args:
        comparison: What a public test compared.
        tables: How many comparisons share the page.

    Returns:
        Both tables, cut alike, with the wrong cells of `actual` marked in both.
    """
    side = _SIDE if tables <= FEW_TABLES else _SMALLER_SIDE
    rows = max(len(comparison.expected), len(comparison.actual))
    columns = max((len(row) for row in (*comparison.expected, *comparison.actual)), default=0)
    row, column = min(comparison.wrong, default=(0, 0))
    # The wrong cell stands within the window, with what leads up to it before it.
    top = max(0, min(row - side // 2, rows - side))
    left = max(0, min(column - side // 2, columns - side))
    window = (range(top, top + side), range(left, left + side))
    return ComparisonView(
        what=comparison.what,
        expected=_table(comparison, comparison.expected, window),
        actual=_table(comparison, comparison.actual, window),
        is_scalar=comparison.shapes is None and rows <= 1 and columns <= 1,
        difference=_table(comparison, comparison.difference, window)
        if comparison.difference and tables <= FEW_TABLES
        else None,
        shapes=comparison.shapes and shape_views(comparison.shapes),
    )


def _table(
    comparison: Comparison, cells: tuple[tuple[str, ...], ...], window: tuple[range, range]
) -> TableView:
    """Cut one table; rows and columns keep the index they have in the tensor."""
    rows, columns = window
    first_row, first_column = comparison.origin
    wrong = frozenset(comparison.wrong)
    width = max((len(row) for row in cells), default=0)
    shown_columns = range(columns.start, min(columns.stop, width))
    shown_rows = range(rows.start, min(rows.stop, len(cells)))
    return TableView(
        columns=tuple(str(first_column + column) for column in shown_columns),
        rows=tuple(
            RowView(
                str(first_row + row),
                tuple(
                    CellView(cells[row][column], is_wrong=(row, column) in wrong)
                    for column in shown_columns
                    if column < len(cells[row])
                ),
            )
            for row in shown_rows
        ),
        is_cut=len(shown_rows) < len(cells) or len(shown_columns) < width,
    )
