"""One person's grade, reduced to what a class is told of it; a whole class fits into memory."""

from __future__ import annotations

import hashlib
import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from functools import lru_cache

from grader.model import (
    ClassRow,
    Confidence,
    ExerciseGrade,
    Grade,
    HandInStatus,
    Outcome,
    Person,
    TrainingRecord,
    Verdict,
)

NAMED = (Confidence.EXACT, Confidence.LIKELY)
_NUMBER = re.compile(
    r"(?<![\w.])[-+]?(?:0x[0-9a-f]+|\d+(?:\.\d*)?(?:e[-+]?\d+)?)(?!\w)", re.IGNORECASE
)
_MESSAGE_LIMIT = 240
_TELLING = frozenset(
    {
        Outcome.FAILED,
        Outcome.ERROR,
        Outcome.TIMEOUT,
        Outcome.MEMORY,
        Outcome.CRASHED,
        Outcome.POLICY,
    }
)
"""Outcomes that say something about the answer; a skipped test repeats another's."""
_MOST_KNOWN = 4096


@dataclass(frozen=True, slots=True)
class Look:
    """What a wrong answer looks like; two that are equal are the same wrong answer.

    Attributes:
        outcome: What became of the test.
        label: The known mistake that the task's diagnosis names; empty if it names none.
        message: The first line of the message with every number left open; empty beside a label.
        function: The student's function nearest to the exception; empty without one.
        values: A digest of the values that a public test, whose input is fixed, got.
    """

    outcome: Outcome
    label: str = ""
    message: str = ""
    function: str = ""
    values: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One test of one person; equal ones are one object, because a class has a million.

    Attributes:
        outcome: What became of it.
        points: What it earned; None after a fault of ours.
        look: How it went wrong, where it tells something.
    """

    outcome: Outcome
    points: Fraction | None
    look: Look | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """What a training of one person measured; value and threshold are None if nothing was."""

    test_id: str
    value: float | None
    threshold: float | None
    suspicious: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """One exercise of one person.

    Attributes:
        status: Whether there was something to grade.
        score: Exact points, or None while a fault of ours leaves them open.
        max_score: What could be earned.
        pass_fraction: Share of the points from which it counts as passed.
        passed: Whether it does.
        sha256: Of the file handed in; empty if none.
        numbers: Place of each test in what follows, by id.
        cells: In suite order.
        durations_ms: Wall time of each test.
        runs: What its trainings measured.
    """

    status: HandInStatus
    score: Fraction | None
    max_score: Fraction
    pass_fraction: Fraction
    passed: bool
    sha256: str
    numbers: Mapping[str, int]
    cells: tuple[Cell, ...]
    durations_ms: Sequence[int]
    runs: tuple[Run, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether something was handed in that could be graded."""
        return self.status is HandInStatus.SUBMITTED

    def cell(self, test_id: str) -> Cell | None:
        """Give what became of a test; None if it is none of those that were meant to run."""
        number = self.numbers.get(test_id)
        return None if number is None else self.cells[number]

    def duration_s(self, test_id: str) -> float:
        """Give the wall time of one of its tests."""
        return self.durations_ms[self.numbers[test_id]] / 1000


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """One person of the class.

    Attributes:
        person: Who.
        flags: What the gradebook says beside the points.
        graded: Whether there is a result.
        score: What counts in all, after lateness and curves; None while open or without a result.
        max_score: What could be earned.
        received_at: When the newest of what counts was handed in; None if nothing was.
        origin: Where it was read; members of a group share it.
        sheets: By exercise id.
    """

    person: Person
    flags: tuple[str, ...]
    graded: bool
    score: Fraction | None
    max_score: Fraction
    received_at: datetime | None
    origin: str
    sheets: Mapping[str, Sheet]


def facts_of(row: ClassRow, sheets: Mapping[str, Sheet]) -> PersonFacts:
    """Put together what figures are made from.

    Args:
        row: Of one person; verdicts in it are not looked at.
        sheets: Made of these verdicts.
    """
    grade = row.grade
    if grade is None:
        return PersonFacts(
            row.person, row.flags, graded=False, score=None, max_score=Fraction(0),
            received_at=None, origin="", sheets={},
        )  # fmt: skip
    counted = row.standing
    handed_in = any(e.hand_in.status is not HandInStatus.NOT_SUBMITTED for e in grade.exercises)
    return PersonFacts(
        person=row.person,
        flags=row.flags,
        graded=True,
        score=grade.score if counted is None else counted.points,
        max_score=grade.max_score if counted is None else counted.max_points,
        received_at=grade.submission.received_at if handed_in else None,
        origin=grade.submission.origin,
        sheets=sheets,
    )


