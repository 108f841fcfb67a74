"""The results of one hand-in from one push to the next, by all that they depend on.

The folder is kept by whoever runs the job, and is no more trustworthy than its keeper: in a
student's own repository it counts for nothing, as the points do. A result is believed only
under the key that a batch would give it, and only if it is of the file that is there now.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from grader import score
from grader.batch.journal import Journal
from grader.batch.keys import exercise_digest, verdict_key
from grader.batch.worth import points_in, worth_now
from grader.model import (
    Course,
    Exercise,
    Grade,
    HandIn,
    HandInStatus,
    Outcome,
    TrainingMode,
)

KEPT = 20
"""Results that are kept of one exercise, the newest ones."""
_OWNER = "hand-in"


@dataclass(frozen=True, slots=True)
class RunKind:
    """How a run judges, which decides what results of earlier ones are worth to it.

    Attributes:
        course: The course.
        public_only: Whether only public tests are at hand.
        training: What becomes of tests that train.
    """

    course: Course
    public_only: bool
    training: TrainingMode

    @property
    def level(self) -> int:
        """Isolation below which results do not count."""
        return 0 if self.public_only else self.course.min_level


class ResultCache:
    """The results of earlier runs in one folder, which the caller holds."""

    def __init__(self, journal: Journal, kind: RunKind) -> None:
        """Serve runs of one kind.

        Args:
            journal: Held by this run.
            kind: How this run judges.
        """
        self._journal = journal
        self._kind = kind

    def recall(self, exercise: Exercise, hand_in: HandIn) -> Grade | None:
        """Give the result of the very same file and exercise; None if there is none."""
        found = self._journal.recall(self._path(exercise, hand_in), self._kind.level)
        if found is None or found.exercises[0].hand_in.sha256 != hand_in.sha256:
            return None
        return _as_now(found, exercise, hand_in)

    def newest(self, exercise: Exercise, versions: Collection[str]) -> Grade | None:
        """Give the newest result of one of some versions.

        Args:
            exercise: Which exercise.
            versions: SHA-256 of the files that may count.
        """
        folder = self._path(exercise, HandIn(exercise.id, HandInStatus.NOT_SUBMITTED)).parent
        read = [self._journal.recall(path, self._kind.level) for path in folder.glob("*.json")]
        fits = [
            grade
            for grade in read
            if grade is not None
            and grade.exercises[0].exercise.id == exercise.id
            and grade.exercises[0].hand_in.sha256 in versions
        ]
        found = max(fits, key=lambda grade: grade.graded_at, default=None)
        return found and _as_now(found, exercise, found.exercises[0].hand_in)

    def keep(self, grade: Grade) -> None:
        """Keep every exercise that was judged to its end.

        Raises:
            UsageError: If it cannot be written.
        """
        for one in grade.exercises:
            if one.score is None or any(v.outcome is Outcome.GRADER_FAULT for v in one.verdicts):
                continue
            handed_in = one.hand_in.status is HandInStatus.SUBMITTED
            if handed_in and any(v.outcome is Outcome.NOT_RUN for v in one.verdicts):
                continue  # the run was ended before
            path = self._path(one.exercise, one.hand_in)
            self._journal.keep(
                path, score.join(grade.submission, [replace(grade, exercises=(one,))])
            )
            old = sorted(path.parent.glob("*.json"), key=lambda file: file.stat().st_mtime)
            for file in old[:-KEPT]:
                file.unlink(missing_ok=True)

    def _path(self, exercise: Exercise, hand_in: HandIn) -> Path:
        kind = self._kind
        digest = exercise_digest(exercise, kind.training, public_only=kind.public_only)
        return self._journal.path(_OWNER, exercise.id, verdict_key(digest, hand_in))


def _as_now(grade: Grade, exercise: Exercise, hand_in: HandIn) -> Grade:
    """Put back what a stored result does not hold: what tests are worth now, and the source."""
    grade = worth_now(grade, exercise, points_in(exercise))
    # The notes on reading were stored with those on judging.
    one = replace(grade.exercises[0], exercise=exercise, hand_in=replace(hand_in, notes=()))
    return replace(grade, exercises=(one,))
