"""JUnit XML: well formed whatever a student wrote, and without anything hidden."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from grader.export.junit import junit_text
from grader.model import ClassRow, Outcome, Person
from tests.grader.report import grades


def _suites(*rows: ClassRow) -> list[ET.Element]:
    return list(ET.fromstring(junit_text(rows)))


def test_outcomes_are_counted_and_told_apart() -> None:
    """Wrong answers are failures, exceptions and limits errors, what did not run is skipped."""
    (suite,) = _suites(ClassRow(Person("ada"), grades.grade(grades.some_failed())))
    assert {name: suite.get(name) for name in ("name", "failures", "errors", "skipped")} == {
        "name": "ada", "failures": "3", "errors": "2", "skipped": "1",
    }  # fmt: skip
    cases = suite.findall("testcase")
    assert len(cases) == int(suite.get("tests", "0"))
    assert len(suite.findall(".//failure")) == 3
    assert len(suite.findall(".//error")) == 2
    points = [p for p in cases[0].iter("property") if p.get("name") == "points"]
    assert len(points) == 1


def test_a_fault_of_ours_is_an_error_without_points() -> None:
    """Nobody can take it for a zero."""
    (suite,) = _suites(ClassRow(Person("ada"), grades.grade(grades.with_fault())))
    (case,) = [c for c in suite.findall("testcase") if c.find("error") is not None]
    assert "points" not in [p.get("name") for p in case.iter("property")]


def test_who_handed_in_nothing_has_an_empty_suite() -> None:
    """The person is there all the same."""
    (suite,) = _suites(ClassRow(Person("bob"), None))
    assert (suite.get("name"), suite.get("tests")) == ("bob", "0")


@given(st.text(max_size=60))
def test_any_message_makes_well_formed_xml(text: str) -> None:
    """Control characters, lone surrogates, markup and the end of a section included."""
    verdict = replace(grades.all_passed()[0], outcome=Outcome.FAILED, message=f"]]>{text}")
    (suite,) = _suites(ClassRow(Person(f"<{text}"), grades.grade([verdict])))
    assert suite.findtext(".//failure", "").startswith("]]>")


def test_hidden_values_stay_hidden() -> None:
    """Neither output, nor values, nor frames of any test stand in the text."""
    found = grades.some_failed()
    shown = [replace(v, output="SECRET") for v in found]
    text = junit_text([ClassRow(Person("ada"), grades.grade(shown))])
    assert "SECRET" not in text