def sheets_of(grade: Grade) -> dict[str, Sheet]:
    """Reduce the verdicts of one grade to a sheet for each exercise, by its id."""
    return {exercise.exercise.id: _sheet(exercise) for exercise in grade.exercises}


def outline(grade: Grade) -> Grade:
    """Give a grade without the verdicts that it adds up, which are most of what it holds.

    What a fault of ours leaves open stays whole: a person has to be told why.
    """
    return replace(
        grade,
        exercises=tuple(
            e if e.score is None else replace(e, verdicts=(), diagnoses=()) for e in grade.exercises
        ),
    )


def _sheet(grade: ExerciseGrade) -> Sheet:
    labels = {d.task: d.label for d in grade.diagnoses if d.confidence in NAMED}
    return Sheet(
        status=grade.hand_in.status,
        score=grade.score,
        max_score=grade.max_score,
        pass_fraction=grade.exercise.pass_fraction,
        passed=grade.passed,
        sha256=grade.hand_in.sha256,
        numbers=_numbers(tuple(verdict.test.id for verdict in grade.verdicts)),
        cells=_shared_cells([_cell(v, labels.get(v.test.task, "")) for v in grade.verdicts]),
        durations_ms=array("I", [round(1000 * v.duration_s) for v in grade.verdicts]),
        runs=tuple(
            _run(verdict.test.id, verdict.training)
            for verdict in grade.verdicts
            if verdict.training is not None and verdict.outcome is not Outcome.GRADER_FAULT
        ),
    )


def _run(test_id: str, found: TrainingRecord) -> Run:
    return Run(test_id, found.value, found.threshold, found.suspicious)


@lru_cache(maxsize=256)
def _numbers(ids: tuple[str, ...]) -> Mapping[str, int]:
    return {name: number for number, name in enumerate(ids)}


_known: dict[tuple[int, ...], tuple[Cell, ...]] = {}
"""By the identities of the cells, which last as long as what refers to them here."""


def _shared_cells(cells: list[Cell]) -> tuple[Cell, ...]:
    """Give the cells of an exercise, of which all right answers have the same."""
    key = tuple(map(id, cells))  # they are shared themselves, and hashing them takes long
    if key not in _known:
        if len(_known) == _MOST_KNOWN:
            _known.clear()
        _known[key] = tuple(cells)
    return _known[key]


def _cell(verdict: Verdict, label: str) -> Cell:
    points = verdict.points
    ratio = None if points is None else points.as_integer_ratio()
    return _shared_cell(verdict.outcome, ratio, _look(verdict, label))


@lru_cache(maxsize=4096)
def _shared_cell(outcome: Outcome, points: tuple[int, int] | None, look: Look | None) -> Cell:
    return Cell(outcome, None if points is None else Fraction(*points), look)


def _look(verdict: Verdict, label: str) -> Look | None:
    if verdict.outcome not in _TELLING:
        return None
    if label and verdict.outcome in (Outcome.FAILED, Outcome.ERROR):
        return _shared(Look(verdict.outcome, label))
    function = verdict.frames[-1].function if verdict.frames else ""
    actual = verdict.comparison.actual if verdict.comparison else ()
    values = hashlib.sha256(repr(actual).encode("utf-8", "surrogatepass")).hexdigest()
    message = open_numbers(verdict.message)
    if verdict.outcome is Outcome.TIMEOUT:
        # How much time it had, and why it had less than others, makes no answer another one.
        message = message.partition(";")[0].rstrip(".") + "."
    return _shared(Look(verdict.outcome, "", message, function, values[:12] if actual else ""))


def open_numbers(message: str) -> str:
    """Give the first line of a message with `#` for every number.

    Inputs of hidden tests are drawn anew for each hand-in, so that equal mistakes differ in
    their numbers.
    """
    first = message.strip().split("\n", 1)[0][:_MESSAGE_LIMIT]
    return " ".join(_NUMBER.sub("#", first).split())


@lru_cache(maxsize=4096)
def _shared(look: Look) -> Look:
    """Keep equal looks as one object: a class has few of them."""
    return look
