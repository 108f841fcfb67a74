"""What tests of several parts of this room use."""

from __future__ import annotations

import threading

import pytest

from grader.batch import ahead
from grader.batch.plan import Attempt, Plan, Trouble
from grader.batch.reading import read_all
from grader.batch.texts import Texts
from grader.collect import IntakeLimits
from grader.model import Course, Submission


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if this process had no threads yet: those that other tests left are not counted."""
    others = threading.active_count() - 1
    monkeypatch.setattr(ahead, "active_count", lambda: threading.active_count() - others)


def read(plan: Plan, course: Course, texts: Texts) -> list[tuple[Attempt, Submission | Trouble]]:
    """Read every hand-in of a class here, one after the other."""
    return list(read_all(plan.attempts, course.exercises, IntakeLimits(), texts))
