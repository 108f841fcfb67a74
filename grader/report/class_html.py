"""The page of a class: one file like the student's, for the teacher's eyes."""

from __future__ import annotations

from collections.abc import Mapping

from grader.insight import Overview
from grader.report.class_build import build_class
from grader.report.class_figures import HEIGHT, WIDTH
from grader.report.html import STYLE, render_page
from grader.report.language import Say

CLASS_STYLE, CLASS_SCRIPT = "class.css", "class.js"


def render_class(found: Overview, folders: Mapping[str, str], say: Say, *, pseudonyms: bool) -> str:
    """Render the page of a class.

    Args:
        found: Its figures.
        folders: By key of a person the address of their page, relative to this one.
        say: Says it in the reader's language.
        pseudonyms: Whether names, and all that leads to them, are left out.

    Returns:
        The text of one HTML file with the same policy as a student's page.
    """
    page = build_class(found, folders, say, pseudonyms=pseudonyms)
    return render_page(
        "class.html.j2", (STYLE, CLASS_STYLE), CLASS_SCRIPT,
        page=page, say=say, width=WIDTH, height=HEIGHT,
    )  # fmt: skip
