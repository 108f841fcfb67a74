"""A grade as Classroom 50 collects it: `classroom50/result/v1`.

Its points are whole numbers, so they are multiplied by a scale. Of a single submission it follows
from the tests alone and is therefore the same for everybody; of a class it is the largest that
anybody's points need. Keys that its schema does not know may stand inside a test only; the exact
points stand there. The score is what counts; tests stand as they were judged, for the format
knows no lateness, curve or decision of a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.export.moments import utc_text
from grader.model import ExerciseGrade, Grade, HandInStatus, Outcome, Standing, Verdict
from grader.points import points_number

SCHEMA = "classroom50/result/v1"
SCALES = (1, 10, 100, 1000)
MESSAGE_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose submission it is, in the words of the classroom.

    Attributes:
        fields: Values of `result.json` by their key, in its order.
        pusher: Who pushed; empty if nobody said.
        pusher_id: That account's number; None if nobody said.
    """

    fields: Mapping[str, str]
    pusher: str = ""
    pusher_id: int | None = None


_VARIABLES = {
    "classroom": ("CLASSROOM",),
    "assignment": ("ASSIGNMENT",),
    "assignment_type": ("ASSIGNMENT_TYPE",),
    "owner": ("OWNER", "USERNAME"),
    "submission": ("SUBMISSION_TAG",),
    "commit": ("COMMIT_URL",),
    "release": ("RELEASE_URL",),
    "review": ("REVIEW_URL", "COMMIT_URL"),
}
"""Where each value comes from; older runners lack the first of two."""


def identity_of(environment: Mapping[str, str]) -> Identity:
    """Read from the environment whose submission it is.

    Args:
        environment: As Classroom 50's runner sets it for an `autograder.py`.

    Raises:
        UsageError: If something is missing or no submission of Classroom 50.
    """
    fields = {}
    for key, names in _VARIABLES.items():
        value = next((environment[name] for name in names if environment.get(name)), "")
        if not value and key == "assignment_type":
            value = "individual"
        if not value:
            what = f"the environment says no {names[0]}, which names the submission"
            what_now = "Run this from an autograder.py of Classroom 50, or without --classroom50."
            raise UsageError("--classroom50", what, what_now)
        fields[key] = value
    if not fields["submission"].startswith("submit/"):
        what = f"SUBMISSION_TAG is {fields['submission']!r}, which does not begin with submit/"
        raise UsageError("--classroom50", what, "Run this from an autograder.py of Classroom 50.")
    number = environment.get("GITHUB_ACTOR_ID", "")
    return Identity(
        fields,
        environment.get("GITHUB_ACTOR", ""),
        int(number) if number.isascii() and number.isdigit() else None,
    )


def identity_in(stored: Mapping[str, Any], where: str) -> Identity:
    """Read from an earlier `result.json` of Classroom 50 whose submission it is.

    Args:
        stored: That result.
        where: Its file, for messages.

    Raises:
        UsageError: If it is of another schema, or lacks a value.
    """
    what_now = "Download the submissions again with `gh teacher download`."
    if stored.get("schema") != SCHEMA:
        raise UsageError(where, f"its schema is not {SCHEMA}.", what_now)
    fields = {}
    for key in _VARIABLES:
        value = stored.get(key)
        if not isinstance(value, str) or not value:
            raise UsageError(where, f"there is no {key}.", what_now)
        fields[key] = value
    pusher = stored.get("submitted_by")
    name = pusher.get("username") if isinstance(pusher, dict) else None
    number = pusher.get("id") if isinstance(pusher, dict) else None
    return Identity(
        fields,
        name if isinstance(name, str) else "",
        number if type(number) is int else None,
    )


def clones_by_owner(clones: Iterable[Path], keys: Sequence[str]) -> dict[str, list[Path]]:
    """Find whose each clone is; it is named `...-username`, and a username may hold hyphens.

    Args:
        clones: Folders of the download.
        keys: Usernames of the whole class: the longest that fits owns the clone, also where
            another one's clone is missing.
    """
    found: dict[str, list[Path]] = {}
    for clone in clones:
        name = clone.name.casefold()
        fits = [k for k in keys if name == k.casefold() or name.endswith(f"-{k.casefold()}")]
        if fits:
            found.setdefault(max(fits, key=len), []).append(clone)
    return found


