"""What the gate says about fingerprints."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from grader.course.fingerprints import fingerprint_problems, fingerprints_path
from grader.errors import CourseError
from grader.model import Course, Exercise


@dataclass(frozen=True)
class Taken:
    """What a worker would answer."""

    text: str = "{}"
    current: bool = True
    findings: tuple[tuple[str, str], ...] = ()


@pytest.fixture
def exercise(demo_course: Course) -> Exercise:
    """Any exercise."""
    return demo_course.exercises[0]


def test_current_fingerprints_are_no_problem(exercise: Exercise) -> None:
    """The file says what the probes see."""
    assert list(fingerprint_problems(exercise, lambda _: Taken())) == []


def test_an_old_file_is_named_with_its_remedy(exercise: Exercise) -> None:
    """The command is told."""
    (problem,) = fingerprint_problems(exercise, lambda _: Taken(current=False))
    assert problem.where == str(fingerprints_path(exercise))
    assert "autograde fingerprint" in problem.what_now


def test_findings_keep_their_place(exercise: Exercise) -> None:
    """File and line of the catalogue."""
    taken = Taken(findings=(("mistakes.py:7", "twins"),))
    (problem,) = fingerprint_problems(exercise, lambda _: taken)
    assert (problem.where, problem.what) == ("mistakes.py:7", "twins")


def test_probes_that_cannot_be_read_are_a_problem(exercise: Exercise) -> None:
    """Not an exception that ends the gate."""

    def fails(_: Exercise) -> Taken:
        raise CourseError("probes.py:3", "broken", "Mend it.")

    (problem,) = fingerprint_problems(exercise, fails)
    assert (problem.where, problem.what, problem.what_now) == ("probes.py:3", "broken", "Mend it.")
