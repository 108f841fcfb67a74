"""Local workers: sessions side by side, each warm and used for many hand-ins.

Each worker has a thread here that takes one task after another: all that is left to judge of
one attempt. How a task is judged is told in `judging.py`.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.batch.judging import RECYCLE_AFTER, Finished, Job, Judge
from grader.model import Grade, Isolation, TrainingMode
from grader.pipeline import Session

_BEAT_S = 0.5


@dataclass(frozen=True, slots=True)
class Settings:
    """How the engine works.

    Attributes:
        open_session: Starts a worker; returns before it is ready.
        check: Told the isolation of a new worker; raises what ends the batch.
        keep: Makes verdicts durable; what it raises ends the batch.
        training: What becomes of tests that train.
        workers: Workers side by side.
        recycle_after: Tasks after which a worker is replaced.
        beat: Called about twice a second while nothing else happens.
    """

    open_session: Callable[[], Session]
    check: Callable[[Isolation], None]
    keep: Callable[[Path, Grade], None]
    training: TrainingMode = TrainingMode.JUDGE
    workers: int = 1
    recycle_after: int = RECYCLE_AFTER
    beat: Callable[[], None] = field(default=lambda: None)


class Engine:
    """Judges tasks with several workers."""

    def __init__(self, settings: Settings) -> None:
        """Start nothing yet."""
        self._settings = settings
        self._tasks: queue.SimpleQueue[tuple[Job, ...]] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[Finished | BaseException] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._lanes: list[_Lane] = []
        self.faults: Counter[str] = Counter()
        """Jobs of each exercise that failed in a row, whoever handed them in."""

    def run(self, tasks: Sequence[tuple[Job, ...]]) -> Generator[Finished, None, None]:
        """Judge everything; close the iterator to end early, which loses what is in flight.

        Args:
            tasks: What is judged together; none of them empty.

        Yields:
            Each task when all of it is durable or left open.

        Raises:
            AutogradeError: If the batch cannot go on (no isolation, no worker, a suite that is
                not usable, a full disk).
        """
        for task in tasks:
            self._tasks.put(task)
        count = min(self._settings.workers, len(tasks))
        self._lanes = [_Lane(self, self._settings) for _ in range(count)]
        try:
            for lane in self._lanes:
                lane.start()
            for _ in tasks:
                yield self._next()
        finally:
            self._stop.set()
            for lane in self._lanes:
                lane.interrupt()
            for lane in self._lanes:
                lane.join()

    def _next(self) -> Finished:
        while True:
            try:
                ended = self._done.get(timeout=_BEAT_S)
            except queue.Empty:
                self._settings.beat()
                continue
            if isinstance(ended, BaseException):
                raise ended
            return ended

    @property
    def is_stopping(self) -> bool:
        """True once nothing more is wanted."""
        return self._stop.is_set()

    def take(self) -> tuple[Job, ...] | None:
        """Give a lane its next task; None if there is no more."""
        try:
            return None if self.is_stopping else self._tasks.get_nowait()
        except queue.Empty:
            return None

    def report(self, ended: Finished | BaseException) -> None:
        """Hand over what a lane has finished, or why it cannot go on."""
        self._done.put(ended)


class _Lane(threading.Thread):
    """One judge, serving tasks until there are none."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        super().__init__(name="autograde-lane", daemon=True)
        self._engine = engine
        self._judge = Judge(
            settings.open_session,
            settings.check,
            settings.keep,
            training=settings.training,
            faults=engine.faults,
            recycle_after=settings.recycle_after,
            is_stopping=lambda: engine.is_stopping,
        )

    def interrupt(self) -> None:
        """End what is being judged, from another thread."""
        self._judge.interrupt()

    def run(self) -> None:
        """Serve."""
        try:
            while (task := self._engine.take()) is not None:
                left_open = self._judge.judge(task)
                if self._engine.is_stopping:
                    return
                self._engine.report(Finished(task, left_open))
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is heard
            self._engine.report(error)
        finally:
            self._judge.close()
