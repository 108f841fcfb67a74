"""A comparison is cut so that its first wrong cell can be seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.model import Comparison
from grader.report.compare import comparison_view
from grader.report.view import TableView

SIZES = st.integers(1, 60)


def shown_wrong(table: TableView) -> set[tuple[int, int]]:
    """The marked cells, by the indices that the reader sees."""
    return {
        (int(row.index), int(column))
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
        if cell.is_wrong
    }


@given(SIZES, SIZES, st.data(), st.integers(1, 60))
def test_the_first_wrong_cell_is_shown(
    rows: int, columns: int, data: st.DataObject, tables: int
) -> None:
    """Wherever it lies, it stands in the window, under its own indices."""
    wrong = (data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1)))
    cells = tuple(tuple(f"{r},{c}" for c in range(columns)) for r in range(rows))
    view = comparison_view(Comparison("Y", cells, cells, (wrong,)), tables)
    assert shown_wrong(view.actual) == {wrong}
    row = next(r for r in view.actual.rows if r.index == str(wrong[0]))
    marked = next(c for c in row.cells if c.is_wrong)
    assert marked.text == f"{wrong[0]},{wrong[1]}"


@given(SIZES, SIZES, st.integers(1, 60))
def test_no_table_is_larger_than_its_share_of_the_page(
    rows: int, columns: int, tables: int
) -> None:
    """Eight by eight among few, five by five among many; what is cut is said."""
    cells = (("0",) * columns,) * rows
    view = comparison_view(Comparison("Y", cells, cells), tables)
    side = 8 if tables <= 3 else 5
    assert len(view.actual.rows) == min(rows, side)
    assert len(view.actual.columns) == min(columns, side)
    assert view.actual.is_cut == (max(rows, columns) > side)


def test_cells_of_a_cut_tensor_keep_their_indices() -> None:
    """What the judge cut out of row 100 is not shown as row 0."""
    view = comparison_view(Comparison("Y", (("1", "2"),), (("1", "3"),), ((0, 1),), (100, 7)), 1)
    assert view.actual.rows[0].index == "100"
    assert view.actual.columns == ("7", "8")
    assert shown_wrong(view.actual) == {(100, 8)}


def test_tables_of_different_shapes_keep_their_own_cells() -> None:
    """A result that lost its rows is shown as it came."""
    view = comparison_view(Comparison("Y", (("1", "2"), ("3", "4")), (("1",),), ((0, 0),)), 1)
    assert [len(row.cells) for row in view.expected.rows] == [2, 2]
    assert [len(row.cells) for row in view.actual.rows] == [1]
    assert not view.is_scalar


def test_an_empty_result_is_a_comparison_too() -> None:
    """A tensor without elements has no cell to show."""
    view = comparison_view(Comparison("Y", (("1",),), ()), 1)
    assert view.is_scalar
    assert view.actual.rows == ()
