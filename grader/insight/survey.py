"""A whole class at once: everything that its page is made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from grader.insight.clusters import Candidate, candidates_of
from grader.insight.concerns import Concern, concerns_of
from grader.insight.facts import PersonFacts, facts_of
from grader.insight.items import ExerciseSummary, Spread, spread_of, summarise
from grader.insight.pairs import Pair
from grader.model import ClassRow, ExerciseGrade


@dataclass(frozen=True, slots=True)
class Overview:
    """A class.

    Attributes:
        people: In the order of the gradebook; others refer to them by their place here.
        exercises: In course order; without one that nobody has a result for.
        max_score: What can be earned in all; None if results disagree about it.
        scores: Of those who have one and handed something in.
        spread: Of these scores; None without any.
        concerns: What needs a person, most urgent first.
        candidates: Mistakes that the catalogue should learn.
        pairs: Hand-ins that are alike.
        compared: Whether hand-ins were compared at all.
        graded_at: When the newest grade was given; None without any.
        title: Name of the course; may be empty.
        due: Due date by exercise, where it is known.
        attempts: By key of a person how often they handed in, where it is known.
    """

    people: tuple[PersonFacts, ...]
    exercises: tuple[ExerciseSummary, ...]
    max_score: Fraction | None
    scores: tuple[Fraction, ...]
    spread: Spread | None
    concerns: tuple[Concern, ...]
    candidates: tuple[Candidate, ...]
    pairs: tuple[Pair, ...] = ()
    compared: bool = False
    graded_at: datetime | None = None
    title: str = ""
    due: Mapping[str, datetime] = field(default_factory=dict)
    attempts: Mapping[str, int] = field(default_factory=dict)


def survey(rows: Iterable[ClassRow], exercises: Sequence[str]) -> Overview:
    """Look at a class.

    Args:
        rows: One per person; each is let go of before the next is taken.
        exercises: Ids, in course order.

    Returns:
        All figures; without what only the run itself knows (pairs, due dates, attempts).
    """
    shapes: dict[str, ExerciseGrade] = {}
    people: list[PersonFacts] = []
    graded_at: datetime | None = None
    for row in rows:
        people.append(facts_of(row))
        if row.grade is None:
            continue
        graded_at = max(filter(None, (graded_at, row.grade.graded_at)))
        for grade in row.grade.exercises:
            known = shapes.get(grade.exercise.id)
            # The grade with most tests tells most: a damaged run may have collected none.
            if known is None or len(grade.verdicts) > len(known.verdicts):
                shapes[grade.exercise.id] = grade
    summaries = tuple(summarise(shapes[name], people) for name in exercises if name in shapes)
    maxima = {facts.max_score for facts in people if facts.graded}
    scores = tuple(
        facts.score for facts in people if facts.score is not None and facts.received_at is not None
    )
    return Overview(
        people=tuple(people),
        exercises=summaries,
        max_score=maxima.pop() if len(maxima) == 1 else None,
        scores=scores,
        spread=spread_of(scores),
        concerns=concerns_of(people),
        candidates=tuple(
            candidate
            for found in summaries
            for candidate in candidates_of(
                found.id, {n: item.clusters for n, item in enumerate(found.items)}
            )
        ),
        graded_at=graded_at,
    )
