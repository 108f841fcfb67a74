"""One jailed process of level 3 or 2, seen from the trusted side."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import signal
import socket
import time
from pathlib import Path
from typing import Any

from grader.cell import endings
from grader.cell.card_watch import CardWatch
from grader.cell.cgroup import Group
from grader.cell.endings import SEEN
from grader.cell.leases import Lease
from grader.cell.scratch import Excess
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

STATUS_BYTES = 1 << 14
"""Of /proc/PID/status; it has about 1,500."""
_USED = re.compile(rb"^(RssAnon|RssShmem|Threads):\s*([0-9]+)", re.MULTILINE)

KERNEL_BYTES = 32 << 20
"""What the kernel itself may keep for a cell: page tables, stacks of threads, buffers of pipes."""


class JailedProcess:
    """One jailed process, seen from the trusted side: a pidfd, a pipe and a reply socket."""

    def __init__(
        self,
        reply: socket.socket,
        output_fd: int,
        limits: Limits,
        group: Group | None = None,
        lease: Lease | None = None,
    ) -> None:
        """Wait until the jail is shut.

        Args:
            reply: Where the warm process and the jail report; closed with the cell.
            output_fd: Read end of the pipe that is its stdout and stderr; non-blocking.
            limits: What it may use.
            group: The control group that it enters, if there is one; waits for the next cell
                when this one is closed.
            lease: Its share of a graphics card, if it has one; released with it.

        Raises:
            CellError: If the jail could not be shut.
        """
        self._reply = reply
        self._output_fd = output_fd
        self._limits = limits
        self._group = group
        self._card: CardWatch | None = None
        self._is_grouped = False
        self._pidfd = -1
        self._folder_fd = -1
        self._proc_fd = -1
        self._status_fd = -1
        self._idle_kib = 0
        self._printed = bytearray()
        self._printed_bytes = 0
        self._closed = False
        try:
            if lease is not None:
                self._card = CardWatch(lease, limits)
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
            self._is_grouped = self._is_grouped or bool(message.get("grouped"))
        self._idle_kib = self._usage()[0]
        self._hold()

    def _hold(self) -> None:
        """Give the group its limits: what was told, and what a cell takes that is not told."""
        if self._group is not None and self._is_grouped:
            told_bytes = (self._limits.memory_mib + self._limits.scratch_mib) << 20
            copied_bytes = self._idle_kib << 10  # inherited pages, once they are written to
            with contextlib.suppress(OSError):  # the limits before it hold all the same
                self._group.hold(
                    told_bytes + copied_bytes + KERNEL_BYTES, self._limits.threads + SEEN
                )

    def _next_message(self, timeout_s: float) -> dict[str, Any] | None:
        """Return what was reported, `{"late": true}` if nothing was, None once nobody can."""
        if not select.select([self._reply], [], [], timeout_s)[0]:
            return {"late": True}
        flags = socket.MSG_CMSG_CLOEXEC
        data, fds, _, _ = socket.recv_fds(self._reply, MAX_MESSAGE_BYTES, 1, flags)
        message: dict[str, Any] | None = json.loads(data) if data else None
        for fd in fds:
            if message is not None and "folder" in message:
                self._folder_fd = fd
            else:
                self._pidfd = fd
        return message

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
        """Look at output, memory, threads, open files and the private folder."""
        self._drain()
        limits = self._limits
        if self._printed_bytes > limits.output_kib << 10:
            return endings.output(limits)
        used_kib, threads, open_files = self._usage()
        if used_kib - self._idle_kib > limits.memory_mib << 10:
            return endings.memory(limits)
        if threads > limits.threads:
            return endings.threads(limits)
        if open_files > limits.open_files:
            return endings.open_files(limits)
        excess = self._excess()
        if excess is not None:
            return endings.scratch(limits, excess)
        return None if self._card is None else self._card.look(self.host_pid)

    def explain(self, raised: str) -> Ending | None:
        """Say whether an exception of this name is how the share of a card was held."""
        return None if self._card is None else self._card.explain(raised)

    @property
    def card_peak_mib(self) -> int | None:
        """The most memory of a card that it was seen with; None without a card."""
        return None if self._card is None else self._card.peak_mib

    def _usage(self) -> tuple[int, int, int]:
        """Return memory in KiB, private and shared, threads and open files; zeros once dead."""
        try:
            if self._proc_fd < 0:
                self._proc_fd = os.open(f"/proc/{self.host_pid}", os.O_PATH | os.O_DIRECTORY)
                self._status_fd = os.open("status", os.O_RDONLY, dir_fd=self._proc_fd)
            # Both belong to this very process: when it is gone they are dead as well.
            text = os.pread(self._status_fd, STATUS_BYTES, 0)
            # From Linux 6.2 on their number, which everybody may ask for; before, zero.
            open_files = os.stat("fd", dir_fd=self._proc_fd).st_size
        except OSError:
            return 0, 0, 0
        fields = {name: int(number) for name, number in _USED.findall(text)}
        used_kib = fields.get(b"RssAnon", 0) + fields.get(b"RssShmem", 0)
        return used_kib, fields.get(b"Threads", 0), open_files

    def _excess(self) -> Excess | None:
        """Say in what a folder in memory is more than it may be; others the warm process sees."""
        if self._folder_fd < 0:
            return None
        room = os.fstatvfs(self._folder_fd)
        if (room.f_blocks - room.f_bfree) * room.f_frsize > self._limits.scratch_mib << 20:
            return Excess.BYTES
        # The folder itself is not one of its files.
        if room.f_files - room.f_ffree - 1 > self._limits.scratch_files:
            return Excess.FILES
        return None

    def ending(self) -> Ending:
        """Say why the process ended, from what the warm process reports."""
        report = self._next_message(REPORT_TIMEOUT_S)
        if report is None:
            text = "The grader lost this cell; this is not your fault."
            return Ending(Outcome.GRADER_FAULT, text)
        if "late" in report:
            return Ending(Outcome.CRASHED, "Your code closed the channel to the grader.")
        if self._group is not None and self._is_grouped and self._group.has_killed():
            return endings.memory(self._limits)
        return endings.explain(report, self._limits, self._idle_kib)

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
            if self._group is not None:
                self._group.release()
        finally:
            if self._card is not None:
                self._card.close()
            for fd in (self._pidfd, self._folder_fd, self._proc_fd, self._status_fd):
                if fd >= 0:
                    os.close(fd)
            os.close(self._output_fd)
            self._reply.close()


_DOCTOR = "Run `autograde doctor`; it tries each limit of a cell on this machine."
