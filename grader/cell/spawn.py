"""Level 0: a cell is a fresh Python process. Works where there is no fork and no POSIX module.

It keeps forged scores, hangs, crashes and floods away from the grader. It does not keep the
student's code from reading files or using the network, which is why full grading at this level
has to be asked for by name.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO

from grader.cell import endings
from grader.cell.cell import Cell
from grader.cell.tree import descendants, kill_tree, resident_bytes
from grader.errors import CellEnded, CellError, Ending
from grader.model import Isolation, Limits, Outcome

_KEPT_ENVIRONMENT = (
    "PATH", "SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL", "USERPROFILE",
)  # fmt: skip


COUNT_INTERVAL_S = 0.2
"""How often processes are counted: that looks at every process of the system."""


class PipeTransport:
    """Two pipes served by threads: the only way to wait with a limit on every system."""

    def __init__(self, write_end: IO[bytes], read_end: IO[bytes]) -> None:
        """Start the two threads; they end when the pipes close."""
        self._out: queue.Queue[bytes | None] = queue.Queue(maxsize=1)
        self._in: queue.Queue[bytes] = queue.Queue()
        self._rest = b""
        self._write_end = write_end
        self._read_end = read_end
        for target in (self._pump_out, self._pump_in):
            threading.Thread(target=target, daemon=True).start()

    def _pump_out(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while (data := self._out.get()) is not None:
                self._write_end.write(data)
                self._write_end.flush()

    def _pump_in(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := os.read(self._read_end.fileno(), 1 << 20):
                self._in.put(data)
        self._in.put(b"")

    def send(self, data: bytes | memoryview, timeout_s: float) -> int:
        """Hand all bytes to the writing thread, or none if it is still busy."""
        try:
            self._out.put(bytes(data), timeout=timeout_s)
        except queue.Full:
            return 0
        return len(data)

    def receive(self, count: int, timeout_s: float) -> bytes | None:
        """Return what the reading thread has, at most `count` bytes."""
        if not self._rest:
            try:
                self._rest = self._in.get(timeout=timeout_s)
            except queue.Empty:
                return None
            if not self._rest:
                self._in.put(b"")
                raise ConnectionResetError
        data, self._rest = self._rest[:count], self._rest[count:]
        return data

    def close(self) -> None:
        """Close both pipes; the process is dead by now, so no thread stays blocked."""
        with contextlib.suppress(queue.Full):
            self._out.put_nowait(None)
        for end in (self._write_end, self._read_end):
            with contextlib.suppress(OSError):
                end.close()


class SpawnedProcess:
    """A Python process with a capture file and a scratch folder of its own."""

    def __init__(self, limits: Limits, *, warm: bool) -> None:
        """Start it; it imports torch and then waits for its first request.

        Args:
            limits: Memory, output and processes are watched by polling, wall time by the `Cell`.
            warm: Also use torch once, which takes another second but saves it later.
        """
        self._limits = limits
        self._scratch = tempfile.TemporaryDirectory(prefix="autograde-", ignore_cleanup_errors=True)
        self._capture = (Path(self._scratch.name) / ".output").open("w+b")
        self._taken_bytes = 0
        environment = {k: v for k in _KEPT_ENVIRONMENT if (v := os.environ.get(k))}
        environment |= {"OMP_NUM_THREADS": "1", "HOME": self._scratch.name}
        self.popen = subprocess.Popen(
            [
                *(sys.executable, "-I", "-m", "grader.cell.plain"),
                *(str(limits.frame_mib << 20), str(int(warm))),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._capture,
            cwd=self._scratch.name,
            env=environment,
        )
        self._idle_bytes: int | None = None
        self._next_count_s = 0.0

    def transport(self) -> PipeTransport:
        """Return the channel to it."""
        if self.popen.stdin is None or self.popen.stdout is None:  # pragma: no cover - PIPE above
            msg = "the cell was started without pipes"
            raise ValueError(msg)
        return PipeTransport(self.popen.stdin, self.popen.stdout)

    def kill(self) -> None:
        """End the process and all its descendants."""
        kill_tree(self.popen)

    def baseline(self) -> None:
        """Note the memory in use before any student code runs."""
        self._idle_bytes = resident_bytes(self.popen)

    def watch(self) -> Ending | None:
        """Look at output, memory and processes."""
        limits = self._limits
        if self._output_bytes() > limits.output_kib << 10:
            return endings.output(limits)
        if self._idle_bytes is None:
            return None
        if resident_bytes(self.popen) - self._idle_bytes > limits.memory_mib << 20:
            return endings.memory(limits)
        if self._is_crowded():
            return endings.processes(limits)
        return None

    def explain(self, raised: str) -> Ending | None:
        """Say nothing: no limit of this level is held by an exception."""
        del raised
        return None

    @property
    def card_peak_mib(self) -> int | None:
        """None: at this level no cell has a card."""
        return None

    def _is_crowded(self) -> bool:
        """Tell, now and then, whether there are more processes than there may be."""
        if time.monotonic() < self._next_count_s:
            return False
        self._next_count_s = time.monotonic() + COUNT_INTERVAL_S
        return descendants(self.popen) > self._limits.processes

    def ending(self) -> Ending:
        """Say why the process ended."""
        try:
            status = self.popen.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return Ending(Outcome.CRASHED, "Your code closed the channel to the grader.")
        if status >= 0:
            return Ending(Outcome.CRASHED, f"Your code ended the process (exit status {status}).")
        name = signal.Signals(-status).name
        return Ending(Outcome.CRASHED, f"Your code crashed the process ({name}).")

    def take_output(self) -> bytes:
        """Return what was printed since the last call."""
        end = min(self._output_bytes(), self._limits.output_kib << 10)
        # A second handle: the first one's position belongs to the process that writes.
        with Path(self._capture.name).open("rb") as file:
            file.seek(self._taken_bytes)
            data = file.read(end - self._taken_bytes)
        self._taken_bytes = end
        return data

    def _output_bytes(self) -> int:
        return os.fstat(self._capture.fileno()).st_size

    def close(self) -> None:
        """Kill what is left and remove the scratch folder."""
        self.kill()
        self._capture.close()
        self._scratch.cleanup()

    def discard(self) -> None:
        """Close it and its pipes, which nobody has asked for."""
        self.close()
        for pipe in (self.popen.stdin, self.popen.stdout):
            if pipe is not None:
                pipe.close()


READY_TIMEOUT_S = 600.0
"""How long a process may take to import torch: 140 s on a host that withdrew memory."""


def _wait_ready(cell: Cell, process: SpawnedProcess) -> None:
    cell.allow(READY_TIMEOUT_S)
    packer = cell.packer(lambda _: [])
    try:
        cell.request("hello", {}, packer)
    except CellEnded as error:
        said = process.take_output()[-2000:].decode("utf-8", "replace")
        process.close()
        raise CellError("cell", "a fresh Python process did not start", said) from error


class SpawningHost:
    """Opens level 0 cells, one process each, started ahead of time."""

    def __init__(self, limits: Limits, isolation: Isolation) -> None:
        """Start the first process at once, so that it imports torch while the caller does.

        Args:
            limits: For processes started ahead; a request for others starts a fresh one.
            isolation: Level 0, with the reason why no better level is used.
        """
        self.isolation = isolation
        self._limits = limits
        self._spare: SpawnedProcess | None = SpawnedProcess(limits, warm=False)

    def prepare(self) -> None:
        """Start the next process ahead of time."""
        if self._spare is None:
            self._spare = SpawnedProcess(self._limits, warm=True)

    def open(self, limits: Limits) -> Cell:
        """Return a cell, waiting until its process has imported torch.

        Raises:
            CellError: If the process does not come up.
        """
        process, self._spare = self._spare, None
        if process is not None and limits != self._limits:
            process.discard()
            process = None
        process = process or SpawnedProcess(limits, warm=False)
        cell = Cell(process.transport(), process, limits, self.isolation)
        _wait_ready(cell, process)
        process.baseline()
        return cell

    def close(self) -> None:
        """End the process that was started ahead, if there is one."""
        if self._spare is not None:
            self._spare.discard()
            self._spare = None
