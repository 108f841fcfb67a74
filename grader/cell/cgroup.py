"""Control groups: the kernel's own count of what a cell takes, where this machine has one to give.

Address space is what stops a cell first, and politely; the judge's look every 20 ms is second. A
group stands behind both: it counts what neither sees (memory of the kernel, what is taken between
two looks), holds the number of threads also where a flat jail cannot, and its count of kills says
for certain that a cell died of memory.

    v1   a folder under `memory` and one under `pids`, below the groups of this process
    v2   a folder below a group whose name begins with `autograde`, handed over by whoever started
         this process; all that was in that group moves aside, because only leaves hold processes

Each cell has a group to itself. It enters by writing "0" to a file that the judge opened, before
the first line of student code. On v1 that moves one thread and waits for nobody; moving a process
from outside waits for a grace period of the kernel, 22 ms of them in the median. The process that
holds the host uses a group again for its next cell and removes it with the host; one that was
forked from it removes its own after each cell, for half a millisecond. Those whose owner was killed
are removed with the host or by the next one that starts.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")
NAME = "autograde"
ASIDE = "processes"
"""Where the processes of a group of v2 go that gets groups below it."""
ENTER = b"0"
"""What a thread or process writes to enter a group: itself."""
REMEDY = (
    "root has one where /sys/fs/cgroup can be written; anybody with systemd: systemd-run --user "
    f"--scope --unit {NAME} -p Delegate=yes autograde ..."
)
_STEP = 16 << 20
_numbers = itertools.count(1)
"""Of the groups that this process has made, whichever host they are for."""
_OWNED = re.compile(rf"{NAME}-(\d+)-(\d+)-\d+")


@dataclass(frozen=True, slots=True)
class Version:
    """Where one version of the kernel's interface has what.

    Attributes:
        enter: File that a cell enters by.
        memory: File with the limit in bytes.
        no_swap: File and value that keep swap out of it; some kernels lack it.
        events: File that counts the kills.
    """

    enter: str
    memory: str
    no_swap: tuple[str, str]
    events: str


V1 = Version("tasks", "memory.limit_in_bytes", ("memory.swappiness", "0"), "memory.oom_control")
V2 = Version("cgroup.procs", "memory.max", ("memory.swap.max", "0"), "memory.events")


class Group:
    """One group, for one cell at a time."""

    def __init__(self, version: Version, memory: Path, pids: Path, home: Groups) -> None:
        """Make its folders and open what a cell enters by.

        Args:
            version: Of the interface.
            memory: Folder that counts memory.
            pids: Folder that counts threads; the same one on v2.
            home: Where it waits between two cells.

        Raises:
            OSError: If this is refused.
        """
        self._version = version
        self._memory = memory
        self._pids = pids
        self._home = home
        self._limits = (0, 0)
        self._kills = 0
        self.entries: list[int] = []
        try:
            for folder in dict.fromkeys((memory, pids)):
                folder.mkdir()
                self.entries.append(os.open(folder / version.enter, os.O_WRONLY))
            name, value = version.no_swap
            if (memory / name).exists():
                (memory / name).write_text(value, "ascii")
        except OSError:
            self.remove()
            raise

    def hold(self, memory_bytes: int, threads: int) -> None:
        """Set the limits for the cell that is in it, and begin to count its kills.

        Raises:
            OSError: If this is refused.
        """
        limits = (-(-memory_bytes // _STEP) * _STEP, threads)
        if limits != self._limits:
            (self._memory / self._version.memory).write_text(str(limits[0]), "ascii")
            (self._pids / "pids.max").write_text(str(threads), "ascii")
            self._limits = limits
        self._kills = self._count()

    def has_killed(self) -> bool:
        """Tell whether the kernel has killed in it, for memory, since `hold`."""
        with contextlib.suppress(OSError):
            return self._count() > self._kills
        return False

    def _count(self) -> int:
        text = (self._memory / self._version.events).read_text("ascii")
        found = re.search(r"^oom_kill (\d+)$", text, re.MULTILINE)
        return int(found[1]) if found else 0

    def release(self) -> None:
        """Keep it for the next cell, the last one being gone."""
        self._home.receive(self)

    def forget(self) -> None:
        """Close its descriptors, as a process does that only inherited them."""
        for fd in self.entries:
            os.close(fd)
        self.entries = []

    def remove(self) -> None:
        """Remove it; what is still in it keeps it until the next sweep."""
        self.forget()
        for folder in dict.fromkeys((self._memory, self._pids)):
            with contextlib.suppress(OSError):
                folder.rmdir()


class Groups:
    """The groups of this process and of those forked from it, each having its own."""

    def __init__(self, version: Version, memory: Path, pids: Path) -> None:
        """Remove what others left behind, and make a first group, which shows that it can be.

        Args:
            version: Of the interface.
            memory: Folder below which memory is counted.
            pids: Folder below which threads are counted; the same one on v2.

        Raises:
            OSError: If no group can be made.
        """
        self.version = version
        self.memory = memory
        self._pids = pids
        self._host_pid = self._owner_pid = os.getpid()
        self._is_closed = False
        self._free: list[Group] = []
        self._sweep()
        self._free.append(self._make())

    def take(self) -> Group | None:
        """Return a group for one cell, or None if none is to be had now."""
        if self._owner_pid != os.getpid():
            for group in self._free:
                group.forget()
            self._free = []
            self._owner_pid = os.getpid()
        if self._free:
            return self._free.pop()
        with contextlib.suppress(OSError):
            return self._make()
        return None

    def receive(self, group: Group) -> None:
        """Keep a group for the next cell, or remove it if there will be none.

        A judge that was forked from the host's process has one submission and ends without a word.
        """
        if self._is_closed or os.getpid() != self._host_pid:
            group.remove()
        else:
            self._free.append(group)

    def close(self) -> None:
        """Remove the groups of this process, and of those that have ended."""
        self._is_closed = True
        if self._owner_pid == os.getpid():
            for group in self._free:
                group.remove()
            self._free = []
            self._sweep()

    def _make(self) -> Group:
        pid = os.getpid()
        name = f"{NAME}-{pid}-{_started(pid)}-{next(_numbers)}"
        return Group(self.version, self.memory / name, self._pids / name, self)

    def _sweep(self) -> None:
        """Remove groups whose owner has ended; a number alone could be somebody else's by now."""
        for base in dict.fromkeys((self.memory, self._pids)):
            for folder in base.glob(f"{NAME}-*"):
                owner = _OWNED.fullmatch(folder.name)
                if owner and _started(int(owner[1])) != int(owner[2]):
                    with contextlib.suppress(OSError):
                        folder.rmdir()


