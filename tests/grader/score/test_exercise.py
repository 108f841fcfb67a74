"""What the tests of one exercise add up to."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import CourseError
from grader.model import (
    Exercise,
    HandIn,
    HandInStatus,
    Limits,
    Outcome,
    Task,
    TestCase,
    Verdict,
    Visibility,
)
from grader.score import grade_exercise

TASKS = (Task("first", "First", Fraction(3)), Task("second", "Second", Fraction(2)))
EXERCISE = Exercise(
    "01-01-sums", "Sums", "1.1", "sums", Fraction(5), TASKS, Limits(), Path(), Path(), Path()
)
HANDED_IN = HandIn("01-01-sums", HandInStatus.SUBMITTED, source="x = 1")
ABSENT = HandIn("01-01-sums", HandInStatus.NOT_SUBMITTED)
UNREADABLE = HandIn("01-01-sums", HandInStatus.UNREADABLE, problem="Line 1 is no Python.")


def verdict(
    name: str, outcome: Outcome, points: Fraction | int = 1, task: str = "first"
) -> Verdict:
    """One judged test."""
    test = TestCase(
        f"t.py::{name}", EXERCISE.id, task, "It adds up.", Fraction(points), Visibility.PUBLIC
    )
    return Verdict(test, outcome, message="said", output="printed")


@st.composite
def suites(draw: st.DrawFn) -> list[Verdict]:
    """Suites of any outcomes, worth multiples of a thousandth."""
    parts = draw(
        st.lists(
            st.tuples(
                st.sampled_from(list(Outcome)),
                st.integers(0, 20_000),
                st.sampled_from(["first", "second"]),
            ),
            min_size=1,
            max_size=30,
        )
    )
    return [
        verdict(f"test_{i}", outcome, Fraction(points, 1000), task)
        for i, (outcome, points, task) in enumerate(parts)
    ]


def test_only_a_passed_test_earns_its_points() -> None:
    """Of ten outcomes one is paid; the fault is left out because it leaves the score open."""
    paid = [o for o in Outcome if o is not Outcome.GRADER_FAULT]
    verdicts = [verdict(f"test_{o.value}", o, 2) for o in paid]
    grade = grade_exercise(EXERCISE, HANDED_IN, verdicts, seed=1, duration_s=1.0)
    assert (grade.score, grade.max_score) == (Fraction(2), Fraction(18))


@given(suites())
def test_a_score_lies_between_nothing_and_its_maximum(suite: list[Verdict]) -> None:
    """No suite and no outcomes lead out of the range, and the maximum is that of the tests."""
    grade = grade_exercise(EXERCISE, HANDED_IN, suite, seed=1, duration_s=1.0)
    assert grade.max_score == sum(v.test.points for v in suite)
    if grade.score is not None:
        assert 0 <= grade.score <= grade.max_score


@given(suites())
def test_tasks_add_up_to_their_exercise(suite: list[Verdict]) -> None:
    """The sum over the tasks is the score, exactly, and open if one of them is."""
    grade = grade_exercise(EXERCISE, HANDED_IN, suite, seed=1, duration_s=1.0)
    scores = [task.score for task in grade.tasks]
    assert sum((t.max_score for t in grade.tasks), Fraction(0)) == grade.max_score
    assert (grade.score is None) == (None in scores)
    if grade.score is not None:
        assert sum(scores) == grade.score


@given(suites(), st.randoms(use_true_random=False))
def test_the_order_of_tests_does_not_matter(suite: list[Verdict], random: object) -> None:
    """Fractions add up to the same in every order."""
    shuffled = suite.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one = grade_exercise(EXERCISE, HANDED_IN, suite, seed=1, duration_s=1.0)
    other = grade_exercise(EXERCISE, HANDED_IN, shuffled, seed=1, duration_s=1.0)
    assert (one.score, one.max_score) == (other.score, other.max_score)


@given(suites())
def test_one_more_passed_test_never_lowers_a_score(suite: list[Verdict]) -> None:
    """Mending one test of a suite earns its points and costs nothing elsewhere."""
    before = grade_exercise(EXERCISE, HANDED_IN, suite, seed=1, duration_s=1.0)
    mended = [Verdict(suite[0].test, Outcome.PASSED), *suite[1:]]
    after = grade_exercise(EXERCISE, HANDED_IN, mended, seed=1, duration_s=1.0)
    if before.score is not None:
        assert after.score is not None
        assert after.score >= before.score


def test_tenths_add_up_exactly() -> None:
    """Ten tests of a tenth are one point, which no sum of floats is."""
    suite = [verdict(f"test_{i}", Outcome.PASSED, Fraction(1, 10)) for i in range(10)]
    grade = grade_exercise(EXERCISE, HANDED_IN, suite, seed=1, duration_s=1.0)
    assert grade.score == 1
    assert grade.passed


def test_a_fault_of_ours_leaves_the_exercise_open() -> None:
    """One grader fault opens its exercise and its task; the other task keeps its points."""
    suite = [
        verdict("test_a", Outcome.PASSED),
        verdict("test_b", Outcome.GRADER_FAULT),
        verdict("test_c", Outcome.PASSED, 2, "second"),
    ]
    grade = grade_exercise(EXERCISE, HANDED_IN, suite, seed=1, duration_s=1.0)
    assert grade.score is None
    assert grade.max_score == 4
    assert [task.score for task in grade.tasks] == [None, Fraction(2)]
    assert not grade.passed


@pytest.mark.parametrize("hand_in", [ABSENT, UNREADABLE])
@given(suite=suites())
def test_without_a_readable_hand_in_nothing_has_passed(
    hand_in: HandIn, suite: list[Verdict]
) -> None:
    """Whatever the verdicts claim, they become not run: 0 points, no message, no fault."""
    grade = grade_exercise(EXERCISE, hand_in, suite, seed=1, duration_s=0.0)
    assert grade.score == 0
    assert grade.max_score == sum(v.test.points for v in suite)
    assert {v.outcome for v in grade.verdicts} == {Outcome.NOT_RUN}
    assert not any(v.message or v.output for v in grade.verdicts)


def test_a_suite_that_could_not_be_collected_leaves_the_exercise_open() -> None:
    """The suite is ours: its absence costs nothing, and the declared points stay at stake."""
    grade = grade_exercise(EXERCISE, HANDED_IN, [], seed=1, duration_s=0.0)
    assert (grade.score, grade.max_score) == (None, Fraction(5))
    assert [task.max_score for task in grade.tasks] == [Fraction(3), Fraction(2)]


def test_nothing_handed_in_earns_nothing_even_without_a_suite() -> None:
    """An absent file is 0 of the declared points."""
    grade = grade_exercise(EXERCISE, ABSENT, [], seed=1, duration_s=0.0)
    assert (grade.score, grade.max_score) == (Fraction(0), Fraction(5))


def test_two_tests_with_one_id_are_refused() -> None:
    """A test that would be paid twice is an error of the course, and named."""
    twice = [verdict("test_a", Outcome.PASSED), verdict("test_a", Outcome.PASSED)]
    with pytest.raises(CourseError, match=r"t\.py::test_a: 2 tests bear this id"):
        grade_exercise(EXERCISE, HANDED_IN, twice, seed=1, duration_s=0.0)


def test_a_test_of_an_unknown_task_is_refused() -> None:
    """Its points would count under no task."""
    lost = [verdict("test_a", Outcome.PASSED, task="third")]
    with pytest.raises(CourseError, match=r"'third'.*\n.*first, second"):
        grade_exercise(EXERCISE, HANDED_IN, lost, seed=1, duration_s=0.0)
