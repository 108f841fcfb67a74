"""How the worker takes orders and passes on what a child answers that it forked for one of them.

Where there is no fork, orders are read by a thread, so that the end of the input is noticed
while one is worked on.
"""

from __future__ import annotations

import os
import queue
import selectors
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import IO

from grader import orders

Work = Callable[[], Iterator[orders.Answer]]


class Lines:
    """Whole lines from a descriptor, with `select` on systems that have it for pipes."""

    def __init__(self, fd: int) -> None:
        """Read from a blocking descriptor."""
        self.fd = fd
        self._buffer = b""

    def next_line(self) -> bytes | None:
        """Return the next line, or None at the end."""
        while b"\n" not in self._buffer:
            data = os.read(self.fd, 1 << 20)
            if not data:
                return None
            self._buffer += data
        line, self._buffer = self._buffer.split(b"\n", 1)
        return line


class WatchedLines(Lines):
    """The same lines, read by a thread that ends the whole process when they end."""

    def __init__(self, lines: Lines, grace_s: float) -> None:
        """Start reading.

        Args:
            lines: Where they come from.
            grace_s: What is left to the work in hand after the end.
        """
        super().__init__(lines.fd)
        self._lines = lines
        self._grace_s = grace_s
        self._waiting: queue.Queue[bytes | None] = queue.Queue()
        threading.Thread(target=self._pump, daemon=True).start()

    def next_line(self) -> bytes | None:
        """Wait for the next line; None at the end."""
        return self._waiting.get()

    def _pump(self) -> None:
        while (line := self._lines.next_line()) is not None:
            self._waiting.put(line)
        self._waiting.put(None)
        time.sleep(self._grace_s)
        os._exit(0)


def in_child(
    work: Work, lines: Lines, out: IO[bytes], patience_s: float, after_fork: Iterator[None]
) -> orders.Trouble | None:
    """Do some work in a forked child, so that nothing it does stays behind.

    Args:
        work: Gives answers one by one.
        lines: The worker's input; its end ends the child.
        out: Where the answers go.
        patience_s: How long it may take.
        after_fork: What is to be done here bit by bit; one step, while the child is busy.

    Returns:
        What went wrong with the child; None if it came to its end.
    """
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        _child(write_end, work)
    os.close(write_end)
    next(after_fork, None)
    try:
        return _pass_on(child, read_end, lines.fd, out, patience_s)
    finally:
        os.close(read_end)


def _pass_on(
    child: int, read_end: int, input_fd: int, out: IO[bytes], patience_s: float
) -> orders.Trouble | None:
    """Pass the child's lines on until it ends, and end it if the input or its time ends."""
    deadline_s = time.monotonic() + patience_s
    alive = True
    with selectors.DefaultSelector() as selector:
        selector.register(read_end, selectors.EVENT_READ)
        selector.register(input_fd, selectors.EVENT_READ)
        while alive:
            ready = {key.fd for key, _ in selector.select(deadline_s - time.monotonic())}
            if read_end in ready:
                data = os.read(read_end, 1 << 20)
                alive = bool(data)
                out.write(data)
                out.flush()
            elif not ready or input_fd in ready:
                # Nothing is sent while a job runs, so a readable input means its end.
                os.kill(child, signal.SIGKILL)
                break
    _, status = os.waitpid(child, 0)
    if status == 0:
        return None
    what = f"the judge of this exercise ended early ({os.waitstatus_to_exitcode(status)})"
    if time.monotonic() >= deadline_s:
        what = f"the judge of this exercise was not done after {patience_s:.0f} s"
    return orders.Trouble("fault", "judge", what)


def _child(write_end: int, work: Work) -> None:
    status = 1
    try:
        with os.fdopen(write_end, "wb") as out:
            for answer in work():
                out.write(orders.to_line(answer))
                out.flush()
        status = 0
    except BaseException as error:  # noqa: BLE001 - the parent reports it as our fault
        sys.stderr.write(f"judge: {type(error).__name__}: {error}\n")
        sys.stderr.flush()
    finally:
        os._exit(status)
