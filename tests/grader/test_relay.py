"""A child's answers pass through the worker, and it ends with its input or its time."""

from __future__ import annotations

import io
import os
import signal
import time
from collections.abc import Iterator

import pytest

from grader import orders, relay
from grader.orders import Answer

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
ANSWERS = (orders.Trouble("fault", "first", "one"), orders.Done())


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """The two ends of a pipe that stands for the worker's input."""
    ends = os.pipe()
    yield ends
    for fd in ends:
        try:
            os.close(fd)
        except OSError:
            continue


def _run(
    work: relay.Work, ends: tuple[int, int], patience_s: float = 60
) -> tuple[orders.Trouble | None, list[Answer]]:
    out = io.BytesIO()
    steps = iter([None, None])
    trouble = relay.in_child(work, relay.Lines(ends[0]), out, patience_s, steps)
    assert len(list(steps)) == 1, "one step after each fork"
    return trouble, [orders.read_answer(line) for line in out.getvalue().splitlines()]


def test_answers_come_in_their_order_and_from_another_process(pipe: tuple[int, int]) -> None:
    """Nothing that the work does stays behind."""
    seen: list[int] = []

    def work() -> Iterator[Answer]:
        seen.append(1)
        yield from ANSWERS

    assert _run(work, pipe) == (None, list(ANSWERS))
    assert seen == []


def test_what_was_answered_before_an_early_end_is_kept(pipe: tuple[int, int]) -> None:
    """And the end is told, whether by an exception or by a signal."""

    def raising() -> Iterator[Answer]:
        yield ANSWERS[0]
        raise ValueError

    def dying() -> Iterator[Answer]:
        yield ANSWERS[0]
        os.kill(os.getpid(), signal.SIGKILL)

    for work, status in ((raising, "1"), (dying, "-9")):
        trouble, answers = _run(work, pipe)
        assert answers == [ANSWERS[0]]
        assert trouble is not None
        assert trouble.what == f"the judge of this exercise ended early ({status})"


def test_a_child_that_is_not_done_in_time_is_ended(pipe: tuple[int, int]) -> None:
    """The worker waits for nobody for ever."""

    def work() -> Iterator[Answer]:
        time.sleep(600)
        yield ANSWERS[0]

    trouble, answers = _run(work, pipe, patience_s=0.2)
    assert not answers
    assert trouble is not None
    assert "was not done after 0 s" in trouble.what


def test_the_end_of_the_input_ends_the_child(pipe: tuple[int, int]) -> None:
    """Nobody is left who would read its answers."""

    def work() -> Iterator[Answer]:
        time.sleep(600)
        yield ANSWERS[0]

    os.close(pipe[1])
    started_s = time.monotonic()
    trouble, _ = _run(work, pipe)
    assert trouble is not None
    assert "ended early (-9)" in trouble.what
    assert time.monotonic() - started_s < 60


def test_lines_are_whole_however_they_come(pipe: tuple[int, int]) -> None:
    """Read here or by a thread, one after the other, and then nothing."""
    os.write(pipe[1], b"one\ntw")
    lines = relay.Lines(pipe[0])
    assert lines.next_line() == b"one"
    os.write(pipe[1], b"o\nthree\nhalf")
    assert lines.next_line() == b"two"
    watched = relay.WatchedLines(lines, grace_s=10**8)  # after which it ends this process
    assert watched.next_line() == b"three"
    os.close(pipe[1])
    assert watched.next_line() is None
