"""The page in a browser: filters, keyboard, small windows, paper, and no script at all."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import Open, Opened
from tests.grader.report import grades

SHOWN = "li[data-g]:visible"
OPEN_ALL = "() => document.querySelectorAll('details').forEach(d => { d.open = true; })"
FOCUSED = """() => {
  const e = document.activeElement;
  const box = e.getBoundingClientRect();
  return {
    place: [...document.querySelectorAll('*')].indexOf(e),
    name: e.className + '#' + e.id,
    seen: getComputedStyle(e).outlineStyle === 'solid' && box.bottom > 0 && box.top < innerHeight,
  };
}"""


@pytest.mark.parametrize("kind", grades.EVERY_KIND)
def test_the_page_is_silent_and_asks_for_nothing(open_page: Open, kind: str) -> None:
    """No console message, no error, no dialog; its own file is the only address."""
    opened = open_page(grades.EVERY_KIND[kind])
    opened.page.evaluate(OPEN_ALL)
    assert opened.said == []
    assert [url for url in opened.asked if url != "data:,"] == []


@pytest.mark.parametrize(
    ("kind", "language"), [("failing", "en"), ("failing", "zh"), ("several", "en"), ("fault", "en")]
)
def test_a_filter_shows_as_many_tests_as_it_says(open_page: Open, kind: str, language: str) -> None:
    """Its button is pressed, the count is read out, and parts without a hit make room."""
    page = open_page(grades.EVERY_KIND[kind], language=language).page
    total = page.locator("li[data-g]").count()
    buttons = page.locator("#filters button[data-f]")
    assert buttons.count() > 1
    for button in buttons.all():
        button.click()
        count = int(button.inner_text().split()[-1])
        assert page.locator(SHOWN).count() == count
        assert page.locator("#filters [aria-pressed=true]").all_inner_texts() == [
            button.inner_text()
        ]
        assert re.findall(r"\d+", page.locator("#shown").inner_text()) == [str(count), str(total)]
        if button.get_attribute("data-f") != "all":
            for task in page.locator(".task:visible").all():
                assert task.locator(SHOWN).count() > 0


def test_all_details_open_and_close_at_once(open_page: Open) -> None:
    """The two buttons beside the filters."""
    page = open_page(grades.EVERY_KIND["failing"]).page
    closed = page.locator("li[data-g] details:not([open])")
    total = closed.count()
    assert total > 1
    page.locator("button[data-open='1']").click()
    assert closed.count() == 0
    page.locator("button[data-open='0']").click()
    assert closed.count() == total


def test_an_address_with_a_test_opens_it(open_page: Open) -> None:
    """A link to one test shows its reason at once, whatever the filter was."""
    page = open_page(grades.EVERY_KIND["failing"], "#t2").page
    assert page.locator("#t2 details[open]").count() == 1
    page.locator("#filters [data-f=passed]").click()
    assert not page.locator("#t3").is_visible()
    page.evaluate("() => { location.hash = 't3'; }")
    page.locator("#t3 details[open]").wait_for()


def test_the_first_key_skips_to_what_to_fix_next(open_page: Open) -> None:
    """Tab shows the skip link, Enter takes it, and the reader stands there."""
    page = open_page(grades.EVERY_KIND["several"]).page
    page.keyboard.press("Tab")
    link = page.locator("a.skip:focus")
    box = link.bounding_box()
    assert box["x"] >= 0
    assert box["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "next"


def test_keys_walk_the_page_in_reading_order(open_page: Open) -> None:
    """Every stop lies behind the one before, is seen, and shows that it has the focus."""
    page = open_page(grades.EVERY_KIND["several"], reduced_motion="reduce").page
    stops = page.locator(
        "a[href]:visible, button:visible, summary:visible, [tabindex='0']:visible"
    ).count()
    places = []
    for _ in range(stops):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        assert focused["seen"], focused
        places.append(focused["place"])
    assert len(set(places)) == stops
    assert places == sorted(places)


def test_a_detail_opens_by_key(open_page: Open) -> None:
    """Enter on a test shows its reason."""
    page = open_page(grades.EVERY_KIND["failing"]).page
    page.locator("#t2 summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("#t2 .why").is_visible()


@pytest.mark.parametrize(
    ("kind", "language"), [*((kind, "en") for kind in grades.EVERY_KIND), ("several", "zh")]
)
def test_nothing_hangs_over_in_a_small_window(open_page: Open, kind: str, language: str) -> None:
    """320 pixels hold the page with every detail open."""
    small = {"width": 320, "height": 640}
    page = open_page(grades.EVERY_KIND[kind], language=language, viewport=small).page
    page.evaluate(OPEN_ALL)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320


def _drawn(opened: Opened) -> list[bool]:
    """Whether the reason of each test is drawn."""
    found: list[bool] = opened.page.evaluate(
        "() => [...document.querySelectorAll('.why')].map(e => e.checkVisibility())"
    )
    return found


@pytest.mark.parametrize("scripts", [True, False])
def test_paper_shows_every_detail(open_page: Open, scripts: bool) -> None:
    """Printing opens what is closed, with and without scripts, and drops the buttons."""
    opened = open_page(grades.EVERY_KIND["failing"], java_script_enabled=scripts)
    assert not any(_drawn(opened))
    opened.page.emulate_media(media="print")
    assert all(_drawn(opened))
    assert not opened.page.locator("#filters").is_visible()


def test_printing_leaves_the_page_as_it_was(open_page: Open) -> None:
    """While a real print runs all details are open; afterwards only those that were."""
    page = open_page(grades.EVERY_KIND["failing"]).page
    page.locator("#t2 summary").click()
    was = page.locator("details[open]").count()
    # A later listener sees what the page's own has done.
    page.evaluate(
        "() => addEventListener('beforeprint', () => { "
        "window.unopened = document.querySelectorAll('details:not([open])').length; })"
    )
    assert page.pdf().startswith(b"%PDF")
    assert page.evaluate("() => window.unopened") == 0
    assert page.locator("details[open]").count() == was


def test_without_scripts_the_page_is_whole(open_page: Open) -> None:
    """Every test is there, its details open by themselves, and no dead button is shown."""
    page = open_page(grades.EVERY_KIND["failing"], java_script_enabled=False).page
    assert page.locator(SHOWN).count() == len(grades.SUITE)
    assert page.locator("button:visible").count() == 0
    page.locator("#t2 summary").click()
    assert page.locator("#t2 .why").is_visible()
