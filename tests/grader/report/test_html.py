"""The student's page: self-contained, harmless, accessible, small, and worded as accepted."""

from __future__ import annotations

import base64
import difflib
import hashlib
import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from grader.model import Comparison, Grade, Outcome, Verdict
from grader.report import Say, render_fragment, render_html
from tests.grader.report import grades

GOLD = Path(__file__).parent / "gold"
ACTUAL = Path(__file__).parents[2] / "actual" / "report"
# What may differ between two right pages: style and script (which have their own tests, and
# their hashes), times and versions.
SCRUBS = (
    (re.compile(r"<(style|script)>.*?</\1>", re.DOTALL), r"<\1>...</\1>"),
    (re.compile(r"sha256-[\w+/=]{44}"), "sha256-..."),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"), "TIME"),
    (re.compile(r"(<dt>(?:python|torch|grader)</dt><dd><bdi>)[^<]*"), r"\1VERSION"),
)
VOID = {"meta", "link", "br", "meter"} - {"meter"}


class Page(HTMLParser):
    """The elements of a page, checked to be nested properly."""

    def __init__(self, html: str) -> None:
        """Read the whole page."""
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the element."""
        self.elements.append((tag, {k: v or "" for k, v in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last, and no other."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.texts.append(data)

    def all(self, name: str) -> list[dict[str, str]]:
        """The attributes of every element of this name."""
        return [attrs for tag, attrs in self.elements if tag == name]


@pytest.fixture(params=list(grades.EVERY_KIND))
def page(request: pytest.FixtureRequest) -> Page:
    """The page of each kind of grade."""
    return Page(render_html(grades.EVERY_KIND[request.param]))


@pytest.mark.parametrize("kind", ["failing", "several", "fault", "self_check_passed", "trained"])
def test_the_page_is_the_accepted_one(kind: str) -> None:
    """`AUTOGRADE_ACCEPT=1` accepts the new one; tests/README.md says how to look at it first."""
    html = render_html(grades.EVERY_KIND[kind])
    for pattern, replacement in SCRUBS:
        html = pattern.sub(replacement, html)
    gold = GOLD / f"{kind}.html"
    if os.environ.get("AUTOGRADE_ACCEPT"):
        gold.parent.mkdir(exist_ok=True)
        gold.write_text(html, "utf-8")
    accepted = gold.read_text("utf-8")
    if html != accepted:
        ACTUAL.mkdir(parents=True, exist_ok=True)
        (ACTUAL / gold.name).write_text(html, "utf-8")
        lines = difflib.unified_diff(
            accepted.splitlines(), html.splitlines(), "gold", "actual", n=1
        )
        pytest.fail("\n".join(lines))


def test_elements_are_closed_in_order_and_ids_are_unique(page: Page) -> None:
    """The page is well formed, whatever a student wrote."""
    assert page.open == []
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_nothing_is_fetched_and_nothing_is_inline(page: Page) -> None:
    """No address but fragments and data, no style or handler attribute, one style, one script."""
    for tag, attrs in page.elements:
        assert not [name for name in attrs if name == "style" or name.startswith("on")]
        assert "src" not in attrs
        if "href" in attrs:
            assert attrs["href"].startswith(("#", "data:,")), tag
    assert (len(page.all("style")), len(page.all("script"))) == (1, 1)
    for tag in ("form", "img", "iframe", "object", "embed", "base", "image", "use"):
        assert not page.all(tag)


@pytest.mark.parametrize("kind", ["failing", "hostile"])
def test_the_policy_allows_the_one_style_and_the_one_script(kind: str) -> None:
    """Their hashes are those of the very bytes on the page."""
    html = render_html(grades.EVERY_KIND[kind])
    policy = Page(html).all("meta")[1]["content"]
    for name in ("style", "script"):
        (text,) = re.findall(rf"<{name}>(.*?)</{name}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


def test_hostile_text_stays_text() -> None:
    """No element, expression, terminal code or bidi control comes out of a student's text."""
    html = render_html(grades.EVERY_KIND["hostile"])
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "{{ 7*7 }}" in html
    assert "49" not in re.sub(r"<(style|script)>.*?</\1>", "", html, flags=re.DOTALL)
    assert not any(c in html for c in "\x1b\x00\u202e\u2066\u200b")
    html.encode("utf-8")


def test_every_control_and_region_has_a_name_of_its_own(page: Page) -> None:
    """Regions that scroll can be reached by keyboard and told apart; meters are labelled."""
    regions = [attrs for _, attrs in page.elements if attrs.get("role") == "region"]
    assert all(attrs["tabindex"] == "0" for attrs in regions)
    names = [attrs["aria-label"] for attrs in regions]
    assert len(names) == len(set(names))
    assert all(attrs["aria-label"] for attrs in page.all("meter"))


def test_the_page_has_landmarks_headings_and_captions(page: Page) -> None:
    """Language, one main, one h1, a way past the header, a caption on every table."""
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("main")) == len(page.all("h1")) == len(page.all("header")) == 1
    assert page.all("a")[0] == {"class": "skip", "href": "#next"}
    assert len(page.all("caption")) == len(page.all("table"))
    assert all("scope" in attrs for attrs in page.all("th"))
    targets = {attrs["href"][1:] for attrs in page.all("a")}
    assert targets <= {attrs.get("id") for _, attrs in page.elements}


