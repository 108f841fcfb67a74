"""The audit log: who changed what, when and why, in words. It only grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from grader.gradebook.tables import AUDIT, decimal

if TYPE_CHECKING:
    from sqlalchemy import Connection

GRADED, OVERRIDDEN, EXTENDED = "graded", "override", "extension"
NOTHING = "none"
_OPEN = "open"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the audit log.

    Attributes:
        at: When (aware, UTC).
        author: Who.
        action: `graded`, `override` or `extension`.
        person: Whose.
        exercise_id: Which exercise.
        before: What was in force until then, in words.
        after: What has been since.
        reason: Why; empty for what was graded.
    """

    at: datetime
    author: str
    action: str
    person: str
    exercise_id: str
    before: str
    after: str
    reason: str


def log(connection: Connection, events: Sequence[Event]) -> None:
    """Add lines to the log, within the transaction of what they tell of."""
    if events:
        rows = [
            {
                "at": e.at, "author": e.author, "action": e.action, "person": e.person,
                "exercise": e.exercise_id, "before": e.before, "after": e.after,
                "reason": e.reason,
            }
            for e in events
        ]  # fmt: skip
        connection.execute(AUDIT.insert(), rows)


def words(value: Fraction | datetime | None) -> str:
    """Write points or a moment for the audit log."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return decimal(value)


def out_of(points: Fraction | None, max_points: Fraction) -> str:
    """Write what was earned of what could be."""
    return f"{_OPEN if points is None else words(points)} of {words(max_points)}"
