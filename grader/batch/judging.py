"""Judging jobs with one worker after another, whatever becomes of each.

A worker that has died, or has failed twice, is replaced by a fresh one. What still fails is left
open for a person: nothing that a hand-in does may end the batch, and no fault of ours is a zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from grader import score
from grader.batch.texts import Texts
from grader.errors import CellError
from grader.model import Exercise, Grade, Isolation, Note, Submission, TrainingMode
from grader.pipeline import Session

TRIES = 3
"""A fault of ours is met this often before a person has to look at it."""
RECYCLE_AFTER = 500
"""Tasks after which a worker is replaced by a fresh one, whatever it may have leaked. A start costs
as much as 40 hand-ins; over the first 750 cells a warm process grew by 1 MiB."""


@dataclass(frozen=True, slots=True)
class Job:
    """One exercise of one attempt.

    Attributes:
        submission: The attempt, with this exercise's hand-in as its only one.
        exercise: Which exercise.
        place: Where its verdicts are kept; see `path`.
        texts: Those of the class, which submissions come without.
    """

    submission: Submission
    exercise: Exercise
    place: str
    texts: Texts

    @property
    def path(self) -> Path:
        """Where its verdicts are kept."""
        return Path(self.place)

    @property
    def whole(self) -> Submission:
        """The same attempt with the text that is judged."""
        return self.texts.whole(self.submission)


@dataclass(frozen=True, slots=True)
class Finished:
    """One task at its end.

    Attributes:
        jobs: What it was.
        open: Grades that a fault of ours leaves open, by path; they are not kept.
    """

    jobs: tuple[Job, ...]
    open: Mapping[Path, Grade]


class Judge:
    """One worker after another."""

    def __init__(
        self,
        open_session: Callable[[], Session],
        check: Callable[[Isolation], None],
        keep: Callable[[Path, Grade], None],
        *,
        training: TrainingMode,
        faults: Counter[str],
        recycle_after: int = RECYCLE_AFTER,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        """Start nothing yet.

        Args:
            open_session: Starts a worker; returns before it is ready.
            check: Told the isolation of a new worker; raises what ends the batch.
            keep: Makes verdicts durable; what it raises ends the batch.
            training: What becomes of tests that train.
            faults: Jobs of each exercise that failed in a row, whoever handed them in; may be
                shared with other judges.
            recycle_after: Tasks after which a worker is replaced.
            is_stopping: True once nothing more is wanted.
        """
        self._open_session = open_session
        self._check = check
        self._keep = keep
        self._training = training
        self._faults = faults
        self._is_stopping = is_stopping
        self._recycle_after = recycle_after
        self._session: Session | None = None
        self._served = 0

    def interrupt(self) -> None:
        """End what is being judged, from another thread."""
        if (session := self._session) is not None:
            session.interrupt()

    def judge(self, task: Sequence[Job]) -> dict[Path, Grade]:
        """Judge one task, exercise by exercise; each verdict is durable before it goes on.

        Args:
            task: Not empty.

        Returns:
            What a fault of ours leaves open, by path.

        Raises:
            AutogradeError: If the batch cannot go on.
        """
        left_open = {}
        for number, job in enumerate(task, 1):
            grade = self._judge(job, more_follows=number < len(task))
            if self._is_stopping():
                break
            if grade is not None:
                left_open[job.path] = grade
        self._served += 1
        if self._served >= self._recycle_after:
            self.close()
        return left_open

    def _judge(self, job: Job, *, more_follows: bool) -> Grade | None:
        """Judge one job and keep its verdicts; a grade comes back only if it is left open."""
        faults = self._faults
        tries = TRIES if faults[job.exercise.id] < TRIES else 1
        grade = None
        for attempt in range(1, tries + 1):
            grade = self._try(job, more_follows=more_follows)
            if self._is_stopping() and grade.score is None:
                return grade
            if grade.score is not None:
                self._keep(job.path, grade)
                faults[job.exercise.id] = 0
                return None
            if attempt > 1 or (self._session is not None and not self._session.is_alive):
                self.close()
        faults[job.exercise.id] += 1
        return grade

    def _try(self, job: Job, *, more_follows: bool) -> Grade:
        session = self._open()
        try:
            return session.grade(
                job.whole,
                [job.exercise],
                training=self._training,
                more_follows=more_follows,
            )
        except Exception as error:  # noqa: BLE001 - one hand-in must not end the batch
            self.close()
            return open_grade(job, f"{type(error).__name__}: {error}")

    def _open(self) -> Session:
        """Return the worker, started if there is none.

        Raises:
            AutogradeError: If none can be started, or its isolation is refused.
        """
        for attempt in range(1, TRIES + 1):
            try:
                if self._session is None:
                    self._session = self._open_session()
                    self._served = 0
                    if self._is_stopping():
                        self._session.interrupt()
                    self._check(self._session.isolation)
            except CellError:
                self.close()
                if attempt == TRIES or self._is_stopping():
                    raise
            else:
                return self._session
        raise AssertionError  # the last attempt returns or raises

    def close(self) -> None:
        """End the worker; the next job gets a fresh one."""
        session, self._session = self._session, None
        if session is not None:
            session.close()


def open_grade(job: Job, why: str) -> Grade:
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
