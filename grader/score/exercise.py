"""The points of one exercise: sums over its tests, by task and as a whole.

Three rules decide everything here. Only a passed test earns points. A test that our side
could not judge leaves its exercise open instead of costing the student anything. Without a
readable hand-in nothing has run, whatever the verdicts claim.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction

from grader.errors import CourseError
from grader.model import Exercise, ExerciseGrade, HandIn, HandInStatus, Note, TaskGrade, Verdict


def grade_exercise(
    exercise: Exercise,
    hand_in: HandIn,
    verdicts: Sequence[Verdict],
    *,
    seed: int,
    duration_s: float,
    notes: Sequence[Note] = (),
) -> ExerciseGrade:
    """Add up what the tests of one exercise earned.

    Args:
        exercise: The exercise.
        hand_in: What was graded. Unless it is `submitted`, every verdict becomes `not_run`.
        verdicts: One per collected test, in suite order; empty if nothing could be collected.
        seed: Seed of the run.
        duration_s: Wall time of the exercise.
        notes: What was noticed while judging.

    Returns:
        The grade. Its maximum is the sum of the collected tests, or the declared points if
        there are none. Its score is None if a test is a `grader_fault`, and also if something
        was handed in but no test was collected, since the suite is ours.

    Raises:
        CourseError: If two tests share an id or a test names a task that the exercise lacks.
    """
    _check_suite(exercise, verdicts)
    submitted = hand_in.status is HandInStatus.SUBMITTED
    judged = tuple(verdicts) if submitted else tuple(Verdict(v.test) for v in verdicts)
    if judged:
        tasks = tuple(
            TaskGrade(task, earned(own), available(own))
            for task in exercise.tasks
            for own in [[v for v in judged if v.test.task == task.name]]
        )
        score, max_score = earned(judged), available(judged)
    else:
        score = None if submitted else Fraction(0)
        tasks = tuple(TaskGrade(task, score, task.points) for task in exercise.tasks)
        max_score = exercise.points
    return ExerciseGrade(
        exercise=exercise,
        hand_in=hand_in,
        score=score,
        max_score=max_score,
        tasks=tasks,
        verdicts=judged,
        seed=seed,
        duration_s=duration_s,
        notes=tuple(notes),
    )


def earned(verdicts: Iterable[Verdict]) -> Fraction | None:
    """Add up the points that were earned; None if any test is open."""
    total = Fraction(0)
    for verdict in verdicts:
        if verdict.points is None:
            return None
        total += verdict.points
    return total


def available(verdicts: Iterable[Verdict]) -> Fraction:
    """Add up the points that could have been earned."""
    return sum((verdict.test.points for verdict in verdicts), Fraction(0))


def _check_suite(exercise: Exercise, verdicts: Sequence[Verdict]) -> None:
    """Refuse a suite whose points would be counted twice or under no task."""
    known = {task.name for task in exercise.tasks}
    counts = Counter(verdict.test.id for verdict in verdicts)
    for verdict in verdicts:
        test = verdict.test
        if counts[test.id] > 1:
            raise CourseError(
                f"{exercise.id}: {test.id}",
                f"{counts[test.id]} tests bear this id, so one would be counted twice.",
                "Give each test function its own name.",
            )
        if test.task not in known:
            raise CourseError(
                f"{exercise.id}: {test.id}",
                f"the test belongs to the task {test.task!r}, which exercise.yml does not list.",
                f"Mark it with one of: {', '.join(sorted(known))}.",
            )
