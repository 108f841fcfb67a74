"""A synthetic class graded as a whole: `class.py [COURSE] [--students N] [--jobs N]`.

Each student hands in every exercise: the reference, an alternative, a known mistake, the stub,
or something broken, drawn with a fixed seed. Printed are hand-ins a minute and the most memory
that the command and everything below it held; then the same command again, which judges nothing.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from grader import course
from grader.course.catalogue import read_catalogue
from grader.model import Exercise

SEED = 20260301
POLL_S = 0.25
BROKEN = (
    "def (",
    "import os\nos._exit(0)\n",
    "raise RuntimeError('no')\n",
    "while True:\n    pass\n",
)
"""One exercise in twenty; the last one costs its whole time limit."""


def sources_of(exercise: Exercise) -> dict[str, list[str]]:
    """Return what a student may hand in for an exercise, by kind."""
    alternatives = sorted((exercise.solution_dir / "alternatives").glob("*.py"))
    return {
        "right": [p.read_text("utf-8") for p in (exercise.reference, *alternatives)],
        "mistaken": [mistake.source for mistake in read_catalogue(exercise)],
        "stub": [exercise.stub.read_text("utf-8")],
        "broken": list(BROKEN),
    }


def write_class(root: Path, exercises: tuple[Exercise, ...], students: int) -> None:
    """Write one folder per student."""
    draw = random.Random(SEED)  # noqa: S311 - a class, not a secret
    known = {exercise.id: sources_of(exercise) for exercise in exercises}
    for number in range(students):
        for exercise in exercises:
            (kind,) = draw.choices(("right", "mistaken", "stub", "broken"), (10, 7, 2, 1))
            folder = root / f"student-{number:04}" / exercise.id
            folder.mkdir(parents=True)
            source = draw.choice(known[exercise.id][kind])
            (folder / f"{exercise.module}.py").write_text(source, "utf-8")


def run(command: list[str]) -> tuple[float, float, int]:
    """Run a command; return its seconds, its peak of memory in MiB and its exit code.

    Memory is the proportional share of each process, so that what forks have in common counts
    once; a peak between two looks is missed.
    """
    started_s = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    peak = 0
    stop = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not stop.wait(POLL_S):
            peak = max(peak, held_bytes(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    stop.set()
    watcher.join()
    return time.monotonic() - started_s, peak / 2**20, code


def held_bytes(pid: int) -> int:
    """Return what a process and all below it hold."""
    total = 0
    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0
    for member in family:
        try:
            total += member.memory_full_info().pss
        except psutil.Error:
            continue
    return total


def main() -> None:
    """Grade the class twice and print what it took."""
    parser = argparse.ArgumentParser(description="Grade a synthetic class.")
    parser.add_argument("course", nargs="?", type=Path, default=Path())
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--jobs", type=int)
    asked = parser.parse_args()
    found = course.load_course(asked.course)
    with tempfile.TemporaryDirectory(prefix="autograde-class-") as scratch:
        root = Path(scratch)
        write_class(root / "class", found.exercises, asked.students)
        command = [
            sys.executable, "-m", "grader", "batch", str(root / "class"),
            "--out", str(root / "out"), "--course", str(found.root),
            *(["--jobs", str(asked.jobs)] if asked.jobs else []),
        ]  # fmt: skip
        count = asked.students * len(found.exercises)
        print(f"{asked.students} students, {len(found.exercises)} exercises, {count} hand-ins")
        for title in ("first", "again"):
            seconds, peak_mib, code = run(command)
            pace = asked.students / seconds * 60
            print(
                f"{title}: {seconds:.1f} s, {pace:.1f} students a minute, "
                f"{seconds / count:.2f} s a hand-in, {peak_mib:.0f} MiB, exit code {code}"
            )


if __name__ == "__main__":
    main()
