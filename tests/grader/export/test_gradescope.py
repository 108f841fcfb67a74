"""Gradescope: `results.json` of a submission."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from grader.errors import UsageError
from grader.export.gradescope import gradescope_result
from grader.model import Grade, HandInStatus
from grader.report import as_stored
from grader.score import raw_standing
from tests.grader.export.classes import rows
from tests.grader.report import grades


def _result(grade: Grade) -> dict[str, Any]:
    stored = as_stored(grade)
    return gradescope_result(stored, raw_standing(stored))


def test_scores_add_up_and_statuses_are_the_format_s() -> None:
    """The total is given, and it is what the tests earn."""
    grade = rows()[1].grade
    assert grade is not None
    result = _result(grade)
    json.dumps(result)
    assert result["score"] == 4.5
    assert sum(test["score"] for test in result["tests"]) == 4.5
    assert {test["status"] for test in result["tests"]} == {"passed", "failed"}
    assert result["tests"][0]["number"] == "1.1"
    assert result["stdout_visibility"] == "hidden"


def test_what_counts_is_the_score() -> None:
    """Lateness takes from the score, and the tests keep what they earned."""
    grade = as_stored(grades.grade(grades.all_passed()))
    late = replace(raw_standing(grade), points=Fraction(9))
    result = gradescope_result(grade, late)
    assert result["score"] == 9
    assert sum(test["score"] for test in result["tests"]) == 12


def test_no_test_is_invisible_so_that_the_total_is_seen() -> None:
    """Of a hidden test there is no more than its student may read."""
    result = _result(grades.grade(grades.some_failed()))
    assert {test["visibility"] for test in result["tests"]} == {"visible"}
    hidden = [t for t in result["tests"] if t["extra_data"]["visibility"] == "hidden"]
    assert hidden
    assert all(set(test) <= {
        "name", "number", "score", "max_score", "status", "tags", "visibility", "output",
        "extra_data",
    } for test in hidden)  # fmt: skip


def test_an_open_score_is_refused() -> None:
    """Gradescope would count it as zero."""
    with pytest.raises(UsageError, match="a fault of the grader"):
        _result(grades.grade(grades.with_fault()))


def test_what_was_not_handed_in_is_told() -> None:
    """An exercise without tests is one line with its points."""
    nothing = grades.hand_in(status=HandInStatus.UNREADABLE, problem="Line 3 is broken.")
    result = _result(grades.grade([], found=nothing))
    assert [test["output"] for test in result["tests"]] == ["Line 3 is broken."]
    assert "Line 3 is broken." in result["output"]
