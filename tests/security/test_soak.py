"""A short soak: right and hostile hand-ins in turn, and nothing left behind."""

from __future__ import annotations

import pytest

from grader.cell import levels
from tests.security.soak import HOSTILE, SLOW, soak


def test_forty_hand_ins_leave_nothing_behind_and_every_right_one_its_marks() -> None:
    """One warm session at level 3; the long soak is `nox -s soak`."""
    reason, remedy = levels.why_not(3)
    if reason:
        pytest.skip(f"no level 3 here: {reason} {remedy}")
    quick = tuple(name for name in HOSTILE if name not in SLOW)
    record = soak(40, seed=11, level=3, hostile=quick)
    assert record.wrong_marks == []
    assert record.left == []
    assert record.count == 40
    assert 10 < record.right < 40
    assert record.outcomes["crashed"]
