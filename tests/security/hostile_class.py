"""A class in which every misbehaving hand-in of the corpus stands among right ones.

`nox -s boundary` runs it; `test_hostile_class.py` does the same with one of each kind.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import psutil
import pytest

from grader import report
from grader.batch.book import read_rows
from grader.cell import levels
from tests.patience import PATIENCE_S
from tests.security.canaries import Canaries, plant
from tests.security.corpus import Entry, entries
from tests.security.slowness import slowness
from tests.security.target import NAME, POINTS, RIGHT, write_target

RIGHT_ONES = 4
BUSY = 7.5
"""How many times the usual a right hand-in may take beside the others."""


def complaints(folder: Path, chosen: Collection[Entry]) -> list[str]:
    """Grade a class by `autograde batch`, and say what is wrong with what came of it.

    Right hand-ins earn everything and hostile ones no more than they may; whoever handed in what
    could be read has a page that can be read back; nothing is touched, and nobody is left.

    Args:
        folder: Empty.
        chosen: Who misbehaves.
    """
    with plant() as canaries:
        _write_class(folder, chosen, canaries)
        before = set(psutil.pids())
        said = _grade(folder)
        wrong = [*_wrong_results(folder, chosen), *canaries.touched()]
        wrong += [f"{line} still runs" for line in _started_below(folder, before)]
    return [*wrong, said] if wrong else []


def _write_class(folder: Path, chosen: Collection[Entry], canaries: Canaries) -> None:
    course, hand_ins = folder / "course", folder / "class"
    course.mkdir()
    # What right hand-ins earn must not depend on how busy the machine is.
    write_target(course, max(BUSY, slowness()))
    hand_ins.mkdir()
    told = canaries.values() | {"GRADER_PID": str(os.getpid()), "COURSE": str(course)}
    for number in range(RIGHT_ONES):
        path = hand_ins / f"right-{number}" / NAME / "target.py"
        path.parent.mkdir(parents=True)
        path.write_text(f"{RIGHT}# {number}\n", "utf-8")
    for entry in chosen:
        entry.lay_out(hand_ins / entry.id, told)


def _grade(folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "grader", "batch", "../class", "--out", "../out", "--jobs", "2"],
        cwd=folder / "course", capture_output=True, text=True, check=False, timeout=PATIENCE_S,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    return done.stderr


def _wrong_results(folder: Path, chosen: Collection[Entry]) -> list[str]:
    """Hold rows and pages to what they must be."""
    rows = {row.person.key: row for row in read_rows(folder / "out")[1]}
    wrong = []
    for number in range(RIGHT_ONES):
        grade = rows[f"right-{number}"].grade
        if grade is None or grade.score != POINTS:
            wrong.append(f"right-{number} got {grade and grade.score} of {POINTS}")
    for entry in chosen:
        row = rows.get(entry.id)
        if row is None:
            wrong.append(f"{entry.id} has no row")
        elif row.grade is None and "unreadable" not in row.flags:
            wrong.append(f"{entry.id} has no grade: {row.flags}")
        elif row.grade is not None and (row.grade.score is None or row.grade.score > entry.points):
            wrong.append(f"{entry.id} got {row.grade.score}, at most {entry.points} is right")
    pages = {path.parent.name for path in (folder / "out/results").glob("*/report.html")}
    graded = {key for key, row in rows.items() if row.grade is not None}
    wrong += [f"{key} has no page" for key in sorted(graded - pages)]
    for name in pages:
        report.read_result(folder / "out/results" / name)
    for file in ("gradebook.csv", "class.html", "class.json"):
        if not (folder / "out" / file).is_file():
            wrong.append(f"there is no {file}")
    return wrong


def _started_below(folder: Path, before: set[int]) -> list[str]:
    """List processes that are new and belong to this class."""
    found = []
    for process in psutil.process_iter(["pid", "cmdline", "cwd"]):
        inside = str(process.info["cwd"] or "").startswith(str(folder))
        if process.pid not in before and inside:
            found.append(" ".join(process.info["cmdline"] or ["?"]))
    return found


@pytest.mark.skipif(bool(levels.why_not(3)[0]), reason="level 3 is not available here")
def test_the_whole_corpus_in_one_class(tmp_path: Path) -> None:
    """Some two hundred at once."""
    assert complaints(tmp_path, entries()) == []
