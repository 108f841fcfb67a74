"""Grade the same submissions with this project and its rivals, side by side in one run.

    python benchmarks/compare.py [--submissions 10] [--rounds 3] [--cache DIR]

Each round lets every contender grade one submission and then all of them, in turn, so that a
busy minute of the machine hits all alike. `each` is the cost of a submission when all are
graded together, `one more` leaves out what the start costs; medians over the rounds. CPU
seconds are those of all processes that were started; they depend less on what else runs than
the clock does. The rivals are installed from the package index into a cache at the first run.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from pathlib import Path

import contenders
from measure import Spent, machine

NBGRADER = "nbgrader==0.9.6"
OTTER = "otter-grader==7.0.0"


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cache", type=Path, default=_cache())
    options = parser.parse_args()
    print(machine(), end="\n\n")
    # Readable for the user of the jail, who is not the one that makes this folder.
    with tempfile.TemporaryDirectory() as folder:
        work, count = Path(folder), options.submissions
        nbgrader = contenders.environment(options.cache, NBGRADER)
        otter = contenders.environment(options.cache, OTTER)
        graders = {
            "autograde, one session": contenders.this_project(work / "session", count),
            "autograde grade, one by one": contenders.this_project_alone(work / "alone", count),
            "python -m pytest, one by one": contenders.fresh_pytest(work / "pytest", count),
            f"{NBGRADER}, one command": contenders.nbgrader(work / "nbgrader", nbgrader),
            f"{OTTER} run, one by one": contenders.otter(work / "otter", count, otter),
        }
        rounds: dict[str, list[tuple[Spent, Spent]]] = {name: [] for name in graders}
        for _ in range(options.rounds):
            for name, grade in graders.items():
                rounds[name].append((grade(1), grade(count)))
    _print_table(rounds, count)


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "autograde-benchmarks"


def _print_table(rounds: dict[str, list[tuple[Spent, Spent]]], count: int) -> None:
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
        print(
            f"| {name} | {first:.2f} | {each:.3f} | {more:.3f} | {wall:.2f} | {more / base:.0f} |"
        )


if __name__ == "__main__":
    main()
