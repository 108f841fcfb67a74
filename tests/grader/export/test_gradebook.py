"""The gradebook: exact numbers, no formulas, nothing invented."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from grader.export.gradebook import as_text_cell, gradebook_text
from grader.model import ClassRow, ExerciseStanding, Grade, Person, Standing
from grader.score import raw_standing
from tests.grader.report import grades

IDS = ("03-06-softmax", "04-06-dropout")


def _cells(*rows: ClassRow) -> list[list[str]]:
    return list(csv.reader(io.StringIO(gradebook_text(rows, IDS), newline="")))


def _row(key: str, grade: Grade, *flags: str) -> ClassRow:
    return ClassRow(Person(key), grade, flags, raw_standing(grade))


def test_a_row_holds_points_total_and_flags() -> None:
    """An exercise that was not graded is an empty cell."""
    person = Person("ada", "Lovelace, Ada", "a@b.c", "A")
    plain = _row("ada", grades.grade(grades.all_passed()), "late:x", "group")
    header, row = _cells(replace(plain, person=person))
    after = ["total", "out_of", "flags", *(f"raw:{name}" for name in IDS)]
    assert header == ["username", "name", "email", "section", *IDS, *after]
    points = ["12", "", "12", "12", "late:x group", "12", ""]
    assert row == ["ada", "Lovelace, Ada", "a@b.c", "A", *points]


def test_what_counts_stands_before_what_was_earned() -> None:
    """Points after lateness and curves, the raw ones at the end."""
    grade = grades.grade(grades.all_passed())
    counts = ExerciseStanding(IDS[0], "k", Fraction(12), Fraction(21, 2), Fraction(12), 1)
    row = replace(_row("ada", grade), standing=Standing((counts,), Fraction(21, 2), Fraction(12)))
    _, cells = _cells(row)
    assert cells[4:] == ["10.5", "", "10.5", "12", "", "12", ""]


def test_what_is_open_or_missing_is_never_a_zero() -> None:
    """A fault of ours and somebody who handed in nothing both leave cells empty."""
    fault = _row("ada", grades.grade(grades.with_fault()))
    nothing = ClassRow(Person("bob"), None, ("not_submitted",))
    _, first, second = _cells(fault, nothing)
    assert first[4:7] == ["", "", ""]
    assert second[4:] == ["", "", "", "", "not_submitted", "", ""]


def test_no_cell_is_a_formula() -> None:
    """Nor a cell that only looks like one after a blank, or in full width."""
    for text in ("=1+1", "+1", "-1", "@x", "\t=1", " =1", "\uff1d1", "\r=1"):
        assert as_text_cell(text).startswith("'"), text
    assert as_text_cell("ada-l@b.c") == "ada-l@b.c"


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_name_is_one_cell_of_one_row(name: str, section: str) -> None:
    """Commas, quotes and line breaks stay inside their cell."""
    text = gradebook_text([ClassRow(Person("ada", name, "", section), None)], IDS)
    found = list(csv.reader(io.StringIO(text, newline="")))
    assert [len(row) for row in found] == [11, 11]
    assert len(text.encode("utf-8", "surrogatepass").split(b"\n")) == 3
