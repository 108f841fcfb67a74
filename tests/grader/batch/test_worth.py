"""What tests are worth is told apart from what they find, and put to verdicts again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import score
from grader.batch.worth import points_in, read_suite, worth_now
from grader.errors import CourseError
from grader.model import (
    Course,
    Exercise,
    Grade,
    HandIn,
    HandInStatus,
    Isolation,
    Outcome,
    Submission,
    Task,
    TestCase,
    Verdict,
    Visibility,
)
from tests.grader.conftest import HIDDEN

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FILE = "test_demo.py"


def test_marks_are_read_without_running_anything() -> None:
    """A function without one is worth 1."""
    suite = read_suite(HIDDEN.encode() + b"\ndef test_plain(student):\n    pass\n")
    assert suite.points == {
        "test_double_of_any": 2,
        "test_double_leaves_its_input_alone": 1,
        "test_counter_counts": 2,
        "test_plain": 1,
    }
    assert b"points()" in suite.rest
    assert b"points(2)" not in suite.rest


@given(st.integers(0, 20_000), st.integers(0, 20_000))
def test_only_the_number_is_left_out(first: int, second: int) -> None:
    """Two suites that differ in their points alone are the same; others are not."""
    one, two = (
        read_suite(f"@pytest.mark.points({n / 1000})\ndef test_é(): pass\n".encode())
        for n in (first, second)
    )
    assert one.rest == two.rest
    assert one.points == {"test_é": Fraction(first, 1000)}
    other = read_suite(b"@pytest.mark.points(1)\ndef test_e(): return\n")
    assert other.rest != one.rest


@pytest.mark.parametrize(
    "text",
    [
        "N = 2\n@pytest.mark.points(N)\ndef test_x(): pass\n",
        "pytestmark = pytest.mark.points(2)\ndef test_x(): pass\n",
        "@pytest.mark.parametrize('a', [pytest.param(1, marks=mark.points(2))])\ndef test_x(a): 0",
        "class TestX:\n    @pytest.mark.points(2)\n    def test_x(self): pass\n",
        "@pytest.mark.points(True)\ndef test_x(): pass\n",
        "def broken(:\n",
    ],
)
def test_where_only_running_tells_the_whole_file_decides(text: str) -> None:
    """Points are then a part of what verdicts depend on, as before."""
    suite = read_suite(text.encode())
    assert suite.points is None
    assert suite.rest == text.encode()


def _grade(exercise: Exercise, *verdicts: tuple[str, Fraction, Outcome, Fraction | None]) -> Grade:
    judged = [
        Verdict(
            TestCase(f"{FILE}::{name}", exercise.id, "double", "T.", points, Visibility.HIDDEN),
            outcome,
            earned=earned,
        )
        for name, points, outcome, earned in verdicts
    ]
    hand_in = HandIn(exercise.id, HandInStatus.SUBMITTED, "demo.py", "", "aa")
    grade = score.grade_exercise(exercise, hand_in, judged, seed=7, duration_s=1.5)
    submission = Submission("0" * 64, "ada", "x", NOW, (hand_in,))
    return score.grade_submission(
        submission, [grade], isolation=Isolation(3), environment={"a": "b"}, graded_at=NOW
    )


def _worth(exercise: Exercise, points: int) -> Exercise:
    task = replace(exercise.tasks[0], points=Fraction(points))
    return replace(exercise, points=Fraction(points), tasks=(task,))


@pytest.fixture
def demo(demo_course: Course) -> Exercise:
    """An exercise of one task of four points."""
    return _worth(demo_course.exercises[0], 4)


def test_new_points_are_put_to_what_was_found(demo: Exercise) -> None:
    """Parts of points stay the same part, rounded down; everything else is as it was."""
    grade = _grade(
        demo,
        ("test_a[1]", Fraction(1), Outcome.PASSED, None),
        ("test_b", Fraction(3), Outcome.FAILED, Fraction(1)),
    )
    found = worth_now(
        grade, _worth(demo, 7), {FILE: {"test_a": Fraction(5), "test_b": Fraction(2)}}
    )
    assert (found.score, found.max_score) == (Fraction(5666, 1000), 7)
    (exercise,) = found.exercises
    assert [v.points for v in exercise.verdicts] == [5, Fraction(666, 1000)]
    assert (exercise.seed, exercise.duration_s) == (7, 1.5)
    assert (found.graded_at, found.environment) == (NOW, {"a": "b"})


def test_the_same_points_leave_a_grade_alone(demo: Exercise) -> None:
    """Also where a file does not tell them."""
    grade = _grade(demo, ("test_a", Fraction(4), Outcome.PASSED, None))
    assert worth_now(grade, demo, {FILE: {"test_a": Fraction(4)}}) is grade
    assert worth_now(grade, demo, {}) is grade


def test_an_open_test_stays_open(demo: Exercise) -> None:
    """Whatever it is worth now."""
    grade = _grade(demo, ("test_a", Fraction(4), Outcome.GRADER_FAULT, None))
    found = worth_now(grade, _worth(demo, 5), {FILE: {"test_a": Fraction(5)}})
    assert (found.score, found.max_score) == (None, 5)


def test_points_that_do_not_add_up_are_told(demo: Exercise) -> None:
    """In the words that the suite's own check has."""
    grade = _grade(demo, ("test_a", Fraction(4), Outcome.PASSED, None))
    with pytest.raises(CourseError, match="its tests add up to 4 points, not the 5 declared"):
        worth_now(grade, _worth(demo, 5), {FILE: {"test_a": Fraction(4)}})


def test_where_tests_were_left_out_the_rest_need_not_add_up(demo: Exercise) -> None:
    """Nobody knows what those are worth, but more than everything is too much."""
    grade = _grade(demo, ("test_a", Fraction(1), Outcome.PASSED, None))
    found = worth_now(grade, _worth(demo, 5), {FILE: {"test_a": Fraction(2)}})
    assert (found.score, found.max_score) == (2, 2)
    with pytest.raises(CourseError, match="its tests add up to 6 points, not the 5 declared"):
        worth_now(grade, _worth(demo, 5), {FILE: {"test_a": Fraction(6)}})


def test_points_of_both_suites_are_found(demo_course: Course) -> None:
    """By file and function."""
    found = points_in(demo_course.exercises[0])
    assert set(found) == {"test_public.py", FILE}
    assert found["test_public.py"] == {"test_double_of_one": 1}
    assert isinstance(demo_course.exercises[0].tasks[0], Task)
