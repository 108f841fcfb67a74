"""A process and its descendants, as far as this system lets them be seen."""

from __future__ import annotations

import contextlib
import subprocess

try:
    import psutil
except ImportError:
    # psutil has no build for this system, or a module that it needs is missing. Then memory is
    # not watched, and of a tree only the process itself is killed.
    psutil = None  # type: ignore[assignment]


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """End a process and all its descendants, and wait for it."""
    if psutil is not None:
        with contextlib.suppress(psutil.Error):
            for member in psutil.Process(process.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    member.kill()
    process.kill()
    process.wait()


def descendants(process: subprocess.Popen[bytes]) -> int:
    """Return how many processes descend from one, 0 if that cannot be told."""
    if psutil is not None:
        with contextlib.suppress(psutil.Error):
            return len(psutil.Process(process.pid).children(recursive=True))
    return 0


def resident_bytes(process: subprocess.Popen[bytes]) -> int:
    """Return the memory that a process holds, 0 if that cannot be told."""
    if psutil is not None:
        with contextlib.suppress(psutil.Error):
            return int(psutil.Process(process.pid).memory_info().rss)
    return 0
