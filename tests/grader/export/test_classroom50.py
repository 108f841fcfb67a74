"""Classroom 50 takes what is written for it, and the points are the same points."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from grader.errors import UsageError
from grader.export.classroom50 import (
    classroom50_result,
    clones_by_owner,
    identity_of,
    is_of,
    points_of_tests,
    scale_of,
)
from grader.model import Grade, HandInStatus, Outcome, Verdict
from grader.report import as_stored
from grader.score import raw_standing
from tests.grader.report import grades

SCHEMA = json.loads(
    (Path(__file__).parent / "classroom50-result-v1.schema.json").read_text("utf-8")
)
ENVIRONMENT = {
    "CLASSROOM": "dl-2026",
    "ASSIGNMENT": "softmax",
    "ASSIGNMENT_TYPE": "individual",
    "SUBMISSION_TAG": "submit/2026-10-01T14-32-05Z-a1b2c3d",
    "USERNAME": "octo",
    "OWNER": "octo",
    "COMMIT_URL": "https://github.com/o/r/commit/a1b2c3d",
    "RELEASE_URL": "https://github.com/o/r/releases/tag/x",
    "REVIEW_URL": "https://github.com/o/r/compare/b...a",
    "GITHUB_ACTOR": "octo",
    "GITHUB_ACTOR_ID": "123",
}
NOW = datetime(2026, 10, 1, 16, 33, 11, tzinfo=timezone(timedelta(hours=2)))


def _result(grade: Grade, **environment: str) -> dict[str, Any]:
    result = classroom50_result(as_stored(grade), identity_of(ENVIRONMENT | environment), NOW)
    written: dict[str, Any] = json.loads(json.dumps(result))
    jsonschema.validate(written, SCHEMA)
    return written


@pytest.mark.parametrize(
    "grade",
    [
        grades.grade(grades.all_passed()),
        grades.grade(grades.some_failed()),
        grades.grade(grades.not_run(), complete=False),
        grades.grade([], found=grades.hand_in(status=HandInStatus.NOT_SUBMITTED, path="")),
        grades.hostile(),
    ],
)
def test_what_is_written_is_taken(grade: Grade) -> None:
    """Whole numbers, no key of our own at the top, and the tests add up."""
    found = _result(grade)
    assert sum(test["score"] for test in found["tests"]) == found["score"]
    assert sum(test["max-score"] for test in found["tests"]) == found["max-score"]
    assert type(found["score"]) is type(found["max-score"]) is int


def test_points_are_scaled_and_stand_exactly_in_the_metrics() -> None:
    """4.5 of 12 points are 45 of 120, and the tests say so."""
    found = _result(grades.grade(grades.some_failed()))
    assert (found["score"], found["max-score"]) == (45, 120)
    metrics = [test["metrics"] for test in found["tests"]]
    assert {m["scale"] for m in metrics} == {10}
    assert sum(Fraction(str(m["points"])) for m in metrics) == Fraction(9, 2)


@pytest.mark.parametrize(
    ("points", "scale"),
    [("1", 1), ("0.5", 10), ("73.3", 10), ("0.25", 100), ("0.125", 1000)],
)
def test_the_scale_is_the_smallest_that_makes_points_whole(points: str, scale: int) -> None:
    """And it is the same for whoever passes and whoever fails."""
    case = grades.case("test_a", "A.", points=Fraction(points))
    found = {
        scale_of(as_stored(grades.grade([Verdict(case, outcome)])))
        for outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.NOT_RUN)
    }
    assert found == {scale}


def test_a_training_run_may_earn_any_thousandth() -> None:
    """Its points can be split, so the scale does not depend on how they were."""
    case = replace(grades.case("test_a", "A."), training="digits")
    assert scale_of(grades.grade([Verdict(case, Outcome.PASSED)])) == 1000


def test_the_submission_has_the_time_of_its_commit() -> None:
    """`datetime` decides what is late, `graded_at` is now; both in UTC with a Z."""
    found = _result(grades.grade(grades.all_passed()))
    assert found["datetime"] == "2026-03-01T20:15:00Z"
    assert found["graded_at"] == "2026-10-01T14:33:11Z"


def test_the_environment_says_whose_it_is() -> None:
    """Older runners lack OWNER and REVIEW_URL."""
    found = _result(grades.grade(grades.all_passed()), OWNER="", REVIEW_URL="", ASSIGNMENT_TYPE="")
    assert found["owner"] == "octo"
    assert found["review"] == ENVIRONMENT["COMMIT_URL"]
    assert found["assignment_type"] == "individual"
    assert found["submitted_by"] == {"username": "octo", "id": 123}
    assert "submitted_by" not in _result(grades.grade(grades.all_passed()), GITHUB_ACTOR="")


@pytest.mark.parametrize("name", ["CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL"])
def test_a_missing_variable_is_named(name: str) -> None:
    """Outside Classroom 50 there is nobody to write for."""
    with pytest.raises(UsageError, match=name):
        identity_of(ENVIRONMENT | {name: ""})


def test_another_tag_is_no_submission() -> None:
    """The collector would refuse it later, without a word to the student."""
    with pytest.raises(UsageError, match="submit/"):
        identity_of(ENVIRONMENT | {"SUBMISSION_TAG": "v1"})


def _counted(grade: Grade, points: Fraction | None) -> dict[str, Any]:
    counts = replace(raw_standing(grade), points=points)
    one = replace(counts.exercises[0], points=points, is_overridden=True)
    counts = replace(counts, exercises=(one,))
    result = classroom50_result(as_stored(grade), identity_of(ENVIRONMENT), NOW, counts=counts)
    jsonschema.validate(json.loads(json.dumps(result)), SCHEMA)
    return result


def test_the_score_is_what_counts() -> None:
    """Tests stand as they were judged; a thousandth is written as it is."""
    found = _counted(grades.grade(grades.all_passed()), Fraction(7251, 1000))
    assert (found["score"], found["max-score"]) == (7251, 12000)
    assert points_of_tests(found, 1000) == 12
    assert _counted(grades.grade(grades.all_passed()), Fraction(0))["score"] == 0


def test_a_fault_that_a_person_closed_is_written() -> None:
    """What somebody decided is settled, whatever the tests left open."""
    assert _counted(grades.grade(grades.with_fault()), Fraction(9))["score"] == 90
    with pytest.raises(ValueError, match="open score"):
        _counted(grades.grade(grades.all_passed()), None)


def test_a_clone_is_of_the_longest_username_that_fits() -> None:
    """Also where the shorter one has no clone of their own."""
    clones = [Path("hw1-li-chen"), Path("hw1-Bob"), Path("hw1-zoe")]
    assert clones_by_owner(clones, ["chen", "li-chen", "bob"]) == {
        "li-chen": clones[:1], "bob": clones[1:2],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("key", "kind", "is_own"),
    [
        ("Octo", "individual", True),
        ("hw-octo", "individual", True),
        ("cto", "individual", False),
        ("cto", "group", True),
    ],
)
def test_an_identity_is_of_its_owner(key: str, kind: str, *, is_own: bool) -> None:
    """A group's owner may be any of its members, and a clone of nobody known bears its name."""
    identity = identity_of(ENVIRONMENT | {"ASSIGNMENT_TYPE": kind})
    assert is_of(identity, key, "hw-octo") is is_own


def test_a_fault_of_ours_cannot_be_written() -> None:
    """No score is not zero."""
    identity = identity_of(ENVIRONMENT)
    with pytest.raises(ValueError, match="open score"):
        classroom50_result(
            as_stored(grades.grade(grades.with_fault())), identity, NOW.astimezone(UTC)
        )
