"""What a person should look at first, and who is behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from grader.insight.facts import PersonFacts, Run, Sheet
from grader.model import HandInStatus, Outcome

NEAR_MARK = Fraction(2, 100)
"""Share of an exercise's points within which a score is near its pass mark."""
NEAR_THRESHOLD = 0.01
"""Share of a training threshold within which a measured value is near it."""


class Kind(StrEnum):
    """What is the matter, most urgent first."""

    FAULT = "fault"
    """Our side failed; nothing was counted."""
    NOT_GRADED = "not_graded"
    """Handed in, but the run ended before."""
    UNREADABLE = "unreadable"
    TIMEOUT = "timeout"
    """A test reached its limit of time or memory."""
    SUSPICIOUS = "suspicious"
    """A training is too good to be true."""
    NEAR_THRESHOLD = "near_threshold"
    NEAR_MARK = "near_mark"
    NOT_ON_ROSTER = "not_on_roster"
    NOT_SUBMITTED = "not_submitted"
    """Nothing at all was handed in."""


@dataclass(frozen=True, slots=True)
class Case:
    """One person's part in a concern.

    Attributes:
        person: Their number.
        exercise_id: Where; empty if it concerns them as a whole.
        count: How many tests it is about; 0 if it is not about tests.
        value: What was measured or scored; None if nothing.
        bound: What it is compared with; None if nothing.
    """

    person: int
    exercise_id: str = ""
    count: int = 0
    value: float | Fraction | None = None
    bound: float | Fraction | None = None


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing to look at, with everybody behind it."""

    kind: Kind
    cases: tuple[Case, ...]


def concerns_of(people: Sequence[PersonFacts]) -> tuple[Concern, ...]:
    """List what needs a person, most urgent first; without what there is nobody behind."""
    found: dict[Kind, list[Case]] = {kind: [] for kind in Kind}
    for number, facts in enumerate(people):
        for kind, case in _of_person(number, facts):
            found[kind].append(case)
    return tuple(Concern(kind, tuple(cases)) for kind, cases in found.items() if cases)


def _of_person(number: int, facts: PersonFacts) -> Iterator[tuple[Kind, Case]]:
    for kind in (Kind.NOT_GRADED, Kind.UNREADABLE, Kind.NOT_ON_ROSTER, Kind.NOT_SUBMITTED):
        if kind.value in facts.flags:
            yield kind, Case(number)
    for name, sheet in facts.sheets.items():
        for kind, case in _of_sheet(number, name, sheet):
            if not (kind is Kind.UNREADABLE and Kind.UNREADABLE.value in facts.flags):
                yield kind, case


def _of_sheet(number: int, name: str, sheet: Sheet) -> Iterator[tuple[Kind, Case]]:
    if sheet.status is HandInStatus.UNREADABLE:
        yield Kind.UNREADABLE, Case(number, name)
    if sheet.score is None:
        yield Kind.FAULT, Case(number, name, _ended(sheet, [Outcome.GRADER_FAULT]))
    limits = _ended(sheet, [Outcome.TIMEOUT, Outcome.MEMORY])
    if limits:
        yield Kind.TIMEOUT, Case(number, name, limits)
    for run in sheet.runs:
        if run.suspicious:
            yield Kind.SUSPICIOUS, Case(number, name, 0, run.value, run.threshold)
        elif _is_near(run):
            yield Kind.NEAR_THRESHOLD, Case(number, name, 0, run.value, run.threshold)
    mark = sheet.pass_fraction * sheet.max_score
    if sheet.counts and sheet.score is not None and _is_near_mark(sheet.score, mark, sheet):
        yield Kind.NEAR_MARK, Case(number, name, 0, sheet.score, mark)


def _is_near(run: Run) -> bool:
    if run.value is None or run.threshold is None:
        return False
    return abs(run.value - run.threshold) <= NEAR_THRESHOLD * abs(run.threshold)


def _is_near_mark(score: Fraction, mark: Fraction, sheet: Sheet) -> bool:
    """Tell whether a little more or less would change passing; full marks cannot be missed."""
    return score != sheet.max_score and abs(score - mark) <= NEAR_MARK * sheet.max_score


def _ended(sheet: Sheet, outcomes: Iterable[Outcome]) -> int:
    wanted = {*outcomes}
    return sum(1 for cell in sheet.cells if cell.outcome in wanted)


def people_behind(concerns: Iterable[Concern], without: Iterable[Kind] = ()) -> set[int]:
    """Give the numbers of everybody behind any concern, some kinds left out."""
    left_out = {*without}
    return {c.person for found in concerns if found.kind not in left_out for c in found.cases}


def by_person(concerns: Iterable[Concern]) -> Mapping[int, list[Kind]]:
    """Give what concerns each person, most urgent first and each kind once."""
    found: dict[int, list[Kind]] = {}
    for concern in concerns:
        for case in concern.cases:
            kinds = found.setdefault(case.person, [])
            if concern.kind not in kinds:
                kinds.append(concern.kind)
    return found
