"""Grading one push: what is known of it is shown again, the rest is run, within its time."""

from __future__ import annotations

import _thread
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from grader import pipeline, score
from grader.batch.cache import ResultCache, RunKind
from grader.commands import common, selection
from grader.errors import SubmissionError
from grader.model import Exercise, Grade, Note, Submission
from grader.progress import TestProgress


@dataclass(slots=True)
class Budget:
    """Ends the grading after some minutes, as Ctrl-C would, but remembers that it did."""

    minutes: float
    is_over: bool = False
    _started_s: float = field(default_factory=time.monotonic)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Watch the time while the body runs."""
        left_s = max(0.1, self.minutes * 60 - (time.monotonic() - self._started_s))
        timer = threading.Timer(left_s, self.end)
        timer.daemon = True
        if self.minutes:
            timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def end(self) -> None:
        """End what the main thread does, from whatever thread."""
        self.is_over = True
        if hasattr(signal, "pthread_kill"):  # a real signal also ends a read that waits
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        else:
            _thread.interrupt_main()


@dataclass(frozen=True, slots=True)
class Push:
    """One push to be graded: what is known of it is shown again, the rest is run.

    Attributes:
        kind: How.
        submission: What was handed in.
        chosen: The exercises that count.
        refused: Those of them that are not run now.
    """

    kind: RunKind
    submission: Submission
    chosen: tuple[Exercise, ...]
    refused: Mapping[str, selection.Refusal]

    def grade(
        self, cache: ResultCache | None, so_far: Callable[[Grade], None], budget: Budget
    ) -> Grade:
        """Grade what has to be.

        Args:
            cache: What earlier runs found; None if nobody keeps it.
            so_far: Given what is known before each exercise but the first.
            budget: When to make do with what is judged.

        Raises:
            SubmissionError: If nothing may be run and nothing is known.
        """
        known = self._known(cache) if cache else {}
        left = tuple(e for e in self.chosen if e.id not in known and e.id not in self.refused)
        submission = replace(self.submission, notes=self._notes(known))
        parts = list(known.values())
        if left:
            fresh = self._run(
                left, lambda part: so_far(score.join(submission, [*parts, part])), budget
            )
            if cache:
                cache.keep(fresh)
            parts.append(fresh)
        if not parts:
            said = "\n".join(f"{one.note.where}: {one.note.text}" for one in self.refused.values())
            raise SubmissionError("", said, "No earlier result is at hand here.")
        return score.join(submission, parts)

    def _known(self, cache: ResultCache) -> dict[str, Grade]:
        hand_ins = {hand_in.exercise_id: hand_in for hand_in in self.submission.hand_ins}
        found = {}
        for exercise in self.chosen:
            refusal = self.refused.get(exercise.id)
            grade = (
                cache.newest(exercise, refusal.counted)
                if refusal
                else cache.recall(exercise, hand_ins[exercise.id])
            )
            if grade is not None:
                found[exercise.id] = grade
        return found

    def _notes(self, known: Mapping[str, Grade]) -> tuple[Note, ...]:
        again = [
            Note(
                name, f"Nothing changed: the result of {grade.graded_at:%Y-%m-%d %H:%M} UTC again."
            )
            for name, grade in known.items()
            if name not in self.refused
        ]
        refused = [one.note for one in self.refused.values()]
        return (*self.submission.notes, *refused, *again)

    def _run(
        self, left: tuple[Exercise, ...], so_far: Callable[[Grade], None], budget: Budget
    ) -> Grade:
        found, training = self.kind.course, self.kind.training
        with pipeline.Session(found, left, public_only=self.kind.public_only) as session:
            if not self.kind.public_only:
                common.check_level(found, session.isolation, asked=False)
            total = sum(len(session.meant(exercise, training)) for exercise in left)
            with TestProgress(total) as progress, budget.running():
                return session.grade(
                    self.submission, left, progress.advance, so_far, training=training
                )
