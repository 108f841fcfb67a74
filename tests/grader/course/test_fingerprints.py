"""What the gate says about fingerprints."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from grader.course.fingerprints import check_fingerprints, fingerprints_path
from grader.errors import CourseError
from grader.model import Course, Exercise


@dataclass(frozen=True)
class Taken:
    """What a worker would answer."""

    text: str = ""
    current: bool = True
    findings: tuple[tuple[str, str], ...] = ()


@pytest.fixture
def exercise(demo_course: Course) -> Exercise:
    """Any exercise."""
    return demo_course.exercises[0]


def test_current_fingerprints_are_no_problem(exercise: Exercise) -> None:
    """The file says what the probes see."""
    assert check_fingerprints(exercise, lambda _: Taken()) == (0, ())


def test_an_old_file_is_named_with_its_remedy(exercise: Exercise) -> None:
    """The command is told."""
    _, (problem,) = check_fingerprints(exercise, lambda _: Taken(current=False))
    assert problem.where == str(fingerprints_path(exercise))
    assert "autograde fingerprint" in problem.what_now


def test_findings_keep_their_place(exercise: Exercise) -> None:
    """File and line of the catalogue."""
    taken = Taken(findings=(("mistakes.py:7", "twins"),))
    _, (problem,) = check_fingerprints(exercise, lambda _: taken)
    assert (problem.where, problem.what) == ("mistakes.py:7", "twins")


def test_probes_that_cannot_be_read_are_a_problem(exercise: Exercise) -> None:
    """Not an exception that ends the gate."""

    def fails(_: Exercise) -> Taken:
        raise CourseError("probes.py:3", "broken", "Mend it.")

    _, (problem,) = check_fingerprints(exercise, fails)
    assert (problem.where, problem.what, problem.what_now) == ("probes.py:3", "broken", "Mend it.")


def test_mistakes_with_a_fingerprint_of_their_own_are_counted(exercise: Exercise) -> None:
    """Neither twins nor one that shows what the reference shows; each task for itself."""
    shown = {"a": [1, 0], "b": [0, 1], "twin": [0, 1], "right": [0, 0]}
    mistakes = {name: {"seen": seen} for name, seen in shown.items()}
    tasks = {"one": {"mistakes": mistakes}, "two": {"mistakes": {"c": {"seen": [1]}}}}
    taken = Taken(text=json.dumps({"tasks": tasks}))
    assert check_fingerprints(exercise, lambda _: taken) == (2, ())
