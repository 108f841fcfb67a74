"""How many workers a machine carries without swapping."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from grader.model import Exercise

WORKER_MIB = 900
"""A worker, its warm cell process and a judge, each with torch loaded; measured, rounded up."""
RESERVE_MIB = 512
"""Left to the rest of the machine."""
_MIB = 2**20
_CGROUP = Path("/sys/fs/cgroup")


def workers_for(exercises: Sequence[Exercise], asked: int | None = None) -> int:
    """Decide how many workers run side by side.

    Args:
        exercises: Whose cells have to fit into the memory beside their workers.
        asked: What the user wants; one per usable core by default.

    Returns:
        At least 1, and never more than the memory that is free now can hold.
    """
    room = (_free_mib() - RESERVE_MIB) // mib_per_worker(exercises)
    return max(1, min(cores() if asked is None else asked, room))


def mib_per_worker(exercises: Sequence[Exercise]) -> int:
    """Give the memory of a worker with a cell at its limit."""
    return WORKER_MIB + max((exercise.limits.memory_mib for exercise in exercises), default=0)


def cores() -> int:
    """Count the cores that this process may use."""
    import psutil

    try:
        return len(psutil.Process().cpu_affinity() or ()) or 1
    except AttributeError:  # macOS has no affinity
        return os.cpu_count() or 1


def _free_mib() -> int:
    """Return the memory that can be taken without swapping, also inside a container."""
    import psutil

    free: int = psutil.virtual_memory().available
    limit, used = (_number(_CGROUP / name) for name in ("memory.max", "memory.current"))
    if limit is not None and used is not None:
        free = min(free, limit - used)
    return free // _MIB


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text("ascii"))
    except (OSError, ValueError):
        return None  # no container, or no limit
