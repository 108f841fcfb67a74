"""Student text acts on nothing, wherever it is shown."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.text import clean_line, clean_text

# Lone surrogates included: a student's `print` may hold anything.
ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=300)
ACTING = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


@given(ANY_TEXT, st.integers(60, 400))
def test_what_is_left_is_visible_and_short(text: str, limit: int) -> None:
    """No character that acts survives, nothing exceeds its limit, and UTF-8 can hold it all."""
    clean = clean_text(text, limit)
    assert len(clean) <= limit
    assert all(unicodedata.category(c) not in ACTING for c in clean if c not in "\n\t")
    clean.encode("utf-8")


@given(ANY_TEXT, st.integers(60, 400))
def test_cleaning_twice_changes_nothing(text: str, limit: int) -> None:
    """Text read back from a result is shown as it was at first."""
    once, line = clean_text(text, limit), clean_line(text, limit)
    assert clean_text(once, limit) == once
    assert clean_line(line, limit) == line


@given(ANY_TEXT, st.integers(1, 100))
def test_a_line_is_one_line(text: str, limit: int) -> None:
    """Names and cells never break, whatever line breaks they hold."""
    line = clean_line(text, limit)
    assert len(line.splitlines()) <= 1
    assert "\t" not in line
    assert len(line) <= limit


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("a\u202egnp.exe", r"a\u202egnp.exe"),
        ("50%\r100%", r"50%\x0d100%"),
        ("a\r\nb", "a\nb"),
        ("\x00\x7f\x9b", r"\x00\x7f\x9b"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("\U000e0041", r"\U000e0041"),
        ("\ud800", r"\ud800"),
        ("\ufffe", r"\ufffe"),
        ("a\tb\n梯度 ∂L/∂w é", "a\tb\n梯度 ∂L/∂w é"),
    ],
)
def test_what_acts_is_written_as_an_escape(raw: str, shown: str) -> None:
    """Terminal codes, bidi controls and invisible characters are seen; plain text is kept."""
    assert clean_text(raw) == shown


def test_a_long_text_keeps_both_ends() -> None:
    """The first and the last words of an output tell most."""
    clean = clean_text("first" + "." * 1_000_000 + "last", 200)
    assert clean.startswith("first")
    assert clean.endswith("last")
    assert "the middle is left out" in clean


def test_a_long_name_ends_in_an_ellipsis() -> None:
    """A cut name does not pass for a whole one."""
    assert clean_line("x" * 50, 10) == "xxxxxxxxx…"
