"""Control groups: made, entered, counted, used again and removed; on v2 as the kernel documents."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.cell import cgroup
from grader.cell.cgroup import V1, V2, Groups

EVENTS = "low 0\nhigh 0\nmax 7\noom 3\noom_kill {}\noom_group_kill 0\n"


@pytest.fixture
def groups() -> Iterator[Groups]:
    """Return this machine's groups, or skip in words where it has none."""
    found, why_none = cgroup.find()
    if found is None:
        pytest.skip(f"no control group here: {why_none}")
    yield found
    found.close()


def _in_group(group: cgroup.Group, source: str) -> int:
    """Run a text in a child that has entered a group; return how it ended."""
    entries = list(group.entries)
    return subprocess.run(
        [sys.executable, "-c", source],
        pass_fds=entries,
        preexec_fn=lambda: [os.write(fd, cgroup.ENTER) for fd in entries],
        check=False,
        stderr=subprocess.DEVNULL,
    ).returncode


def test_a_kill_for_memory_is_told_from_any_other(groups: Groups) -> None:
    """The kernel's own count says so, also for the second cell in the same group."""
    first = None
    for _ in range(2):
        group = groups.take()
        assert group is not None
        assert group is (first := first or group)
        group.hold(64 << 20, 40)
        assert _in_group(group, "import os; os.kill(os.getpid(), 9)") == -signal.SIGKILL
        assert not group.has_killed()
        assert _in_group(group, "x = bytearray(b'x') * (200 << 20)") == -signal.SIGKILL
        assert group.has_killed()
        group.release()


def test_the_number_of_threads_is_held_without_a_user_namespace(groups: Groups) -> None:
    """What a flat jail has no limit of its own for."""
    source = """
import threading, time
for _ in range(20): threading.Thread(target=time.sleep, args=(9,), daemon=True).start()
"""
    group = groups.take()
    assert group is not None
    group.hold(64 << 20, 8)
    assert _in_group(group, source) == 1
    group.hold(64 << 20, 40)
    assert _in_group(group, source) == 0
    group.release()


def test_a_host_that_was_killed_leaves_nothing_for_long(groups: Groups) -> None:
    """The next one that starts removes the groups of those that are gone, and no others."""
    source = """
import os
from grader.cell import cgroup
groups, _ = cgroup.find()
print(groups._free[0]._memory.name, flush=True)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=False
    )
    left = groups.memory / done.stdout.strip()
    mine = groups._free[0]._memory
    assert left.is_dir()
    Groups(groups.version, groups.memory, groups._pids).close()
    assert not left.exists()
    assert mine.exists()


def test_a_group_that_comes_back_late_is_removed(groups: Groups) -> None:
    """A cell may be closed after its host."""
    group = groups.take()
    assert group is not None
    groups.close()
    assert group._memory.exists()
    group.release()
    assert not group._memory.exists()


@pytest.mark.parametrize("ends", ["as it should", "killed"])
def test_a_forked_judge_has_groups_of_its_own(groups: Groups, ends: str) -> None:
    """Two judges never share one; a class of judges leaves none, those killed until the close."""
    inherited = groups._free[0]
    read_fd, write_fd = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            group = groups.take()
            assert group is not None
            assert group is not inherited
            os.write(write_fd, str(group._memory).encode())
            if ends == "as it should":
                group.release()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    left = Path(os.read(read_fd, 500).decode())
    os.close(read_fd)
    os.close(write_fd)
    assert str(pid) in left.name
    assert left.is_dir() is (ends == "killed")
    groups.close()
    assert not left.exists()


# --- version 2, of which this may be no machine: what is written where -------------------------


def _v2(root: Path, own: str) -> Path:
    """Lay out what a kernel shows, and return the list of own groups."""
    base = root / own
    base.mkdir(parents=True)
    (root / "cgroup.controllers").write_text("cpu memory pids\n", "ascii")
    for folder in {base, base.parent}:
        (folder / "cgroup.procs").write_text("41\n42\n", "ascii")
        (folder / "cgroup.subtree_control").write_text("", "ascii")
    listed = root / "own"
    listed.write_text(f"0::/{own}\n", "ascii")
    return listed


def test_a_group_of_v2_that_was_handed_over_is_used(tmp_path: Path) -> None:
    """Its processes move aside, its controllers are passed on, and cells get groups below it."""
    own = _v2(tmp_path, "user.slice/autograde.scope")
    base = tmp_path / "user.slice/autograde.scope"
    (base / cgroup.ASIDE).mkdir()
    found = cgroup._handed_over(tmp_path, own.read_text("ascii")[4:].strip())
    assert found == base
    assert (base / cgroup.ASIDE / "cgroup.procs").read_text("ascii") == "42"
    assert (base / "cgroup.subtree_control").read_text("ascii") == "+memory +pids"
    # From within the part set aside the same group is found again.
    assert cgroup._handed_over(tmp_path, f"user.slice/autograde.scope/{cgroup.ASIDE}") == base


def test_limits_and_kills_of_v2_are_written_and_read_as_documented(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One folder for both limits; only the line `oom_kill` counts."""
    make = Path.mkdir

    def kernel_made(folder: Path) -> None:
        make(folder)
        for name, text in {"cgroup.procs": "", "memory.swap.max": "max", V2.events: EVENTS}.items():
            (folder / name).write_text(text.format(0), "ascii")

    monkeypatch.setattr(Path, "mkdir", kernel_made)
    home = cgroup.Groups(V2, tmp_path, tmp_path)
    group = home.take()
    assert group is not None
    place = group._memory
    assert len(group.entries) == 1
    os.write(group.entries[0], cgroup.ENTER)
    group.hold((100 << 20) + 1, 9)
    seen = {name: (place / name).read_text("ascii") for name in ("cgroup.procs", "memory.max")}
    assert seen == {"cgroup.procs": "0", "memory.max": str(112 << 20)}
    assert (place / "pids.max").read_text("ascii") == "9"
    assert (place / "memory.swap.max").read_text("ascii") == "0"
    assert not group.has_killed()
    (place / V2.events).write_text(EVENTS.format(1), "ascii")
    assert group.has_killed()
    group.forget()
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ("user.slice/session-1.scope", "no group named autograde was handed over"),
        ("autograde.scope", "cgroup.subtree_control"),
    ],
    ids=["not handed over", "not ours to divide"],
)
def test_why_there_is_no_group_is_said(own: str, words: str, tmp_path: Path) -> None:
    """Nothing is guessed at: a group is there once one could be made."""
    listed = _v2(tmp_path, own)
    (tmp_path / own / "cgroup.subtree_control").unlink()
    (tmp_path / own / "cgroup.subtree_control").mkdir()
    found, why_none = cgroup.find(tmp_path, listed)
    assert found is None
    assert words in why_none


def test_a_system_without_control_groups_has_none(tmp_path: Path) -> None:
    """Nor does one whose list names none that counts memory."""
    assert cgroup.find(tmp_path, tmp_path / "nothing")[0] is None
    listed = tmp_path / "own"
    listed.write_text("1:cpu:/\n", "ascii")
    assert cgroup.find(tmp_path, listed) == (None, "this process has no control group of memory")


def test_a_container_that_shows_its_own_part_only_is_understood(tmp_path: Path) -> None:
    """The list may name a folder that is not to be seen from within."""
    (tmp_path / "memory" / "docker").mkdir(parents=True)
    assert cgroup._below(tmp_path / "memory", "docker") == tmp_path / "memory" / "docker"
    assert cgroup._below(tmp_path / "memory", "docker/1f3a") == tmp_path / "memory"
    assert V1.enter == "tasks"
