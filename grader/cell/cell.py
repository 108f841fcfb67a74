"""The judge's end of a cell: requests with a deadline, and what it means when none is answered."""

from __future__ import annotations

import select
import socket
import time
from typing import Any, Protocol

from grader.cell import endings, wire
from grader.cell.incoming import Incoming
from grader.errors import CellEnded, Ending
from grader.model import Isolation, Limits, Outcome

ANSWERS_PER_TEST = 8
"""How many of the largest frames the answers to one test may add up to: an endless generator of
tensors would otherwise fill the judge's memory, which no limit of the cell bounds."""
WATCH_INTERVAL_S = 0.02
"""How often limits are looked at while the judge waits; 500 MiB were exceeded by 7 at most."""
ANSWER_INTERVAL_S = 0.005
"""How often they are where answers come quickly: nothing large is taken in less."""


class CellProcess(Protocol):
    """The process tree behind a cell, seen from the trusted side."""

    def kill(self) -> None:
        """End the whole tree; nothing of it is left when this returns."""

    def watch(self) -> Ending | None:
        """Say whether a limit is exceeded right now (memory, output); quick."""

    def explain(self, raised: str) -> Ending | None:
        """Say whether an exception, of which the cell gives the name, is how a limit was held."""

    @property
    def card_peak_mib(self) -> int | None:
        """The most memory of a graphics card that it was seen with; None without one."""

    def ending(self) -> Ending:
        """Say why the process ended by itself."""

    def take_output(self) -> bytes:
        """Return what was printed since the last call, cut at the output limit."""

    def close(self) -> None:
        """Kill what is left and release every descriptor."""


class Transport(Protocol):
    """Bytes to and from a cell."""

    def send(self, data: bytes | memoryview, timeout_s: float) -> int:
        """Write some bytes; return how many, 0 if none could be written in time.

        Raises:
            ConnectionError: If the other side is gone.
        """

    def receive(self, count: int, timeout_s: float) -> bytes | None:
        """Read up to `count` bytes; None if none came in time.

        Raises:
            ConnectionError: If the other side is gone.
        """

    def close(self) -> None:
        """Release the descriptors."""


class SocketTransport:
    """A connected stream socket: the transport of forked cells."""

    def __init__(self, connection: socket.socket) -> None:
        """Take over the socket and make it non-blocking."""
        connection.settimeout(0)
        self._socket = connection

    def send(self, data: bytes | memoryview, timeout_s: float) -> int:
        """Write some bytes (see `Transport`)."""
        try:
            return self._socket.send(data)
        except BlockingIOError:
            select.select([], [self._socket], [], timeout_s)
            return 0

    def receive(self, count: int, timeout_s: float) -> bytes | None:
        """Read some bytes (see `Transport`)."""
        if not select.select([self._socket], [], [], timeout_s)[0]:
            return None
        data = self._socket.recv(min(count, 1 << 20))
        if not data:
            raise ConnectionResetError
        return data

    def close(self) -> None:
        """Release the socket."""
        self._socket.close()


