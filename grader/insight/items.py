"""How each test of an exercise did with a class: difficulty, discrimination, times, doubts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from grader.insight import measures
from grader.insight.clusters import Cluster, clusters_of
from grader.insight.facts import Cell, PersonFacts, Sheet
from grader.model import ExerciseGrade, HandInStatus, Outcome, Visibility

FEWEST_FOR_DIFFICULTY = 5
"""People below whom "nobody passes" may be chance."""
FEWEST_FOR_DISCRIMINATION = 20
"""People below whom a correlation of -0.2 is within what chance alone gives."""
LOW_DISCRIMINATION = 0.1
_P95 = Fraction(95, 100)
_QUARTERS = (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4))
_SAYS_NOTHING = (Outcome.GRADER_FAULT, Outcome.NOT_RUN)


class Doubt(StrEnum):
    """Why a test should be looked at, most urgent first."""

    NOBODY = "nobody"
    """Nobody passes."""
    NEGATIVE = "negative"
    """Those who do well elsewhere fail here."""
    FLAKY = "flaky"
    """The same bytes ended differently."""
    SLOW = "slow"
    """A tenth of the class or more reaches the time limit."""
    LOW = "low"
    """It hardly tells strong answers from weak ones."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Middle and quartiles of scores; exact."""

    low: Fraction
    median: Fraction
    high: Fraction


@dataclass(frozen=True, slots=True)
class Item:
    """One test.

    Attributes:
        id: The test.
        title: The line that students read.
        task: Name of its task.
        points: What it is worth.
        is_hidden: Whether its values are.
        count: People whose hand-in it judged; faults of ours are left out.
        passed: Of these, who passed, as numbers of people.
        not_passed: Of these, who did not.
        outcomes: How many of these ended how.
        mean_points: What they earned on average; None without anybody.
        discrimination: Corrected item-total correlation; None where it is undefined.
        p95_s: Time that 95 % of its runs stay within; None if it never ran.
        same_bytes: Files handed in alike by several people.
        flaky: Of these, those on which the outcome differed.
        clusters: Wrong answers, commonest first.
        doubts: Why it should be looked at.
    """

    id: str
    title: str
    task: str
    points: Fraction
    is_hidden: bool
    count: int
    passed: tuple[int, ...]
    not_passed: tuple[int, ...]
    outcomes: Mapping[Outcome, int]
    mean_points: Fraction | None
    discrimination: float | None
    p95_s: float | None
    same_bytes: int
    flaky: int
    clusters: tuple[Cluster, ...]
    doubts: tuple[Doubt, ...]

    @property
    def difficulty(self) -> Fraction | None:
        """The share of those judged who passed; None without anybody."""
        return Fraction(len(self.passed), self.count) if self.count else None


@dataclass(frozen=True, slots=True)
class ExerciseSummary:
    """One exercise.

    Attributes:
        id: Which.
        title: What students read.
        tasks: Name to title.
        max_score: What can be earned.
        handed_in: How many handed it in.
        missing: How many of the class did not.
        unreadable: How many handed in what cannot be read.
        open: How many a fault of ours leaves open.
        passed: How many reached the pass mark.
        spread: Of the scores of those who handed in; None without any.
        alpha: Cronbach's, over points; None where it is undefined.
        kr20: Over passed and not passed; None where it is undefined.
        reliability_count: How many people both stand on.
        items: Its tests, in suite order.
    """

    id: str
    title: str
    tasks: Mapping[str, str]
    max_score: Fraction
    handed_in: int
    missing: int
    unreadable: int
    open: int
    passed: int
    spread: Spread | None
    alpha: float | None
    kr20: float | None
    reliability_count: int
    items: tuple[Item, ...]


def spread_of(scores: Sequence[Fraction]) -> Spread | None:
    """Give quartiles; None without scores."""
    if not scores:
        return None
    return Spread(*(measures.quantile(scores, share) for share in _QUARTERS))


