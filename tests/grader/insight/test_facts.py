"""What is kept of one result of thousands: small, and enough for every figure."""

from __future__ import annotations

from dataclasses import replace

from grader.insight.facts import outline, sheets_of
from grader.model import Outcome
from grader.score import raw_standing
from tests.grader.report import grades


def test_equal_outcomes_of_a_class_are_one_object() -> None:
    """And so are the names of its tests; times are each test's own."""
    verdicts = [
        replace(verdict, duration_s=number / 10)
        for number, verdict in enumerate(grades.all_passed())
    ]
    (first,) = sheets_of(grades.grade(verdicts)).values()
    (second,) = sheets_of(grades.grade(verdicts, owner="bob")).values()
    assert first.numbers is second.numbers
    assert all(one is other for one, other in zip(first.cells, second.cells, strict=True))
    assert [first.duration_s(v.test.id) for v in verdicts] == [v.duration_s for v in verdicts]
    assert first.cell("no such test") is None


def test_an_outline_adds_up_to_the_same_without_its_verdicts() -> None:
    """Nothing that counts is lost, and what the tests said is."""
    grade = grades.grade(grades.all_passed())
    found = outline(grade)
    assert [exercise.verdicts for exercise in found.exercises] == [()]
    assert found.score == grade.score is not None
    assert raw_standing(found) == raw_standing(grade)
    assert found.submission == grade.submission


def test_an_outline_keeps_what_a_fault_of_ours_left_open() -> None:
    """A person has to be told why."""
    first, *rest = grades.all_passed()
    fault = replace(first, outcome=Outcome.GRADER_FAULT, message="The judge ended early.")
    grade = grades.grade([fault, *rest])
    assert grade.score is None
    assert outline(grade) == grade
