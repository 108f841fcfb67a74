"""`result.json` holds the grade exactly, and nothing that a hidden test keeps to itself."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from grader.model import Comparison, Grade, Outcome, Verdict
from grader.report import result_dict, result_text, write_result
from tests.grader.report import grades

SCHEMA_FILE = Path(__file__).parents[3] / "docs" / "schemas" / "result.schema.json"


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    """The published schema, itself checked."""
    schema = json.loads(SCHEMA_FILE.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("kind", grades.EVERY_KIND)
def test_every_kind_of_grade_fits_the_schema(kind: str, validator: Draft202012Validator) -> None:
    """Passing, failing, open, absent, unreadable, interrupted, hostile."""
    validator.validate(json.loads(result_text(grades.EVERY_KIND[kind])))


def test_the_schema_refuses_what_is_no_result(validator: Draft202012Validator) -> None:
    """Another version, a stray key and a negative score are seen."""
    good = json.loads(result_text(grades.EVERY_KIND["failing"]))
    for change in ({"schema": "autograde/result/v2"}, {"stray": 1}, {"score": -1}):
        assert not validator.is_valid({**good, **change})


def test_points_are_exact_numbers() -> None:
    """4.5 of 12, by task, and for each test, as JSON numbers."""
    found = result_dict(grades.EVERY_KIND["failing"])
    assert (found["score"], found["max_score"]) == (4.5, 12)
    tasks = found["exercises"][0]["tasks"]
    assert [(t["score"], t["max_score"]) for t in tasks] == [(3, 6), (0, 4), (1.5, 2)]
    tests = found["exercises"][0]["tests"]
    assert sum(Fraction(str(t["points"])) for t in tests) == Fraction(9, 2)


def test_an_open_score_is_null_and_never_zero() -> None:
    """Exercise, submission and the faulty test are null; its neighbours keep their points."""
    found = result_dict(grades.EVERY_KIND["fault"])
    by_outcome = {t["outcome"]: t["points"] for t in found["exercises"][0]["tests"]}
    assert found["score"] is None
    assert found["exercises"][0]["score"] is None
    assert by_outcome["grader_fault"] is None
    assert by_outcome["passed"] is not None


def test_hidden_tests_keep_their_values_to_themselves() -> None:
    """Even if a verdict of a hidden test carries them, neither table nor output is written."""
    secret = Verdict(
        grades.LARGE,
        Outcome.FAILED,
        "softmax(X): there are values that are nan or infinite.",
        comparison=Comparison("s3cret", (("s3cret",),), (("s3cret",),)),
        output="s3cret",
    )
    assert "s3cret" not in result_text(grades.grade([secret]))


def test_the_same_grade_gives_the_same_bytes() -> None:
    """Keys and their order depend on nothing but the grade."""

    def text() -> str:
        return result_text(grades.grade(grades.some_failed()))

    assert text() == text()
    assert list(json.loads(text()))[:4] == ["schema", "submission", "score", "max_score"]


def test_hostile_text_is_harmless_in_the_file() -> None:
    """A terminal that prints the file runs none of it, and its size is bounded."""
    text = result_text(grades.EVERY_KIND["hostile"])
    assert not any(c in text for c in "\x1b\u202e\x00\u200b")
    assert "\\\\x1b[31m" in text
    assert len(text) < 4_000_000


def test_the_file_is_written_where_its_folder_was_missing(tmp_path: Path) -> None:
    """A result may be the first thing in its folder."""
    file = tmp_path / "out" / "ada" / "result.json"
    write_result(grades.EVERY_KIND["failing"], file)
    assert json.loads(file.read_text("utf-8"))["score"] == 4.5


def test_a_passed_exercise_says_so() -> None:
    """The pass mark is recorded beside what became of it."""
    grade: Grade = grades.EVERY_KIND["several"]
    found = result_dict(grade)["exercises"]
    assert [(e["pass_fraction"], e["passed"]) for e in found] == [
        ("1", False),
        ("1/2", True),
        ("1", False),
    ]
