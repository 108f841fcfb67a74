"""One person's result: the attempts that count, joined, and its page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader import report, score
from grader.batch.intake import Pick, join
from grader.model import Grade, Standing


def merge(parts: Sequence[tuple[Pick, Grade]], owner: str) -> Grade:
    """Make one grade of what counts for each exercise.

    Args:
        parts: One per exercise, in course order: what was handed in, and its verdicts.
        owner: Key of the person.
    """
    newest = max((grade for _, grade in parts), key=lambda grade: grade.graded_at)
    weakest = min((grade.isolation for _, grade in parts), key=lambda found: found.level)
    return score.grade_submission(
        join([pick for pick, _ in parts], owner),
        [grade.exercises[0] for _, grade in parts],
        isolation=weakest,
        environment=newest.environment,
        graded_at=newest.graded_at,
    )


def write(folder: Path, grade: Grade, say: report.Say, standing: Standing | None = None) -> None:
    """Write `result.json` and its page, unless they stand there already.

    Args:
        folder: Of one person.
        grade: What the tests say.
        say: Says it in the language of the page.
        standing: What counts; None while that is not known, when a page of the same result is
            left as it is.

    Raises:
        UsageError: If they cannot be written.
    """
    text, page = report.result_text(grade), folder / "report.html"
    is_new = not page.is_file() or _text_of(folder / "result.json") != text
    if not is_new and (standing is None or not _tells_what_counts(page, standing)):
        return
    html = report.render_html(grade, say, counts=standing)
    if is_new or html != _text_of(page):
        report.write_text(page, html)
    if is_new:
        report.write_text(folder / "result.json", text)


def _tells_what_counts(page: Path, standing: Standing) -> bool:
    """Tell whether a page has to say what counts, or says it and may no longer."""
    return report.counts_otherwise(standing) or report.MARK in _text_of(page)


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
