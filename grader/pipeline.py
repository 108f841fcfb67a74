"""The whole grader on one screen.

    submission -> collect -> worker (judge and cell) -> score -> Grade

This process stays light: it never imports torch and never touches student code beyond its
text. The worker is started as soon as it is known that something has to be judged.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from grader import orders, score
from grader.client import Worker
from grader.course.catalogue import read_catalogue
from grader.errors import CellError
from grader.model import (
    Course,
    Device,
    Diagnosis,
    Exercise,
    ExerciseGrade,
    Grade,
    HandIn,
    HandInStatus,
    Isolation,
    Note,
    Outcome,
    Submission,
    TestCase,
    TrainingMode,
    Verdict,
)

BEST_LEVEL = -1
SEED_BITS = 48
"""The cell is given seeds that follow from the run's; 32 bits could be tried out in a minute."""
TRAINING_LEFT_OUT = "Its tests that train a model were left out, with their points."
Progress = Callable[[Exercise, int, int], None]
"""Called after each test with the exercise, tests judged and tests in all."""


class Session:
    """A running worker: suites collected, cells warm. Use it in a `with` statement."""

    def __init__(
        self,
        course: Course,
        exercises: Sequence[Exercise],
        *,
        level: int = BEST_LEVEL,
        public_only: bool = False,
        probes: bool = False,
        device: Device = Device.CPU,
    ) -> None:
        """Start the worker; it imports torch while the caller goes on.

        Args:
            course: Whose exercises they are.
            exercises: Whose suites will be needed.
            level: Isolation wanted; the best that the host gives by default.
            public_only: True for a self-check.
            probes: Whether the public tests that train briefly are among the cases; running
                them takes seconds.
            device: Where training may take place.
        """
        self._course = course
        self._exercises = tuple(exercises)
        self._public_only = public_only
        self._worker = Worker(
            orders.Setup(course.root, self._exercises, level, public_only, probes, device)
        )

    def __enter__(self) -> Self:
        """Return the session."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the worker and everything below it."""
        self.close()

    @property
    def cases(self) -> dict[str, tuple[TestCase, ...]]:
        """The tests of each exercise, by exercise id."""
        return self._worker.ready().cases

    @property
    def isolation(self) -> Isolation:
        """The isolation in force."""
        return self._worker.ready().isolation

    @property
    def environment(self) -> Mapping[str, str]:
        """Versions and device, as every result records them."""
        return self._worker.ready().environment

    def meant(self, exercise: Exercise, training: TrainingMode) -> tuple[TestCase, ...]:
        """List the tests of an exercise that are meant to run.

        Args:
            exercise: Of any course; one that the session was not opened for has none.
            training: What becomes of tests that train.
        """
        cases = self.cases.get(exercise.id, ())
        if training is not TrainingMode.OFF:
            return cases
        return tuple(case for case in cases if not case.training)

    def grade(
        self,
        submission: Submission,
        asked: Sequence[Exercise],
        progress: Progress | None = None,
        so_far: Callable[[Grade], None] | None = None,
        *,
        seed: int | None = None,
        training: TrainingMode = TrainingMode.JUDGE,
        more_follows: bool = False,
    ) -> Grade:
        """Grade one submission.

        Args:
            submission: What to grade.
            asked: The exercises that count. The session has to have been opened for those that
                were handed in; of the others nothing is known but that they are missing.
            progress: Told about each test.
            so_far: Given what is known before each exercise but the first, marked as
                incomplete, for somebody who may have to make do with it.
            seed: Seed of each exercise, to repeat a run; fresh ones by default.
            training: What becomes of tests that train. Where they are not run they leave score
                and maximum, as hidden tests do in a self-check.
            more_follows: Whether the next call grades other exercises of the same submission; the
                process that judges them then stays.

        Returns:
            The grade; `complete` is False if Ctrl-C ended it early, and what was judged until
            then is in it.

        Raises:
            CourseError: If a suite is not usable.
            CellError: If the worker cannot be started.
        """
        hand_ins = {hand_in.exercise_id: hand_in for hand_in in submission.hand_ins}
        to_judge = [e for e in asked if hand_ins[e.id].status is HandInStatus.SUBMITTED]
        grades: list[ExerciseGrade] = []
        complete = True
        for position, exercise in enumerate(asked):
            hand_in = hand_ins[exercise.id]
            if so_far is not None and complete and position:
                left = asked[position:]
                rest = [self._leave_out(e, hand_ins[e.id], "", training) for e in left]
                so_far(self._add_up(submission, [*grades, *rest], complete=False))
            if complete and hand_in.status is HandInStatus.SUBMITTED:
                job = orders.Job(
                    exercise,
                    hand_in,
                    secrets.randbits(SEED_BITS) if seed is None else seed,
                    training=training,
                    submission=f"{submission.id} {submission.origin}",
                    is_last=not more_follows and exercise is to_judge[-1],
                )
                grade, complete = self._grade_hand_in(job, progress)
            else:
                why = "" if complete else "The run was interrupted."
                grade = self._leave_out(exercise, hand_in, why, training)
            grades.append(grade)
        return self._add_up(submission, grades, complete=complete)

    def _add_up(
        self, submission: Submission, grades: Sequence[ExerciseGrade], *, complete: bool
    ) -> Grade:
        return score.grade_submission(
            submission,
            grades,
            isolation=self.isolation,
            environment=self.environment,
            graded_at=datetime.now(UTC),
            complete=complete,
            public_only=self._public_only,
        )

    def _leave_out(
        self, exercise: Exercise, hand_in: HandIn, why: str, training: TrainingMode
    ) -> ExerciseGrade:
        cases = self.meant(exercise, training)
        verdicts = [Verdict(case, Outcome.NOT_RUN, why) for case in cases]
        return self._grade(exercise, hand_in, verdicts, 0, 0.0)

    def grade_source(
        self,
        exercise: Exercise,
        source: str,
        *,
        seed: int | None = None,
        stop_at_first_loss: bool = False,
        tasks_first: tuple[str, ...] = (),
        training: TrainingMode = TrainingMode.OFF,
    ) -> ExerciseGrade:
        """Grade a text that did not come from a submission: a stub, a reference, a mutant.

        Args:
            exercise: One of the session's exercises; its limits may have been narrowed.
            source: Python text.
            seed: Seed of the run; fresh by default.
            stop_at_first_loss: End after the first test that is not passed.
            tasks_first: Tasks whose tests run first.
            training: What becomes of tests that train; they are left out by default, because
                one of them takes longer than all others together.

        Raises:
            CourseError: If a suite is not usable.
            KeyboardInterrupt: If Ctrl-C came.
        """
        hand_in = HandIn(exercise.id, HandInStatus.SUBMITTED, f"{exercise.module}.py", source)
        seed = secrets.randbits(SEED_BITS) if seed is None else seed
        started_s = time.monotonic()
        job = orders.Job(exercise, hand_in, seed, stop_at_first_loss, tasks_first, training)
        found, diagnoses = {}, []
        for answer in self._judge(job):
            if isinstance(answer, Verdict):
                found[answer.test.id] = answer
            else:
                diagnoses.append(answer)
        verdicts = [found.get(c.id, Verdict(c)) for c in self.cases[exercise.id]]
        grade = self._grade(exercise, hand_in, verdicts, seed, time.monotonic() - started_s)
        return replace(grade, diagnoses=tuple(diagnoses))

    def fingerprint(self, exercise: Exercise) -> orders.Fingerprinted:
        """Ask the probes of an exercise of its known mistakes, for its author.

        Args:
            exercise: One of the session's exercises.

        Raises:
            CourseError: If its probes or its catalogue cannot be used.
            CellError: If the worker fails.
        """
        entries = tuple(
            orders.Entry(m.name, m.task, m.label, m.hint, m.source, m.where)
            for m in read_catalogue(exercise)
        )
        self._worker.send(orders.Fingerprint(exercise, entries))
        answer, end = self._worker.receive(), self._worker.receive()
        if not isinstance(answer, orders.Fingerprinted) or not isinstance(end, orders.Done):
            raise CellError("worker", "it answered out of turn")
        return answer

    @property
    def is_alive(self) -> bool:
        """False once the worker has ended, by itself or by another's hand."""
        return self._worker.is_alive

    def interrupt(self) -> None:
        """End the worker from another thread; whoever waits for an answer is told that it ended."""
        self._worker.interrupt()

    def close(self) -> None:
        """End the worker; its cells die with it."""
        self._worker.close()

    def _grade_hand_in(
        self, job: orders.Job, progress: Progress | None
    ) -> tuple[ExerciseGrade, bool]:
        exercise = job.exercise
        cases = self.meant(exercise, job.training)
        started_s = time.monotonic()
        found: dict[str, Verdict] = {}
        diagnoses: list[Diagnosis] = []
        complete = True
        fault = ""
        try:
            for answer in self._judge(job):
                if isinstance(answer, Diagnosis):
                    diagnoses.append(answer)
                    continue
                found[answer.test.id] = answer
                if progress is not None:
                    progress(exercise, len(found), len(cases))
        except KeyboardInterrupt:
            complete = False
        except CellError as error:
            fault = error.what
        missing = Outcome.GRADER_FAULT if fault else Outcome.NOT_RUN
        verdicts = [found.get(c.id, Verdict(c, missing, fault)) for c in cases]
        duration_s = time.monotonic() - started_s
        grade = self._grade(exercise, job.hand_in, verdicts, job.seed, duration_s)
        return replace(grade, diagnoses=tuple(diagnoses)), complete

    def _grade(
        self,
        exercise: Exercise,
        hand_in: HandIn,
        verdicts: Sequence[Verdict],
        seed: int,
        duration_s: float,
    ) -> ExerciseGrade:
        notes: tuple[Note, ...] = hand_in.notes
        if len(verdicts) < len(self.cases.get(exercise.id, ())):
            notes = (*notes, Note(exercise.id, TRAINING_LEFT_OUT))
        return score.grade_exercise(
            exercise, hand_in, verdicts, seed=seed, duration_s=duration_s, notes=notes
        )

    def _judge(self, job: orders.Job) -> Iterator[Verdict | Diagnosis]:
        self._worker.send(job)
        while True:
            answer = self._worker.receive()
            match answer:
                case orders.Judged(verdict=verdict):
                    yield verdict
                case orders.Diagnosed(diagnosis=diagnosis):
                    yield diagnosis
                case orders.Done():
                    return
                case _:
                    raise CellError("worker", "it answered out of turn")
