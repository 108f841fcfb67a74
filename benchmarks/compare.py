"""Grade the same submissions with this project and its rivals, side by side in one run.

    python benchmarks/compare.py [--submissions 10] [--rounds 3] [--cache DIR]

First the cost. Each round lets every contender grade one right submission and then all of
them, in turn, so that a busy minute of the machine hits all alike. `each` is the cost of a
submission when all are graded together, `one more` leaves out what the start costs; medians
over the rounds. CPU seconds are those of all processes that were started; they depend less on
what else runs than the clock does.

Then the marks that five submissions get which deserve none of the five, or one for the shape
of the result. The rivals are installed from the package index into a cache at the first run.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

import contenders
import exercise
from measure import Spent, machine

NBGRADER = "nbgrader==0.9.6"
OTTER = "otter-grader==7.0.0"
FULL_MARKS = len(exercise.TESTS)


def main() -> None:
    """Print two tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cache", type=Path, default=_cache())
    options = parser.parse_args()
    print(machine(), end="\n\n", flush=True)
    right = [exercise.submission(number) for number in range(options.submissions)]
    with tempfile.TemporaryDirectory() as folder:
        graders = everybody(Path(folder), right, options.cache)
        rounds: dict[str, list[tuple[Spent, Spent]]] = {name: [] for name in graders}
        for _ in range(options.rounds):
            for name, grade in graders.items():
                rounds[name].append((full(name, grade, 1), full(name, grade, len(right))))
    _print_costs(rounds, len(right))
    with tempfile.TemporaryDirectory() as folder:
        graders = everybody(Path(folder), list(exercise.UNDESERVING.values()), options.cache)
        _print_marks(graders)


def everybody(work: Path, submissions: Sequence[str], cache: Path) -> dict[str, contenders.Grade]:
    """Set up every contender for the same submissions."""
    nbgrader = contenders.environment(cache, NBGRADER)
    otter = contenders.environment(cache, OTTER)
    return {
        "autograde, one session": contenders.this_project(work / "session", submissions),
        "autograde grade, one by one": contenders.this_project_alone(work / "alone", submissions),
        "python -m pytest, one by one": contenders.fresh_pytest(work / "pytest", submissions),
        f"{NBGRADER}, one command": contenders.nbgrader(work / "nbgrader", submissions, nbgrader),
        f"{OTTER} run, one by one": contenders.otter(work / "otter", submissions, otter),
    }


def full(name: str, grade: contenders.Grade, count: int) -> Spent:
    """Grade right submissions and demand full marks: otherwise nothing was measured."""
    spent, marks = grade(count)
    if marks != [FULL_MARKS] * count:
        raise SystemExit(f"{name} gave {marks} instead of full marks: nothing was measured")
    return spent


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "autograde-benchmarks"


def _print_costs(rounds: dict[str, list[tuple[Spent, Spent]]], count: int) -> None:
    print(f"{count} submissions, five tests each, median of {len(next(iter(rounds.values())))}:\n")
    print("| grader | first, CPU s | each, CPU s | one more, CPU s | one more, s | ratio |")
    print("|---|---|---|---|---|---|")
    base = None
    for name, runs in rounds.items():
        first = statistics.median(one.cpu_s for one, _ in runs)
        each = statistics.median(every.cpu_s / count for _, every in runs)
        more = statistics.median((every.cpu_s - one.cpu_s) / (count - 1) for one, every in runs)
        wall = statistics.median((every.wall_s - one.wall_s) / (count - 1) for one, every in runs)
        base = base or more
        figures = f"{first:.2f} | {each:.3f} | {more:.3f} | {wall:.2f} | {more / base:.0f}"
        print(f"| {name} | {figures} |")


def _print_marks(graders: dict[str, contenders.Grade]) -> None:
    print(f"\nMarks out of {FULL_MARKS}:\n")
    print(f"| grader | {' | '.join(exercise.UNDESERVING)} |")
    print("|---|" + "---|" * len(exercise.UNDESERVING))
    for name, grade in graders.items():
        _, marks = grade(len(exercise.UNDESERVING))
        shown = ["no result" if mark is None else f"{mark:g}" for mark in marks]
        print(f"| {name} | {' | '.join(shown)} |", flush=True)


if __name__ == "__main__":
    main()
