"""Why a task failed: told on page and terminal, kept in the file, no surer than it is."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from grader.model import Comparison, Confidence, Diagnosis, Grade, Outcome, Verdict
from grader.report import print_grade, read_result, render_html, write_result
from tests.grader.report import grades

EXAMPLE = Comparison("result", (("0.5", "0.5"),), (("1", "1"),), ((0, 0), (0, 1)))
FOUND = Diagnosis(
    "softmax", "normalises over the wrong axis", "Which axis is a row?", Confidence.EXACT,
    EXAMPLE, "softmax(torch.tensor([[0., 0.]]))",
)  # fmt: skip


def diagnosed(found: Diagnosis) -> Grade:
    """A grade with one failed test and a diagnosis."""
    whole = grades.grade([Verdict(grades.case("rows", "Rows sum to 1."), Outcome.FAILED, "No.")])
    (only,) = whole.exercises
    return replace(whole, exercises=(replace(only, diagnoses=(found,)),))


def printed(grade: Grade) -> str:
    """What a terminal shows."""
    out = io.StringIO()
    print_grade(grade, Console(file=out, width=80))
    return out.getvalue()


def test_a_stored_diagnosis_comes_back(tmp_path: Path) -> None:
    """Label, hint, confidence, example and call survive result.json."""
    write_result(diagnosed(FOUND), tmp_path / "result.json")
    assert read_result(tmp_path).exercises[0].diagnoses == (FOUND,)


@pytest.mark.parametrize(
    ("confidence", "sentence"),
    [
        (Confidence.EXACT, "behaves exactly like a known mistake"),
        (Confidence.LIKELY, "It looks like a known mistake"),
        (Confidence.RELATION, "normalises over the wrong axis"),
    ],
)
def test_each_confidence_has_its_words(confidence: Confidence, sentence: str) -> None:
    """Terminal and page say the same."""
    grade = diagnosed(replace(FOUND, confidence=confidence))
    assert sentence in " ".join(printed(grade).split())
    assert sentence in render_html(grade)


def test_the_example_shows_both_sides_and_the_call() -> None:
    """Expected, yours, and what to type."""
    grade = diagnosed(FOUND)
    for text in (" ".join(printed(grade).split()), render_html(grade)):
        assert "softmax(torch.tensor([[0., 0.]]))" in text
        assert "0.5" in text
    assert "<1>" in printed(grade)


def test_an_example_alone_claims_nothing() -> None:
    """Without a name no mistake is spoken of."""
    text = printed(diagnosed(replace(FOUND, label="", hint="", confidence=Confidence.UNNAMED)))
    assert "known mistake" not in text
    assert "softmax(torch.tensor" in text


def test_a_student_s_text_in_an_example_stays_text() -> None:
    """What the code answered may be anything."""
    hostile = Comparison("result", (("1",),), ((grades.HOSTILE,),), ((0, 0),))
    page = render_html(diagnosed(replace(FOUND, example=hostile)))
    assert "<script>alert" not in page
