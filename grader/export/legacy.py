"""The result that reporter steps of GitHub Classroom's old workflows read.

Such a step gets it through an environment variable, which Linux bounds at 128 KiB, looks for
`tests` whatever happened, and prints what it finds. So it always holds all points, never the
source of a test, and gives up its messages before it grows too long.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from grader.model import ExerciseGrade, Grade, HandInStatus, Outcome, Verdict
from grader.points import points_number

LIMIT_BYTES = 96 * 1024
"""Of the JSON; in Base64 it is a third longer."""
_MESSAGE_LIMITS = (4000, 500, 100, 0)
_WRONG = frozenset({Outcome.FAILED, Outcome.POLICY, Outcome.SKIPPED, Outcome.NOT_RUN})


def legacy_result(grade: Grade) -> str:
    """Write a grade for an old reporter step.

    Args:
        grade: The grade, as it was stored; its score is not open.

    Returns:
        Base64 of less than 128 KiB.

    Raises:
        ValueError: If the score is open: there is no way to say so in this format.
    """
    if grade.score is None:
        msg = "an open score cannot be written in this format"
        raise ValueError(msg)
    text = b""
    for tests in _ever_shorter(grade):
        text = json.dumps(_result(grade, tests), separators=(",", ":")).encode()
        if len(text) < LIMIT_BYTES:
            break
    return base64.b64encode(text).decode("ascii")


def _ever_shorter(grade: Grade) -> list[list[dict[str, Any]]]:
    shapes = [[_test(e, v, limit) for e, v in _verdicts(grade)] for limit in _MESSAGE_LIMITS]
    missing = [_whole(e, e.exercise.title) for e in grade.exercises if not e.verdicts]
    by_exercise = [_whole(e, e.exercise.id) for e in grade.exercises]
    return [*([*tests, *missing] for tests in shapes), by_exercise]


def _verdicts(grade: Grade) -> list[tuple[ExerciseGrade, Verdict]]:
    return [(exercise, v) for exercise in grade.exercises for v in exercise.verdicts]


def _result(grade: Grade, tests: Sequence[dict[str, Any]]) -> dict[str, Any]:
    passed = all(test["status"] == "pass" for test in tests)
    return {
        "version": 3,
        "status": "pass" if passed and tests and grade.complete else "fail",
        "max_score": points_number(grade.max_score),
        "tests": list(tests),
    }


def _test(exercise: ExerciseGrade, verdict: Verdict, message_limit: int) -> dict[str, Any]:
    name = f"{exercise.exercise.title}: {verdict.test.title}"
    message = verdict.message[:message_limit]
    return _entry(name, _status(verdict.outcome), verdict.points, message, verdict.duration_s)


def _whole(exercise: ExerciseGrade, name: str) -> dict[str, Any]:
    missing = exercise.hand_in.status is HandInStatus.NOT_SUBMITTED
    status = "pass" if exercise.passed else "fail"
    message = "It was not handed in." if missing else ""
    return _entry(name, status, exercise.score, message, exercise.duration_s)


def _entry(
    name: str, status: str, points: Fraction | None, message: str, duration_s: float
) -> dict[str, Any]:
    return {
        "name": name,
        "status": status,
        "score": points_number(points or Fraction(0)),
        "message": message,
        "test_code": "",
        "filename": "",
        "line_no": 0,
        "duration": round(duration_s, 3),
    }


def _status(outcome: Outcome) -> str:
    if outcome is Outcome.PASSED:
        return "pass"
    return "fail" if outcome in _WRONG else "error"
