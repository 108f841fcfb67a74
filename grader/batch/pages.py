"""One person's result: the attempts that count, joined, and its page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader import report, score
from grader.batch.intake import Pick, join
from grader.model import Grade, Standing

PAGE = "report.html"


def merge(parts: Sequence[tuple[Pick, Grade]], owner: str) -> Grade:
    """Make one grade of what counts for each exercise.

    Args:
        parts: One per exercise, in course order: what was handed in, and its verdicts.
        owner: Key of the person.
    """
    submission = join([pick for pick, _ in parts], owner)
    return score.join(submission, [grade for _, grade in parts])


def write(folder: Path, grade: Grade, say: report.Say) -> None:
    """Write `result.json` and its page, unless they stand there already.

    Args:
        folder: Of one person.
        grade: What the tests say.
        say: Says it in the language of the page.

    Raises:
        UsageError: If they cannot be written.
    """
    plain = report.result_dict(grade)
    text = report.text_of(plain)
    page = folder / PAGE
    if not page.is_file() or _text_of(folder / "result.json") != text:
        report.write_text(page, report.render_html(grade, say, plain=plain))
        report.write_text(folder / "result.json", text)


def say_what_counts(folder: Path, grade: Grade, say: report.Say, standing: Standing) -> None:
    """Draw a page again that has to say what counts, or says it and may no longer.

    Args:
        folder: Of one person; holds the page.
        grade: See `write`.
        say: See `write`.
        standing: What counts.

    Raises:
        UsageError: If it cannot be written.
    """
    page = folder / PAGE
    before = _text_of(page)
    if _has_more_to_say(before, standing):
        html = report.render_html(grade, say, counts=standing)
        if html != before:
            report.write_text(page, html)


def has_more_to_say(folder: Path, standing: Standing) -> bool:
    """Tell whether a page has to say what counts, or says it and may no longer.

    Args:
        folder: Of one person; holds the page.
        standing: What counts.
    """
    return _has_more_to_say(_text_of(folder / PAGE), standing)


def _has_more_to_say(page: str, standing: Standing) -> bool:
    return standing.differs or report.COUNTS_MARK in page


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
