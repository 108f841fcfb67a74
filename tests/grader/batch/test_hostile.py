"""A class in which misbehaving hand-ins stand among right ones."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from grader import report
from grader.batch.book import read_rows
from tests.security.canaries import Canaries, plant
from tests.security.corpus import entries
from tests.security.target import NAME, POINTS, RIGHT, write_target

KINDS = {entry.category: entry for entry in entries() if entry.level == 2}
"""One of each kind: all of them are graded one by one elsewhere."""
RIGHT_ONES = 4


@pytest.fixture
def canaries() -> Iterator[Canaries]:
    """What no hand-in may touch."""
    with plant() as found:
        victim = psutil.Process(found.victim.pid)
        while victim.status() != psutil.STATUS_SLEEPING:  # it has only just been started
            time.sleep(0.01)
        found.remember()
        yield found


def test_right_hand_ins_among_hostile_ones_earn_everything(
    tmp_path: Path, canaries: Canaries
) -> None:
    """Every row and every page is there, no hostile one earns more than it may, nothing is left."""
    (tmp_path / "course").mkdir()
    write_target(tmp_path / "course")
    hand_ins = tmp_path / "class"
    hand_ins.mkdir()
    told = canaries.values() | {"GRADER_PID": str(os.getpid()), "COURSE": str(tmp_path / "course")}
    for number in range(RIGHT_ONES):
        (hand_ins / f"right-{number}" / NAME).mkdir(parents=True)
        (hand_ins / f"right-{number}" / NAME / "target.py").write_text(RIGHT, "utf-8")
    for entry in KINDS.values():
        entry.lay_out(hand_ins / entry.id, told)
    before = set(psutil.pids())
    done = subprocess.run(
        [sys.executable, "-m", "grader", "batch", "../class", "--out", "../out",
         "--jobs", "2"],
        cwd=tmp_path / "course", capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    _, rows = read_rows(tmp_path / "out")
    grades = {row.person.key: row.grade for row in rows}
    rights = [grades[f"right-{number}"] for number in range(RIGHT_ONES)]
    assert [grade.score for grade in rights if grade is not None] == [POINTS] * RIGHT_ONES
    for entry in KINDS.values():
        row = next(row for row in rows if row.person.key == entry.id)
        if row.grade is None:
            assert "unreadable" in row.flags
            continue
        assert row.grade.score is not None
        assert row.grade.score <= entry.points, entry.id
    pages = {path.parent.name for path in (tmp_path / "out" / "results").glob("*/report.html")}
    assert pages == {key for key, grade in grades.items() if grade is not None}
    for name in pages:
        report.read_result(tmp_path / "out" / "results" / name)
    assert canaries.touched() == []
    assert _started_from(tmp_path, before) == []


def _started_from(folder: Path, before: set[int]) -> list[str]:
    """List processes that are new and belong to this class."""
    found = []
    for process in psutil.process_iter(["pid", "cmdline", "cwd"]):
        inside = str(process.info["cwd"] or "").startswith(str(folder))
        if process.pid not in before and inside:
            found.append(" ".join(process.info["cmdline"] or ["?"]))
    return found
