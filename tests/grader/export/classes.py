"""A small class for the tests of exporters: who earned what, and who handed in nothing."""

from __future__ import annotations

from pathlib import Path

from grader import report, score
from grader.batch import book
from grader.model import ClassRow, Grade, HandIn, HandInStatus, Person
from tests.grader.report import grades

ADA = Person("ada", "Ada Lovelace", "ada@example.edu")
BOB = Person("bob", "Bob Builder", "bob@example.edu")
CLEO = Person("cleo", "Cleo Open", "cleo@example.edu")
DAN = Person("dan", "Dan Absent", "dan@example.edu")
IDS = ("03-06-softmax", "10-02-gru")


def _grade(kind: str, owner: str) -> Grade:
    missing = HandIn("10-02-gru", HandInStatus.NOT_SUBMITTED)
    more = ((grades.exercise("10-02-gru", "Gated recurrent units"), missing, grades.not_run()),)
    verdicts = {
        "passed": grades.all_passed, "failed": grades.some_failed, "open": grades.with_fault,
    }[kind]()  # fmt: skip
    return grades.grade(verdicts, owner=owner, more=more)


def _row(person: Person, kind: str) -> ClassRow:
    grade = report.as_stored(_grade(kind, person.key))
    return ClassRow(person, grade, (), score.raw_standing(grade))


def rows() -> tuple[ClassRow, ...]:
    """Ada has all of softmax, Bob 4.5 of it, Cleo met a fault of ours, Dan is absent."""
    return (
        _row(ADA, "passed"),
        _row(BOB, "failed"),
        _row(CLEO, "open"),
        ClassRow(DAN, None, ("not_submitted",)),
    )


def write_class(folder: Path) -> None:
    """Write the class as `autograde batch` leaves it."""
    found = rows()
    people = [
        book.entry(
            row.person, row.person.key, row.flags, row.standing, graded=row.grade is not None
        )
        for row in found
    ]
    book.write_book(folder, IDS, people)
    for row in found:
        if row.grade is not None:
            place = folder / "results" / row.person.key
            report.write_result(row.grade, place / "result.json")
            (place / "report.html").write_text(f"<html>{row.person.key}</html>", "utf-8")
