"""The page of a class: whole, small, for the teacher alone, and the same in JSON."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace

import pytest

from grader.insight import Overview, Pair, Side, SourceLine, survey
from grader.report import Say, class_dict, render_class
from grader.report.language import TAGS
from tests import classes
from tests.grader.report.grades import HOSTILE

MEGABYTE = 1_000_000


def overview(people: int = 40, count: int = 2, tests: int = 10, **options: object) -> Overview:
    """A class with everything that a page shows."""
    rows = classes.make(people, count, tests, **options)  # type: ignore[arg-type]
    asked = classes.exercises(count, tests)
    lines = tuple(SourceLine(n, f"    total = total + value[{n}]", n % 2 == 0) for n in range(30))
    pair = Pair(asked[0].id, 0.93, 71, False, (Side((0,), lines), Side((2, 3), lines)))
    return replace(
        survey(rows, [exercise.id for exercise in asked]),
        title="Deep learning",
        due={asked[0].id: classes.DUE},
        attempts={row.person.key: 2 for row in rows},
        pairs=(pair,) * min(10, people - 3),
        compared=True,
    )


def folders(found: Overview) -> dict[str, str]:
    """Where the pages of people stand."""
    return {f.person.key: f"results/{f.person.key}/report.html" for f in found.people if f.graded}


def render(found: Overview, language: str = "en", *, pseudonyms: bool = False) -> str:
    """The page."""
    return render_class(found, folders(found), Say(language), pseudonyms=pseudonyms)


def test_five_hundred_by_sixty_stay_below_a_megabyte() -> None:
    """With realistic shares of failures, names, wrong answers and evidence."""
    found = overview(500, 6, 10)
    assert len(found.pairs) == 10
    assert len(render(found).encode()) < MEGABYTE
    assert len(render(found, "zh").encode()) < MEGABYTE


@pytest.mark.parametrize("language", TAGS)
def test_the_policy_names_style_and_script(language: str) -> None:
    """By hash; nothing else on the page could run, and nothing is asked for."""
    html = render(overview(), language)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    for tag in ("style", "script"):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy[1]
    assert "style=" not in html
    assert not re.search(r'(?:src|href)="(?!#|data:,|results/)', html)


def test_the_same_class_is_the_same_page() -> None:
    """Byte by byte."""
    assert render(overview()) == render(overview())


def test_wrong_answers_that_are_shared_are_told_in_the_language_of_the_page() -> None:
    """Their numbers are open; the sentence is known all the same."""
    html = render(overview(), "zh")
    assert "# 个值中有 # 个与预期不同" in html
    assert "values differ" not in html


def test_pseudonyms_leave_out_all_that_leads_to_a_name() -> None:
    """Names, usernames, folders, times, texts of hand-ins; also in the data."""
    found = overview()
    html = render(found, pseudonyms=True)
    text = json.dumps(class_dict(found, pseudonyms=True))
    for facts in found.people:
        for secret in (facts.person.key, facts.person.name):
            assert secret not in html
            assert secret not in text
    assert "results/" not in html
    assert "total = total" not in html
    assert "Student 07" in html
    assert "Student 07" in text


def test_pseudonyms_do_not_follow_from_the_roster() -> None:
    """Their order is another one as soon as hand-ins differ."""
    one, other = overview(), overview(seed=2)
    assert (
        class_dict(one, pseudonyms=True)["people"] != class_dict(other, pseudonyms=True)["people"]
    )
    order = [p["score"] for p in class_dict(one, pseudonyms=True)["people"]]
    assert order != [p["score"] for p in class_dict(one)["people"]]


def test_what_a_student_is_called_stays_text() -> None:
    """No tag, no template, no code for a terminal, no character that turns others."""
    html = render(overview(names=(HOSTILE, "<img src=x onerror=alert(1)>")))
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "{{ 7*7 }}" in html
    assert not any(c in html for c in "\x1b\u202e\u200b\u2066\x00")


def test_a_class_of_nobody_and_one_that_nobody_graded_have_pages() -> None:
    """And so has a class in which everything went wrong on our side."""
    for rows in ([], [replace(row, grade=None, flags=("not_graded",)) for row in classes.make(3)]):
        html = render(survey(rows, []))
        assert "<h1>" in html
        assert "<svg" not in html


def test_too_many_cells_are_left_to_the_data() -> None:
    """A page that takes minutes to open helps nobody; the data has every outcome."""
    found = overview(1001, 6, 10)
    assert "class=mx" not in render(found)
    assert "too many for a page" in render(found)
    outcomes = class_dict(found)["people"][0]["exercises"]
    assert sum(len(sheet["outcomes"]) for sheet in outcomes.values()) == 60


def test_the_data_is_json_and_names_everybody_behind_a_figure() -> None:
    """Lists are whole where the page cuts them."""
    found = overview(300)
    data = json.loads(json.dumps(class_dict(found), allow_nan=False))
    assert data["schema"] == "autograde/class-report/v1"
    keys = {person["key"] for person in data["people"]}
    first = data["exercises"][0]["tests"][0]
    assert len(first["not_passed"]) == first["count"] - round(first["difficulty"] * first["count"])
    assert {*first["not_passed"]} <= keys
    assert {case["person"] for c in data["concerns"] for case in c["cases"]} <= keys
