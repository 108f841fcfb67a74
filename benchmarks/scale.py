"""Grade synthetic classes of growing size with `autograde batch`, and watch what it takes.

    python benchmarks/scale.py [--students 100 500] [--jobs 2] [--grown 5000] [--work DIR]

For each size: a class is written (`synthetic_class.py`), graded from nothing without training,
and then the same command runs again, which judges nothing and writes nobody's page anew. A
third time it runs with the pages taken away, which is what pages and gradebook cost. CPU
seconds are those of every process; memory is the proportional share (PSS) of the whole tree,
sampled, so that pages shared after a fork count once.

`--grown` gives a large class its verdicts (`grown_class.py`), and measures what comes after
judging: every page, the gradebook and the page of the class, and then the same again.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
from grown_class import grow
from measure import Spent, machine, spend
from synthetic_class import ROOT, write_class, write_sample

SAMPLE_S = 1.0
MIB = 2**20


class Memory(threading.Thread):
    """Samples the memory of everything below this process."""

    def __init__(self) -> None:
        """Start sampling."""
        super().__init__(daemon=True)
        self.peak_mib = 0.0
        self._ended = threading.Event()
        self.start()

    def run(self) -> None:
        """Sample until told to end."""
        while not self._ended.wait(SAMPLE_S):
            self.peak_mib = max(self.peak_mib, _tree_mib())

    def end(self) -> float:
        """Stop, and give the largest sample."""
        self._ended.set()
        self.join()
        return self.peak_mib


def _tree_mib() -> float:
    total = 0
    for process in psutil.Process().children(recursive=True):
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue
    return total / MIB


def batch(root: Path, out: Path, jobs: int) -> tuple[Spent, float]:
    """Run `autograde batch` to its end; return what it spent, and the peak of its memory."""
    memory = Memory()
    command = [sys.executable, "-m", "grader", "batch", str(root), "--out", str(out)]
    spent, _ = spend(
        [*command, "--jobs", str(jobs), "--no-training", "--course", str(ROOT)],
        cwd=root.parent,
        may_fail=True,
    )
    if not (out / "gradebook.csv").is_file():
        raise SystemExit("the batch wrote no gradebook: nothing was measured")
    return spent, memory.end()


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, nargs="*", default=[100, 500])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--grown", type=int, default=0, help="students whose verdicts are carried")
    parser.add_argument("--work", type=Path, default=None)
    options = parser.parse_args()
    print(machine(), end="\n\n")
    columns = "students | hand-ins | CPU s | CPU s each | wall s | peak MiB"
    print(f"| {columns} | again, CPU s | pages, CPU s |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    if options.work:
        options.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        for students in options.students:
            root, out = Path(folder, f"class-{students}"), Path(folder, f"out-{students}")
            counts = write_class(root, students)
            started_s = time.monotonic()
            first, peak_mib = batch(root, out, options.jobs)
            again, _ = batch(root, out, options.jobs)
            shutil.rmtree(out / "results")
            pages, _ = batch(root, out, options.jobs)
            hand_ins = sum(counts.values()) - counts["missing"]
            print(
                f"| {students} | {hand_ins} | {first.cpu_s:.0f} | {first.cpu_s / hand_ins:.3f} "
                f"| {first.wall_s:.0f} | {peak_mib:.0f} | {again.cpu_s:.1f} | {pages.cpu_s:.1f} |",
                flush=True,
            )
            print(f"{students}: {counts}, {time.monotonic() - started_s:.0f} s", file=sys.stderr)
        if options.grown:
            _measure_grown(Path(folder), options.grown, options.jobs)


def _measure_grown(work: Path, students: int, jobs: int) -> None:
    """Print a second table, of what comes after judging."""
    sample, judged = work / "sample", work / "sample-out"
    write_sample(sample)
    batch(sample, judged, jobs)
    large, out = work / "grown", work / "grown-out"
    write_class(large, students)
    print(f"\n{grow(sample, judged, large, out)} verdicts carried to {students} students.\n")
    print("| students | what | CPU s | wall s | peak MiB |")
    print("|---|---|---|---|---|", flush=True)
    for what in ("pages and gradebook", "again"):
        spent, peak_mib = batch(large, out, jobs)
        row = f"{spent.cpu_s:.1f} | {spent.wall_s:.1f} | {peak_mib:.0f}"
        print(f"| {students} | {what} | {row} |", flush=True)


if __name__ == "__main__":
    main()
