"""Cells to speak with: one host per level and session, and short ways to say things."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from grader.cell import levels, open_host
from grader.cell.cell import Cell, CellHost
from grader.errors import CellEnded, Ending
from grader.model import Limits

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


@dataclass
class Spoken:
    """A cell, and short ways to speak with it."""

    cell: Cell

    def load(self, source: str) -> dict[str, Any]:
        """Load a student's module; return the error that it raised, or an empty dict."""
        body = {"name": "answer", "path": "answer.py", "source": source}
        frame = self.cell.request("load", body, self.cell.packer(lambda _: []))
        return dict(frame.body) if frame.kind == "error" else {}

    def say(self, source: str) -> str:
        """Load a module that raises nothing and return what it printed."""
        problem = self.load(source)
        assert not problem, problem
        return self.cell.take_output().strip()

    def refusal(self, source: str) -> str:
        """Load a module and return the name of the exception that it raised."""
        problem = self.load(source)
        assert problem, "nothing was raised"
        return str(problem["type"])

    def ending(self, source: str) -> Ending:
        """Load a module that ends its cell and return why the cell ended."""
        try:
            problem = self.load(source)
        except CellEnded as error:
            return error.ending
        message = f"the cell is still alive: {problem or 'nothing was raised'}"
        raise AssertionError(message)

    def fate(self, source: str) -> str:
        """Load a module and return the exception that it raised or the outcome that it met."""
        try:
            problem = self.load(source)
        except CellEnded as error:
            return str(error.ending.outcome)
        return str(problem["type"]) if problem else "nothing"


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
