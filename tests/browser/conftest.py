"""A real browser and the axe rules, or a skip that says what is missing.

Pages are opened from files, as students open them. tests/README.md says how to install.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from grader.model import Grade
from grader.report import Say, render_html

AXE = Path("axe-core-4.10.3") / "package" / "axe.min.js"
BROWSERS = ("chromium", "google-chrome", "chromium-browser")
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)

PATIENCE_MS = 600_000
"""A busy machine is no fault of a page."""


@dataclass
class Opened:
    """A page in a browser, and all that it said and asked for.

    Attributes:
        page: Playwright's page.
        said: Console messages, errors and dialogs.
        asked: Addresses requested, its own file left out.
    """

    page: Any
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


Open = Callable[..., Opened]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium without a window, for the whole run."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="Playwright is missing: pip install -e '.[browser]'"
    )
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip("Chromium is missing: apt-get install chromium")
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(
            executable_path=program, args=list(FLAGS), timeout=PATIENCE_MS
        )
        yield chromium
        chromium.close()


@pytest.fixture
def open_file(browser: Any) -> Iterator[Open]:
    """Open a file, and listen; options are those of a browser context."""
    contexts = []

    def open_one(file: Path, fragment: str = "", **options: Any) -> Opened:
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        opened = Opened(context.new_page())
        page = opened.page
        page.on("console", lambda message: opened.said.append(message.text))
        page.on("pageerror", lambda error: opened.said.append(str(error)))
        page.on("dialog", lambda dialog: (opened.said.append(dialog.message), dialog.dismiss()))
        own = file.as_uri()
        page.on(
            "request",
            lambda request: None if request.url == own else opened.asked.append(request.url),
        )
        page.goto(own + fragment)
        return opened

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def open_page(open_file: Open, tmp_path: Path) -> Open:
    """Open the page of a grade; options are those of a browser context."""

    def open_one(grade: Grade, fragment: str = "", language: str = "en", **options: Any) -> Opened:
        file = tmp_path / f"{len(list(tmp_path.iterdir()))}.html"
        file.write_text(render_html(grade, Say(language)), "utf-8")
        return open_file(file, fragment, **options)

    return open_one


@pytest.fixture(scope="session")
def axe() -> str:
    """The text of the axe rules, from a cache outside of the repository."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "autograde"
    if not (cache / AXE).is_file():
        pytest.skip(f"axe-core is missing: tests/README.md says how to put it into {cache}")
    return (cache / AXE).read_text("utf-8")
