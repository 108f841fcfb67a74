"""Switches off what the judge watches and checks, in this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

from grader.cell import jailed, wire
from grader.cell.cell import Cell
from grader.errors import Ending


class _Anything(int):
    """A number that is never another one."""

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = int.__hash__


def _deaf(word: str) -> AbstractContextManager[Any]:
    """Let `watch` not see what it would tell with this word."""
    real = jailed.JailedProcess.watch

    def watch(process: jailed.JailedProcess) -> Ending | None:
        ending = real(process)
        return None if ending is None or word in ending.message else ending

    return mock.patch.object(jailed.JailedProcess, "watch", watch)


def _any_sequence() -> AbstractContextManager[Any]:
    real = wire.parse_frame

    def parse(head: bytes, payload: bytearray) -> wire.Frame:
        frame = real(head, payload)
        frame.seq = _Anything(frame.seq)
        return frame

    return mock.patch.object(wire, "parse_frame", parse)


def _any_shape(spec: wire.TensorSpec) -> int:
    size = wire.DTYPES[spec.dtype].itemsize
    for extent in spec.shape:
        size *= extent
    return size


def _patient(cell: Cell) -> float:
    """Look at nothing, but say so in the end."""
    if time.monotonic() > cell._deadline_s + 2 * cell._timeout_s:
        raise TimeoutError
    return 0.02


def switched_off(name: str) -> AbstractContextManager[Any]:
    """Switch off a layer of the judge."""
    off = mock.patch.object
    switches: dict[str, Callable[[], AbstractContextManager[Any]]] = {
        "watch: memory": lambda: _deaf("of memory"),
        "watch: output": lambda: _deaf("printed more"),
        "watch: threads": lambda: _deaf("threads"),
        "watch: open files": lambda: _deaf("files open"),
        "watch: folder": lambda: off(jailed.JailedProcess, "_excess", lambda _: None),
        "watch: wall time": lambda: off(Cell, "_remaining_s", _patient),
        "wire: lengths": lambda: off(
            wire, "parse_prefix", lambda prefix, _: wire.PREFIX.unpack(prefix)[1:]
        ),
        "wire: sequence": _any_sequence,
        "wire: shapes": lambda: off(wire, "_checked_size", _any_shape),
        "wire: depth": lambda: off(wire, "MAX_DEPTH", 1 << 30),
        "wire: keys": lambda: off(wire, "_check_hashes", lambda keys: None),
        "wire: kinds": lambda: off(wire, "_SCALARS", (*wire._SCALARS, dict)),
    }
    return switches[name]()
