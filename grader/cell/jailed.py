"""One jailed process of level 3 or 2, seen from the trusted side."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import time
from pathlib import Path
from typing import Any

from grader.cell.warm import MAX_MESSAGE_BYTES
from grader.errors import CellError, Ending
from grader.model import Limits, Outcome

OPEN_TIMEOUT_S = 600.0
"""How long a cell may take; the first one waits for `import torch`.

That took 40 s from a cold disk, and 140 on a host that withdrew memory. A warm process that ends
is noticed at once, so patience costs nothing.
"""

DEATH_TIMEOUT_S = 30.0
"""How long a killed tree may take to be gone; 60 processes took 0.35 s."""

REPORT_TIMEOUT_S = 2.0
"""How long to wait for the warm process to say how a cell ended."""

_NEAR = 0.5
"""From which share of a limit on an end by SIGKILL is put down to that limit.

The kernel counts CPU time towards the limit in ticks and reports it exactly, so on a busy
machine the two differ; and hardly anything but a limit ends a cell by SIGKILL.
"""


class JailedProcess:
    """One jailed process, seen from the trusted side: a pidfd, a pipe and a reply socket."""

    def __init__(self, reply: socket.socket, output_fd: int, limits: Limits, level: int) -> None:
        """Wait until the jail is shut.

        Args:
            reply: Where the warm process and the jail report; closed with the cell.
            output_fd: Read end of the pipe that is its stdout and stderr; non-blocking.
            limits: What it may use.
            level: Isolation level of its jail.

        Raises:
            CellError: If the jail could not be shut.
        """
        self._reply = reply
        self._output_fd = output_fd
        self._limits = limits
        self._level = level
        self._pidfd = -1
        self._idle_kib = 0
        self._printed = bytearray()
        self._printed_bytes = 0
        self._closed = False
        try:
            self._wait_until_shut()
        except CellError:
            self.close()
            raise

    def _wait_until_shut(self) -> None:
        deadline_s = time.monotonic() + OPEN_TIMEOUT_S
        ready = False
        while not (ready and self._pidfd >= 0):
            message = self._next_message(max(deadline_s - time.monotonic(), 0.0))
            if message is None:
                raise CellError("cell", "the warm process ended while it opened a cell", _DOCTOR)
            if "late" in message:
                what = f"no cell came within {OPEN_TIMEOUT_S:g} seconds"
                raise CellError("cell", what, _DOCTOR)
            if "error" in message or "status" in message:
                what = message.get("error", "it ended while it was being shut")
                raise CellError("cell", f"a jail could not be shut: {what}", _DOCTOR)
            ready = ready or "ready" in message
        self._idle_kib = self._usage()[0]

    def _next_message(self, timeout_s: float) -> dict[str, Any] | None:
        """Return what was reported, `{"late": true}` if nothing was, None once nobody can."""
        if not select.select([self._reply], [], [], timeout_s)[0]:
            return {"late": True}
        data, fds, _, _ = socket.recv_fds(self._reply, MAX_MESSAGE_BYTES, 1)
        if fds:
            self._pidfd = fds[0]
        return json.loads(data) if data else None

    @property
    def host_pid(self) -> int:
        """The process's number in our own view of /proc; 0 if it has none (any more)."""
        for line in Path(f"/proc/self/fdinfo/{self._pidfd}").read_text("ascii").splitlines():
            if line.startswith("Pid:"):
                return max(0, int(line.split()[1]))
        return 0

    def kill(self) -> None:
        """End the whole tree: killing process 1 of a namespace ends all the others.

        Raises:
            CellError: If it is not gone in time.
        """
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        if not self._is_dead(DEATH_TIMEOUT_S):
            raise CellError("cell", "a killed cell does not end", _DOCTOR)

    def _is_dead(self, timeout_s: float) -> bool:
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        return bool(poll.poll(timeout_s * 1000))

    def watch(self) -> Ending | None:
        """Look at memory, threads and output."""
        self._drain()
        limits = self._limits
        if self._printed_bytes > limits.output_kib << 10:
            return Ending(Outcome.CRASHED, f"Your code printed more than {limits.output_kib} KiB.")
        used_kib, threads = self._usage()
        if used_kib - self._idle_kib > limits.memory_mib << 10:
            return Ending(Outcome.MEMORY, _memory_text(limits))
        if threads > limits.threads:
            text = f"Your code started more than {limits.threads} threads."
            return Ending(Outcome.CRASHED, text)
        return None

    def _usage(self) -> tuple[int, int]:
        """Return private and shared memory in KiB and the number of threads; zeros once dead."""
        try:
            text = Path(f"/proc/{self.host_pid}/status").read_text("ascii", "replace")
        except OSError:
            return 0, 0
        fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
        used_kib = sum(int(fields.get(k, "0 kB").split()[0]) for k in ("RssAnon", "RssShmem"))
        return used_kib, int(fields.get("Threads", "0"))

    def ending(self) -> Ending:
        """Say why the process ended, from what the warm process reports."""
        report = self._next_message(REPORT_TIMEOUT_S)
        if report is None:
            text = "The grader lost this cell; this is not your fault."
            return Ending(Outcome.GRADER_FAULT, text)
        if "late" in report:
            return Ending(Outcome.CRASHED, "Your code closed the channel to the grader.")
        return explain(report, self._limits, self._idle_kib)

    def take_output(self) -> bytes:
        """Return what was printed since the last call, cut at the output limit."""
        self._drain()
        taken, self._printed = bytes(self._printed), bytearray()
        return taken

    def _drain(self) -> None:
        """Empty the pipe, keeping no more than the limit."""
        room = (self._limits.output_kib << 10) - self._printed_bytes
        # One reading more than the limit tells that it was exceeded; the rest stays in the pipe.
        while room >= 0:
            try:
                data = os.read(self._output_fd, 1 << 16)
            except BlockingIOError:
                return
            if not data:
                return
            self._printed += data[:room]
            self._printed_bytes += len(data)
            room -= len(data)

    def close(self) -> None:
        """Kill what is left and release every descriptor."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._pidfd >= 0:
                self.kill()
        finally:
            if self._pidfd >= 0:
                os.close(self._pidfd)
            os.close(self._output_fd)
            self._reply.close()


_DOCTOR = "Run `autograde doctor`; it tries each limit of a cell on this machine."


def explain(report: dict[str, Any], limits: Limits, idle_kib: int = 0) -> Ending:
    """Turn the end of a process into a verdict and one sentence for the student.

    Args:
        report: `status` (exit status, or minus a signal), `cpu_s`, `peak_kib`, and `full` if it
            was ended for its files.
        limits: What it was allowed.
        idle_kib: Memory in use before any student code ran.
    """
    status = int(report["status"])
    if report["full"]:
        text = f"Your code wrote more than {limits.scratch_mib} MiB, or too many files."
        return Ending(Outcome.CRASHED, text)
    if status >= 0:
        return Ending(Outcome.CRASHED, f"Your code ended the process (exit status {status}).")
    if status == -signal.SIGKILL:
        if report["cpu_s"] >= _NEAR * limits.cpu_time_s:
            text = f"Your code used more than {limits.cpu_time_s} seconds of CPU time."
            return Ending(Outcome.TIMEOUT, text)
        if report["peak_kib"] - idle_kib >= _NEAR * (limits.memory_mib << 10):
            return Ending(Outcome.MEMORY, _memory_text(limits))
    if status == -signal.SIGSYS:
        text = "Your code made a system call that no cell may make, and was ended (SIGSYS)."
        return Ending(Outcome.CRASHED, text)
    return Ending(Outcome.CRASHED, f"Your code crashed with {signal_name(-status)}.")


def signal_name(number: int) -> str:
    """Return a signal's name, or its number if it has none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _memory_text(limits: Limits) -> str:
    return f"Your code used more than {limits.memory_mib} MiB of memory."
