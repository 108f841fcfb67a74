"""The light process's end of the worker: starts it, sends orders, takes answers, ends it.

What it says is believed no further than its form (`orders.py`); it has read no student's code
itself, but its cells have run some.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from typing import IO

from grader import orders
from grader.errors import CellError, CourseError

CLOSE_TIMEOUT_S = 5.0
_LOST = "What it printed stands above; `autograde doctor` examines this host."
_PRIVATE = ("ACTIONS_", "GH_", "GITHUB_", "INPUT_", "RUNNER_")
"""What GitHub Actions tells a job: tokens, and files by which a job is steered."""


class Worker:
    """A running worker. Orders wait in its input until it is ready for them."""

    def __init__(self, setup: orders.Setup) -> None:
        """Start it and return at once, while it imports torch.

        Raises:
            CellError: If it has ended already.
        """
        self._ready: orders.Ready | None = None
        self._process = _start()
        try:
            self._write(setup)
        except CellError:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """False once it has ended, by itself or by another's hand."""
        return self._process.poll() is None

    def ready(self) -> orders.Ready:
        """Return what it said about itself, waiting for it if need be.

        Raises:
            CourseError: If a suite is not usable.
            CellError: If it has ended, or has no cells of the level that was asked for.
        """
        if self._ready is None:
            answer = self.receive()
            if not isinstance(answer, orders.Ready):
                raise CellError("worker", "it answered out of turn")
            self._ready = answer
        return self._ready

    def send(self, order: orders.Order) -> None:
        """Send an order, once it is ready for one.

        Raises:
            CourseError: If a suite is not usable.
            CellError: If it has ended.
        """
        self.ready()
        self._write(order)

    def receive(self) -> orders.Answer:
        """Wait for its next answer.

        Raises:
            CourseError: If it says that the course is at fault.
            CellError: If it says that something else is, or has ended.
        """
        line = _open(self._process.stdout).readline()
        if not line:
            raise self._lost()
        answer = orders.read_answer(line)
        if isinstance(answer, orders.Trouble):
            kind = CourseError if answer.kind == "course" else CellError
            raise kind(answer.where, answer.what, answer.what_now)
        return answer

    def interrupt(self) -> None:
        """End it from another thread; whoever waits for an answer is told that it ended."""
        if self._ready is None:
            self._process.kill()  # it imports and could not hear; no cell has run anything yet
        elif self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def close(self) -> None:
        """End it; its cells die with it."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._wait()

    def _write(self, order: orders.Order) -> None:
        pipe = _open(self._process.stdin)
        try:
            pipe.write(orders.to_line(order))
            pipe.flush()
        except OSError as error:
            raise self._lost() from error

    def _lost(self) -> CellError:
        self._wait()  # its pipes are closed a moment before it is seen to have ended
        return CellError("worker", "it ended unexpectedly", _LOST)

    def _wait(self) -> None:
        try:
            self._process.wait(timeout=CLOSE_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None or pipe.closed:
        raise CellError("worker", "the session is closed")
    return pipe


def _start() -> subprocess.Popen[bytes]:
    # Its working folder may be the hand-in, whose torch.py must not be imported for ours.
    settings = {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONSAFEPATH": "1",
    }
    kept = {name: text for name, text in os.environ.items() if not _is_private(name)}
    # A session of its own: Ctrl-C reaches only the light process, which then decides.
    return subprocess.Popen(
        [sys.executable, "-m", "grader.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=kept | settings,
        start_new_session=True,
    )


def _is_private(name: str) -> bool:
    return name.startswith(_PRIVATE) or name.endswith("_TOKEN")
