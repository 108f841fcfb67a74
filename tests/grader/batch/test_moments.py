"""Times as nbgrader, Gradescope and the exchange write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch.moments import is_moment, read_moment


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
        ("2026-10-01 14:32:05.1 +08", datetime(2026, 10, 1, 6, 32, 5, 100000, tzinfo=UTC)),
        ("2026-10-01 14:32:05 CEST", datetime(2026, 10, 1, 12, 32, 5, tzinfo=UTC)),
        ("2026-12-01 14:32:05 CET", datetime(2026, 12, 1, 13, 32, 5, tzinfo=UTC)),
        ("2026-10-01 14:32:05 BST", datetime(2026, 10, 1, 13, 32, 5, tzinfo=UTC)),
        ("2026-10-01 14:32:05 EDT", datetime(2026, 10, 1, 18, 32, 5, tzinfo=UTC)),
        ("2026-12-01 14:32:05 EST", datetime(2026, 12, 1, 19, 32, 5, tzinfo=UTC)),
        ("2026-10-01 14:32:05 PDT", datetime(2026, 10, 1, 21, 32, 5, tzinfo=UTC)),
        ("2026-12-01 14:32:05 PST", datetime(2026, 12, 1, 22, 32, 5, tzinfo=UTC)),
        ("2026-12-01 14:32:05 ACDT", datetime(2026, 12, 1, 4, 2, 5, tzinfo=UTC)),
    ],
)
def test_moments_are_read_with_their_zone(text: str, moment: datetime) -> None:
    """Every system has its own way of writing one."""
    assert read_moment(text) == moment


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01 00:00:00", "2026-10-01 14:32:05 ../..",
                                  "2026-10-01 14:32:05 CST"])  # fmt: skip
def test_what_is_no_moment_is_none(text: str) -> None:
    """Nothing is guessed."""
    assert read_moment(text) is None


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("2026-10-01 14:32:05 CST", True),
        ("2026-10-01 14:32:05 UTC", True),
        ("2026-10-01 14:32:05", True),
        ("2026-10-01 14:32:05 -0700", True),
        ("2026-13-01 14:32:05 CST", False),
        ("2026-10-01 14:32:05 ../..", False),
        ("soon", False),
    ],
)
def test_a_moment_is_one_in_whatever_zone(text: str, is_one: bool) -> None:
    """A zone that several countries call their own says no time, but takes none away either."""
    assert is_moment(text) == is_one


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    """No text raises anything."""
    read_moment(text)
    read_moment(f"2026-10-01 14:32:05 {text}")
    is_moment(text)
    is_moment(f"2026-10-01 14:32:05 {text}")
