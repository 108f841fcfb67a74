"""A table of another system: one cell changes, and nothing else does."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.export.sheet import LIMIT_BYTES, Sheet, read_sheet

ODD = '\ufeffName,"Grade, final",Note\r\n"Last, First", 7.0 ,"say ""hi""\nthere"\r\nBob,,\n'
CELLS = st.text(st.characters(codec="utf-8", exclude_characters='"\0'), max_size=8)


def test_a_table_stays_as_it_was_written() -> None:
    """Byte order mark, quotes, spaces, line ends and a missing last one."""
    for text in (ODD, ODD.rstrip("\n"), "a;b\n1;2\n", "a\tb\r1\t2\r", "a,b\n\n1,2\n"):
        assert Sheet(text, "x.csv").text == text


def test_a_cell_is_read_without_its_quotes() -> None:
    """Also one with a comma, a quote or a line break in it."""
    sheet = Sheet(ODD, "x.csv")
    assert sheet.header == ("Name", "Grade, final", "Note")
    assert [sheet.get(0, column) for column in range(3)] == [
        "Last, First", " 7.0 ", 'say "hi"\nthere',
    ]  # fmt: skip
    assert (sheet.get(1, 2), sheet.get(1, 9), sheet.get(1, None)) == ("", "", "")
    assert (sheet.line(0), sheet.line(1)) == (2, 4)


def test_one_cell_is_changed() -> None:
    """The text around it stays; what needs quotes gets them."""
    sheet = Sheet(ODD, "x.csv")
    sheet.put(0, 1, "8")
    sheet.put(1, 2, 'a "b", c')
    assert sheet.text == ODD.replace(" 7.0 ", "8").replace("Bob,,", 'Bob,,"a ""b"", c"')


def test_a_short_row_grows() -> None:
    """Trailing commas may have been lost."""
    sheet = Sheet("a,b,c\n1\n", "x.csv")
    sheet.put(0, 2, "5")
    assert sheet.text == "a,b,c\n1,,5\n"


def test_what_is_no_table_is_refused_with_its_line() -> None:
    """An open quote, a column twice, nothing at all."""
    with pytest.raises(UsageError, match=r"x\.csv:3: a quote is opened here"):
        Sheet('a,b\n1,2\n3,"4\n', "x.csv")
    with pytest.raises(UsageError, match="stands there twice"):
        Sheet("a,A\n1,2\n", "x.csv").column("a")
    with pytest.raises(UsageError, match="the table is empty"):
        Sheet("", "x.csv")


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """No file, not UTF-8, too large."""
    with pytest.raises(UsageError, match="cannot be read"):
        read_sheet(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes("a,b\nJosé,1\n".encode("latin-1"))
    with pytest.raises(UsageError, match="not UTF-8"):
        read_sheet(tmp_path / "latin.csv")
    with (tmp_path / "large.csv").open("wb") as file:
        file.truncate(LIMIT_BYTES + 1)
    with pytest.raises(UsageError, match="larger than any gradebook"):
        read_sheet(tmp_path / "large.csv")


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5))
def test_any_table_is_kept_and_read_as_the_library_reads_it(rows: list[list[str]]) -> None:
    """Cells with commas, line breaks and tabs in quotes, in tables of uneven rows."""
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows([["a", "b"], *rows])
    sheet = Sheet(out.getvalue(), "x.csv")
    assert sheet.text == out.getvalue()
    found = [[sheet.get(r, c) for c in range(len(row))] for r, row in enumerate(rows)]
    assert found == rows


@given(st.text(alphabet='ab",;\t\r\n ', max_size=40))
def test_any_text_is_a_table_or_refused(text: str) -> None:
    """Whatever can be read can be written again unchanged."""
    try:
        sheet = Sheet(text, "x.csv")
    except UsageError:
        return
    assert sheet.text == text
