"""Memory that is shared with forked processes becomes huge pages, a step at a time."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader import shared_pages

ROLLUP = Path("/proc/self/smaps_rollup")
FILLED = """\
import gc, hashlib, os, re
from pathlib import Path
from grader import shared_pages

def huge_kib():
    report = Path("/proc/self/smaps_rollup").read_text()
    return int(re.search(r"AnonHugePages:\\s+(\\d+)", report)[1])

kept = [bytes([n % 251]) * 5000 for n in range(4000)]
before, text = huge_kib(), b"".join(kept)
after_fork = shared_pages.freeze()
frozen = gc.get_freeze_count()
steps = sum(1 for _ in after_fork)
child = os.fork()
if child == 0:
    os._exit(0 if b"".join(kept) == text else 1)
_, status = os.waitpid(child, 0)
print(before, huge_kib(), steps, frozen, status, b"".join(kept) == text)
"""


def _collapses() -> bool:
    """Tell whether this kernel makes huge pages on demand."""
    release = re.match(r"(\d+)\.(\d+)", Path("/proc/sys/kernel/osrelease").read_text("ascii"))
    has_huge_pages = Path("/sys/kernel/mm/transparent_hugepage").is_dir()
    return has_huge_pages and release is not None and (int(release[1]), int(release[2])) >= (6, 1)


@pytest.mark.skipif(not ROLLUP.is_file(), reason="this system has no such report")
def test_what_was_written_becomes_huge_pages_and_stays_the_same() -> None:
    """Each step makes one huge page; parent and child read what was there before."""
    ran = subprocess.run(
        [sys.executable, "-c", FILLED], capture_output=True, text=True, check=True, timeout=60
    )
    before, after, steps, frozen, status, same = ran.stdout.split()
    assert (int(status), same) == (0, "True")
    assert int(frozen) > 1000
    assert int(steps) >= 5
    if _collapses():  # what the parent wrote to after the fork is small pages again
        assert int(after) - int(before) >= 10 << 10


def test_without_a_list_of_memory_there_is_no_step(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """On a system that does not tell what memory a process has, nothing is done."""
    monkeypatch.setattr(shared_pages, "_MAPS", tmp_path / "maps")
    assert list(shared_pages._joined()) == []


def test_only_own_memory_in_whole_huge_pages_is_joined(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Files, guard pages, shared memory and what is smaller than a huge page stay as they are."""
    maps = tmp_path / "maps"
    maps.write_text(
        "00100000-00700000 rw-p 00000000 00:00 0          [heap]\n"
        "10000000-10800000 rw-p 00000000 fd:00 1234       /lib/a name with spaces.so\n"
        "20000000-20800000 ---p 00000000 00:00 0 \n"
        "30000000-30800000 rw-s 00000000 00:01 5          /dev/zero (deleted)\n"
        "40000000-40100000 rw-p 00000000 00:00 0 \n"
        "50000000-50400000 rw-p 00000000 00:00 0 \n",
        encoding="ascii",
    )
    monkeypatch.setattr(shared_pages, "_MAPS", maps)
    assert shared_pages._written_ranges() == [(0x200000, 0x600000), (0x50000000, 0x50400000)]
