"""A leash holds a family of processes together."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import psutil

from tests.grader.batches import runs

TETHER = [sys.executable, "-P", "-m", "grader.batch.tether", sys.executable, "-c"]
LEAVE = """
import subprocess, sys, time
left = subprocess.Popen(["sleep", "600"], start_new_session=True)
print(left.pid, flush=True)
{rest}
"""


def _started(rest: str) -> tuple[subprocess.Popen[str], psutil.Process]:
    """Start a command on a leash, and return it with the process that it leaves behind."""
    tether = subprocess.Popen([*TETHER, LEAVE.format(rest=rest)], stdout=subprocess.PIPE, text=True)
    assert tether.stdout is not None
    with tether.stdout:
        return tether, psutil.Process(int(tether.stdout.readline()))


def _wait_until_gone(*processes: psutil.Process) -> None:
    while any(map(runs, processes)):
        time.sleep(0.02)


def test_what_a_command_leaves_behind_ends_with_it() -> None:
    """Its exit code is passed on."""
    tether, left = _started("sys.exit(7)")
    assert tether.wait() == 7
    assert not runs(left)


def test_a_killed_command_leaves_nothing() -> None:
    """Also what it started in a session of its own."""
    tether, left = _started("time.sleep(600)")
    command = next(one for one in psutil.Process(tether.pid).children() if one.pid != left.pid)
    command.kill()
    assert tether.wait() == 128 + signal.SIGKILL
    assert not runs(left)


def test_the_end_of_the_leash_is_the_end_of_all() -> None:
    """Whoever is told to end takes its family along, and Ctrl-C is not meant for it."""
    tether, left = _started("time.sleep(600)")
    tether.send_signal(signal.SIGINT)
    tether.terminate()
    assert tether.wait() == 128 + signal.SIGKILL
    assert not runs(left)


def test_the_command_ends_with_whoever_started_it() -> None:
    """Even if that was killed."""
    starter = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import subprocess\nsubprocess.run({[*TETHER, LEAVE.format(rest='time.sleep(600)')]})",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert starter.stdout is not None
    with starter.stdout:
        left = psutil.Process(int(starter.stdout.readline()))
    everybody = psutil.Process(starter.pid).children(recursive=True)
    starter.kill()
    starter.wait()
    _wait_until_gone(left, *everybody)
