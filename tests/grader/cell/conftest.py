"""Cells to speak with: one host per level and session, and short ways to say things."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from grader.cell import levels, open_host
from grader.cell.cell import CellHost
from grader.model import Limits
from tests.grader.cell.spoken import Spoken

SMALL = Limits(
    wall_time_s=20.0,
    memory_mib=256,
    output_kib=64,
    threads=16,
    processes=2,
    open_files=100,
    scratch_mib=4,
    scratch_files=500,
)


class Ward:
    """A host of one level for all tests of the session."""

    def __init__(self, level: int) -> None:
        """Start the host."""
        self.level = level
        self.host: CellHost = open_host(level, SMALL)

    @contextmanager
    def cell(self, limits: Limits = SMALL) -> Iterator[Spoken]:
        """Open a cell and close it afterwards."""
        cell = self.host.open(limits)
        try:
            cell.allow(limits.wall_time_s)
            yield Spoken(cell)
        finally:
            cell.close()


@pytest.fixture(scope="session")
def ward_of() -> Iterator[Callable[[int], Ward]]:
    """Return the ward of a level, or skip in words where this machine has none."""
    wards: dict[int, Ward] = {}

    def ward(level: int) -> Ward:
        if level not in wards:
            if level:
                reason, remedy = levels.why_not(level)
                if reason:
                    pytest.skip(f"no level {level} here: {reason} {remedy}")
            wards[level] = Ward(level)
        return wards[level]

    yield ward
    for each in wards.values():
        each.host.close()


@pytest.fixture(params=[3, 2, 0], ids=lambda level: f"level{level}")
def ward(request: pytest.FixtureRequest, ward_of: Callable[[int], Ward]) -> Ward:
    """Return the wards of all levels, one after another."""
    return ward_of(request.param)


@pytest.fixture(params=[3, 2], ids=lambda level: f"level{level}")
def jailed(request: pytest.FixtureRequest, ward_of: Callable[[int], Ward]) -> Ward:
    """Return the wards of the levels that have a jail."""
    return ward_of(request.param)


@pytest.fixture
def boxed(ward_of: Callable[[int], Ward]) -> Ward:
    """Return the ward of level 3."""
    return ward_of(3)
