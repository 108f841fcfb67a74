"""The examination of this machine: a real cell is opened and attacked, canary by canary.

Versions and settings are not looked at. What counts is what student code can do.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from grader.cell import open_host
from grader.cell.attacks import ATTACKS, JAILED, PRELUDE, SMALL, Attack
from grader.cell.cell import Cell, CellHost
from grader.errors import CellEnded
from grader.model import Finding, Limits, Probe

BROKEN = "A promise of this level does not hold here; do not grade with it, and report this."
RAISE = "Use a level that promises it: `autograde doctor` names the command."


def examine(level: int) -> list[Probe]:
    """Open cells of a level, attack them, and say what holds.

    Raises:
        CellError: If this machine cannot open cells of the level.
    """
    with contextlib.closing(Examination()) as examination:
        host = open_host(level, SMALL)
        try:
            return examination.probes(host)
        finally:
            host.close()


class Examination:
    """Canaries that are planted before a host is started, and attacked through its cells after.

    What a host would inherit has to be there before it is.
    """

    def __init__(self) -> None:
        """Plant the canaries."""
        self._relatives = _descendants()
        self._planted = contextlib.ExitStack()
        self._canaries = self._planted.enter_context(_canaries())

    def close(self) -> None:
        """Remove them; once more does nothing."""
        self._planted.close()

    def probes(self, host: CellHost, attacks: Sequence[Attack] = ATTACKS) -> list[Probe]:
        """Attack cells of a host.

        Args:
            host: Started since.
            attacks: Which ones; `QUICK` leaves out those that wait for the end of a cell.

        Raises:
            CellError: If no cell can be opened.
        """
        ward = _Ward(host, self._canaries)
        try:
            return [ward.identity(self._relatives), *(ward.probe(attack) for attack in attacks)]
        finally:
            ward.close()


class _Ward:
    """Runs attacks one after another, in the same cell as long as it lives."""

    def __init__(self, host: CellHost, canaries: dict[str, Any]) -> None:
        self._host = host
        self._canaries = canaries
        self._cell: Cell | None = None
        self._neighbour = host.open(SMALL)
        self._level = host.isolation.level

    def identity(self, relatives: set[int]) -> Probe:
        """Look at the host's processes from outside: their users and privileges.

        Args:
            relatives: Processes below this one that were there before the host.
        """
        family = _descendants() - relatives
        seen = [_privileges(member) for member in family]
        self._canaries["NEIGHBOUR_PID"] = max(family, default=0)
        root = any(uid == 0 for uid, _ in seen)
        shut = any(jailed for _, jailed in seen)
        title = "Seen from outside, cells are not root and can gain no privilege."
        return self._judge(title, JAILED, stopped=shut and not root, detail=f"{seen}")

    def probe(self, attack: Attack) -> Probe:
        """Run one attack."""
        cell = self._cell_for(attack.limits)
        source = PRELUDE + _assignments(self._canaries, attack.limits) + attack.source
        try:
            frame = cell.request(
                "load",
                {"name": "attack", "path": "attack.py", "source": source},
                cell.packer(lambda _: []),
            )
        except CellEnded as error:
            stopped = error.ending.outcome in attack.ends
            return self._judge(
                attack.title, attack.promised, stopped=stopped, detail=error.ending.message
            )
        said = frame.body if frame.kind == "error" else {"type": "Escaped", "text": "it ran"}
        detail = f"{said['type']}: {said['text']}"
        if said["type"] == "Escaped":
            return self._judge(attack.title, attack.promised, stopped=False, detail=detail)
        # Another error is a mistake in the attack, or a system on which it makes no sense.
        stopped = "OSError" in said["kinds"]
        return self._judge(attack.title, attack.promised, stopped=stopped, detail=detail)

    def _judge(self, title: str, promised: frozenset[int], *, stopped: bool, detail: str) -> Probe:
        if stopped:
            return Probe(title, Finding.PASS, detail)
        if self._level in promised:
            return Probe(title, Finding.FAIL, detail, BROKEN)
        return Probe(title, Finding.NOT_ENFORCED, detail, self._host.isolation.remedy or RAISE)

    def _cell_for(self, limits: Limits) -> Cell:
        if self._cell is not None and (not self._cell.alive or self._cell.limits != limits):
            self._cell.close()
            self._cell = None
        if self._cell is None:
            self._cell = self._host.open(limits)
        self._cell.allow(limits.wall_time_s)
        return self._cell

    def close(self) -> None:
        """Close the cells."""
        if self._cell is not None:
            self._cell.close()
        self._neighbour.close()


def _descendants() -> set[int]:
    """Return the processes below this one; none on a system without /proc."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            # The name, in parentheses, may hold anything; the parent comes second after it.
            rest = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2]
            parents[int(stat.parent.name)] = int(rest.split()[1])
    found = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {os.getpid()}


def _privileges(pid: int) -> tuple[int, bool]:
    """Return the user of a process and whether it can gain no privilege and has a filter."""
    with contextlib.suppress(OSError):
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
        fields = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
        nothing = int(fields["CapEff"], 16) == int(fields["CapPrm"], 16) == 0
        jailed = nothing and fields["NoNewPrivs"] == "1" and fields["Seccomp"] == "2"
        return int(fields["Uid"].split()[0]), jailed
    return -1, False


def _assignments(canaries: dict[str, Any], limits: Limits) -> str:
    values = canaries | {
        "THREADS": limits.threads,
        "OPEN_FILES": limits.open_files,
        "SCRATCH_FILES": limits.scratch_files,
        "MEMORY_MIB": limits.memory_mib,
        "OUTPUT_KIB": limits.output_kib,
    }
    return "".join(f"{name} = {value!r}\n" for name, value in values.items())


@contextlib.contextmanager
def _canaries() -> Iterator[dict[str, Any]]:
    """Plant what no cell may reach; removed on leaving."""
    prefix = "canary-"
    secret = prefix + secrets.token_hex(16)
    variable = "AUTOGRADE_DOCTOR"
    name = f"autograde-doctor-{secrets.token_hex(8)}"
    with (
        tempfile.TemporaryDirectory(prefix="autograde-doctor-") as folder,
        socket.create_server(("127.0.0.1", 0)) as server,
        _abstract_listener(name),
    ):
        # Readable for everyone: what keeps a cell out must not be the file's mode.
        Path(folder).chmod(0o777)
        file = Path(folder, "secret")
        file.write_text(secret, encoding="ascii")
        os.environ[variable] = secret
        try:
            yield {
                "SECRET_FILE": str(file),
                "SECRET_FOLDER": folder,
                "SECRET_PREFIX": prefix,
                "GRADER_PID": os.getpid(),
                "NEIGHBOUR_PID": 0,
                "OPEN_PORT": server.getsockname()[1],
                "OPEN_NAME": name,
            }
        finally:
            del os.environ[variable]


@contextlib.contextmanager
def _abstract_listener(name: str) -> Iterator[None]:
    """Listen on an abstract UNIX socket, where the system has such a thing."""
    if not hasattr(socket, "AF_UNIX"):
        yield
        return
    with socket.socket(socket.AF_UNIX) as listener:
        with contextlib.suppress(OSError):
            listener.bind("\0" + name)
            listener.listen()
        yield
