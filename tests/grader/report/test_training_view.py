"""Measurements as a reader meets them: never on the wrong side of what they are compared with."""

from __future__ import annotations

from dataclasses import replace

from grader.model import TrainingAttempt, TrainingRecord
from grader.report import Say, render_html
from grader.report.build import build_view
from grader.report.view import TrainingView
from tests.grader.report import grades


def view(record: TrainingRecord, language: str = "en") -> TrainingView:
    """The view of a grade with this record."""
    (found,) = build_view(grades.grade(grades.trained(record)), Say(language)).trainings
    return found


def near(value: float) -> TrainingRecord:
    """A record whose only value is this one."""
    return replace(grades.TRAINED, value=value, attempts=(TrainingAttempt(7, value, 1.0),))


def test_a_value_just_below_is_written_below() -> None:
    """With as many decimals as that takes, for the threshold too."""
    missed, reached = view(near(0.74466)), view(near(0.7447))
    assert (missed.value, missed.threshold) == ("74.466\u00a0%", "74.470\u00a0%")
    assert reached.value == reached.threshold == "74.5\u00a0%"


def test_every_number_behind_the_drawings_stands_in_a_table() -> None:
    """Value, bounds, range, attempts with seeds, device, data, and the curve by step."""
    found = view(grades.TRAINED)
    shown = {*found.facts, *((a.seed, a.value) for a in found.attempts)}
    assert ("All points from", "74.5\u00a0%") in shown
    assert ("Runs of the reference", "76.6\u00a0% to 77.4\u00a0%") in shown
    assert ("Device", "cpu, torch 2.13") in shown
    assert ("Data", "fashion-mnist-small (aaaaaaaaaaaa)") in shown
    assert {("7", "70.3\u00a0%"), ("8", "72.0\u00a0%"), ("9", "none")} <= shown
    assert [row[0] for row in found.losses][-1] == "200"


def test_the_drawings_have_a_title_and_a_description() -> None:
    """A reader who hears the page hears what the drawing shows."""
    html = render_html(grades.EVERY_KIND["trained"])
    assert html.count('role="img"') == html.count("<desc>") == 2
    assert "<title>Where you stand: Softmax regression</title>" in html
    assert "yours 72.0\u00a0%" in html


def test_the_terminal_says_it_on_one_line() -> None:
    """Value, bounds, range and attempts."""
    line = view(grades.TRAINED).line
    assert line == (
        "accuracy 72.0\u00a0%; all points from 74.5\u00a0%, none at 69.5\u00a0%; "
        "the reference reaches 76.6\u00a0% to 77.4\u00a0%; "
        "attempts: 70.3\u00a0% · 72.0\u00a0% · none"
    )
    assert "精度 72.0" in view(grades.TRAINED, "zh").line


def test_a_part_that_was_earned_is_not_to_be_won_again() -> None:
    """What mending is worth is what is missing."""
    found = build_view(grades.grade(grades.trained()), Say()).next
    assert found is not None
    assert found.worth.split() == ["0.75", "points"]
