"""A whole class at once: everything that its page is made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

from grader.insight.clusters import Candidate, candidates_of
from grader.insight.concerns import Concern, concerns_of
from grader.insight.facts import PersonFacts, Sheet, facts_of, outline, sheets_of
from grader.insight.items import ExerciseSummary, Spread, spread_of, summarise
from grader.insight.pairs import Pair
from grader.model import ClassRow, ExerciseGrade, Grade


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


class Survey:
    """Looks at one grade after another, and keeps of each what figures are made from."""

    def __init__(self) -> None:
        """Know nobody yet."""
        self._sheets: dict[str, Mapping[str, Sheet]] = {}
        self._shapes: dict[str, ExerciseGrade] = {}

    def look(self, person: str, grade: Grade) -> Grade:
        """Look at what somebody earned; what was seen of the same person before is forgotten.

        Args:
            person: Key.
            grade: With all of its verdicts.

        Returns:
            Its outline, for the row of this person.
        """
        self._sheets[person] = sheets_of(grade)
        for found in grade.exercises:
            known = self._shapes.get(found.exercise.id)
            # The grade with most tests tells most: a damaged run may have collected none.
            if known is None or len(found.verdicts) > len(known.verdicts):
                self._shapes[found.exercise.id] = found
        return outline(grade)

    def overview(self, rows: Iterable[ClassRow], exercises: Iterable[str]) -> Overview:
        """Tell what all of it says.

        Args:
            rows: One per person; of those who were looked at, outlines are enough.
            exercises: Ids, in course order.

        Returns:
            All figures; without what only the run itself knows (pairs, due dates, attempts).
        """
        people = []
        graded_at: datetime | None = None
        for row in rows:
            people.append(facts_of(row, self._sheets.get(row.person.key, {})))
            if row.grade is not None:
                graded_at = max(filter(None, (graded_at, row.grade.graded_at)))
        return _overview(people, self._shapes, exercises, graded_at)


def survey(rows: Iterable[ClassRow], exercises: Iterable[str]) -> Overview:
    """Look at a class whose results are all there.

    Args:
        rows: One per person; of each an outline is kept before the next is taken.
        exercises: Ids, in course order.

    Returns:
        See `Survey.overview`.
    """
    found = Survey()
    outlines = [
        row if row.grade is None else replace(row, grade=found.look(row.person.key, row.grade))
        for row in rows
    ]
    return found.overview(outlines, exercises)


def _overview(
    people: Sequence[PersonFacts],
    shapes: Mapping[str, ExerciseGrade],
    exercises: Iterable[str],
    graded_at: datetime | None,
) -> Overview:
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
