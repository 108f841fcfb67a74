"""One grade to one page: terminal, HTML, JSON. This room shows; it decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.report.counted import COUNTS_MARK
from grader.report.files import write_bytes, write_text
from grader.report.language import TAGS, Lines, Say
from grader.report.result import result_dict, result_text, text_of, write_result
from grader.report.stored import as_stored, parse_result, read_own, read_result
from grader.report.terminal import print_grade

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from grader.insight import Overview
    from grader.model import Grade, Standing

__all__ = [
    "COUNTS_MARK",
    "TAGS",
    "Lines",
    "Say",
    "as_stored",
    "class_dict",
    "parse_result",
    "print_grade",
    "read_own",
    "read_result",
    "render_class",
    "render_fragment",
    "render_html",
    "result_dict",
    "result_text",
    "text_of",
    "write_bytes",
    "write_result",
    "write_text",
]


def render_html(
    grade: Grade,
    say: Say = Say(),  # noqa: B008 - it is immutable
    since: Grade | None = None,
    counts: Standing | None = None,
    plain: dict[str, Any] | None = None,
) -> str:
    """Render the student's page; see `grader.report.html.render_html`."""
    from grader.report import html  # jinja2 is loaded only where a page is asked for

    return html.render_html(grade, say, since, counts, plain)


def render_fragment(grade: Grade, say: Say) -> str:
    """Render a part for another page; see `grader.report.html.render_fragment`."""
    from grader.report import html

    return html.render_fragment(grade, say)


def render_class(
    found: Overview,
    folders: Mapping[str, str],
    say: Say = Say(),  # noqa: B008 - it is immutable
    *,
    pseudonyms: bool = False,
) -> str:
    """Render the page of a class; see `grader.report.class_html.render_class`."""
    from grader.report import class_html

    return class_html.render_class(found, folders, say, pseudonyms=pseudonyms)


def class_dict(found: Overview, *, pseudonyms: bool = False) -> dict[str, Any]:
    """Give the figures of a class as plain data; see `grader.report.class_data.class_dict`."""
    from grader.report import class_data

    return class_data.class_dict(found, pseudonyms=pseudonyms)
