"""Moodle: the worksheet of grades, and the zip of feedback as Moodle takes it apart."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from fractions import Fraction

import pytest

from grader.errors import UsageError
from grader.export.marks import Filled, Mark, marks
from grader.export.moodle import feedback_zip, fill_moodle
from grader.export.sheet import Sheet
from grader.model import Person
from tests.grader.export.classes import rows

SHEET = """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,\
Last modified (submission),Last modified (grade),Feedback comments
Participant 123456,Ada Lovelace,ADA@example.edu,Submitted for grading,,24.00,Yes,\
"Thursday, 1 October 2026, 2:32 PM",-,"<p>3 of 4 tasks</p>"
Participant 123457,Bob Builder,,Submitted for grading,1.00,24.00,Yes,-,-,
Participant 123458,Cleo Open,,Submitted for grading,,24.00,Yes,-,-,
Participant 123459,Dan Absent,,No submission,,24.00,Yes,-,-,
"""
GERMAN = {
    "identifier": "Kennung", "grade": "Bewertung", "modified": "Zuletzt geändert (Bewertung)",
    "name": "Vollständiger Name",
}  # fmt: skip


def _fill(text: str = SHEET, headers: dict[str, str] | None = None) -> tuple[str, Filled]:
    sheet = Sheet(text, "moodle.csv")
    filled = fill_moodle(sheet, marks(rows()), headers or {}, scale=False)
    return sheet.text, filled


def test_grades_are_filled_and_every_other_byte_stays() -> None:
    """By e-mail address or by name; identifiers and times are Moodle's."""
    text, filled = _fill()
    expected = SHEET.replace('for grading,,24.00,Yes,"Thur', 'for grading,12,24.00,Yes,"Thur')
    assert text == expected.replace("grading,1.00,", "grading,4.5,")
    assert filled == Filled(("ada", "bob"), ())


def test_a_site_in_another_language_is_told_once() -> None:
    """Columns are mapped by name; without that the message says how."""
    text = (
        "Kennung,Vollständiger Name,Bewertung,Zuletzt geändert (Bewertung)\n"
        "Teilnehmer/in123456,Ada Lovelace,,-\n"
    )
    with pytest.raises(UsageError, match=r"no column 'Identifier'.*Kennung.*\n.*--header"):
        _fill(text)
    assert _fill(text, GERMAN)[0] == text.replace("Lovelace,,", "Lovelace,12,")
    with pytest.raises(UsageError, match="no column 'E-Mail'"):
        _fill(text, GERMAN | {"email": "E-Mail"})


def test_a_grade_that_moodle_locks_stays() -> None:
    """It is told instead."""
    text, filled = _fill(SHEET.replace("1.00,24.00,Yes", "1.00,24.00,No"))
    assert "1.00,24.00,No" in text
    assert filled.left == (("bob", "Moodle does not let this grade be changed"),)


def test_a_class_without_a_roster_is_known_by_its_numbers() -> None:
    """The folder said `Name_123457`; names may be anything with blind marking."""
    sheet = Sheet("Identifier,Grade,Last modified (grade)\nParticipant 123457,,-\n", "m.csv")
    blind = Mark(Person("Participant_123457", "Participant"), marks(rows())[0].points, 24)  # type: ignore[arg-type]
    assert fill_moodle(sheet, [blind], {}, scale=False).filled == ("Participant_123457",)
    assert "123457,12,-" in sheet.text


NUMBERS = """\
Identifier,Full name,Grade,Last modified (grade)
Participant 100,Ann Lee,,-
Participant 101,Bob Builder,,-
"""


def test_digits_of_a_username_are_no_number_of_moodle() -> None:
    """Whose roster says `stu_101` is not participant 101, who is somebody else."""
    nine = Mark(Person("stu_101", "Ann Lee"), Fraction(9), Fraction(24))
    sheet = Sheet(NUMBERS, "m.csv")
    assert fill_moodle(sheet, [nine], {}, scale=False).filled == ("stu_101",)
    assert sheet.text == NUMBERS.replace("Ann Lee,", "Ann Lee,9")
    listed = replace(nine, person=Person("Bob_101", "Bob", section="A"))
    sheet = Sheet(NUMBERS, "m.csv")
    assert fill_moodle(sheet, [listed], {}, scale=False).filled == ()
    assert sheet.text == NUMBERS
    packed, _ = feedback_zip(Sheet(NUMBERS, "m.csv"), [nine], {}, {"stu_101": b"x"})
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == ["Ann Lee_100_assignsubmission_file/report.html"]


def test_a_number_of_two_is_nobody_s() -> None:
    """Two archives of Moodle in one folder may number two people alike."""
    people = Person("Bob_101", "Bob"), Person("Zoe_101", "Zoe")
    sheet = Sheet(NUMBERS, "m.csv")
    given = [Mark(person, Fraction(9), Fraction(24)) for person in people]
    assert fill_moodle(sheet, given, {}, scale=False).filled == ()
    assert sheet.text == NUMBERS


def _as_moodle_reads(path: str) -> tuple[str, str, str, str]:
    """Take a path apart as the importer does: the part before `/`, at most five pieces."""
    folder, _, file = path.partition("/")
    _, number, kind, area = folder.split("_", 4)[:4]
    return number, kind, area, file


def test_feedback_goes_back_to_its_participant() -> None:
    """Also where a name holds what Moodle or a file system takes for something else."""
    text = SHEET.replace("Ada Lovelace", "A_d/a \u202eLovelace")
    pages = {"ada": b"<html>ada</html>", "bob": b"<html>bob</html>"}
    packed, filled = feedback_zip(Sheet(text, "m.csv"), marks(rows()), {}, pages)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        found = {_as_moodle_reads(name): archive.read(name) for name in archive.namelist()}
    assert found == {
        ("123456", "assignsubmission", "file", "report.html"): b"<html>ada</html>",
        ("123457", "assignsubmission", "file", "report.html"): b"<html>bob</html>",
    }
    assert filled.left == ()
    assert feedback_zip(Sheet(text, "m.csv"), marks(rows()), {}, pages)[0] == packed


def test_who_has_no_page_is_told() -> None:
    """Nobody gets an empty file."""
    _, filled = feedback_zip(Sheet(SHEET, "m.csv"), marks(rows()), {}, {"ada": b"x"})
    assert filled == Filled(("ada",), (("bob", "there is no page"),))
