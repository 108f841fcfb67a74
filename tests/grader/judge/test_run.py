"""The order of tests, and whose time training takes; the rest is tried by whole gradings."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from grader.errors import CellEnded, Ending
from grader.judge import run as room
from grader.judge.run import Options, Run
from grader.judge.site import Site
from grader.model import (
    Device,
    Exercise,
    HandIn,
    HandInStatus,
    Limits,
    Outcome,
    TestCase,
    Verdict,
    Visibility,
)
from grader.report.language import Say

if TYPE_CHECKING:
    import pytest

HAND_IN = HandIn("01-01-demo", HandInStatus.SUBMITTED, source="")
CASE = TestCase(
    "t.py::test_it", "01-01-demo", "demo", "It.", Fraction(1), Visibility.HIDDEN, training="lenet"
)


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        """Begin somewhere."""
        self.now_s = 1000.0

    def monotonic(self) -> float:
        """Return the time."""
        return self.now_s


class Cell:
    """A cell of which only the time that it is given matters."""

    def __init__(self) -> None:
        """Nothing was allowed yet."""
        self.allowed_s: list[float] = []

    def allow(self, timeout_s: float) -> None:
        """Note it."""
        self.allowed_s.append(timeout_s)

    def close(self) -> None:
        """Do nothing."""


def test_waiting_for_a_share_of_a_card_is_not_the_student_s_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An hour in the queue leaves an attempt what the exercise had left before."""
    clock, cell = Clock(), Cell()
    monkeypatch.setattr(room, "time", clock)
    monkeypatch.setattr(room.Session, "ask", lambda *_: None)

    def open_after_an_hour(_: Limits) -> Any:
        clock.now_s += 3600
        return cell

    limits = Limits(exercise_wall_time_s=100)
    here = Path()
    exercise = Exercise("01-01-demo", "", "1.1", "demo", Fraction(1), (), limits, here, here, here)
    site = Site(Device.CPU)
    judged = Run(None, open_after_an_hour, exercise, HAND_IN, 1, site)  # type: ignore[arg-type]
    judged._ends_s = clock.now_s + 90
    trainer = judged._trainer(CASE)
    assert trainer is not None
    with trainer._open_session(HAND_IN, Limits(wall_time_s=300), 1):
        clock.now_s += 80
    with trainer._open_session(HAND_IN, Limits(wall_time_s=300), 1):
        pass

    assert cell.allowed_s == [90, 10]


def test_a_task_that_comes_first_waits_for_what_its_tests_depend_on() -> None:
    """A test that depends on another task's is no loss of its own, so it keeps its place."""

    def case(name: str, task: str, *depends_on: str) -> TestCase:
        return replace(CASE, id=f"t.py::{name}", task=task, training="", depends_on=depends_on)

    cases = [
        case("test_start", "start"),
        case("test_step[1]", "step"),
        case("test_step[2]", "step"),
        case("test_steps", "step", "test_step"),
        case("test_whole", "step", "test_start", "test_step"),
        case("test_wholes", "step", "test_whole"),
        case("test_end", "end"),
    ]
    pairs: Any = [(one, None) for one in cases]
    chosen = [pair[0].id.partition("::")[2] for pair in Options(True, ("step",)).chosen(pairs)]
    assert chosen == [
        *("test_step[1]", "test_step[2]", "test_steps"),
        *("test_start", "test_whole", "test_wholes", "test_end"),
    ]


def test_a_test_says_that_it_had_less_time_than_usual() -> None:
    """A late one whose time was cut, but not where the file took all of it to load."""
    here = Path()
    exercise = Exercise(
        "01-01-demo", "", "1.1", "demo", Fraction(1), (), Limits(), here, here, here
    )
    judged = Run(None, None, exercise, HAND_IN, 1, Site(Device.CPU))  # type: ignore[arg-type]
    text = "Your code did not finish within 5 seconds."
    said = [
        judged._timed(Verdict(CASE, outcome, text), had_less=had_less).message
        for outcome, had_less in [
            (Outcome.TIMEOUT, False),
            (Outcome.TIMEOUT, True),
            (Outcome.FAILED, True),
        ]
    ]
    assert ["less than usual" in message for message in said] == [False, True, False]
    judged._load_failure = CellEnded(Ending(Outcome.TIMEOUT, text))
    assert judged._timed(Verdict(CASE, Outcome.TIMEOUT, text), had_less=True).message == text
    told = Say("zh").told("", said[1])
    assert told == "你的代码没有在 5 秒内结束；这比通常的时间短，因为之前的测试已经超时。"


def test_loading_has_all_of_the_time_however_little_a_test_gets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file that takes its time is loaded anew after each late test, and is no failure."""
    cell = Cell()
    monkeypatch.setattr(room.Session, "ask", lambda *_: None)
    here = Path()
    exercise = Exercise(
        "01-01-demo", "", "1.1", "demo", Fraction(1), (), Limits(), here, here, here
    )
    plugin: Any = SimpleNamespace(session=None)
    judged = Run(plugin, lambda _: cell, exercise, HAND_IN, 1, Site(Device.CPU))  # type: ignore[arg-type,return-value]
    item: Any = SimpleNamespace(path=here / "test_demo.py")
    judged._ready_session(CASE, item, 8, 2)
    assert cell.allowed_s == [8, 2]
