"""Whatever a student names, prints or returns stays text in a browser."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.model import Frame, Note, Outcome, Verdict
from tests.browser.conftest import Open
from tests.grader.report import grades

ATTACKS = (
    "<script>alert(1)</script>",
    "</bdi></pre></style></script><img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "&lt;b&gt; &amp; &#60;script&#62;alert(1)&#60;/script&#62;",
    '" autofocus onfocus="alert(1)',
    "{{7*7}} {% include 'page.js' %} ${7*7}",
    "javascript:alert(1)",
    "<meta http-equiv=refresh content='0;url=https://example.org'>",
    "<base href=https://example.org/><link rel=stylesheet href=//example.org/x.css>",
    "<!-- ]]> --> <![CDATA[",
)
CONTROLS = "\x1b[31mred\x1b[0m \u202egnp.exe\u202c \u2066a\u2069 \x00 \u200b"
TEN_MB = 10 * 2**20


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_shown_as_it_was_written(open_page: Open, attack: str) -> None:
    """In names, messages, values, frames, output and notes; nothing runs or is fetched."""
    failed = replace(
        grades.some_failed()[1],
        message=attack,
        frames=(Frame(attack, 3, attack, attack),),
        output=attack,
    )
    comparison = replace(grades.COLUMN_SUMS, what=attack, actual=((attack,) * 3,) * 2)
    found = grades.hand_in(path=attack, notes=(Note(attack, attack),))
    grade = grades.grade([replace(failed, comparison=comparison)], found=found, owner=attack)
    opened = open_page(grade)
    opened.page.locator("button[data-open='1']").click()
    assert opened.said == []
    assert [url for url in opened.asked if url != "data:,"] == []
    assert opened.page.locator("header bdi").first.inner_text() == attack
    assert opened.page.locator("#t1 pre").inner_text() == attack
    assert opened.page.locator("#t1 .where code").inner_text() == attack
    assert opened.page.locator("script").count() == 1
    assert opened.page.locator("img, svg, base, link[rel=stylesheet]").count() == 0


def test_codes_for_terminals_and_bidi_are_seen_as_what_they_are(open_page: Open) -> None:
    """A reader sees escapes, and no character that turns or hides others is on the page."""
    failed = replace(grades.some_failed()[1], output=CONTROLS, message=CONTROLS)
    page = open_page(grades.grade([failed])).page
    page.locator("button[data-open='1']").click()
    text = page.locator("body").inner_text()
    assert r"\x1b[31mred\x1b[0m" in text
    assert r"\u202egnp.exe\u202c" in text
    assert not any(c in text for c in "\x1b\x00\u202e\u2066\u200b")


def test_ten_megabytes_of_output_make_a_small_page(open_page: Open) -> None:
    """Beginning and end are shown, and what lies between is said to be left out."""
    output = "first\n" + "<b>x</b>\n" * (TEN_MB // 9) + "last\n"
    opened = open_page(grades.grade([Verdict(grades.ROWS, Outcome.FAILED, "No.", output=output)]))
    page = opened.page
    page.locator("button[data-open='1']").click()
    shown = page.locator("#t1 pre").inner_text()
    assert shown.startswith("first\n<b>x</b>\n")
    assert shown.endswith("<b>x</b>\nlast")
    assert "left out" in shown
    assert len(page.content()) < 60_000
    assert page.locator("b").count() == 0
    assert opened.said == []
