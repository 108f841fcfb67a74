"""The host's end of the warm process: start it, hear its hello, ask it for cells."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import Any

from grader.errors import CellError

HELLO_TIMEOUT_S = 300.0
"""How long the launcher and a first jail may take on the slowest machine; a quiet one takes 0.3."""

PATIENCE_S = 0.5
"""How long it may take to leave by itself, which leaves no orphan for the system to collect."""

CLOSE_TIMEOUT_S = 10.0
MAX_MESSAGE_BYTES = 4096
_TAIL_BYTES = 2000


class WarmProcess:
    """One warm process, usable from this process and from those forked from it.

    Its hello stays in the control socket: everyone looks at it, nobody takes it out. So a
    forked process knows as much as the one that started it.
    """

    def __init__(self, *, boxed: bool, probe: bool = False, card: bool = False) -> None:
        """Start it and return at once.

        Args:
            boxed: Whether it runs inside a bubblewrap box.
            probe: Whether it only tries a jail, says hello and ends.
            card: Whether cells may be asked for with a graphics card.
        """
        self._owner_pid = os.getpid()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        options = {
            "boxed": boxed,
            "probe": probe,
            "card": card,
            "control": theirs.fileno(),
            "parent": self._owner_pid,
        }
        with theirs:
            self._popen = subprocess.Popen(
                [sys.executable, "-I", "-B", "-m", "grader.cell.launch", json.dumps(options)],
                stdin=subprocess.DEVNULL,
                stdout=self._said,
                stderr=self._said,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is for the grader, which then ends this
            )

    def hello(self) -> dict[str, Any]:
        """Return what it said about its jails, waiting for it if need be.

        Raises:
            CellError: If it ended or said nothing in time.
        """
        if not select.select([self._control], [], [], HELLO_TIMEOUT_S)[0]:
            raise self.failure(f"did not come up within {HELLO_TIMEOUT_S:g} seconds")
        message = b""
        with contextlib.suppress(ConnectionError):
            message = self._control.recv(MAX_MESSAGE_BYTES, socket.MSG_PEEK)
        if not message:
            raise self.failure("ended before it was ready")
        hello: dict[str, Any] = json.loads(message)
        return hello

    def ask(self, request: dict[str, Any], fds: Sequence[int]) -> None:
        """Send one request with its descriptors.

        Raises:
            CellError: If the process is gone.
        """
        try:
            socket.send_fds(self._control, [json.dumps(request).encode()], list(fds))
        except OSError as error:
            raise self.failure("has ended") from error

    def failure(self, what: str) -> CellError:
        """Return an error with the last lines that the process wrote."""
        end = os.fstat(self._said.fileno()).st_size
        tail = os.pread(self._said.fileno(), _TAIL_BYTES, max(0, end - _TAIL_BYTES))
        said = tail.decode("utf-8", "replace").strip()
        text = f"it said: {said}" if said else "it said nothing; `autograde doctor` may tell more"
        return CellError("cell", f"the warm process {what}", text)

    def close(self) -> None:
        """End the process and all cells, if this is the process that started it."""
        if os.getpid() == self._owner_pid and self._popen.returncode is None:
            # A shut socket reads as hung up, whoever else still holds a copy of it.
            self._control.shutdown(socket.SHUT_WR)
            self._end()
            self._wait_for_silence()
        self._control.close()
        self._said.close()

    def _end(self) -> None:
        """Wait until the process has left, asking ever less politely."""
        for ask, patience_s in (
            (self._popen.terminate, PATIENCE_S),  # it is still importing torch
            (self._popen.kill, CLOSE_TIMEOUT_S),
        ):
            try:
                self._popen.wait(patience_s)
            except subprocess.TimeoutExpired:
                ask()
        self._popen.wait()

    def _wait_for_silence(self) -> None:
        """Wait until the innermost process is gone too: then nobody holds the other end."""
        deadline_s = time.monotonic() + CLOSE_TIMEOUT_S
        with contextlib.suppress(ConnectionError):
            while (left := deadline_s - time.monotonic()) > 0:
                if not select.select([self._control], [], [], left)[0]:
                    return
                if not self._control.recv(MAX_MESSAGE_BYTES):
                    return
