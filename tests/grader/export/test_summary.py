"""The summary shows what a student wrote and never obeys it, and never grows too long."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from grader.export import summary
from grader.report import as_stored
from tests.grader.report import grades

POINTER = "The rest stands in report.html."


@given(st.text(max_size=200))
def test_any_text_is_shown_as_it_is(text: str) -> None:
    """Rendered, it is one paragraph of text: no link, no emphasis, no HTML, no other block."""
    escaped = summary.escape(text)
    assert not set(escaped.replace("<br>", "")) & set("<>|`*_[]!~@:\\\n\r")
    plain = re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), escaped.replace("<br>", "\n"))
    assert plain == text


def test_a_hostile_hand_in_adds_no_markup() -> None:
    """Its page holds the same links, images and rows as any other."""
    text = summary.summary(as_stored(grades.hostile()), page="report.html")
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    assert "<script" not in html
    assert "<a " not in html
    assert "<img" not in html
    assert html.count("<table>") == 2
    assert html.count("<tr>") == 2 + 1 + len(grades.SUITE)


def test_the_summary_tells_points_state_and_what_failed() -> None:
    """Exact points, what is provisional, and by what a gradebook multiplies."""
    text = summary.summary(
        as_stored(grades.grade(grades.some_failed(), public_only=True, complete=False)), scale=10
    )
    assert text.startswith("## autograde: 1 / 4.5 points\n")
    assert "Provisional: hidden tests count later." in text
    assert "was ended early" in text
    assert "every point here is 10 there" in text
    assert "| ❌ failed | Each row of the result sums to 1&#46; | 0 / 1 |" in text


def test_a_fault_of_ours_is_called_ours() -> None:
    """No score stands there, not even a zero."""
    text = summary.summary(as_stored(grades.grade(grades.with_fault())))
    assert "no score" in text
    assert "A fault of the grader" in text
    assert "⚠️ grader fault" in text


@given(st.lists(st.text(max_size=40), max_size=60), st.integers(0, 3000))
def test_a_summary_is_cut_after_a_line_and_says_so(lines: list[str], limit_bytes: int) -> None:
    """In bytes, not in characters; without room nothing is written."""
    text = "".join(f"{line}\n" for line in lines)
    cut = summary.fit(text, limit_bytes, POINTER)
    assert len(cut.encode()) <= limit_bytes or cut == text
    if cut not in (text, ""):
        kept, said = cut[: -len(POINTER) - 1], cut[-len(POINTER) - 1 :]
        assert said == f"{POINTER}\n"
        assert not kept or text.startswith(kept.removesuffix("\n\n") + "\n")


def test_the_limit_leaves_room_below_what_actions_takes() -> None:
    """Over 1 MiB it would take nothing at all."""
    long = summary.fit(
        "x" * 99 + "\n" + ("é" * 50 + "\n") * 30_000, summary.SUMMARY_LIMIT_BYTES, ""
    )
    assert 800 * 1024 < len(long.encode()) <= 900 * 1024
