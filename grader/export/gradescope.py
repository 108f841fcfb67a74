"""Gradescope: `results.json` of one submission, from its stored grade."""

from __future__ import annotations

from typing import Any

from grader.errors import UsageError
from grader.export.moments import utc_text
from grader.model import ExerciseGrade, Grade, Outcome, Standing, Verdict
from grader.points import points_number


def gradescope_result(grade: Grade, standing: Standing) -> dict[str, Any]:
    """Write a grade as Gradescope reads the end of an autograder.

    Every test is visible: what a stored result holds of a hidden test (title, hint, written
    message) is what its student may read, and one invisible test would hide the total as well.

    Args:
        grade: The grade, as it was stored.
        standing: What counts of it: lateness and curves are in the score, not in the tests.

    Raises:
        UsageError: If a fault of ours leaves the score open: the format cannot say so, and a
            missing score counts as zero there.
    """
    if standing.points is None:
        what = "a fault of the grader leaves this score open, which Gradescope cannot be told."
        raise UsageError(grade.submission.owner, what, "Grade this submission again first.")
    seconds = sum(exercise.duration_s for exercise in grade.exercises)
    return {
        "score": points_number(standing.points),
        "execution_time": round(seconds, 1),
        "output": _summary(grade),
        "output_format": "text",
        "test_output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {
            "isolation_level": grade.isolation.level,
            "graded_at": utc_text(grade.graded_at),
            "submission": grade.submission.id,
            "seeds": {e.exercise.id: e.seed for e in grade.exercises},
        },
        "tests": [
            test
            for number, exercise in enumerate(grade.exercises, start=1)
            for test in _tests(exercise, number)
        ],
    }


def _summary(grade: Grade) -> str:
    lines = []
    for exercise in grade.exercises:
        points = "open" if exercise.score is None else points_number(exercise.score)
        most = points_number(exercise.max_score)
        why = f": {exercise.hand_in.problem}" if exercise.hand_in.problem else ""
        lines.append(f"{exercise.exercise.title}: {points} of {most}{why}")
    return "\n".join(lines)


def _tests(exercise: ExerciseGrade, number: int) -> list[dict[str, Any]]:
    if exercise.verdicts:
        return [
            _test(exercise, verdict, f"{number}.{position}")
            for position, verdict in enumerate(exercise.verdicts, start=1)
        ]
    return [
        {
            "name": exercise.exercise.title,
            "number": f"{number}",
            "score": 0,
            "max_score": points_number(exercise.max_score),
            "status": "failed",
            "output": exercise.hand_in.problem or "It was not handed in.",
        }
    ]


def _test(exercise: ExerciseGrade, verdict: Verdict, number: str) -> dict[str, Any]:
    test = verdict.test
    passed = verdict.outcome is Outcome.PASSED
    lines = [verdict.message, "" if passed else test.hint]
    earned = verdict.points
    return {
        "name": f"{exercise.exercise.title}: {test.title}",
        "number": number,
        "score": 0 if earned is None else points_number(earned),
        "max_score": points_number(test.points),
        "status": "passed" if passed else "failed",
        "tags": [test.task],
        "visibility": "visible",
        "output": "\n".join(filter(None, lines)),
        "extra_data": {"outcome": verdict.outcome.value, "visibility": test.visibility.value},
    }
