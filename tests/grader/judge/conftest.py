"""A cell without a process: the real guest behind the real wire, in this very process."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import pytest

from grader.cell import guest, wire
from grader.judge.proxy import Module
from grader.judge.session import Session
from grader.model import HandIn, HandInStatus, Limits

LIMIT_BYTES = 8 << 20


class NearCell:
    """Every request is written to bytes, read back, answered, and written and read again."""

    def __init__(self) -> None:
        self.alive = True
        self.requests: list[str] = []
        self._guest = guest.Guest(LIMIT_BYTES)
        self._seq = 0

    def packer(self, default: Any) -> wire.Packer:
        return wire.Packer(default, LIMIT_BYTES)

    def request(self, kind: str, body: dict[str, Any], packer: wire.Packer) -> wire.Frame:
        self.requests.append(kind)
        self._seq += 1
        asked = _reread(packer.frame(self._seq, kind, body))
        return _reread(self._guest.answer(asked))

    def allow(self, timeout_s: float) -> None:
        pass

    def take_output(self) -> str:
        return ""

    def close(self) -> None:
        self.alive = False


def _reread(pieces: list[bytes | memoryview]) -> wire.Frame:
    data = b"".join(bytes(piece) for piece in pieces)
    size = wire.PREFIX.size
    head_bytes, _ = wire.parse_prefix(data[:size], LIMIT_BYTES)
    end = size + head_bytes
    return wire.parse_frame(data[size:end], bytearray(data[end:]))


def load(source: str, driver: str = "") -> Session:
    """Return a session whose module is `source`."""
    source = textwrap.dedent(source)
    hand_in = HandIn("01-01-work", HandInStatus.SUBMITTED, "work.py", source)
    session = Session(NearCell(), hand_in)
    session.ask("load", {"name": "work_of_student", "path": "work.py", "source": source})
    if driver:
        session.ask("load_driver", {"source": textwrap.dedent(driver)})
    return session


@pytest.fixture(scope="session")
def near_cells() -> Callable[[Limits], NearCell]:
    """Open cells in this very process."""
    return lambda limits: NearCell()


@pytest.fixture
def student() -> Callable[[str], Module]:
    """Make a `student` proxy from source text."""
    return lambda source: Module(load(source))


@pytest.fixture
def session() -> Callable[..., Session]:
    """Make a session from source text and, if wanted, a driver's."""
    return load
