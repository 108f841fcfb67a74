"""The forking host: endings in words, use from forked processes, and nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from grader.cell import forking
from grader.errors import CellError
from grader.model import Isolation, Limits, Outcome

if TYPE_CHECKING:
    from conftest import Ward

ENDLESS = """
import threading
open("mark-of-this-test", "w").close()
def run():
    while True: pass
threading.Thread(target=run).start()
"""
OWNER = """
import time
from grader.cell import open_host
from grader.model import Limits
host = open_host({level}, Limits())
cell = host.open(Limits())
body = {{"name": "m", "path": "m.py", "source": {source!r}}}
cell.request("load", body, cell.packer(lambda _: []))
print(cell._process.host_pid, host._warm._popen.pid, flush=True)
time.sleep(600)
"""


def test_cells_open_from_forked_processes_at_once(jailed: Ward) -> None:
    """Judges forked from the one that started the host share its warm process."""
    pipes = [os.pipe() for _ in range(4)]
    pids = []
    for index, (_, write_fd) in enumerate(pipes):
        pid = os.fork()
        if pid == 0:
            try:
                with jailed.cell() as cell:
                    os.write(write_fd, cell.say(f"print({index})").encode())
            finally:
                os._exit(0)
        pids.append(pid)
    for pid in pids:
        os.waitpid(pid, 0)
    assert [os.read(read_fd, 10) for read_fd, _ in pipes] == [b"0", b"1", b"2", b"3"]
    for pipe in pipes:
        os.close(pipe[0])
        os.close(pipe[1])


def test_a_cell_has_no_leftover_of_another_cells_descriptors(jailed: Ward) -> None:
    """Opening and closing cells does not use up descriptors of the judge."""
    with jailed.cell() as cell:
        cell.say("x = 1")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        with jailed.cell() as cell:
            cell.say("x = 1")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize("level", [3, 2])
def test_killing_the_owner_leaves_nothing(level: int, ward_of: Callable[[int], Ward]) -> None:
    """SIGKILL of the process that started the host ends launcher, warm process and cells."""
    ward_of(level)  # skips where there is none
    with subprocess.Popen(
        [sys.executable, "-c", OWNER.format(level=level, source=ENDLESS)],
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdout is not None
        cell_pid, top_pid = map(int, owner.stdout.readline().split())
        family = [psutil.Process(pid) for pid in (cell_pid, top_pid)]
        family += family[1].children(recursive=True)
        owner.kill()
    gone, alive = psutil.wait_procs(family, timeout=20)
    assert not list(Path("/tmp").glob("autograde-*/*/mark-of-this-test"))
    # An orphan that has ended stays a zombie where the system's first process collects none.
    assert [each for each in alive if each.status() != psutil.STATUS_ZOMBIE] == []
    assert gone


def test_a_host_whose_warm_process_died_says_so(ward_of: Callable[[int], Ward]) -> None:
    """A dead warm process is our fault, told with what it last said, never a verdict."""
    level = ward_of(2).level
    host = forking.ForkingHost(Isolation(level))
    try:
        cell = host.open(Limits())
        host._warm._popen.kill()
        host._warm._popen.wait()
        with pytest.raises(CellError, match="the warm process has ended"):
            host.open(Limits())
        assert cell._process.ending().outcome is Outcome.GRADER_FAULT
        cell.close()
    finally:
        host.close()


def test_a_start_that_fails_shows_what_was_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The error of a Python that does not start reaches the reader."""
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\necho the disk is on fire >&2\nexit 1\n", encoding="ascii")
    fake.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(fake))
    host = forking.ForkingHost(Isolation(2))
    try:
        with pytest.raises(CellError, match="the disk is on fire"):
            host.open(Limits())
    finally:
        host.close()


def test_closing_a_host_ends_it_while_it_is_still_starting() -> None:
    """A run that fails early does not wait for torch."""
    host = forking.ForkingHost(Isolation(2))
    process = psutil.Process(host._warm._popen.pid)
    host.close()
    assert not process.is_running()


def test_a_judge_that_dies_takes_its_cell_along(jailed: Ward) -> None:
    """A cell whose judge is gone does not go on until its CPU time is used up."""
    read_fd, write_fd = os.pipe()
    go_fd, let_go_fd = os.pipe()
    judge = os.fork()
    if judge == 0:
        cell = jailed.host.open(Limits())
        body = {"name": "m", "path": "m.py", "source": ENDLESS}
        cell.request("load", body, cell.packer(lambda _: []))
        os.write(write_fd, str(cell._process.host_pid).encode())  # type: ignore[attr-defined]
        os.read(go_fd, 1)  # not before its cell was seen alive
        os._exit(0)
    cell_process = psutil.Process(int(os.read(read_fd, 20)))
    os.write(let_go_fd, b"!")
    os.waitpid(judge, 0)
    for fd in (read_fd, write_fd, go_fd, let_go_fd):
        os.close(fd)
    assert psutil.wait_procs([cell_process], timeout=20)[1] == []


def test_a_kill_in_the_control_group_is_told_as_memory(
    jailed: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The group's own count says so, where neither the watch nor the address space saw anything."""
    if jailed.host._groups is None:  # type: ignore[attr-defined]
        pytest.skip("no control group here")
    limits = Limits(wall_time_s=60.0, memory_mib=256, scratch_mib=4)
    # So much less than a cell should have that the group is the first to be reached.
    monkeypatch.setattr("grader.cell.jailed.KERNEL_BYTES", -(400 << 20))
    with jailed.cell(limits) as cell:
        ending = cell.ending("kept = [bytearray(b'x') * (8 << 20) for _ in range(24)]")
    assert ending.outcome is Outcome.MEMORY
    assert ending.message == "Your code used more than 256 MiB of memory."
