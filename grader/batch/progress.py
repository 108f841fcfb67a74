"""Progress of a class on stderr: a bar on a terminal, a line every 30 s elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress

Item = TypeVar("Item")

LINE_INTERVAL_S = 30.0
QUIET_S = 1.0
"""What takes no longer is over before anybody could read a bar."""
BAR_INTERVAL_S = 0.1
_MINUTE_S = 60


class ClassProgress:
    """Counts what was judged. Use it in a `with` statement."""

    def __init__(self, total: int) -> None:
        """Prepare to count to a total."""
        self._total = total
        self._done = 0
        self._started_s = time.monotonic()
        self._next_line_s = self._started_s + LINE_INTERVAL_S
        self._is_terminal = sys.stderr.isatty()
        self._bar = _new_bar()
        self._task = self._bar.add_task("the workers start", total=total)

    def __enter__(self) -> Self:
        """Show the bar if there is a terminal."""
        if self._total:
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

    def advance(self) -> None:
        """Note that one more was judged."""
        self._done += 1
        self._bar.update(self._task, completed=self._done, description=self._pace())
        self._bar.refresh()
        self.beat()

    def beat(self) -> None:
        """Write the line if its time has come."""
        now_s = time.monotonic()
        if not self._is_terminal and now_s >= self._next_line_s:
            self._next_line_s = now_s + LINE_INTERVAL_S
            sys.stderr.write(f"{self._done} of {self._total} graded{self._pace(', ')}\n")
            sys.stderr.flush()

    def _pace(self, before: str = "") -> str:
        if not self._done:
            return ""
        elapsed_s = time.monotonic() - self._started_s
        left_s = round(elapsed_s / self._done * (self._total - self._done))
        rate = self._done / max(elapsed_s, 1e-3) * _MINUTE_S
        time_left = f"{left_s // _MINUTE_S}:{left_s % _MINUTE_S:02}"
        return f"{before}{rate:.0f} a minute, {time_left} left"


def counted(items: Sequence[Item], what: str) -> Iterator[Item]:
    """Give items one by one, and show how many are done if it takes long.

    Args:
        items: What is worked on.
        what: What has become of them: "pages written".
    """
    return _with_bar(items, what) if sys.stderr.isatty() else _with_lines(items, what)


def _new_bar() -> Progress:
    """Return a bar that is one on a terminal, and nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    console = Console(stderr=True)
    # Drawn by whoever counts, not by a thread, which no fork would survive.
    return Progress(
        *columns,
        console=console,
        transient=True,
        auto_refresh=False,
        disable=not sys.stderr.isatty(),
    )


def _with_bar(items: Sequence[Item], what: str) -> Iterator[Item]:
    bar = _new_bar()
    task = bar.add_task(what, total=len(items))
    shown_s = time.monotonic() + QUIET_S
    try:
        for done, item in enumerate(items, 1):
            yield item
            if (now_s := time.monotonic()) >= shown_s:
                shown_s = now_s + BAR_INTERVAL_S
                bar.start()
                bar.update(task, completed=done, refresh=True)
    finally:
        bar.stop()


def _with_lines(items: Sequence[Item], what: str) -> Iterator[Item]:
    next_line_s = time.monotonic() + LINE_INTERVAL_S
    for done, item in enumerate(items, 1):
        yield item
        if time.monotonic() >= next_line_s:
            next_line_s = time.monotonic() + LINE_INTERVAL_S
            sys.stderr.write(f"{done} of {len(items)} {what}\n")
            sys.stderr.flush()
