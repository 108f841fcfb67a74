"""Wards of both jailed levels, side by side, each with canaries of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.cell import levels
from tests.security.canaries import plant, variable
from tests.security.corpus import Entry
from tests.security.slowness import slowness
from tests.security.target import write_target
from tests.security.ward import Examined, Ward


class Rounds:
    """Grades all hand-ins that were asked for, one session a level, both at once.

    A machine with two cores is through in little more than the time of one session, because the
    slow hand-ins wait and do not work.
    """

    def __init__(self, scratch: Path, stack: contextlib.ExitStack) -> None:
        """Start nothing yet."""
        self._scratch = scratch
        self._stack = stack
        self._lanes: dict[int, ThreadPoolExecutor] = {}
        self._wards: dict[int, Future[Ward]] = {}
        self._found: dict[tuple[int, str], Future[Examined]] = {}

    def plan(self, level: int, entry: Entry) -> None:
        """Put a hand-in onto the list of a level."""
        if level not in self._lanes:
            lane = ThreadPoolExecutor(1, thread_name_prefix=f"level{level}")
            self._stack.callback(lane.shutdown, cancel_futures=True)
            self._lanes[level] = lane
            self._wards[level] = lane.submit(self._start, level)
        ward = self._wards[level]
        task = self._lanes[level].submit(lambda: ward.result().examine(entry))
        self._found[level, entry.id] = task

    def _start(self, level: int) -> Ward:
        root = self._scratch / f"course-{level}"
        root.mkdir()
        canaries = self._stack.enter_context(plant())
        ward = Ward(write_target(root, slowness()), level, canaries, self._scratch)
        return self._stack.enter_context(ward)

    def ward(self, level: int) -> Ward:
        """Return the ward of a level on which something is planned."""
        return self._wards[level].result()

    def found(self, level: int, entry: Entry) -> Examined:
        """Return what came of a hand-in, waiting for it."""
        return self._found[level, entry.id].result()


@pytest.fixture(scope="session")
def rounds(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rounds]:
    """Return the rounds of all hand-ins that were selected, under way."""
    slowness()  # measured while nothing else runs
    unavailable = {level: levels.why_not(level)[0] for level in (3, 2)}
    with contextlib.ExitStack() as stack:
        stack.enter_context(variable())
        found = Rounds(tmp_path_factory.mktemp("rounds"), stack)
        for item in request.session.items:
            callspec = getattr(item, "callspec", None)
            if callspec is None or not {"entry", "level"} <= set(callspec.params):
                continue
            level, entry = callspec.params["level"], callspec.params["entry"]
            if not unavailable[level]:
                found.plan(level, entry)
        yield found
