"""Runs hand-ins in the weak harness, each in a child that is watched and cleared away.

    python -m tests.security.weak.server

A request is a line of JSON on stdin, its answer one on stdout. The child has no jail at all, but
so that no bite harms the machine, what it takes is bounded, generously: time, memory, output.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import fcntl
import json
import math
import os
import resource
import select
import signal
import sys
import tempfile
import termios
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from tests.security.target import RIGHT

MAX_ADDRESSES = 16 << 30
MAX_RESIDENT = 1 << 30
MAX_OUTPUT = 4 << 20
INTERVAL_S = 0.01
BUSY_S = 3.0
"""CPU time after which a hand-in hangs, and in which a right one is done many times over."""
TIMES = 10
"""How many times what a right one takes: where that is more than `BUSY_S`, that is waited for."""
ASLEEP_S = 1.2
"""And how long it may sleep at a stretch. Only both together tell a hang on a busy machine."""
LOOKS = 20
_PR_SET_CHILD_SUBREAPER = 36
_MIB = 1 << 20


def _become(request: dict[str, Any], output: int, terminal: int) -> int:
    """Be the child: its session, terminal, output and limits; then grade."""
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    os.dup2(terminal, 0)
    for target in (1, 2):
        os.dup2(output, target)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 3)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_ADDRESSES, hard))
    from tests.security.weak import beside, channel

    place = Path(request["place"])
    path, page, phase = Path(request["path"]), place / "page.html", place / "phase"
    if request["how"] == "channel":
        return channel.grade(path, page, phase)
    return beside.grade(path, Path(request["other_drive"]), page, phase)


def _run(request: dict[str, Any], busy_s: float) -> dict[str, Any]:
    read_fd, write_fd = os.pipe()
    os.set_blocking(read_fd, False)
    master, slave = os.openpty()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code: Any = 2
        try:
            code = _become(request, write_fd, slave)
        except SystemExit as ended:
            code = ended.code or 0
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}".encode()[:2000])
        finally:
            with contextlib.suppress(BaseException):
                sys.stdout.flush()
            # As an interpreter ends: what was registered runs.
            with contextlib.suppress(BaseException):
                _run_exit_functions()
            os._exit(code if isinstance(code, int) else 1)
    os.close(write_fd)
    os.close(slave)
    try:
        return _watch(child, read_fd, busy_s)
    finally:
        os.close(read_fd)
        os.close(master)


def _run_exit_functions() -> None:
    threading._shutdown()
    atexit._run_exitfuncs()


def _watch(child: int, read_fd: int, busy_s: float) -> dict[str, Any]:
    """Wait for the end of a child or make it, and say what it took."""
    pidfd = os.pidfd_open(child)
    own = psutil.Process().memory_info().rss
    output, peak, ended_by = bytearray(), 0, ""
    awake = time.monotonic()
    looks, before = 0, -1.0
    while not select.select([pidfd], [], [], INTERVAL_S)[0]:
        _drain(read_fd, output)
        used = [_use(process) for process in psutil.Process().children(recursive=True)]
        peak = max(peak, max((resident for resident, _, _ in used), default=0) - own)
        busy = sum(cpu for _, cpu, _ in used)
        looks += 1
        if busy != before or any(running for _, _, running in used):
            awake, looks, before = time.monotonic(), 0, busy
        if busy > busy_s or (time.monotonic() - awake > ASLEEP_S and looks > LOOKS):
            ended_by = "hang"
        elif peak > MAX_RESIDENT:
            ended_by = "memory"
        elif len(output) > MAX_OUTPUT:
            ended_by = "output"
        if ended_by:
            os.kill(child, signal.SIGKILL)
            break
    _, status, usage = os.wait4(child, 0)
    os.close(pidfd)
    _drain(read_fd, output)
    return {
        "ended_by": ended_by,
        "status": os.waitstatus_to_exitcode(status),
        "peak_mib": max(peak, usage.ru_maxrss * 1024 - own) // _MIB,
        "left": _clear(),
        "output_bytes": len(output),
        "output": output[-200_000:].decode("utf-8", "replace"),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 2),
    }


def _drain(read_fd: int, output: bytearray) -> None:
    with contextlib.suppress(BlockingIOError):
        while len(output) <= MAX_OUTPUT and (data := os.read(read_fd, 1 << 20)):
            output += data


def _use(process: psutil.Process) -> tuple[int, float, bool]:
    """Return resident memory, CPU time and whether a process is anything but asleep."""
    try:
        with process.oneshot():
            times, state = process.cpu_times(), process.status()
            asleep = state in (psutil.STATUS_SLEEPING, psutil.STATUS_STOPPED)
            return int(process.memory_info().rss), times.user + times.system, not asleep
    except psutil.Error:
        return 0, 0.0, True


def _clear() -> int:
    """End what a child left behind; orphans come to this process."""
    time.sleep(INTERVAL_S)
    count = 0
    while family := psutil.Process().children(recursive=True):
        for process in family:
            with contextlib.suppress(psutil.Error):
                count += process.status() != psutil.STATUS_ZOMBIE
                process.kill()
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
    return count


def _taken_by_a_right_one() -> float:
    """Return the CPU time of a right hand-in on this machine, the slower way."""
    with tempfile.TemporaryDirectory() as place:
        Path(place, "hand-in").mkdir()
        Path(place, "hand-in", "target.py").write_text(RIGHT, "utf-8")
        paths = {"path": f"{place}/hand-in", "place": place, "other_drive": place}
        answer = _run({"how": "channel"} | paths, math.inf)
    return float(answer["cpu_s"])


def main() -> None:
    """Warm up and serve until stdin ends."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    import torch

    torch.set_num_threads(1)
    from tests.security.weak import beside, channel  # noqa: F401 - imported once, for all

    torch.testing.assert_close(torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True))
    busy_s = max(BUSY_S, TIMES * _taken_by_a_right_one())
    for line in sys.stdin:
        answer = _run(json.loads(line), busy_s)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