def is_of(identity: Identity, key: str, clone: str) -> bool:
    """Tell whether a result found in a clone is this person's.

    Args:
        identity: What the result says.
        key: Username, or the name of the clone if nobody knew whose it is.
        clone: Name of the clone.
    """
    if identity.fields["assignment_type"] != "individual" or key == clone:
        return True
    return identity.fields["owner"].casefold() == key.casefold()


def scale_of(grade: Grade, counts: Standing | None = None) -> int:
    """Choose by what to multiply so that whatever the tests can earn is a whole number.

    It looks at what can be earned, never at what was, so that all submissions share it.

    Args:
        grade: The grade.
        counts: What counts of it, whose points have to be whole as well; None if all of it does.
    """
    if any(verdict.test.training for e in grade.exercises for verdict in e.verdicts):
        return SCALES[-1]  # a training run may earn a part of its points
    most = [v.test.points for e in grade.exercises for v in e.verdicts]
    most += [exercise.max_score for exercise in grade.exercises]
    if counts is not None and counts.differs:
        most += [counts.points or Fraction(0), counts.max_points]
    return next(
        (scale for scale in SCALES if all((points * scale).denominator == 1 for points in most)),
        SCALES[-1],
    )


def classroom50_result(
    grade: Grade,
    identity: Identity,
    now: datetime,
    *,
    counts: Standing | None = None,
    scale: int | None = None,
) -> dict[str, Any]:
    """Write a grade for Classroom 50.

    Args:
        grade: The grade, as it was stored.
        identity: Whose submission it is.
        now: When (aware).
        counts: What counts of it; None where nobody keeps a gradebook.
        scale: By what points are multiplied; by default what `scale_of` says.

    Raises:
        ValueError: If the score is open: there is no way to say so in this format.
    """
    points = grade.score if counts is None else counts.points
    most = grade.max_score if counts is None else counts.max_points
    if points is None:
        msg = "an open score cannot be written in this format"
        raise ValueError(msg)
    scale = scale or scale_of(grade, counts)
    tests = [entry for exercise in grade.exercises for entry in _entries(exercise, scale)]
    result: dict[str, Any] = {
        "schema": SCHEMA,
        **identity.fields,
        "datetime": utc_text(grade.submission.received_at),
        "graded_at": utc_text(now),
        "score": _whole(points, scale),
        "max-score": _whole(most, scale),
        "tests": tests,
    }
    if identity.pusher:
        result["submitted_by"] = {"username": identity.pusher, "id": identity.pusher_id}
    return result


def points_of_tests(result: Mapping[str, Any], scale: int) -> Fraction:
    """Add up what the tests of a result say, which need not be what counts.

    Args:
        result: What `classroom50_result` wrote.
        scale: By what its points are multiplied.
    """
    return Fraction(sum(test["score"] for test in result["tests"]), scale)


def _entries(exercise: ExerciseGrade, scale: int) -> list[dict[str, Any]]:
    if exercise.verdicts:
        return [_entry(exercise, verdict, scale) for verdict in exercise.verdicts]
    missing = exercise.hand_in.status is HandInStatus.NOT_SUBMITTED
    return [
        {
            "test-name": exercise.exercise.title,
            "passed": exercise.passed,
            "score": _whole(exercise.score or Fraction(0), scale),
            "max-score": _whole(exercise.max_score, scale),
            "message": "It was not handed in." if missing else exercise.hand_in.problem,
        }
    ]


def _entry(exercise: ExerciseGrade, verdict: Verdict, scale: int) -> dict[str, Any]:
    test, earned = verdict.test, verdict.points or Fraction(0)
    entry: dict[str, Any] = {
        "test-name": f"{exercise.exercise.title}: {test.title}",
        "passed": verdict.outcome is Outcome.PASSED,
        "score": _whole(earned, scale),
        "max-score": _whole(test.points, scale),
        "metrics": {
            "exercise": exercise.exercise.id,
            "task": test.task,
            "outcome": verdict.outcome.value,
            "points": points_number(earned),
            "max_points": points_number(test.points),
            "scale": scale,
            "duration_s": round(verdict.duration_s, 3),
        },
    }
    if verdict.message:
        entry["message"] = verdict.message[:MESSAGE_LIMIT]
    return entry


def _whole(points: Fraction, scale: int) -> int:
    return int(points * scale)
