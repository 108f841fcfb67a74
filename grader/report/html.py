"""The student's page: one file that asks the network for nothing and works without scripts."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from grader.report.build import build_view
from grader.report.language import Say
from grader.report.tests_view import KEPT

if TYPE_CHECKING:
    import jinja2

    from grader.model import Grade, Standing
    from grader.report.view import TestView


STYLE, SCRIPT = "page.css", "page.js"
_ROOT = re.compile(r"^( *)(?::root|html|body)(?= \{)", re.MULTILINE)
_PAGE = re.compile(r"^@page .*$", re.MULTILINE)


def render_html(
    grade: Grade,
    say: Say,
    since: Grade | None = None,
    counts: Standing | None = None,
    plain: dict[str, Any] | None = None,
) -> str:
    """Render the student's page.

    Args:
        grade: The grade of one submission, fresh or read back.
        say: Says it in the reader's language.
        since: The attempt before, to tell what changed.
        counts: What counts of it in a class.
        plain: What `result_dict` gives for it, where that is at hand.

    Returns:
        The text of one HTML file. Its policy names the only style and the only script by
        their hash, so that nothing else on the page can run, whatever a student wrote.
    """
    view = build_view(grade, say, since, counts, plain)
    return render_page("page.html.j2", (STYLE,), SCRIPT, page=view, say=say)


def render_page(template: str, styles: Sequence[str], script: str, **values: object) -> str:
    """Render a page with its style and script, and a policy that names both by their hash.

    Args:
        template: Name of the page's template, which places `style` and `script`.
        styles: Names of the style sheets, joined in this order.
        script: Name of the only script.
        values: What else the template places.
    """
    style, style_hash = _asset(tuple(styles))
    _, script_hash = _asset((script,))
    page = _environment().get_template(template)
    return page.render(
        style=style, script=script, style_hash=style_hash, script_hash=script_hash, **values
    )


def render_fragment(grade: Grade, say: Say) -> str:
    """Render score, what to mend first, and the tests, to stand inside another page.

    Args:
        grade: The grade of one submission, fresh or read back.
        say: Says it in the reader's language.

    Returns:
        One element with its style, which reaches nothing outside of it; no script and no ids,
        so that one page may hold several.
    """
    style, _ = _asset((STYLE,))
    # The whole sheet is nested: what it says of the root of a page it says of this element.
    nested = _ROOT.sub(r"\1&", _PAGE.sub("", style))
    fragment = _environment().get_template("fragment.html.j2")
    return fragment.render(
        page=build_view(grade, say), say=say, style=f".autograde {{\n{nested}\n}}"
    )


@cache
def _environment() -> jinja2.Environment:
    """Prepare the templates: everything is escaped, and a missing field is an error."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("grader.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["rows"] = _rows
    return environment


def _rows(tests: Sequence[TestView], ids: bool, language: str) -> Markup:  # noqa: FBT001
    """Draw tests below each other; a template calls this, for most of a page is in here."""
    drawn = ((_row if t.message or t.hint else _known_row)(t, ids, language) for t in tests)
    return Markup("".join(drawn))  # noqa: S704 - each of them is markup already


def _row(test: TestView, ids: bool, language: str) -> Markup:  # noqa: FBT001
    row: Markup = _parts(language).row(test, ids)
    return row


_known_row = lru_cache(maxsize=KEPT)(_row)
"""Of a test that has nothing to explain, which looks alike on most pages of a class."""


@cache
def _parts(language: str) -> Any:
    return _environment().get_template("parts.html.j2").make_module({"say": Say(language)})


@cache
def _asset(names: tuple[str, ...]) -> tuple[str, str]:
    """Join styles or scripts, and hash them as a content security policy names them."""
    text = "\n".join(_environment().get_template(name).render() for name in names)
    return text, "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