def test_without_scripts_nothing_is_missing(page: Page) -> None:
    """Only the filters wait for the script; no test is hidden."""
    hidden = [attrs.get("id") for _, attrs in page.elements if "hidden" in attrs]
    assert hidden in ([], ["filters"])


def test_a_status_is_a_word_beside_its_symbol() -> None:
    """The symbol is decoration: a reader who hears the page hears the word."""
    html = render_html(grades.EVERY_KIND["failing"])
    assert '<span aria-hidden="true">✗</span> Failed' in html


def test_the_page_is_read_in_the_order_in_which_students_ask() -> None:
    """Score, what to fix, points, training, tests, what changed, how to repeat, conditions."""
    trained = grades.EVERY_KIND["trained"]
    html = render_html(trained, since=grades.EVERY_KIND["full_marks"])
    assert re.findall(r'<h2 id="([a-z]+)-title"', html) == [
        "next",
        "points",
        "training",
        "tests",
        "changes",
        "again",
        "about",
    ]


def test_the_command_that_repeats_a_run_names_its_seed() -> None:
    """For the student with the public tests, and for the teacher with all of them."""
    html = render_html(grades.EVERY_KIND["failing"])
    assert "autograde check softmax --seed 20260301" in html
    assert "autograde grade HAND-IN -e softmax --seed 20260301" in html
    assert "HAND-IN" not in render_html(grades.EVERY_KIND["self_check"])


def test_shapes_are_drawn_where_they_differ() -> None:
    """Both to one scale, each with its sizes in words; numbers stand beside what is off."""
    other = Comparison("softmax(X)", (("1", "2"),), (("1",), ("2",)), shapes=((1, 2), (2, 1)))
    off = replace(grades.COLUMN_SUMS, difference=(("+0.5", "", ""), ("", "", "")))
    for comparison, wanted in (
        (other, ("expected (1, 2)", "yours (2, 1)", 'd="M1 1h28v14h-28zM15 1v14"')),
        (off, ("Difference", '<td class="o">+0.5</td>')),
    ):
        failed = Verdict(grades.ROWS, Outcome.FAILED, "No.", comparison)
        html = render_html(grades.grade([failed]))
        assert [text for text in wanted if text not in html] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_sixty_tests_fit_in_sixty_kilobytes(language: str) -> None:
    """Also when a third fail or raise, with all that is shown of such a test, and changed."""
    cells = tuple(tuple(f"{r * c / 7:.4f}" for c in range(8)) for r in range(8))
    failed = Verdict(
        grades.ROWS,
        Outcome.FAILED,
        "softmax(X): 5 of 6 values differ from what is expected. Rows sum to 1.",
        Comparison("softmax(X)", cells, cells, ((1, 2), (3, 4))),
        output="X has shape torch.Size([2, 3])\n" * 20,
    )
    message = "NameError: name 'log' is not defined"
    raised = Verdict(grades.ROWS, Outcome.ERROR, message, frames=grades.FRAMES * 3)
    hint = "Compare the shapes (n, q) and (n,). Along which axis does broadcasting go?"
    tests = [grades.case(f"test_{i}", "Each row sums to 1.", hint=hint) for i in range(60)]

    def attempt(failing: int) -> Grade:
        return grades.grade(
            [
                replace((failed, failed, raised)[i % 5 // 2], test=test, duration_s=1.234)
                if i % 3 == failing
                else Verdict(test, Outcome.PASSED, duration_s=0.012)
                for i, test in enumerate(tests)
            ]
        )

    page = render_html(attempt(0), Say(language), since=attempt(1))
    assert len(page.encode()) <= 60_000


def test_a_row_drawn_before_is_drawn_in_the_language_of_its_page() -> None:
    """What one page of a class leaves for the next is neither of another language nor of a part."""
    grade = grades.grade(verdicts=grades.all_passed())
    first, chinese, again = (render_html(grade, Say(tag)) for tag in ("en", "zh", "en"))
    part = render_fragment(grade, Say("en"))

    assert first == again
    for key in ("test.hidden", "outcome.passed.word"):
        assert f"{Say('en')(key)}</span>" in first
        assert f"{Say('zh')(key)}</span>" in chinese
        assert f"{Say('en')(key)}</span>" not in chinese
    assert re.findall(r'<li id="t1" data-g="(.*?)".*?</li>', first) == ["passed"]
    assert re.findall(r'<li data-g="(.*?)".*?</li>', part)[:1] == ["passed"]
    assert " id=" not in part


def test_a_slow_test_is_not_taken_for_a_quick_one() -> None:
    """Two that differ in nothing but their time have rows of their own."""
    quick = grades.all_passed()
    slow = [replace(quick[0], duration_s=2.0), *quick[1:]]
    before, page = (render_html(grades.grade(verdicts=v)) for v in (quick, slow))

    assert " data-s>" not in before
    assert page.count(" data-s>") == 1
    assert "2.0\u00a0s" in page
