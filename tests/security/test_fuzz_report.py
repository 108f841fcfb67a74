"""Any text of a stranger in every field of a grade: no new element, and a quiet terminal."""

from __future__ import annotations

import io
import unicodedata
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from grader.model import Comparison, Frame, Grade, Note, Outcome, Verdict
from grader.report import print_grade, render_html
from tests.grader.report.grades import SUITE, grade, hand_in

ALLOWED = frozenset("\n")


class Skeleton(HTMLParser):
    """Collects each element with the names of its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: set[tuple[str, tuple[str, ...]]] = set()
        self.comments = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add((tag, tuple(name for name, _ in attrs)))

    def handle_comment(self, data: str) -> None:
        self.comments += 1


def skeleton(page: str) -> Skeleton:
    """Parse a page."""
    found = Skeleton()
    found.feed(page)
    return found


def filled(text: str) -> Grade:
    """Return a grade whose every field that a student can influence holds this text."""
    table = ((text,) * 3,) * 2
    verdicts = [
        Verdict(
            test,
            Outcome.ERROR,
            f"x{text}",
            comparison=Comparison(text, table, table, ((0, 1),)),
            frames=(Frame(f"f{text}", 3, f"g{text}", f"y{text}"),),
            output=f"o{text}",
        )
        for test in SUITE
    ]
    found = hand_in(path=f"p{text}", notes=(Note(f"n{text}", f"m{text}"),))
    return grade(verdicts, found=found, owner=f"w{text}")


KNOWN = skeleton(render_html(filled("plain")))
PIECES = ["<script>", "</pre>", "<!--", "-->", '"', "'", "&#60;", "onerror=", "<img src=x ", ">",
          "]]>", "{{ 7*7 }}", "{% raw %}", "javascript:", "\x1b[2J", "\x9b31m", "\r", "\x07",
          "\u202e", "\u200b", "\u2028", "[bold]", "[/]", "\ud800", "\0", "a"]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | st.text(
    st.characters(), max_size=20
)


@settings(max_examples=40)
@given(texts)
def test_no_text_adds_an_element_or_an_attribute_to_the_page(text: str) -> None:
    """The page's elements are the template's, whatever a stranger wrote."""
    found = skeleton(render_html(filled(text)))
    assert found.elements <= KNOWN.elements
    assert found.comments == KNOWN.comments


@settings(max_examples=40)
@given(texts)
def test_no_text_sends_a_control_character_to_the_terminal(text: str) -> None:
    """Neither escapes nor invisible characters are printed, and no markup is obeyed."""
    out = io.StringIO()
    print_grade(filled(text), Console(file=out, width=100, highlight=False))
    odd = {c for c in out.getvalue() if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert odd <= ALLOWED
