"""The judge's end of a cell: deadlines, limits and broken answers end it, once and for all."""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Iterator

import pytest

from grader.cell import wire
from grader.cell.cell import Cell, SocketTransport
from grader.errors import CellEnded, Ending
from grader.model import Isolation, Limits, Outcome


class Stand:
    """A process of which only the end is of interest."""

    def __init__(self) -> None:
        self.killed = 0
        self.exceeded: Ending | None = None

    def kill(self) -> None:
        self.killed += 1

    def watch(self) -> Ending | None:
        return self.exceeded

    def ending(self) -> Ending:
        return Ending(Outcome.CRASHED, "It ended by itself.")

    def take_output(self) -> bytes:
        return b"caf\xc3\xa9 \xff"

    def close(self) -> None:
        self.kill()


class Bench:
    """A cell, its process, and the other end of its socket."""

    def __init__(self) -> None:
        ours, self.theirs = socket.socketpair()
        self.process = Stand()
        limits = Limits(wall_time_s=30, frame_mib=1, frames=60, frames_per_s=40)
        self.cell = Cell(SocketTransport(ours), self.process, limits, Isolation(0))

    def ask(self) -> wire.Frame:
        packer = self.cell.packer(lambda _: [])
        return self.cell.request("hello", {}, packer)

    def answer(self, seq: int, kind: str = "ok", body: object = None) -> None:
        packer = wire.Packer(lambda _: [], 1 << 20)
        for piece in packer.frame(seq, kind, packer.pack(body)):
            self.theirs.sendall(piece)


@pytest.fixture
def bench() -> Iterator[Bench]:
    """A cell whose other end a test plays itself."""
    one = Bench()
    yield one
    one.theirs.close()
    one.cell.close()


def test_an_answer_with_the_right_number_is_accepted(bench: Bench) -> None:
    """Requests are numbered from 1."""
    bench.answer(1, body="fine")
    assert bench.ask().body == "fine"
    bench.answer(2)
    bench.ask()
    assert bench.process.killed == 0


@pytest.mark.parametrize(
    "forged",
    [
        lambda bench: bench.answer(0),
        lambda bench: bench.answer(2),
        lambda bench: bench.answer(1, kind="passed"),
        lambda bench: bench.theirs.sendall(b"PASSED 3/3\n" * 9),
        lambda bench: bench.theirs.sendall(wire.PREFIX.pack(wire.MAGIC, 2**32 - 1, 0)),
        lambda bench: bench.theirs.sendall(wire.PREFIX.pack(wire.MAGIC, 4, 2**40)),
        lambda bench: bench.theirs.sendall(wire.PREFIX.pack(wire.MAGIC, 4, 0) + b"\xff" * 4),
    ],
    ids=["stale", "early", "kind", "text", "head", "payload", "msgpack"],
)
def test_anything_but_the_answer_ends_the_cell(bench: Bench, forged: object) -> None:
    """A wrong number, an unknown kind or bytes that are no frame: crashed, and killed."""
    forged(bench)  # type: ignore[operator]
    with pytest.raises(CellEnded) as caught:
        bench.ask()
    assert caught.value.ending.outcome is Outcome.CRASHED
    assert "own channel" in caught.value.ending.message
    assert bench.process.killed == 1
    assert not bench.cell.alive


def test_silence_ends_at_the_deadline(bench: Bench) -> None:
    """Half a frame is silence too."""
    bench.theirs.sendall(wire.MAGIC)
    bench.cell.allow(0.1)
    with pytest.raises(CellEnded) as caught:
        bench.ask()
    assert caught.value.ending.outcome is Outcome.TIMEOUT
    assert "0.1 seconds" in caught.value.ending.message


def test_a_limit_seen_by_the_watch_ends_the_cell(bench: Bench) -> None:
    """Memory and output are looked at while the judge waits."""
    bench.process.exceeded = Ending(Outcome.MEMORY, "Too much.")
    with pytest.raises(CellEnded, match="Too much"):
        bench.ask()


def test_a_closed_channel_is_the_processes_own_end(bench: Bench) -> None:
    """Why it ended is asked of the process."""
    bench.theirs.close()
    with pytest.raises(CellEnded, match="ended by itself"):
        bench.ask()


def test_a_cell_that_does_not_read_meets_the_deadline_too(bench: Bench) -> None:
    """Sending is waited for no longer than receiving."""
    bench.cell.allow(0.1)
    packer = bench.cell.packer(lambda _: [])
    with pytest.raises(CellEnded, match="did not finish"):
        bench.cell.request("load", {"source": os.urandom(4 << 20)}, packer)


def test_answers_without_end_are_stopped_before_they_fill_the_judges_memory(bench: Bench) -> None:
    """An endless generator of large values may hand over a few frames' worth in one test."""
    bulk = bytes(200 << 10)

    def ask(times: int) -> None:
        for _ in range(times):
            bench.answer(bench.cell._seq + 1, body=bulk)
            assert bench.ask().body == bulk

    ask(5)
    bench.cell.allow(30)
    with pytest.raises(CellEnded, match="more than 8 MiB in one test") as caught:
        ask(6)
    assert caught.value.ending.outcome is Outcome.MEMORY
    assert bench.process.killed == 1


def _converse(bench: Bench, times: int) -> None:
    for _ in range(times):
        bench.answer(bench.cell._seq + 1)
        bench.ask()
        bench.theirs.recv(1 << 16)  # or its socket would be full some time


def test_answers_without_end_are_counted_in_each_test(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An iterator that never ends is told of in its own words, long before the time is up."""
    clock = itertools.count(1000.0, 0.1)
    monkeypatch.setattr("grader.cell.cell.time.monotonic", lambda: next(clock))
    bench.cell.allow(10**6)
    _converse(bench, 60)
    bench.cell.allow(10**6)
    _converse(bench, 60)
    with pytest.raises(CellEnded) as caught:
        _converse(bench, 1)
    assert caught.value.ending == Ending(
        Outcome.CRASHED,
        "Your code gave more than 60 answers in one test; an iterator that never ends does so.",
    )
    assert bench.process.killed == 1


def test_a_flood_of_answers_within_a_second_ends_the_cell(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rate has a limit of its own, and a second later there is room again."""
    now = [1000.0]
    monkeypatch.setattr("grader.cell.cell.time.monotonic", lambda: now[0])
    bench.cell.allow(10**6)
    _converse(bench, 40)
    now[0] += 1.0
    bench.cell.allow(10**6)
    _converse(bench, 40)
    with pytest.raises(CellEnded) as caught:
        _converse(bench, 1)
    assert caught.value.ending == Ending(
        Outcome.CRASHED,
        "Your code gave more than 40 answers within a second; an iterator that never ends does so.",
    )


def test_a_limit_behind_an_exception_is_what_is_told(bench: Bench) -> None:
    """The kernel holds a limit by refusing; the judge says which one it was."""
    bench.answer(1, kind="error")
    bench.process.exceeded = Ending(Outcome.CRASHED, "Too many files.")
    with pytest.raises(CellEnded, match="Too many files"):
        bench.ask()


def test_output_is_text_whatever_the_bytes(bench: Bench) -> None:
    """What is not UTF-8 is replaced, not refused."""
    assert bench.cell.take_output() == "café \ufffd"
