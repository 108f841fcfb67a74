"""A stored result gives its pages again; anything else gives a clear error."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.model import Outcome, Verdict
from grader.report import read_result, render_html, result_dict, write_result
from grader.report.stored import as_stored, read_own
from tests.grader.report import grades


@pytest.mark.parametrize("kind", grades.EVERY_KIND)
def test_a_stored_result_renders_the_same_page(kind: str, tmp_path: Path) -> None:
    """Byte by byte, from the folder as well as from the file."""
    grade = grades.EVERY_KIND[kind]
    write_result(grade, tmp_path / "result.json")
    assert render_html(read_result(tmp_path)) == render_html(grade)
    assert result_dict(read_result(tmp_path / "result.json")) == result_dict(grade)


@given(
    st.lists(
        st.sampled_from(list(Outcome)), min_size=len(grades.SUITE), max_size=len(grades.SUITE)
    ),
    st.text(max_size=200),
    st.floats(0, 1000),
)
def test_storing_twice_changes_nothing(outcomes: list[Outcome], text: str, seconds: float) -> None:
    """What was stored once is a fixed point."""
    suite = zip(grades.SUITE, outcomes, strict=True)
    verdicts = [Verdict(t, o, text, output=text, duration_s=seconds) for t, o in suite]
    once = as_stored(grades.grade(verdicts, owner=text))
    assert as_stored(once) == once


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    """A good result with one thing changed in it."""
    found = json.loads(json.dumps(result_dict(grades.EVERY_KIND["failing"])))
    change(found)
    return json.dumps(found)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is not JSON"),
        ("{", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ('{"a": "\xff', "it is not JSON"),
        ("[]", "its schema is none"),
        ('{"tests": []}', "its schema is none"),
        ('{"schema": "autograde/result/v9"}', "its schema is autograde/result/v9"),
        ('{"schema": ["\\u001b[31m"]}', r"its schema is ['\x1b[31m']"),
        ('{"schema": "autograde/result/v1"}', "missing required field `submission`"),
        (changed(lambda r: r.update(stray=1)), "unknown field `stray`"),
        (changed(lambda r: r.update(score="4.5")), "got `str` - at `$.score`"),
        (changed(lambda r: r.update(score=4.4444)), "more than 3 decimals"),
        (changed(lambda r: r.update(score=12)), "`score` is not the sum of the exercises"),
        (changed(lambda r: r.update(graded_at="yesterday")), "yesterday"),
        (changed(lambda r: r.update(graded_at="0001-01-01T00:00:00+23:00")), "out of range"),
        (changed(lambda r: r.update(graded_at="2026-01-01T00:00:00")), "no time zone"),
        (
            changed(lambda r: r["exercises"][0]["tests"][1].update(outcome="passed")),
            "03-06-softmax is not the sum of its tests",
        ),
        (
            changed(lambda r: r["exercises"][0]["tests"][1].update(points=1)),
            "`exercises[0].tests[1].points` does not follow",
        ),
        (
            changed(lambda r: r["exercises"][0]["tests"][1].update(outcome="excellent")),
            "at `$.exercises[0].tests[1].outcome`",
        ),
        (
            changed(lambda r: r["exercises"][0].update(pass_fraction="1/0")),
            "at `$.exercises[0].pass_fraction`",
        ),
        (
            changed(lambda r: r["submission"].update(owner="\x1b[31m")),
            "`submission.owner` does not follow",
        ),
    ],
)
def test_what_is_no_result_is_refused_with_its_reason(
    text: str, reason: str, tmp_path: Path
) -> None:
    """The file is named, the reason is given, and what to do now."""
    file = tmp_path / "result.json"
    file.write_text(text, "latin-1")
    with pytest.raises(UsageError) as caught:
        read_result(tmp_path)
    assert caught.value.where == str(file)
    assert reason in caught.value.what
    assert "Grade the submission again" in caught.value.what_now


def test_a_folder_without_a_result_is_named(tmp_path: Path) -> None:
    """Nothing was graded there."""
    with pytest.raises(UsageError, match=r"No such file.*\n.*autograde grade"):
        read_result(tmp_path)


@pytest.mark.parametrize("kind", grades.EVERY_KIND)
def test_our_own_result_reads_as_any_other(kind: str, tmp_path: Path) -> None:
    """It is the same grade."""
    file = tmp_path / "result.json"
    write_result(grades.EVERY_KIND[kind], file)
    assert read_own(file) == read_result(file)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[" * 100_000,
        '{"a": "\xff',
        '{"schema": "autograde/result/v9"}',
        changed(lambda r: r.update(stray=1)),
        changed(lambda r: r.update(score=4.4444)),
        changed(lambda r: r.update(score=12)),
        changed(lambda r: r["exercises"][0].update(score=0)),
        changed(lambda r: r["exercises"][0]["tests"][0].update(outcome="passed", max_points=3)),
        changed(lambda r: r.update(graded_at="0001-01-01T00:00:00+23:00")),
    ],
)
def test_what_is_no_result_is_none_of_ours(text: str, tmp_path: Path) -> None:
    """Nor is one that does not add up."""
    file = tmp_path / "result.json"
    file.write_text(text, "latin-1")
    with pytest.raises(UsageError, match="not a result of this version"):
        read_own(file)
