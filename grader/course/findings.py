"""What the gate asks of a grader, and what it hands on about an exercise."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from grader.course.config import show_points
from grader.model import Exercise, ExerciseGrade


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that the author of an exercise has to mend.

    Attributes:
        where: A file, a line or a test.
        what: What is wrong there.
        what_now: What to do about it.
    """

    where: str
    what: str
    what_now: str = ""


class Grader(Protocol):
    """Grades one text against an exercise's suites."""

    def __call__(
        self,
        exercise: Exercise,
        source: str,
        *,
        seed: int,
        stop_at_first_loss: bool = False,
        tasks_first: tuple[str, ...] = (),
    ) -> ExerciseGrade:
        """Grade.

        Args:
            exercise: The exercise; its limits may be narrower than in its file.
            source: Python text of the student's module.
            seed: Seed of the run.
            stop_at_first_loss: True if one lost point is all that is asked.
            tasks_first: Tasks whose tests are to run first.
        """


class Fingerprinted(Protocol):
    """What the probes of an exercise saw of its mistakes."""

    @property
    def text(self) -> str:
        """What its fingerprints file should hold; empty if it has no probes."""

    @property
    def current(self) -> bool:
        """Whether the stored file says so."""

    @property
    def findings(self) -> tuple[tuple[str, str], ...]:
        """Where something has to be mended, and what."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the gate found out about one exercise.

    Attributes:
        exercise_id: Which exercise.
        tests: Number of collected tests.
        points: Sum of their points.
        alternatives: Number of alternative right answers.
        mistakes_caught: Catalogued mistakes that lost points.
        mistakes: Catalogued mistakes.
        mistakes_distinguished: Catalogued mistakes with a fingerprint of their own.
        mutants_killed: Mutants that lost points.
        mutants: Mutants, those reviewed as equivalent left out.
        equivalent: Mutants reviewed as equivalent.
        seconds: Wall time.
        problems: What its author has to mend; empty if the gate is open.
    """

    exercise_id: str
    tests: int = 0
    points: Fraction = Fraction(0)
    alternatives: int = 0
    mistakes_caught: int = 0
    mistakes: int = 0
    mistakes_distinguished: int = 0
    mutants_killed: int = 0
    mutants: int = 0
    equivalent: int = 0
    seconds: float = 0.0
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """True if nothing has to be mended."""
        return not self.problems

    def as_dict(self) -> dict[str, Any]:
        """Give the report as plain data for `--json`."""
        plain = dataclasses.asdict(self)
        return plain | {"ok": self.ok, "points": show_points(self.points)}
