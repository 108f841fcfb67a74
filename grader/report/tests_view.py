"""The tests of a page, which share its room: many broken tests are shown more briefly each."""

from __future__ import annotations

from functools import lru_cache

from grader.model import Frame, Outcome, TestCase, Verdict, Visibility
from grader.report.compare import MOST_TABLES, comparison_view
from grader.report.language import Say
from grader.report.numbers import points_text, seconds_text
from grader.report.text import clean_text
from grader.report.urgent import NOTHING_TO_MEND
from grader.report.view import FrameView, TestView
from grader.report.wording import command
from grader.report.words import words_of

FRAMES_MANY, FRAMES_FEW, FEW_TESTS = 6, 1, 10
"""Frames of a traceback that are shown, the last ones: fewer if more tests than few are broken."""
OUTPUT_BUDGET, MESSAGE_BUDGET = 4_000, 6_000
"""Characters on one page, shared by the tests that printed or did not pass."""
MOST_OUTPUTS = 10
"""Tests whose output one page shows."""
TEXT_FLOOR, OUTPUT_CEILING, TEXT_CEILING = 120, 4_000, 1_500
"""Characters that one test is shown at least and at most."""
KEPT = 8192
"""Views and rows of tests that are kept for further pages: a class has as many tests, times the few
durations that are told apart."""
SLOW_S = 1.0
"""Wall time from which a test is found by the filter for slow ones."""


class TestViews:
    """Makes the view of each test once, sharing the page's room for text among them."""

    __test__ = False  # pytest must not collect it

    def __init__(self, verdicts: list[Verdict], first: Verdict | None, say: Say) -> None:
        """Divide the room: many failing tests get less of it each than a single one.

        Args:
            verdicts: All tests of the page, in its order.
            first: The test to mend first, which is served first.
            say: Says it in the reader's language.
        """
        self._say = say
        broken = [v for v in verdicts if v.outcome is not Outcome.PASSED]
        compared = [v for v in broken if _shows_values(v) and v.comparison]
        compared.sort(key=lambda verdict: verdict is not first)
        self._compared = {id(verdict) for verdict in compared[:MOST_TABLES]}
        printed = [v for v in broken if _shows_values(v) and v.output]
        printed.sort(key=lambda verdict: verdict is not first)
        self._printed = {id(verdict) for verdict in printed[:MOST_OUTPUTS]}
        self._output_limit = _share(OUTPUT_BUDGET, len(self._printed), OUTPUT_CEILING)
        self._message_limit = _share(MESSAGE_BUDGET, len(broken), TEXT_CEILING)
        self._frames = FRAMES_MANY if len(broken) <= FEW_TESTS else FRAMES_FEW
        self._made = {id(v): self._view(f"t{n}", v) for n, v in enumerate(verdicts, start=1)}

    def __call__(self, verdict: Verdict) -> TestView:
        """Find the view of one of the tests."""
        return self._made[id(verdict)]

    def _view(self, anchor: str, verdict: Verdict) -> TestView:
        if verdict.outcome is Outcome.PASSED:
            duration, language = _duration_text(verdict), self._say.language
            return _passed(anchor, verdict.test, duration, _is_slow(verdict), language)
        return self._broken(anchor, verdict)

    def _broken(self, anchor: str, verdict: Verdict) -> TestView:
        """Choose what is shown; a hidden test shows neither values nor output."""
        test, words = verdict.test, words_of(verdict.outcome, self._say)
        shown = _shows_values(verdict)
        earned = "?" if verdict.points is None else points_text(verdict.points)
        message = clean_text(verdict.message or words.meaning, self._message_limit)
        comparison = verdict.comparison if shown and id(verdict) in self._compared else None
        output = verdict.output.rstrip("\r\n") if id(verdict) in self._printed else ""
        has_more = verdict.comparison is not comparison or bool(
            verdict.output.strip("\r\n")
        ) > bool(output)
        if shown and has_more:
            again = command(test.exercise_id)
            message += "\n" + self._say("values.left_out", command=again)
        return TestView(
            anchor=anchor,
            id=test.id,
            words=words,
            title=test.title,
            points=f"{earned}/{points_text(test.points)}",
            is_hidden=test.visibility is Visibility.HIDDEN,
            is_slow=_is_slow(verdict),
            duration=_duration_text(verdict),
            message=message,
            hint="" if verdict.outcome in NOTHING_TO_MEND else clean_text(test.hint, TEXT_CEILING),
            comparison=None
            if comparison is None
            else comparison_view(comparison, len(self._compared)),
            frames=tuple(map(_frame_view, verdict.frames[-self._frames :])),
            output=clean_text(output, self._output_limit),
        )


@lru_cache(maxsize=KEPT)
def _passed(anchor: str, test: TestCase, duration: str, is_slow: bool, language: str) -> TestView:  # noqa: FBT001
    """Show a test that passed: nothing but that it did."""
    points = points_text(test.points)
    return TestView(
        anchor=anchor,
        id=test.id,
        words=words_of(Outcome.PASSED, Say(language)),
        title=test.title,
        points=f"{points}/{points}",
        is_hidden=test.visibility is Visibility.HIDDEN,
        is_slow=is_slow,
        duration=duration,
        message="",
        hint="",
        comparison=None,
        frames=(),
        output="",
    )


def _is_slow(verdict: Verdict) -> bool:
    return verdict.duration_s >= SLOW_S


def _duration_text(verdict: Verdict) -> str:
    return seconds_text(verdict.duration_s) if verdict.duration_s else ""


def _shows_values(verdict: Verdict) -> bool:
    """Tell whether a test may show what it compared and what was printed."""
    return verdict.test.visibility is Visibility.PUBLIC


def _frame_view(frame: Frame) -> FrameView:
    """Show one frame of the student's code."""
    return FrameView(frame.place, frame.function, frame.text.strip())


def _share(budget: int, parts: int, ceiling: int) -> int:
    """Divide the room of a page among the texts that want some."""
    return max(TEXT_FLOOR, min(ceiling, budget // max(1, parts)))
