"""Expected against actual, cut to what a person takes in at a glance."""

from __future__ import annotations

from grader.model import Comparison
from grader.report.view import CellView, ComparisonView, RowView, TableView

_SIDES = ((4, 12), (12, 8), (24, 5))
"""(tables on the page, rows and columns shown of each): 60 tables still fit in 60 kB."""
_SMALLEST = 4


def comparison_view(comparison: Comparison, tables: int) -> ComparisonView:
    """Cut a comparison to a window in which the first wrong cell stands.

    Args:
        comparison: What a public test compared.
        tables: How many comparisons share the page.

    Returns:
        Both tables, cut alike, with the wrong cells of `actual` marked in both.
    """
    side = next((size for most, size in _SIDES if tables <= most), _SMALLEST)
    wrong = frozenset(comparison.wrong)
    row, column = min(wrong, default=(0, 0))
    # The wrong cell stands within the window, with what leads up to it before it.
    top = max(0, row - side // 2)
    left = max(0, column - side // 2)
    rows = max(len(comparison.expected), len(comparison.actual))
    columns = max((len(r) for r in (*comparison.expected, *comparison.actual)), default=0)
    top, left = min(top, max(0, rows - side)), min(left, max(0, columns - side))
    window = (range(top, top + side), range(left, left + side))
    is_scalar = rows <= 1 and columns <= 1
    return ComparisonView(
        what=comparison.what,
        expected=_table(comparison.expected, window, wrong, is_scalar=is_scalar),
        actual=_table(comparison.actual, window, wrong, is_scalar=is_scalar),
        is_scalar=is_scalar,
        wrong_count=len(wrong),
    )


def _table(
    cells: tuple[tuple[str, ...], ...],
    window: tuple[range, range],
    wrong: frozenset[tuple[int, int]],
    *,
    is_scalar: bool,
) -> TableView:
    """Cut one table; rows and columns keep the index they have in the tensor."""
    rows, columns = window
    width = max((len(row) for row in cells), default=0)
    shown_columns = range(columns.start, min(columns.stop, width))
    shown_rows = range(rows.start, min(rows.stop, len(cells)))
    cut = len(shown_rows) < len(cells) or len(shown_columns) < width
    return TableView(
        columns=tuple(str(column) for column in shown_columns),
        rows=tuple(
            RowView(
                str(row),
                tuple(
                    CellView(
                        cells[row][column],
                        is_wrong=is_scalar or (row, column) in wrong,
                    )
                    for column in shown_columns
                    if column < len(cells[row])
                ),
            )
            for row in shown_rows
        ),
        left_out=f"part of {len(cells)} by {width}" if cut else "",
    )
