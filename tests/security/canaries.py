"""What no hand-in may touch: a file, a folder, a variable, two listeners, a process, a name."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import psutil

PREFIX = "canary-of-the-grader"
VARIABLE = "AUTOGRADE_CANARY"
PLACES = ("/tmp", "/var/tmp", "/dev/shm", ".")
"""Where a hand-in might leave a file; looked through for the token in its name."""


@dataclass
class Canaries:
    """What was planted, and what was found wrong with it.

    Attributes:
        folder: Writable for everyone; holds the secret file and nothing else.
        token: Part of the name of whatever a hand-in tries to create.
    """

    folder: Path
    token: str
    secret: str
    listener: socket.socket
    named: socket.socket
    name: str
    victim: subprocess.Popen[bytes]
    _before: dict[str, Any] = field(default_factory=dict)

    def values(self) -> dict[str, str]:
        """Return what hand-ins are told, by the names that stand for it in their text."""
        return {
            "SECRET_FILE": str(self.folder / "secret"),
            "SECRET_FOLDER": str(self.folder),
            "SECRET_PREFIX": PREFIX,
            "TOKEN": self.token,
            "PORT": str(self.listener.getsockname()[1]),
            "NAME": self.name,
            "VICTIM_PID": str(self.victim.pid),
        }

    def remember(self) -> None:
        """Plant anew what somebody took away or ended, and take the state that has to stay."""
        if self._file_state()[:1] != (self.secret,):
            self._plant_file()
        if self.victim.poll() is not None:
            self.victim = _victim(self.secret)
        self._before = self._state()

    def end(self) -> None:
        """Look for what was created once more, which removes it, and end the process."""
        self.touched()
        self.victim.kill()
        self.victim.wait()

    def touched(self) -> list[str]:
        """Return what is no longer as it was; created files are removed."""
        now = self._state()
        found = [
            f"{k}: {v!r}, was {self._before[k]!r}" for k, v in now.items() if v != self._before[k]
        ]
        for path in self._created():
            found.append(f"{path} was created")
            Path(path).unlink()
        for listener in (self.listener, self.named):
            with contextlib.suppress(BlockingIOError):
                listener.accept()[0].close()
                found.append("somebody connected to a socket")
        return found

    def _created(self) -> list[str]:
        places = [*PLACES, str(self.folder), str(Path.home())]
        return [
            str(path)
            for place in dict.fromkeys(places)
            if Path(place).is_dir()
            for path in Path(place).glob(f"*{self.token}*")
        ]

    def _plant_file(self) -> None:
        # Open to everyone: what keeps a hand-in out must not be the mode of a file.
        self.folder.chmod(0o777)
        (self.folder / "secret").write_text(self.secret, "ascii")
        (self.folder / "secret").chmod(0o666)

    def _state(self) -> dict[str, Any]:
        return {
            "names in the folder": sorted(
                entry.name for entry in self.folder.iterdir() if self.token not in entry.name
            ),
            "file": self._file_state(),
            "victim": self._victim_state(),
        }

    def _file_state(self) -> tuple[Any, ...]:
        """Return text, mode and time of the file; nothing if it is not there."""
        file = self.folder / "secret"
        try:
            status = file.stat()
            return file.read_text("ascii"), status.st_mode, status.st_mtime_ns
        except FileNotFoundError:
            return ()

    def _victim_state(self) -> tuple[Any, ...]:
        """Return whether the process sleeps, its priority, cores and core limit, or its end."""
        if (status := self.victim.poll()) is not None:
            return ("ended", status)
        victim = psutil.Process(self.victim.pid)
        sleeps = victim.status() in ("sleeping", "disk-sleep")
        limit = victim.rlimit(psutil.RLIMIT_CORE)
        return sleeps, victim.nice(), tuple(sorted(victim.cpu_affinity())), limit


def _victim(secret: str) -> subprocess.Popen[bytes]:
    """Start a process with the secret in its environment, and wait until it sleeps."""
    started = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", "import time; time.sleep(3600)"],
        start_new_session=True,
        env={VARIABLE: secret},
    )
    while psutil.Process(started.pid).status() != psutil.STATUS_SLEEPING:
        time.sleep(0.01)
    return started


@contextlib.contextmanager
def variable() -> Iterator[None]:
    """Put a secret into this process's environment, where cells must not see it."""
    secret = f"{PREFIX}-{secrets.token_hex(12)}"
    with mock.patch.dict(os.environ, {VARIABLE: secret}):
        yield


@contextlib.contextmanager
def plant() -> Iterator[Canaries]:
    """Plant canaries; they are gone on leaving."""
    token = f"autograde-token-{secrets.token_hex(6)}"
    secret = f"{PREFIX}-{secrets.token_hex(12)}"
    name = f"autograde-canary-{secrets.token_hex(8)}"
    with (
        tempfile.TemporaryDirectory(prefix="autograde-canary-") as folder,
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.socket(socket.AF_UNIX) as named,
    ):
        named.bind("\0" + name)
        named.listen()
        for each in (listener, named):
            each.setblocking(False)
        victim = _victim(secret)
        canaries = Canaries(Path(folder), token, secret, listener, named, name, victim)
        canaries.remember()
        try:
            yield canaries
        finally:
            canaries.end()
