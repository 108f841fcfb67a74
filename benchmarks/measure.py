"""What a command costs, with everything it started."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Spent:
    """CPU seconds (user and system, the whole tree of processes) and seconds on the clock."""

    cpu_s: float
    wall_s: float

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.cpu_s + other.cpu_s, self.wall_s + other.wall_s)


def spend(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    may_fail: bool = False,
) -> tuple[Spent, str]:
    """Run a command to its end.

    Args:
        command: Program and arguments.
        cwd: Where it runs.
        env: Set on top of this process's environment.
        may_fail: Whether an exit code other than 0 is an answer like any other.

    Returns:
        What it spent, and what it printed on stdout.

    Raises:
        SystemExit: If it fails; its output is shown.
    """
    _adopt_orphans()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started_s = time.monotonic()
    done = subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | (env or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    wall_s = time.monotonic() - started_s
    _wait_for_orphans()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode and not may_fail:
        print(done.stdout, done.stderr)
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}")
    cpu_s = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return Spent(cpu_s, wall_s), done.stdout


def _adopt_orphans() -> None:
    """Make this process the parent of what its children leave behind.

    The kernel charges a process to the one that waits for it. A program that ends without
    having waited for a helper would otherwise hide what the helper spent.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _wait_for_orphans() -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def machine() -> str:
    """Name this machine in one line."""
    model = platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{os.cpu_count()} cores ({model}), {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, load before the run {load}"
    )
