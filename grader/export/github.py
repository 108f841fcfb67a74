"""A grade as a comment on an issue of the student's repository, or as a status of its commit."""

from __future__ import annotations

from grader.export import summary
from grader.model import Grade, Standing
from grader.points import points_number

CONTEXT = "autograde"
COMMENT_LIMIT_BYTES = 60_000
"""GitHub refuses a comment of more than 65,536 characters."""
DESCRIPTION_LIMIT = 140
MARKER = "<!-- autograde -->"
"""By this line the next run finds its comment again."""
ISSUE_BODY = "The newest result stands in the comment below and is replaced by the next one."


def comment_of(grade: Grade, standing: Standing | None) -> str:
    """Write the comment that tells a student everything.

    Args:
        grade: The grade, as it was stored.
        standing: What counts of it; None if the class has no rules.
    """
    counts = _counts(standing)
    head = f"{MARKER}\n" + (f"**In the gradebook: {counts}.**\n\n" if counts else "")
    pointer = "This is not all: the rest did not fit into a comment."
    return head + summary.fit(summary.summary(grade), COMMENT_LIMIT_BYTES - len(head), pointer)


def status_of(grade: Grade, standing: Standing | None, *, passed: bool) -> dict[str, str]:
    """Write the status of the commit that was graded.

    Args:
        grade: The grade; its score is not open.
        standing: What counts of it; None if the class has no rules.
        passed: Whether every exercise was.

    Raises:
        ValueError: If the score is open: a status would be read as a verdict.
    """
    if grade.score is None:
        msg = "an open score is no status"
        raise ValueError(msg)
    points = f"{points_number(grade.score)} of {points_number(grade.max_score)} points"
    if counts := _counts(standing):
        points += f"; in the gradebook: {counts}"
    return {
        "state": "success" if passed else "failure",
        "context": CONTEXT,
        "description": points[:DESCRIPTION_LIMIT],
    }


def _counts(standing: Standing | None) -> str:
    """Say what counts, where that is something else than what was earned."""
    if standing is None or not standing.differs:
        return ""
    points = "open" if standing.points is None else points_number(standing.points)
    return f"{points} of {points_number(standing.max_points)} points"
