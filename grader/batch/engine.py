"""Local workers: sessions side by side, each warm and used for many hand-ins.

Each worker has a thread here that takes one task after another (all that is left to judge of
one attempt), judges it exercise by exercise and makes each verdict durable before it goes on.
Nothing that a hand-in does may end the batch: a judge that fails is asked again, in a fresh
worker if the old one has died or failed twice, and what still fails is left open for a person.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from grader import score
from grader.errors import CellError
from grader.model import Exercise, Grade, Isolation, Note, Submission, TrainingMode
from grader.pipeline import Session

TRIES = 3
"""A fault of ours is met this often before a person has to look at it."""
RECYCLE_AFTER = 200
"""Tasks after which a worker is replaced by a fresh one, whatever it may have leaked."""
_BEAT_S = 0.5


@dataclass(frozen=True, slots=True)
class Job:
    """One exercise of one attempt.

    Attributes:
        submission: The attempt, with this exercise's hand-in as its only one.
        exercise: Which exercise.
        path: Where its verdicts are kept.
    """

    submission: Submission
    exercise: Exercise
    path: Path


@dataclass(frozen=True, slots=True)
class Finished:
    """One task at its end.

    Attributes:
        jobs: What it was.
        open: Grades that a fault of ours leaves open, by path; they are not kept.
    """

    jobs: tuple[Job, ...]
    open: Mapping[Path, Grade]


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
    """One worker after another, serving tasks until there are none."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        super().__init__(name="autograde-lane", daemon=True)
        self._engine = engine
        self._settings = settings
        self._session: Session | None = None
        self._served = 0

    def interrupt(self) -> None:
        """End what is being judged, from another thread."""
        if (session := self._session) is not None:
            session.interrupt()

    def run(self) -> None:
        """Serve."""
        try:
            while (task := self._engine.take()) is not None:
                left_open = {}
                for job in task:
                    grade = self._judge(job)
                    if self._engine.is_stopping:
                        return
                    if grade is not None:
                        left_open[job.path] = grade
                self._served += 1
                self._engine.report(Finished(task, left_open))
                if self._served >= self._settings.recycle_after:
                    self._drop_session()
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is heard
            self._engine.report(error)
        finally:
            self._drop_session()

    def _judge(self, job: Job) -> Grade | None:
        """Judge one job and keep its verdicts; a grade comes back only if it is left open."""
        faults = self._engine.faults
        tries = TRIES if faults[job.exercise.id] < TRIES else 1
        grade = None
        for attempt in range(1, tries + 1):
            grade = self._try(job)
            if self._engine.is_stopping and grade.score is None:
                return grade
            if grade.score is not None:
                self._settings.keep(job.path, grade)
                faults[job.exercise.id] = 0
                return None
            if attempt > 1 or (self._session is not None and not self._session.is_alive):
                self._drop_session()
        faults[job.exercise.id] += 1
        return grade

    def _try(self, job: Job) -> Grade:
        session = self._open()
        try:
            return session.grade(job.submission, [job.exercise], training=self._settings.training)
        except Exception as error:  # noqa: BLE001 - one hand-in must not end the batch
            self._drop_session()
            return _open_grade(job, f"{type(error).__name__}: {error}")

    def _open(self) -> Session:
        """Return the worker, started if there is none.

        Raises:
            AutogradeError: If none can be started, or its isolation is refused.
        """
        for attempt in range(1, TRIES + 1):
            try:
                if self._session is None:
                    self._session = self._settings.open_session()
                    self._served = 0
                    if self._engine.is_stopping:
                        self._session.interrupt()
                    self._settings.check(self._session.isolation)
            except CellError:
                self._drop_session()
                if attempt == TRIES or self._engine.is_stopping:
                    raise
            else:
                return self._session
        raise AssertionError  # the last attempt returns or raises

    def _drop_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()


def _open_grade(job: Job, why: str) -> Grade:
    """Make the grade of an exercise whose judge did not even answer."""
    hand_in = job.submission.hand_ins[0]
    notes = (*hand_in.notes, Note(job.exercise.id, f"It could not be judged: {why}"))
    grade = score.grade_exercise(job.exercise, hand_in, (), seed=0, duration_s=0.0, notes=notes)
    return score.grade_submission(
        job.submission,
        [grade],
        isolation=Isolation(0),
        environment={},
        graded_at=datetime.now(UTC),
    )
