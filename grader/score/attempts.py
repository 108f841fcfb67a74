"""Which versions of an exercise's file are graded when attempts are limited or cooled down.

    for each commit, oldest first:
        a version that is new is admitted, if fewer than `max_attempts` were
        and `cooldown_minutes` have passed since the last one that was

So a version that came too soon is admitted by the first later commit that still holds it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from grader.model import PushRules


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a version is graded, and why not.

    Attributes:
        admitted: The versions that are, oldest first.
        is_admitted: Whether the one asked about is among them.
        is_used_up: Whether no other one will be.
        ready_at: From when a commit is admitted again; None if nothing has to be waited for.
    """

    admitted: tuple[frozenset[str], ...]
    is_admitted: bool
    is_used_up: bool
    ready_at: datetime | None


def admission(
    versions: Iterable[tuple[frozenset[str], datetime]], asked: frozenset[str], rules: PushRules
) -> Admission:
    """Count attempts.

    Args:
        versions: What each commit holds and when it was made, oldest first. A commit that says
            it is older than one before it is taken to be as old as that.
        asked: The version to be graded; an empty one, as it was handed out, costs nothing.
        rules: The limits.
    """
    pause = timedelta(minutes=rules.cooldown_minutes)
    admitted: dict[frozenset[str], datetime] = {}
    latest: datetime | None = None
    ready_at: datetime | None = None
    for files, at in versions:
        latest = at if latest is None else max(latest, at)
        if not files or files in admitted or _is_full(len(admitted), rules):
            continue
        if ready_at is None or latest >= ready_at:
            admitted[files] = latest
            ready_at = latest + pause
    is_admitted = not asked or asked in admitted
    is_used_up = _is_full(len(admitted), rules)
    waits = not is_admitted and not is_used_up
    return Admission(tuple(admitted), is_admitted, is_used_up, ready_at if waits else None)


def _is_full(count: int, rules: PushRules) -> bool:
    return 0 < rules.max_attempts <= count
