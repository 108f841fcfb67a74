"""How long one waits: a cell, a call, `check`, and `watch` from save to verdict.

    python benchmarks/latency.py

Medians of wall time, so the machine should have nothing else to do.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import exercise
from measure import machine, spend

OPENINGS = {3: 30, 2: 30, 0: 5}
CALLS = 200
STARTS = 5
SAVES = 8
PAUSE_S = 4.0
"""Between two saves; nobody types faster, and the next cell is made ready meanwhile."""
CODE = exercise.submission(0) + "\n\ndef add(a, b):\n    return a + b\n"
PYTHON = [sys.executable]
AUTOGRADE = [*PYTHON, "-m", "grader"]


def main() -> None:
    """Print a table in Markdown."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    print(machine(), end="\n\n")
    print("| what | median |\n|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder)
        exercise.write_course(course)
        answer = course / "assignments" / exercise.NAME / "softmax.py"
        answer.write_text(exercise.submission(0), encoding="utf-8")
        measure_start("`python -c 'import torch'`", [*PYTHON, "-c", "import torch"], course)
        measure_start("`autograde check softmax`", [*AUTOGRADE, "check", "softmax"], course)
        measure_start("`autograde list`", [*AUTOGRADE, "list"], course)
        measure_watch(course, answer)
    for level in (3, 2, 0):
        measure_cells(level)


def measure_start(name: str, command: list[str], cwd: Path) -> None:
    """Start a program several times."""
    runs = [spend(command, cwd=cwd)[0] for _ in range(STARTS)]
    wall_s = statistics.median(run.wall_s for run in runs)
    cpu_s = statistics.median(run.cpu_s for run in runs)
    print(f"| {name} | {wall_s:.2f} s ({cpu_s:.2f} CPU s) |")


def measure_watch(course: Path, answer: Path) -> None:
    """Save a file again and again, and wait each time until the score is on the screen."""
    waits = []
    with subprocess.Popen(
        [*AUTOGRADE, "watch", "softmax"], cwd=course, stdout=subprocess.PIPE, text=True
    ) as watch:
        _wait_for_score(watch)
        for number in range(1, SAVES + 1):
            ready = answer.with_suffix(".new")
            ready.write_text(exercise.submission(number), encoding="utf-8")
            time.sleep(PAUSE_S)
            started_s = time.monotonic()
            ready.replace(answer)
            _wait_for_score(watch)
            waits.append(time.monotonic() - started_s)
        watch.terminate()
    print(f"| `autograde watch softmax`, from save to score | {_milliseconds(waits)} |")


def _wait_for_score(watch: subprocess.Popen[str]) -> None:
    if watch.stdout is None or not any("Score:" in line for line in watch.stdout):
        raise SystemExit("`autograde watch` ended early")


def measure_cells(level: int) -> None:
    """Open cells of one isolation level and call functions in one of them."""
    import torch

    from grader import cell
    from grader.errors import AutogradeError
    from grader.judge.proxy import Module
    from grader.judge.session import Session
    from grader.model import HandIn, HandInStatus, Limits

    limits = Limits(wall_time_s=600)
    hand_in = HandIn(exercise.NAME, HandInStatus.SUBMITTED, "softmax.py", CODE)
    try:
        host = cell.open_host(level, limits)
    except AutogradeError as error:
        print(f"| level {level} | not on this host: {error.what} |")
        return

    def ready_session() -> Session:
        opened = host.open(limits)
        opened.allow(limits.wall_time_s)
        session = Session(opened, hand_in)
        session.ask("load", {"name": "softmax", "path": "softmax.py", "source": CODE})
        return session

    def open_and_close() -> None:
        ready_session().cell.close()

    open_and_close()  # the first one waits until the host is warm
    openings = _times(OPENINGS[level], open_and_close)
    print(f"| level {level}: open a cell, load a file, close it | {_milliseconds(openings)} |")
    session = ready_session()
    student: Any = Module(session)
    small, large = torch.randn(8, 16), torch.randn(1024, 1024)
    calls: dict[str, Callable[[], Any]] = {
        "`add(1, 2)`": lambda: student.add(1, 2),
        "`softmax` of 8 by 16": lambda: student.softmax(small),
        "`softmax` of 1024 by 1024 (4 MiB each way)": lambda: student.softmax(large),
    }
    for name, call in calls.items():
        # What all calls hand over together is more than one test may.
        session.cell.allow(limits.wall_time_s)
        call()
        print(f"| level {level}: {name} | {_milliseconds(_times(CALLS, call))} |")
    session.cell.close()
    host.close()


def _times(count: int, action: Callable[[], Any]) -> list[float]:
    found = []
    for _ in range(count):
        started_s = time.monotonic()
        action()
        found.append(time.monotonic() - started_s)
    return found


def _milliseconds(times_s: list[float]) -> str:
    return f"{statistics.median(times_s) * 1000:.3g} ms"


if __name__ == "__main__":
    main()