class Cell:
    """One jailed process, holding one submission's file of one exercise.

    Every request raises `CellEnded` when the cell dies, exceeds a limit or breaks the
    protocol; the cell is dead from then on.
    """

    def __init__(
        self, transport: Transport, process: CellProcess, limits: Limits, isolation: Isolation
    ) -> None:
        """Take over a process that is about to serve requests.

        Args:
            transport: The only channel to it.
            process: The process tree, to be killed and asked about.
            limits: What it may use; wall time and frame size are enforced here.
            isolation: The level in force for this very cell.
        """
        self.isolation = isolation
        self.limits = limits
        self.alive = True
        self._transport = transport
        self._process = process
        self._seq = 0
        self._limit_bytes = limits.frame_mib << 20
        self._deadline_s = time.monotonic() + limits.wall_time_s
        self._timeout_s = limits.wall_time_s
        self._incoming = Incoming(self._read)
        self._answered_bytes = 0
        self._answers = 0
        self._second = (0.0, 0)
        self._looked_s = 0.0

    def allow(self, timeout_s: float) -> None:
        """Give the requests from now on this much wall time, all together, and room anew."""
        self._answered_bytes = 0
        self._answers = 0
        self._second = (0.0, 0)
        self._timeout_s = timeout_s
        self._deadline_s = time.monotonic() + timeout_s

    def packer(self, default: Any) -> wire.Packer:
        """Return an empty packer with this cell's frame limit."""
        return wire.Packer(default, self._limit_bytes)

    def request(self, kind: str, body: dict[str, Any], packer: wire.Packer) -> wire.Frame:
        """Send one request and return its answer, whose kind is `ok` or `error`.

        Args:
            kind: A request that `guest.Guest` knows.
            body: Plain values and trees made by `packer`.
            packer: Holds the tensors that `body` refers to.

        Raises:
            CellEnded: If no valid answer came.
        """
        self._seq += 1
        try:
            for piece in packer.frame(self._seq, kind, body):
                self._send(piece)
            frame = self._receive_frame()
        except ConnectionError as error:
            raise self._ended(self._process.ending()) from error
        except wire.WireError as error:
            raise self._broken(str(error)) from error
        if frame.seq != self._seq or frame.kind not in ("ok", "error"):
            raise self._broken("an answer to a question that was not asked")
        if frame.kind == "error":
            # What was raised may be how the kernel held a limit; which one can be seen.
            ending = self._process.watch() or self._process.explain(_raised(frame))
            if ending is not None:
                raise self._ended(ending)
        return frame

    @property
    def card_peak_mib(self) -> int | None:
        """The most memory of a graphics card that the cell was seen with; None without one."""
        return self._process.card_peak_mib

    def take_output(self) -> str:
        """Return what the student's code printed since the last call."""
        return self._process.take_output().decode("utf-8", "replace")

    def close(self) -> None:
        """Kill the process tree and release everything."""
        self.alive = False
        self._process.close()
        self._transport.close()

    def _ended(self, ending: Ending) -> CellEnded:
        self.alive = False
        self._process.kill()
        return CellEnded(ending)

    def _broken(self, what: str) -> CellEnded:
        text = f"Your code wrote to the grader's own channel ({what}), so its answer was refused."
        return self._ended(Ending(Outcome.CRASHED, text))

    def _remaining_s(self) -> float:
        now_s = time.monotonic()
        left = self._deadline_s - now_s
        if left <= 0:
            text = f"Your code did not finish within {round(self._timeout_s, 1):g} seconds."
            raise self._ended(Ending(Outcome.TIMEOUT, text))
        if now_s - self._looked_s >= WATCH_INTERVAL_S:
            self._look()
        return min(left, WATCH_INTERVAL_S)

    def _look(self) -> None:
        """End the cell if it has more than it may."""
        ending = self._process.watch()
        if ending is not None:
            raise self._ended(ending)
        self._looked_s = time.monotonic()

    def _send(self, piece: bytes | memoryview) -> None:
        view = memoryview(piece)
        while view:
            view = view[self._transport.send(view, self._remaining_s()) :]

    def _read(self, count: int) -> bytes | None:
        return self._transport.receive(count, self._remaining_s())

    def _receive_frame(self) -> wire.Frame:
        prefix = bytes(self._incoming.take(wire.PREFIX.size))
        if time.monotonic() - self._looked_s >= ANSWER_INTERVAL_S:
            self._look()
        self._count_answer()
        head_bytes, payload_bytes = wire.parse_prefix(prefix, self._limit_bytes)
        # Plain values take several times their size on the wire once they are Python objects.
        self._answered_bytes += payload_bytes + ANSWERS_PER_TEST * head_bytes
        if self._answered_bytes > ANSWERS_PER_TEST * self._limit_bytes:
            most_mib = ANSWERS_PER_TEST * self.limits.frame_mib
            text = f"Your code handed over more than {most_mib} MiB in one test."
            raise self._ended(Ending(Outcome.MEMORY, text))
        head = bytes(self._incoming.take(head_bytes))
        return wire.parse_frame(head, self._incoming.take(payload_bytes))

    def _count_answer(self) -> None:
        """Count one more answer to this test, and end a cell that is asked without end."""
        self._answers += 1
        if self._answers > self.limits.frames:
            raise self._ended(endings.answers(self.limits))
        began_s, count = self._second
        now_s = time.monotonic()
        if now_s - began_s >= 1:
            began_s, count = now_s, 0
        self._second = (began_s, count + 1)
        if count >= self.limits.frames_per_s:
            raise self._ended(endings.answer_rate(self.limits))


def _raised(frame: wire.Frame) -> str:
    """Return the name that the cell gives an exception; whatever else it sends is no name."""
    name = frame.body.get("type") if isinstance(frame.body, dict) else None
    return name if isinstance(name, str) else ""


class CellHost(Protocol):
    """Opens cells of one level, quickly, from this process or one forked from it."""

    @property
    def isolation(self) -> Isolation:
        """The level that its cells have."""

    def open(self, limits: Limits) -> Cell:
        """Return a fresh cell, ready for its first request.

        Raises:
            CellError: If none can be opened, for a reason that is ours.
        """

    def prepare(self) -> None:
        """Do ahead of time what makes the next `open` quick, if there is anything."""

    def close(self) -> None:
        """End every process of the host."""
