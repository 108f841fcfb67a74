"""The points of one submission: the sum of its exercises, and whether that passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction

from grader.model import (
    ExerciseGrade,
    Grade,
    Isolation,
    Submission,
    Visibility,
)
from grader.score.exercise import grade_exercise


def grade_submission(
    submission: Submission,
    exercise_grades: Sequence[ExerciseGrade],
    *,
    isolation: Isolation,
    environment: Mapping[str, str],
    graded_at: datetime,
    complete: bool = True,
    public_only: bool = False,
) -> Grade:
    """Add up the exercises of one submission.

    Args:
        submission: What was graded.
        exercise_grades: In course order.
        isolation: The level that was in force.
        environment: Versions and device.
        graded_at: When (aware).
        complete: False if the run was interrupted.
        public_only: True for a self-check: hidden tests then leave both score and maximum.

    Returns:
        The grade; its score is None while any exercise is open.
    """
    exercises = tuple(_public_part(e) if public_only else e for e in exercise_grades)
    scores = [exercise.score for exercise in exercises]
    closed = [score for score in scores if score is not None]
    return Grade(
        submission=submission,
        exercises=exercises,
        score=sum(closed, Fraction(0)) if len(closed) == len(scores) else None,
        max_score=sum((exercise.max_score for exercise in exercises), Fraction(0)),
        isolation=isolation,
        environment=dict(environment),
        graded_at=graded_at,
        complete=complete,
        public_only=public_only,
    )


def join(submission: Submission, parts: Sequence[Grade]) -> Grade:
    """Make one grade of several that share no exercise.

    Args:
        submission: What was handed in.
        parts: At least one; their order does not matter.

    Returns:
        The grade, with the lowest of their isolation levels and the latest of their times.
    """
    newest = max(parts, key=lambda part: part.graded_at)
    exercises = sorted(
        (exercise for part in parts for exercise in part.exercises),
        key=lambda exercise: exercise.exercise.id,
    )
    return grade_submission(
        replace(submission, hand_ins=tuple(exercise.hand_in for exercise in exercises)),
        exercises,
        isolation=min((part.isolation for part in parts), key=lambda found: found.level),
        environment=newest.environment,
        graded_at=newest.graded_at,
        complete=all(part.complete for part in parts),
        public_only=newest.public_only,
    )


def passed(grade: Grade) -> bool:
    """Tell whether every exercise reaches the share of its points that it asks for.

    Args:
        grade: The grade of one submission.

    Returns:
        False also for an interrupted run, an open exercise, and a grade in which nothing
        could be earned: silence passes nothing.
    """
    if not grade.complete or grade.max_score == 0:
        return False
    return all(exercise.passed for exercise in grade.exercises)


def _public_part(grade: ExerciseGrade) -> ExerciseGrade:
    """Leave the hidden tests out of an exercise's list, score and maximum."""
    public = [v for v in grade.verdicts if v.test.visibility is Visibility.PUBLIC]
    if len(public) == len(grade.verdicts):
        return grade
    if not public:
        nothing = tuple(
            replace(task, score=Fraction(0), max_score=Fraction(0)) for task in grade.tasks
        )
        return replace(grade, score=Fraction(0), max_score=Fraction(0), tasks=nothing, verdicts=())
    return grade_exercise(
        grade.exercise,
        grade.hand_in,
        public,
        seed=grade.seed,
        duration_s=grade.duration_s,
        notes=grade.notes,
    )