def summarise(shape: ExerciseGrade, people: Sequence[PersonFacts]) -> ExerciseSummary:
    """Analyse one exercise.

    Args:
        shape: Any grade of it; of these only titles, tasks and tests are read.
        people: The whole class.
    """
    name = shape.exercise.id
    sheets = {n: p.sheets[name] for n, p in enumerate(people) if name in p.sheets}
    judged = {n: sheet for n, sheet in sheets.items() if sheet.counts}
    closed = [n for n, sheet in judged.items() if sheet.score is not None]
    ids = [verdict.test.id for verdict in shape.verdicts]
    # Correlations compare the same people on every test: whoever lacks one is left out.
    whole = [n for n in closed if all(_tells(judged[n].cell(i)) for i in ids)]
    points, right = [], []
    for i in ids:
        cells = [cell for n in whole if (cell := judged[n].cell(i)) is not None]
        points.append([float(cell.points or 0) for cell in cells])
        right.append([cell.outcome is Outcome.PASSED for cell in cells])
    statuses = Counter(sheet.status for sheet in sheets.values())
    scores = [sheet.score for sheet in judged.values() if sheet.score is not None]
    alike = _same_files({n: sheet.sha256 for n, sheet in judged.items()})
    return ExerciseSummary(
        id=name,
        title=shape.exercise.title,
        tasks={task.task.name: task.task.title for task in shape.tasks},
        max_score=shape.max_score,
        handed_in=len(judged),
        missing=len(people) - len(judged) - statuses[HandInStatus.UNREADABLE],
        unreadable=statuses[HandInStatus.UNREADABLE],
        open=len(judged) - len(closed),
        passed=sum(1 for n in closed if judged[n].passed),
        spread=spread_of(scores),
        alpha=measures.alpha(points) if ids else None,
        kr20=measures.kr20(right) if ids else None,
        reliability_count=len(whole),
        items=tuple(
            _item(
                shape, number, judged,
                measures.item_rest_correlation(points, number), len(whole), alike,
            )
            for number, i in enumerate(ids)
        ),
    )  # fmt: skip


def _item(
    shape: ExerciseGrade,
    number: int,
    judged: Mapping[int, Sheet],
    discrimination: float | None,
    correlated: int,
    alike: Sequence[Sequence[int]],
) -> Item:
    test = shape.verdicts[number].test
    found = {n: sheet.cell(test.id) for n, sheet in judged.items()}
    told = {n: cell for n, cell in found.items() if cell is not None and _tells(cell)}
    passed = tuple(n for n, cell in told.items() if cell.outcome is Outcome.PASSED)
    times = [
        judged[n].duration_s(test.id)
        for n, cell in told.items()
        if cell.outcome is not Outcome.SKIPPED
    ]
    outcomes = Counter(cell.outcome for cell in told.values())
    earned = [cell.points for cell in told.values() if cell.points is not None]
    pairs = [[told[n].outcome for n in group if n in told] for group in alike]
    pairs = [group for group in pairs if len(group) > 1]
    flaky = sum(1 for group in pairs if len({*group}) > 1)
    return Item(
        id=test.id,
        title=test.title,
        task=test.task,
        points=test.points,
        is_hidden=test.visibility is Visibility.HIDDEN,
        count=len(told),
        passed=passed,
        not_passed=tuple(n for n, cell in told.items() if cell.outcome is not Outcome.PASSED),
        outcomes=outcomes,
        mean_points=_mean(earned),
        discrimination=discrimination,
        p95_s=measures.quantile(times, _P95) if times else None,
        same_bytes=len(pairs),
        flaky=flaky,
        clusters=clusters_of({n: c.look for n, c in told.items() if c.look is not None}),
        doubts=tuple(
            doubt
            for doubt, holds in (
                (Doubt.NOBODY, len(told) >= FEWEST_FOR_DIFFICULTY and not passed),
                (Doubt.NEGATIVE, _is_below(discrimination, correlated, 0.0)),
                (Doubt.FLAKY, flaky > 0),
                (Doubt.SLOW, outcomes[Outcome.TIMEOUT] * 10 >= max(len(told), 10)),
                (
                    Doubt.LOW,
                    _is_below(discrimination, correlated, LOW_DISCRIMINATION)
                    and not _is_below(discrimination, correlated, 0.0),
                ),
            )
            if holds
        ),
    )


def _mean(points: Sequence[Fraction]) -> Fraction | None:
    """Give the exact mean; a class earns few different numbers, and adding fractions is slow."""
    counts = Counter(p.as_integer_ratio() for p in points)
    total = sum((Fraction(*ratio) * count for ratio, count in counts.items()), Fraction(0))
    return total / len(points) if points else None


def _is_below(value: float | None, count: int, bound: float) -> bool:
    return value is not None and count >= FEWEST_FOR_DISCRIMINATION and value < bound


def _tells(cell: Cell | None) -> bool:
    return cell is not None and cell.outcome not in _SAYS_NOTHING


def _same_files(hashes: Mapping[int, str]) -> list[list[int]]:
    """Group the people who handed in the same bytes."""
    groups: dict[str, list[int]] = defaultdict(list)
    for number, sha256 in hashes.items():
        if sha256:
            groups[sha256].append(number)
    return [group for group in groups.values() if len(group) > 1]
