"""Times as nbgrader, Gradescope and the exchange write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch.moments import read_moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-10-01 14:32:05.100000000 Z", datetime(2026, 10, 1, 14, 32, 5, 100000, tzinfo=UTC)),
        ("2026-10-01 14:32:05 UTC", datetime(2026, 10, 1, 14, 32, 5, tzinfo=UTC)),
        ("2026-10-01T14:32:05Z", datetime(2026, 10, 1, 14, 32, 5, tzinfo=UTC)),
        ("2026-10-01 14:32:05", datetime(2026, 10, 1, 14, 32, 5, tzinfo=UTC)),
        ("2026-10-01 14:32:05 Europe/Vienna", datetime(2026, 10, 1, 12, 32, 5, tzinfo=UTC)),
        ("2026-10-01 14:32:05.5 -0700", datetime(2026, 10, 1, 21, 32, 5, 500000, tzinfo=UTC)),
        ("2026-10-01_14_32_05 UTC", datetime(2026, 10, 1, 14, 32, 5, tzinfo=UTC)),
    ],
)
def test_moments_are_read_with_their_zone(text: str, moment: datetime) -> None:
    """Every system has its own way of writing one."""
    assert read_moment(text) == moment


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01 00:00:00", "2026-10-01 14:32:05 ../.."])
def test_what_is_no_moment_is_none(text: str) -> None:
    """Nothing is guessed."""
    assert read_moment(text) is None


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    """No text raises anything."""
    read_moment(text)
    read_moment(f"2026-10-01 14:32:05 {text}")
