"""What counts of a result, where that is not what its tests earned, and why."""

from __future__ import annotations

from collections.abc import Iterator

from grader.model import ExerciseStanding, Grade, Standing
from grader.report.language import Say
from grader.report.numbers import points_text

COUNTS_MARK = "data-counts"
"""Stands in a page that says what counts."""


def counted_text(standing: Standing | None, grade: Grade, say: Say) -> str:
    """Say what counts and why; empty where the tests decide alone, or something is open.

    Args:
        standing: Of the person; None where nobody keeps a gradebook.
        grade: Whose page it is, in the reader's language.
        say: Says it in the reader's language.
    """
    if standing is None or standing.points is None or not standing.differs:
        return ""
    titles = {found.exercise.id: found.exercise.title for found in grade.exercises}
    reasons = [
        reason
        for one in standing.exercises
        for reason in _reasons(one, titles.get(one.exercise_id, one.exercise_id), say)
    ]
    total = {"points": points_text(standing.points), "maximum": points_text(standing.max_points)}
    return say("counts.total", **total, why=say("counts.joint").join(reasons))


def _reasons(one: ExerciseStanding, title: str, say: Say) -> Iterator[str]:
    if one.is_dropped:
        yield say("counts.dropped", exercise=title)
    elif one.is_overridden:
        yield say("counts.decided", exercise=title)
    elif one.points is not None and one.raw is not None and one.points != one.raw:
        if one.days_late > one.grace_days:
            yield say.number("counts.late", one.days_late, exercise=title)
        if one.points > one.raw or one.days_late <= one.grace_days:
            yield say("counts.curve", exercise=title)
