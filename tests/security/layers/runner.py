"""Runs hostile hand-ins in bare cells, to see whether they turn red: what must not happen does."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import torch

from grader.cell import forking, wire
from grader.cell.cell import Cell
from grader.errors import CellEnded
from grader.model import Isolation, Limits
from tests.security.canaries import Canaries
from tests.security.corpus import Entry, filled
from tests.security.layers import environment
from tests.security.layers.table import LIMITS
from tests.security.target import RIGHT

LATE = "late"
"""What became of a request that should have been ended long ago."""
POINTS = {"curve": 4, "words": 1, "parts": 1, "Tally": 1}


@dataclasses.dataclass(frozen=True, slots=True)
class Fate:
    """What became of one hand-in in one cell.

    Attributes:
        points: As the target gives them.
        ends: Outcome and message of each call that gave no right answer.
        problem: An exception of the judge; empty as a rule.
        touched: What is wrong with the canaries.
    """

    points: int
    ends: tuple[tuple[str, str], ...]
    problem: str
    touched: tuple[str, ...]

    def complaints(self, entry: Entry) -> list[str]:
        """Return why this is red; nothing if the hand-in got what it deserves."""
        found = [f"{self.points} points"] if self.points > entry.points else []
        found += [
            f"{outcome}: {message}"
            for outcome, message in self.ends
            if outcome not in {*entry.outcomes, "error"}
        ]
        found += [f"the judge broke: {self.problem}"] if self.problem else []
        return found + list(self.touched)


@contextmanager
def host(level: int, layers: tuple[str, ...] = ()) -> Iterator[forking.ForkingHost]:
    """Start a host of a level from which layers are missing."""
    with (
        environment.lacking(layers) as python,
        mock.patch("grader.cell.warm.sys.executable", python),
        # What stands behind other layers would hold in their place.
        mock.patch("grader.cell.cgroup.find", return_value=(None, "it is switched off")),
        contextlib.closing(forking.ForkingHost(Isolation(level))) as opened,
    ):
        assert opened.isolation.level == level, opened.isolation.reason
        yield opened


def run(
    opened: forking.ForkingHost,
    entry: Entry | None,
    canaries: Canaries,
    limits: Limits = LIMITS,
) -> Fate:
    """Run a hand-in, or the right one, and call everything that it defines."""
    values = canaries.values() | {"GRADER_PID": str(canaries.victim.pid), "COURSE": "/nowhere"}
    source = filled((entry.folder / "target.py").read_text("utf-8") if entry else RIGHT, values)
    canaries.remember()
    cell = opened.open(limits)
    points, ends, problem = 0, [], ""
    try:
        for name, outcome, message in _calls(cell, source):
            if outcome == "passed":
                points += POINTS[name]
            else:
                ends.append((outcome, message))
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"[:200]
    finally:
        cell.close()
    return Fate(points, tuple(ends), problem, tuple(canaries.touched()))


def _calls(cell: Cell, source: str) -> Iterator[tuple[str, str, str]]:
    load = lambda: _ask(cell, "load", {"name": "target", "path": "t.py", "source": source})  # noqa: E731
    outcome, message, _ = _outcome(load)
    if outcome != "answered":
        yield "", outcome, message
        return
    asked: dict[str, Callable[[], bool]] = {
        "curve": lambda: _same(
            _call(cell, "curve", torch.full((3, 4), 2.0)), torch.full((3, 4), 5.0)
        ),
        "words": lambda: _call(cell, "words", 3) == ["w0", "w1", "w2"],
        "parts": lambda: isinstance(_call(cell, "parts", torch.ones(2, 2)), int),
        "Tally": lambda: _tally(cell),
    }
    for name, ask in asked.items():
        if f"def {name}(" not in source and f"class {name}" not in source:
            continue
        outcome, message, right = _outcome(ask)
        if outcome == "answered":
            outcome = "passed" if right else "failed"
        yield name, outcome, message
        if not cell.alive:
            return


def _outcome(ask: Callable[[], Any]) -> tuple[str, str, Any]:
    try:
        return "answered", "", ask()
    except CellEnded as error:
        return error.ending.outcome.value, error.ending.message, None
    except _Raised as error:
        return "error", str(error), None
    except wire.WireError as error:
        return "crashed", f"own channel ({error})", None
    except TimeoutError:
        return LATE, "nobody ended it", None


class _Raised(Exception):
    """The student's code raised."""


def _ask(cell: Cell, kind: str, body: dict[str, Any], *arguments: Any) -> Any:
    cell.allow(cell.limits.wall_time_s)
    packer = cell.packer(lambda _: [])
    tree = {"args": packer.pack(list(arguments)), "kwargs": packer.pack({})}
    frame = cell.request(kind, body | tree, packer)
    if frame.kind == "error":
        raise _Raised(f"{frame.body['type']}: {frame.body['text']}")
    if not isinstance(frame.body, dict):
        return frame.body
    return frame.unpack(frame.body["value"], lambda tag: int(tag[1]))


def _call(cell: Cell, name: str, *arguments: Any, target: int | None = None) -> Any:
    return _ask(cell, "call", {"target": target, "name": name, "record": False}, *arguments)


def _tally(cell: Cell) -> bool:
    tally = _call(cell, "Tally")
    _call(cell, "add", 5, target=tally)
    return bool(_ask(cell, "get", {"target": tally, "name": "total"}) == 5)


def _same(one: Any, other: torch.Tensor) -> bool:
    return type(one) is torch.Tensor and one.shape == other.shape and torch.equal(one, other)
