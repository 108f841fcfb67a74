"""How the worker takes orders and passes on what a child answers that it forked for some of them.

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
from typing import IO, NoReturn

from grader import orders

Work = Callable[[orders.Order], Iterator[orders.Answer]]
_DONE = orders.to_line(orders.Done())


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


class Apart:
    """A forked child that works on orders, so that nothing it does stays behind.

    It can stay for the next order of the same submission: what is written to for the first time
    after a fork is copied page by page, which takes longer than the fork.
    """

    def __init__(
        self, work: Work, lines: Lines, out: IO[bytes], after_fork: Iterator[None]
    ) -> None:
        """Fork nothing yet.

        Args:
            work: Gives the answers to an order one by one.
            lines: The worker's input; its end ends the child.
            out: Where the answers go.
            after_fork: What is to be done here bit by bit; a step after each fork, while the
                child is busy.
        """
        self._work = work
        self._input_fd = lines.fd
        self._out = out
        self._after_fork = after_fork
        self._child = 0
        self._submission = ""
        self._orders_fd = self._answers_fd = -1

    def do(
        self, order: orders.Order, patience_s: float, *, submission: str = "", is_last: bool = True
    ) -> orders.Trouble | None:
        """Have an order worked on.

        Args:
            order: What to do.
            patience_s: How long it may take.
            submission: What it is about; a child that has stayed is asked if that was for the same.
            is_last: Whether the child ends with it; otherwise it stays for the next order.

        Returns:
            What went wrong with the child; None if all answers have come.
        """
        if submission != self._submission:
            self.end()
        if not self._child:
            self._fork()
        self._submission = submission
        try:
            _write(self._orders_fd, orders.to_line(order))
        except BrokenPipeError:  # it ended between two orders
            return self._lost("")
        trouble = self._pass_on(patience_s)
        if is_last:
            self.end()
        return trouble

    def end(self) -> None:
        """End the child, if there is one, whatever it does."""
        if self._child:
            os.kill(self._child, signal.SIGKILL)
            self._lost("")

    def _fork(self) -> None:
        orders_end, self._orders_fd = os.pipe()
        self._answers_fd, answers_end = os.pipe()
        self._child = os.fork()
        if self._child == 0:
            self._close()
            _serve(Lines(orders_end), answers_end, self._work)
        os.close(orders_end)
        os.close(answers_end)
        next(self._after_fork, None)

    def _close(self) -> None:
        os.close(self._orders_fd)
        os.close(self._answers_fd)

    def _pass_on(self, patience_s: float) -> orders.Trouble | None:
        """Pass whole lines on until all have come; end the child with the input or its time."""
        deadline_s = time.monotonic() + patience_s
        held = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers_fd, selectors.EVENT_READ)
            selector.register(self._input_fd, selectors.EVENT_READ)
            while True:
                ready = {key.fd for key, _ in selector.select(deadline_s - time.monotonic())}
                if self._answers_fd in ready:
                    data = os.read(self._answers_fd, 1 << 20)
                    if not data:
                        return self._lost("")
                    lines, held = _whole(held + data)
                    is_done = (b"\n" + lines).endswith(b"\n" + _DONE)
                    self._out.write(lines.removesuffix(_DONE) if is_done else lines)
                    self._out.flush()
                    if is_done:
                        return None
                elif not ready or self._input_fd in ready:
                    # Nothing is sent while a job runs, so a readable input means its end.
                    os.kill(self._child, signal.SIGKILL)
                    late = "" if ready else f"was not done after {patience_s:.0f} s"
                    return self._lost(late)

    def _lost(self, what: str) -> orders.Trouble:
        """Collect a child that has ended before its answers had come, and say how it did."""
        self._close()
        _, status = os.waitpid(self._child, 0)
        self._child = 0
        what = what or f"ended early ({os.waitstatus_to_exitcode(status)})"
        return orders.Trouble("fault", "judge", f"the judge of this exercise {what}")


def _whole(data: bytes) -> tuple[bytes, bytes]:
    """Split what has come into whole lines and the beginning of one."""
    end = data.rfind(b"\n") + 1
    return data[:end], data[end:]


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _serve(lines: Lines, answers_fd: int, work: Work) -> NoReturn:
    """Work on orders until there are no more, and end this process."""
    status = 1
    try:
        with os.fdopen(answers_fd, "wb") as out:
            while (line := lines.next_line()) is not None:
                for answer in work(orders.read_order(line)):
                    out.write(orders.to_line(answer))
                    out.flush()
                out.write(_DONE)
                out.flush()
        status = 0
    except BaseException as error:  # noqa: BLE001 - the parent reports it as our fault
        sys.stderr.write(f"judge: {type(error).__name__}: {error}\n")
        sys.stderr.flush()
    finally:
        os._exit(status)
