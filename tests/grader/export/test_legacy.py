"""Old reporter steps get every point, whatever has to be left out."""

from __future__ import annotations

import base64
import json
import subprocess
from fractions import Fraction
from typing import Any

import pytest

from grader.export.legacy import LIMIT_BYTES, legacy_result
from grader.model import HandInStatus, Outcome, Verdict
from grader.report import as_stored
from tests.grader.report import grades


def _read(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.b64decode(text, validate=True))
    return found


def test_it_holds_tests_with_status_and_points() -> None:
    """`fail`, not `failed`, which the reporter takes for a success."""
    found = _read(legacy_result(as_stored(grades.grade(grades.some_failed()))))
    assert found["version"] == 3
    assert found["status"] == "fail"
    assert found["max_score"] == 12
    assert {test["status"] for test in found["tests"]} == {"pass", "fail", "error"}
    assert sum(test["score"] for test in found["tests"]) == 4.5


def test_all_passed_is_a_pass() -> None:
    """And so is each test."""
    found = _read(legacy_result(as_stored(grades.grade(grades.all_passed()))))
    assert found["status"] == "pass"
    assert {test["status"] for test in found["tests"]} == {"pass"}


def test_it_never_holds_a_test_s_source() -> None:
    """The reporter would print it; no place in a test's file is told either."""
    found = _read(legacy_result(as_stored(grades.grade(grades.some_failed()))))
    assert {(t["test_code"], t["filename"], t["line_no"]) for t in found["tests"]} == {("", "", 0)}


@pytest.mark.parametrize("count", [100, 400, 3000])
def test_it_fits_into_an_environment_variable(count: int) -> None:
    """Messages go before points: a process can be started with it, and the sum is right."""
    verdicts = [
        Verdict(grades.case(f"test_{i}", f"Fact {i}."), Outcome.FAILED, "\x00é" * 4000)
        if i % 2
        else Verdict(grades.case(f"test_{i}", f"Fact {i}."), Outcome.PASSED)
        for i in range(count)
    ]
    text = legacy_result(as_stored(grades.grade(verdicts)))
    assert len(base64.b64decode(text)) < LIMIT_BYTES
    subprocess.run(["true"], env={"GRADE_RESULTS": text, "PATH": "/bin:/usr/bin"}, check=True)
    found = _read(text)
    assert sum(test["score"] for test in found["tests"]) == count // 2
    assert found["tests"]


def test_an_exercise_that_was_not_handed_in_is_a_test_too() -> None:
    """`tests: []` would show as NaN."""
    absent = grades.hand_in(status=HandInStatus.NOT_SUBMITTED, path="", source="")
    found = _read(legacy_result(as_stored(grades.grade([], found=absent))))
    assert [(t["status"], t["score"]) for t in found["tests"]] == [("fail", 0)]


def test_a_fault_of_ours_cannot_be_written() -> None:
    """There is no word for it in this format."""
    with pytest.raises(ValueError, match="open score"):
        legacy_result(as_stored(grades.grade(grades.with_fault())))


def test_decimals_survive() -> None:
    """As JSON numbers."""
    verdict = Verdict(grades.case("test_a", "A.", points=Fraction(1, 8)), Outcome.PASSED)
    found = _read(legacy_result(as_stored(grades.grade([verdict]))))
    assert (found["max_score"], found["tests"][0]["score"]) == (0.125, 0.125)