def find(root: Path = ROOT, own: Path = OWN) -> tuple[Groups | None, str]:
    """Return the groups that this process can have, by making one.

    Args:
        root: Where control groups are mounted.
        own: The kernel's list of this process's groups.

    Returns:
        The groups, or None and why there are none.
    """
    try:
        lines = own.read_text("utf-8").splitlines()
        places = {line.split(":", 2)[1]: line.split(":", 2)[2].lstrip("/") for line in lines}
        if (root / "cgroup.controllers").exists():
            base = _handed_over(root, places[""])
            return Groups(V2, base, base), ""
        bases = [_below(root / name, places[name]) for name in ("memory", "pids")]
        return Groups(V1, *bases), ""
    except KeyError as error:
        return None, f"this process has no control group of {error.args[0] or 'version 2'}"
    except OSError as error:
        return None, f"{error.filename or root}: {error.strerror}"


def _below(mounted: Path, own: str) -> Path:
    """Return the folder of a process's own group; a container shows only what is below its own."""
    return mounted / own if (mounted / own).is_dir() else mounted


def _handed_over(root: Path, own: str) -> Path:
    """Return the group of v2 that was handed over, ready to have groups below it.

    Raises:
        OSError: If there is none, or it cannot be made ready.
    """
    parts = Path(own).parts
    named = [place for place, part in enumerate(parts) if part.startswith(NAME)]
    if not named:
        raise OSError(0, f"no group named {NAME} was handed over", str(root / own))
    base = root.joinpath(*parts[: named[0] + 1])
    aside = base / ASIDE
    aside.mkdir(exist_ok=True)
    for pid in (base / "cgroup.procs").read_text("ascii").split():
        (aside / "cgroup.procs").write_text(pid, "ascii")
    (base / "cgroup.subtree_control").write_text("+memory +pids", "ascii")
    return base


def _started(pid: int) -> int:
    """Return when a process started, in ticks since the machine did; 0 if there is none."""
    try:
        # The name, in parentheses, may hold anything; the time comes twentieth after it.
        text = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    except OSError:
        return 0
    return int(text.rpartition(")")[2].split()[19])
