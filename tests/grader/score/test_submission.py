"""What the exercises of one submission add up to, and whether that passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from grader.model import (
    Exercise,
    ExerciseGrade,
    Grade,
    HandIn,
    HandInStatus,
    Isolation,
    Limits,
    Outcome,
    Submission,
    Task,
    TestCase,
    Verdict,
    Visibility,
)
from grader.score import grade_exercise, grade_submission, passed

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TASK = Task("sums", "Sums", Fraction(4))
EXERCISE = Exercise(
    "01-01-sums", "Sums", "1.1", "sums", Fraction(4), (TASK,), Limits(), Path(), Path(), Path()
)


def graded(public: Outcome, hidden: Outcome | None, **changes: object) -> ExerciseGrade:
    """An exercise with a public test of one point and perhaps a hidden one of three."""
    verdicts = [verdict("test_seen", public, 1, Visibility.PUBLIC)]
    if hidden is not None:
        verdicts.append(verdict("test_unseen", hidden, 3, Visibility.HIDDEN))
    exercise = replace(EXERCISE, **changes)  # type: ignore[arg-type]
    return grade_exercise(exercise, hand_in(), verdicts, seed=7, duration_s=1.0)


def verdict(name: str, outcome: Outcome, points: int, visibility: Visibility) -> Verdict:
    """One judged test."""
    test = TestCase(f"t.py::{name}", EXERCISE.id, "sums", "It adds.", Fraction(points), visibility)
    return Verdict(test, outcome)


def hand_in(status: HandInStatus = HandInStatus.SUBMITTED) -> HandIn:
    """A file, or the lack of one."""
    return HandIn(EXERCISE.id, status)


def whole(*exercises: ExerciseGrade, complete: bool = True, public_only: bool = False) -> Grade:
    """The grade of these exercises."""
    submission = Submission("id", "ada", "ada/", NOW, tuple(e.hand_in for e in exercises))
    return grade_submission(
        submission,
        exercises,
        isolation=Isolation(3),
        environment={"python": "3.11"},
        graded_at=NOW,
        complete=complete,
        public_only=public_only,
    )


GOOD = graded(Outcome.PASSED, Outcome.PASSED)
BAD = graded(Outcome.PASSED, Outcome.FAILED)
OPEN = graded(Outcome.PASSED, Outcome.GRADER_FAULT)


def test_a_submission_is_the_sum_of_its_exercises() -> None:
    """Points and maxima add up, in the order given."""
    grade = whole(GOOD, BAD)
    assert (grade.score, grade.max_score) == (Fraction(5), Fraction(8))
    assert grade.exercises == (GOOD, BAD)


def test_one_open_exercise_leaves_the_submission_open() -> None:
    """The score is None, the maximum stays, the closed exercise keeps its points."""
    grade = whole(GOOD, OPEN)
    assert (grade.score, grade.max_score) == (None, Fraction(8))
    assert grade.exercises[0].score == 4


def test_a_self_check_counts_public_points_alone() -> None:
    """Hidden tests leave the list, the score, the maximum and the task."""
    grade = whole(BAD, public_only=True)
    assert (grade.score, grade.max_score) == (Fraction(1), Fraction(1))
    assert [v.test.id for v in grade.exercises[0].verdicts] == ["t.py::test_seen"]
    assert grade.exercises[0].tasks[0].max_score == 1


def test_a_self_check_of_an_exercise_without_public_tests_earns_nothing() -> None:
    """There is nothing to check: 0 of 0, which does not pass and is nobody's fault."""
    exercise = grade_exercise(
        EXERCISE,
        hand_in(),
        [verdict("test_unseen", Outcome.PASSED, 3, Visibility.HIDDEN)],
        seed=7,
        duration_s=1.0,
    )
    grade = whole(exercise, public_only=True)
    assert (grade.score, grade.max_score) == (Fraction(0), Fraction(0))
    assert not passed(grade)


def test_full_marks_pass() -> None:
    """Every exercise reached what it asks for."""
    assert passed(whole(GOOD, GOOD))


def test_one_failed_exercise_fails_the_submission() -> None:
    """Points elsewhere do not make up for it."""
    assert not passed(whole(GOOD, BAD))


def test_a_pass_fraction_is_reached_exactly() -> None:
    """Three of four points pass at 3/4, and not a hair above."""
    at = graded(Outcome.FAILED, Outcome.PASSED, pass_fraction=Fraction(3, 4))
    above = graded(Outcome.FAILED, Outcome.PASSED, pass_fraction=Fraction(751, 1000))
    assert passed(whole(at))
    assert not passed(whole(above))


def test_an_open_exercise_does_not_pass() -> None:
    """Not even where nothing would be asked of it."""
    assert not passed(whole(graded(Outcome.PASSED, Outcome.GRADER_FAULT, pass_fraction=0)))


def test_an_interrupted_run_does_not_pass() -> None:
    """What did not run may have failed."""
    assert not passed(whole(GOOD, complete=False))


def test_a_grade_without_exercises_does_not_pass() -> None:
    """Silence passes nothing."""
    assert not passed(whole())


def test_what_was_not_handed_in_does_not_pass() -> None:
    """An absent file earns nothing of the declared points."""
    absent = grade_exercise(
        EXERCISE, hand_in(HandInStatus.NOT_SUBMITTED), [], seed=7, duration_s=0.0
    )
    assert not passed(whole(absent))
