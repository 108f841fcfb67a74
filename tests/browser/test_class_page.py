"""The page of a class in a browser: search, sort, filters, names, keys, paper, small windows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.report import Say, render_class
from tests.browser.conftest import Open, Opened
from tests.browser.test_accessible import _assert_accessible
from tests.browser.test_page import OPEN_ALL
from tests.grader.report.test_class_html import folders, overview

PEOPLE = 40
ROWS = "#people tbody tr:visible"
HOSTILE = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}",
    "\u202egnp.exe", "\x1b[31mred", "Ada\u2066 Lovelace", "</title><b>x</b>",
)  # fmt: skip

OpenClass = Callable[..., Opened]


@pytest.fixture
def open_class(open_file: Open, tmp_path: Path) -> OpenClass:
    """Open the page of a synthetic class; options are those of a browser context."""

    def open_one(
        language: str = "en", *, names: tuple[str, ...] = (), fragment: str = "",
        pseudonyms: bool = False, **options: Any,
    ) -> Opened:  # fmt: skip
        found = overview(PEOPLE, names=names)
        file = tmp_path / f"{len(list(tmp_path.iterdir()))}.html"
        html = render_class(found, folders(found), Say(language), pseudonyms=pseudonyms)
        file.write_text(html, "utf-8")
        return open_file(file, fragment, **options)

    return open_one


def _column(page: Any, number: int) -> list[str]:
    """The texts of one column of the students that are shown."""
    texts: list[str] = page.locator(f"{ROWS} > :nth-child({number})").all_inner_texts()
    return [text.strip() for text in texts]


def test_search_filters_and_sort_find_students(open_class: OpenClass) -> None:
    """The count is read out, the matrix follows, and no message is written to the console."""
    opened = open_class()
    page = opened.page
    assert page.locator(ROWS).count() == PEOPLE
    page.locator("#search").fill("ada")
    found = page.locator(ROWS).count()
    assert 0 < found < PEOPLE
    assert all("Ada" in name for name in _column(page, 1))
    assert page.locator("#shown").inner_text() == f"{found} of {PEOPLE} shown"
    assert page.locator(".mx tbody tr:visible").count() <= found
    page.locator("#search").fill("")
    for chip in page.locator("#tools button").all():
        chip.click()
        assert page.locator(ROWS).count() == int(chip.inner_text().split()[-1])
    page.locator("#tools button[data-f=all]").click()
    score = page.locator("#people thead button").nth(1)
    score.click()
    scores = [float(text) for text in _column(page, 2) if text]
    assert scores == sorted(scores, reverse=True)
    score.press("Enter")
    assert page.locator("#people th[aria-sort=ascending]").inner_text() == "Score"
    scores = [float(text) for text in _column(page, 2) if text]
    assert scores == sorted(scores)
    assert opened.said == []
    assert [url for url in opened.asked if url != "data:,"] == []


def test_a_count_of_failures_leads_to_who_failed(open_class: OpenClass) -> None:
    """Only those rows of the matrix stay, with a sign and a word each."""
    page = open_class().page
    link = page.locator(".items .hit").first
    count = int(link.inner_text())
    link.click()
    page.wait_for_function("() => document.querySelectorAll('.mx tbody tr[hidden]').length > 0")
    assert page.locator(".mx tbody tr:visible").count() == count
    words = page.locator(".mx tbody tr:visible td:nth-of-type(1) i").all_text_contents()
    assert all(words)


def test_names_are_hidden_and_shown_again(open_class: OpenClass) -> None:
    """By key, everywhere at once: tables, lists, similar pairs, links, search."""
    page = open_class().page
    before = page.locator("body").inner_text()
    assert "Ada Lovelace" in before
    page.locator("#names").press("Enter")
    hidden = page.locator("body").inner_text()
    assert "Ada" not in hidden
    assert "user0000" not in hidden
    assert "Student 01" in hidden
    assert page.locator("#people tbody a[href]").count() == 0
    page.locator("#search").fill("user0000")
    assert page.locator(ROWS).count() == 0
    page.locator("#search").fill("")
    page.locator("#names").press("Enter")
    assert "Ada Lovelace" in page.locator("body").inner_text()


def test_keys_reach_everything_in_reading_order(open_class: OpenClass) -> None:
    """The first stop is the skip link; it leads to what needs the teacher."""
    page = open_class().page
    page.keyboard.press("Tab")
    assert page.locator("a.skip:focus").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "first"
    place = -1
    for _ in range(12):
        page.keyboard.press("Tab")
        now = page.evaluate(
            "() => [...document.querySelectorAll('*')].indexOf(document.activeElement)"
        )
        assert now > place
        place = now


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_hangs_over_in_a_small_window(open_class: OpenClass, language: str) -> None:
    """320 pixels hold the page with every detail open; wide tables scroll by themselves."""
    page = open_class(language, viewport={"width": 320, "height": 640}).page
    page.evaluate(OPEN_ALL)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320


def test_without_scripts_the_page_is_whole(open_class: OpenClass) -> None:
    """Everybody is there, and no dead button or field is shown."""
    page = open_class(java_script_enabled=False).page
    assert page.locator(ROWS).count() == PEOPLE
    assert page.locator("button:visible, input:visible").count() == 0


def test_paper_shows_what_is_folded(open_class: OpenClass) -> None:
    """Details are open in print, and what only works on a screen is gone."""
    page = open_class().page
    page.emulate_media(media="print")
    assert not page.locator("#tools").is_visible()
    drawn = "() => [...document.querySelectorAll('.told')].every(e => e.checkVisibility())"
    assert page.evaluate(drawn)


def test_hostile_names_stay_text(open_class: OpenClass) -> None:
    """Nothing runs or is fetched, and no character that turns others is on the page."""
    opened = open_class(names=HOSTILE)
    page = opened.page
    page.evaluate(OPEN_ALL)
    page.locator("#names").click()
    page.locator("#names").click()
    text = page.locator("body").inner_text()
    assert "<script>alert(1)</script>" in text
    assert "{{7*7}}" in text
    assert not any(c in text for c in "\x1b\u202e\u2066")
    assert page.locator("img, main script").count() == 0
    # The page's own bold print is the numbers of lines, where a line has one.
    numbers = page.locator("main b").all_text_contents()
    assert not [text for text in numbers if text and not text.isdigit()]
    assert opened.said == []
    assert [url for url in opened.asked if url != "data:,"] == []


@pytest.mark.parametrize(
    ("language", "scheme", "pseudonyms"),
    [("en", "light", False), ("en", "dark", False), ("zh", "light", True)],
)
def test_axe_finds_no_violation(
    open_class: OpenClass, axe: str, language: str, scheme: str, pseudonyms: bool
) -> None:
    """Contrast, names, landmarks, sizes of targets: with every detail open."""
    page = open_class(language, pseudonyms=pseudonyms, color_scheme=scheme).page
    _assert_accessible(page, axe)
