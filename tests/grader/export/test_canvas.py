"""Canvas: one column of the instructor's own file."""

from __future__ import annotations

import csv
import io

import pytest

from grader.errors import UsageError
from grader.export.canvas import fill_canvas
from grader.export.marks import marks
from grader.export.sheet import Sheet
from tests.grader.export.classes import rows

EXPORT = """\
Student,ID,SIS User ID,SIS Login ID,Section,Notes,HW1 (11),HW2 CNN (87568490),Current Score
    Points Possible,,,,,,10.00,24.00,(read only)
"Lovelace, Ada",100007,9000007,ada,ECS101-01,"good, very",7.00,,70.0
"Builder, Bob",100008,9000008,bob@example.edu,ECS101-01,,6.00,1.00,60.0
"Open, Cleo",100009,9000009,cleo,ECS101-01,,5.00,,50.0
"Absent, Dan",100010,9000010,dan,ECS101-01,,4.00,2.00,40.0
"Student, Test",100011,,x7,ECS101-01,,,,
"""


def _fill(text: str = EXPORT, column: str = "HW2 CNN", **settings: bool) -> tuple[str, object]:
    sheet = Sheet(text, "canvas.csv")
    filled = fill_canvas(sheet, marks(rows()), column, **{"scale": False, **settings})
    return sheet.text, filled


def test_one_column_is_filled_and_every_other_byte_stays() -> None:
    """Who handed in nothing, or whose grade is open, keeps what stood there."""
    text, filled = _fill()
    expected = EXPORT.replace('"good, very",7.00,,', '"good, very",7.00,12,')
    assert text == expected.replace("6.00,1.00,", "6.00,4.5,")
    assert filled.filled == ("ada", "bob")  # type: ignore[attr-defined]
    before = list(csv.reader(io.StringIO(EXPORT)))
    after = list(csv.reader(io.StringIO(text)))
    changed = [
        (r, c) for r, row in enumerate(after) for c, x in enumerate(row) if x != before[r][c]
    ]
    assert changed == [(2, 7), (3, 7)]


@pytest.mark.parametrize("column", ["87568490", "HW2 CNN", "HW2 CNN (87568490)"])
def test_a_column_is_named_by_title_or_number(column: str) -> None:
    """As Canvas itself matches it."""
    assert "7.00,12," in _fill(column=column)[0]


def test_a_column_that_is_not_there_is_told_with_those_that_are() -> None:
    """Canvas would take it for a new assignment."""
    with pytest.raises(UsageError, match=r"no assignments are called 'HW3'.*HW1 \(11\); HW2"):
        _fill(column="HW3")
    with pytest.raises(UsageError, match="it has 2 assignments"):
        _fill(column="")


def test_another_maximum_is_refused_or_scaled() -> None:
    """24 points of ours are not 100 of theirs."""
    hundred = EXPORT.replace("24.00", "100.00")
    with pytest.raises(UsageError, match=r"canvas.csv:2: the column is out of 100.00 points"):
        _fill(hundred)
    assert "7.00,50," in _fill(hundred, scale=True)[0]


def test_an_excused_student_stays_excused() -> None:
    """EX is a decision of the instructor's, and it is told."""
    text, filled = _fill(EXPORT.replace("6.00,1.00,", "6.00,EX,"))
    assert "6.00,EX," in text
    assert filled.left == (("bob", "the student is excused there"),)  # type: ignore[attr-defined]


def test_semicolons_and_split_names_are_understood() -> None:
    """A course in Germany, with first and last names apart."""
    text = (
        "LastName;FirstName;ID;SIS Login ID;Section;HW (5)\r\n"
        "Points Possible;;;;;24,00\r\nLovelace;Ada;1;;S;\r\n"
    )
    assert _fill(text, "")[0] == text.replace("1;;S;", "1;;S;12")


def test_another_file_is_refused() -> None:
    """It is told where Canvas writes the right one."""
    with pytest.raises(UsageError, match=r"no gradebook of Canvas.*\n.*Export"):
        _fill("username,grade\nada,1\n")
