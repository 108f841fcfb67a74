"""Progress on stderr: a bar with an estimate on a terminal, a line every 30 s elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from grader.model import Exercise

LINE_INTERVAL_S = 30.0


class TestProgress:
    """Counts tests of one submission. Use it in a `with` statement."""

    __test__ = False  # pytest must not collect it

    def __init__(self, total: int) -> None:
        """Prepare a bar of this many tests; nothing is shown before the first one."""
        self._total = total
        self._done_before = 0
        self._exercise = ""
        self._in_exercise = 0
        self._next_line_s = time.monotonic() + LINE_INTERVAL_S
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._bar = Progress(
            *columns,
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._task = self._bar.add_task("starting", total=total or None)

    def __enter__(self) -> Self:
        """Show the bar if there is a terminal."""
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        self._bar.stop()

    def advance(self, exercise: Exercise, done: int, total: int) -> None:
        """Note that one more test of an exercise was judged (see `pipeline.Progress`)."""
        del total
        if exercise.id != self._exercise:
            self._done_before += self._in_exercise
            self._exercise = exercise.id
        self._in_exercise = done
        overall = self._done_before + done
        self._bar.update(self._task, completed=overall, description=exercise.id)
        now_s = time.monotonic()
        if not sys.stderr.isatty() and now_s >= self._next_line_s:
            self._next_line_s = now_s + LINE_INTERVAL_S
            sys.stderr.write(f"{overall} of {self._total} tests, at {exercise.id}\n")
