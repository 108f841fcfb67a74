"""How long it takes to say why a task failed, in the warm process.

    python benchmarks/diagnosis.py [--each 6]

Known mistakes of every exercise of this repository are diagnosed as a failing hand-in is: in a
cell of its own, opened for it. A call of one small function in such a cell is measured in turns
with them, so that a slow or busy machine lengthens both, and their ratio holds.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from measure import machine

from grader import cell, course
from grader.course.catalogue import read_catalogue
from grader.judge.diagnosis import Knowledge, OpenCell, diagnose, read_knowledge
from grader.judge.proxy import Module
from grader.judge.session import Session
from grader.model import Exercise, HandIn, HandInStatus, Limits

ROOT = Path(__file__).parents[1]
LIMITS = Limits(wall_time_s=600)
FORKS = 100
"""Until the pages of the warm process are as large as they get, as they are in a class."""
CALLS = 20
"""Calls beside each diagnosis."""
ADD = "def add(a, b):\n    return a + b\n"


@dataclass
class Spent:
    """What one diagnosis took, and one call beside it."""

    wall_s: float
    judge_cpu_s: float
    requests: int
    call_s: float


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--each", type=int, default=6, help="mistakes of each exercise")
    each = parser.parse_args().each
    torch.set_num_threads(1)  # as in the worker
    print(machine(), end="\n\n")
    host = cell.open_host(cell.BEST, LIMITS)
    print(f"Isolation level {host.isolation.level}.", end="\n\n")
    print("| exercise | mistakes | requests | judge's CPU | wall | longest | in calls |")
    print("|---|---|---|---|---|---|---|")
    try:
        for _ in range(FORKS):
            host.open(LIMITS).close()
        for exercise in course.load_course(ROOT).exercises:
            knowledge = read_knowledge(exercise)
            if knowledge is not None:
                print(_row(exercise.id, list(_measured(exercise, knowledge, host.open, each))))
    finally:
        host.close()


def _measured(
    exercise: Exercise, knowledge: Knowledge, open_cell: OpenCell, each: int
) -> Iterator[Spent]:
    """Diagnose some of an exercise's mistakes, evenly spread over its catalogue."""
    catalogue = read_catalogue(exercise)
    session = _calling(open_cell)
    student: Any = Module(session)
    # What a first time loads is loaded once in the life of a process, before anybody is graded.
    _diagnosed(exercise, knowledge, open_cell, catalogue[0].source, catalogue[0].task)
    for mistake in catalogue[:: max(1, len(catalogue) // each)]:
        started_s = time.monotonic()
        for _ in range(CALLS):
            student.add(1, 2)
        call_s = (time.monotonic() - started_s) / CALLS
        found = _diagnosed(exercise, knowledge, open_cell, mistake.source, mistake.task)
        yield replace(found, call_s=call_s)
    session.cell.close()


def _calling(open_cell: OpenCell) -> Session:
    opened = open_cell(LIMITS)
    opened.allow(LIMITS.wall_time_s)
    session = Session(opened, HandIn("01-01-add", HandInStatus.SUBMITTED, "add.py", ADD))
    session.ask("load", {"name": "add", "path": "add.py", "source": ADD})
    return session


def _diagnosed(
    exercise: Exercise, knowledge: Knowledge, open_cell: OpenCell, source: str, task: str
) -> Spent:
    """Diagnose one task of one text; the cell that is opened for it is part of the price."""
    opened: list[Any] = []

    def open_one(limits: Limits) -> Any:
        found = _Counted(open_cell(limits))
        opened.append(found)
        return found

    hand_in = HandIn(exercise.id, HandInStatus.SUBMITTED, f"{exercise.module}.py", source)
    started_s, cpu_s = time.monotonic(), time.process_time()
    list(diagnose(knowledge, open_one, exercise, hand_in, [task]))
    wall_s, cpu_s = time.monotonic() - started_s, time.process_time() - cpu_s
    return Spent(wall_s, cpu_s, sum(one.requests for one in opened), 0)


class _Counted:
    """A cell that counts what it is asked."""

    def __init__(self, inner: Any) -> None:
        self.requests = 0
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def request(self, *arguments: Any, **named: Any) -> Any:
        self.requests += 1
        return self._inner.request(*arguments, **named)


def _row(name: str, found: list[Spent]) -> str:
    requests = statistics.median(one.requests for one in found)
    cpu_ms, wall_ms = (
        statistics.median(getattr(one, field) for one in found) * 1000
        for field in ("judge_cpu_s", "wall_s")
    )
    ratio = statistics.median(one.wall_s / one.call_s for one in found)
    longest_ms = max(one.wall_s for one in found) * 1000
    return (
        f"| {name} | {len(found)} | {requests:.0f} | {cpu_ms:.3g} ms | {wall_ms:.3g} ms "
        f"| {longest_ms:.3g} ms | {ratio:.0f} |"
    )


if __name__ == "__main__":
    main()
