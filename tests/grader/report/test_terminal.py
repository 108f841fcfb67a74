"""The terminal report: readable at 80 columns, through a pipe, in any encoding."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from grader.model import Outcome, Verdict
from grader.report import print_grade
from tests.grader.report import grades

CODES = re.compile(r"\x1b\[[0-9;]*m")


def printed(kind: str, width: int = 80, **options: object) -> str:
    """What a terminal of this width is sent."""
    file = io.StringIO()
    print_grade(grades.EVERY_KIND[kind], Console(file=file, width=width, **options))  # type: ignore[arg-type]
    return file.getvalue()


@pytest.mark.parametrize("kind", grades.EVERY_KIND)
@pytest.mark.parametrize("width", [80, 40])
def test_no_line_is_wider_than_the_terminal(kind: str, width: int) -> None:
    """Hostile text and wide tables are wrapped or cut, and no line ends in blanks."""
    for line in printed(kind, width).splitlines():
        assert len(line) <= width
        assert line == line.rstrip()


def test_a_failing_grade_says_what_to_do() -> None:
    """Score, tests by task, message, table, frames, hint, output, and one closing line."""
    text = printed("failing")
    for part in (
        "Softmax regression from scratch  03-06-softmax",
        "4.5 / 12 points  37.5\u00a0%  Not yet",
        "✗ Failed       0/1  Each row of the result sums to 1.",
        "softmax(X): 5 of 6 values differ",
        "<0.8808> <0.7311>  0.3333",
        "Hint: Look at the dimension you sum over.",
        "X has shape torch.Size([2, 3])",
        "hidden: Logits of a thousand give no nan.",
        "softmax.py:31 in cross_entropy",
        "yours    2",
        "Score: 4.5 / 12 points (37.5\u00a0%)  Final",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("not_submitted", "No file for this exercise was found"),
        ("unreadable", "Line 12: '(' was never closed."),
        ("fault", "This is not your fault; nothing was counted."),
        ("interrupted", "The run was interrupted"),
        ("self_check", "1 of 5 public tests passed; hidden tests did not run."),
        (
            "several",
            "Note  batch_norm.ipynb, cell 4: `!pip install` is not Python and was set aside.",
        ),
    ],
)
def test_every_kind_of_grade_is_said_in_words(kind: str, sentence: str) -> None:
    """Nobody has to guess from a number."""
    assert sentence in " ".join(printed(kind).split()).replace("Note ", "Note  ")


def test_a_pipe_gets_no_codes() -> None:
    """Colour is for terminals."""
    assert "\x1b" not in printed("failing")


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR a terminal gets no colour, and the words are the same."""
    coloured = printed("failing", force_terminal=True, color_system="standard")
    assert "\x1b[1;31m" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    plain = printed("failing", force_terminal=True, color_system="standard")
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", plain)
    assert CODES.sub("", coloured) == CODES.sub("", plain) == printed("failing")


def test_student_text_is_never_markup_and_never_acts() -> None:
    """Markup and emoji codes stay letters, control codes become escapes."""
    text = printed("hostile", force_terminal=True, color_system="standard")
    plain = CODES.sub("", text)
    joined = "".join(plain.split())
    assert "[boldred]x[/]:boom:" in joined
    assert r"\x1b[31mred\x1b[0m" in joined
    assert not any(c in plain for c in "\x1b\u202e\x00\u2066")


def test_an_old_encoding_is_no_reason_to_fail() -> None:
    """A terminal that lacks a symbol gets a plain one, student text gets escapes."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="cp1252")
    verdicts = [Verdict(grades.SHAPE, Outcome.PASSED), Verdict(grades.ROWS, Outcome.FAILED, "梯度")]
    grade = grades.grade(verdicts)
    print_grade(grade, Console(file=file, width=80))
    file.flush()
    text = raw.getvalue().decode("cp1252")
    assert "x Failed" in text
    assert "+ Passed" in text
    assert r"\u68af\u5ea6" in text
