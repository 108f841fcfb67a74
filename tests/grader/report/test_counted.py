"""What counts is told where it is not what the tests earned, with the reason."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from grader import report
from grader.model import ExerciseStanding, Standing
from grader.report import Say
from grader.report.counted import COUNTS_MARK, counted_text
from tests.grader.report import grades

PLAIN = ExerciseStanding("03-06-softmax", "k", Fraction(5), Fraction(5), Fraction(12))
GRADE = grades.grade([])


def _standing(*changed: ExerciseStanding, points: Fraction | None = Fraction(4)) -> Standing:
    return Standing(changed, points, Fraction(12))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"points": Fraction(4), "days_late": 1}, ["{} was handed in 1 day late"]),
        (
            {"points": Fraction(3), "days_late": 3, "grace_days": 1},
            ["{} was handed in 3 days late"],
        ),
        ({"points": Fraction(6)}, ["the points of {} were lifted for the whole class"]),
        (
            {"points": Fraction(9), "is_overridden": True},
            ["the points of {} were decided by a person"],
        ),
        ({"is_dropped": True}, ["{} is left out of the total"]),
        (
            {"points": Fraction(6), "days_late": 2},
            ["{} was handed in 2 days late", "the points of {} were lifted for the whole class"],
        ),
    ],
)
def test_each_reason_has_its_words(changes: dict[str, object], why: list[str]) -> None:
    """After the total that counts."""
    standing = _standing(replace(PLAIN, **changes))  # type: ignore[arg-type]
    assert standing.differs
    title = GRADE.exercises[0].exercise.title
    reasons = "; ".join(reason.format(title) for reason in why)
    assert counted_text(standing, GRADE, Say()) == f"What counts is 4 of 12: {reasons}."


@pytest.mark.parametrize(
    "standing",
    [
        None,
        _standing(PLAIN),
        _standing(replace(PLAIN, days_late=1, grace_days=1)),
        _standing(replace(PLAIN, points=None), points=None),
    ],
)
def test_where_the_tests_decide_nothing_is_added(standing: Standing | None) -> None:
    """Also where something is still open: a total would be a guess."""
    assert counted_text(standing, GRADE, Say()) == ""
    assert COUNTS_MARK not in report.render_html(GRADE, counts=standing)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_page_and_text_say_it(language: str) -> None:
    """In both languages, and as text, whatever a title holds."""
    asked = grades.exercise(title=grades.HOSTILE)
    standing = _standing(replace(PLAIN, is_overridden=True))
    html = report.render_html(grades.grade([], asked=asked), Say(language), counts=standing)
    assert f"<p {COUNTS_MARK}><strong>" in html
    assert "<script>alert" not in html
