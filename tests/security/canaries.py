"""What no hand-in may touch: a file, a folder, a variable, two listeners, a process, a name."""

from __future__ import annotations

import contextlib
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
        """Take the state that has to stay."""
        self._before = self._state()

    def touched(self) -> list[str]:
        """Return what is no longer as it was; created files are removed."""
        now = self._state()
        found = [
            f"{k}: {v!r}, was {self._before[k]!r}" for k, v in now.items() if v != self._before[k]
        ]
        for path in self.created():
            found.append(f"{path} was created")
            path.unlink()
        for listener in (self.listener, self.named):
            with contextlib.suppress(BlockingIOError):
                while True:
                    listener.accept()[0].close()
                    found.append("somebody connected to a socket")
        return found

    def created(self) -> list[Path]:
        """Return files with the token in their name."""
        places = [*PLACES, str(self.folder), str(Path.home())]
        return [
            path
            for place in dict.fromkeys(places)
            if Path(place).is_dir()
            for path in Path(place).glob(f"*{self.token}*")
        ]

    def _state(self) -> dict[str, Any]:
        file = self.folder / "secret"
        status = file.stat() if file.exists() else None
        victim = psutil.Process(self.victim.pid)
        return {
            "text of the file": file.read_text("ascii") if status else "",
            "mode of the file": status.st_mode if status else 0,
            "time of the file": status.st_mtime_ns if status else 0,
            "names in the folder": sorted(
                entry.name for entry in self.folder.iterdir() if self.token not in entry.name
            ),
            "victim's state": (self.victim.poll(), victim.status() in ("stopped", "zombie", "tracing-stop")),
            "victim's priority": victim.nice(),
            "victim's cores": sorted(victim.cpu_affinity()),
            "victim's core limit": victim.rlimit(psutil.RLIMIT_CORE),
        }


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
        subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", "import time; time.sleep(3600)"],
            start_new_session=True,
            env={VARIABLE: secret},
        ) as victim,
    ):
        named.bind("\0" + name)
        named.listen()
        for each in (listener, named):
            each.setblocking(False)
        # Open to everyone: what keeps a hand-in out must not be the mode of a file.
        Path(folder).chmod(0o777)
        Path(folder, "secret").write_text(secret, "ascii")
        Path(folder, "secret").chmod(0o666)
        canaries = Canaries(Path(folder), token, secret, listener, named, name, victim)
        try:
            yield canaries
        finally:
            victim.kill()
            for path in canaries.created():
                path.unlink(missing_ok=True)
