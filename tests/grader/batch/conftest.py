"""What tests of several parts of this room use."""

from __future__ import annotations

import threading

import pytest

from grader.batch import ahead


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if this process had no threads yet: those that other tests left are not counted."""
    others = threading.active_count() - 1
    monkeypatch.setattr(ahead, "active_count", lambda: threading.active_count() - others)
