"""From the points of attempts to what counts: attempt, curve, lateness, override, total.

In this order: the tests earn points; the curve of the exercise lifts what was handed in;
lateness takes its part; the result is rounded up to thousandths of a point; of several
attempts the one counts that is worth most then; an override replaces all of it; the lowest
exercises are dropped; the rest is added up. The total is out of the same exercises for everybody:
one of which somebody has nothing adds no points to it, and its maximum all the same. Nothing
here looks at a clock: lateness follows from when something was handed in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction

from grader.model import (
    AttemptResult,
    Course,
    Decisions,
    ExerciseStanding,
    Grade,
    HandInStatus,
    Standing,
)
from grader.score.curve import curved
from grader.score.late import days_late, grace_used, late_points

_NEVER = datetime.max.replace(tzinfo=UTC)


def standings(
    course: Course,
    attempts: Iterable[AttemptResult],
    decisions: Decisions = Decisions(),  # noqa: B008 - it is immutable
    exercises: Sequence[str] | None = None,
) -> dict[str, Standing]:
    """Work out what counts for everybody.

    Args:
        course: Exercises, due dates and rules.
        attempts: All that may count, of the whole class, since a curve may look at its best.
        decisions: What people decided.
        exercises: Ids that totals are made of; all by default. Grace days are spent on the
            others, too.

    Returns:
        Person to standing. Whoever has neither attempts nor overrides has none.
    """
    found: dict[tuple[str, str], list[AttemptResult]] = defaultdict(list)
    for attempt in attempts:
        found[attempt.person, attempt.exercise_id].append(attempt)
    best = _best_of_class(found.values())
    worth = _worth(course, found.values())
    wanted = [name for name in worth if exercises is None or name in exercises]
    most = {name: worth[name] for name in wanted}
    people = dict.fromkeys(person for person, _ in (*found, *decisions.overrides))
    return {
        person: _total(
            _Person(course, person, best, worth, decisions).settle(found, wanted),
            most,
            course.rules.drop_lowest,
        )
        for person in people
    }


def raw_standing(grade: Grade) -> Standing:
    """Give the standing of a grade to which no rule applies.

    Args:
        grade: The grade of one submission.
    """
    exercises = tuple(
        ExerciseStanding(e.exercise.id, "", e.score, e.score, e.max_score) for e in grade.exercises
    )
    return Standing(exercises, grade.score, grade.max_score)


@dataclass(slots=True)
class _Person:
    """One person on the way through the exercises, with the grace days that are left."""

    course: Course
    key: str
    best: Mapping[str, Fraction]
    worth: Mapping[str, Fraction]
    decisions: Decisions

    def settle(
        self, found: Mapping[tuple[str, str], Sequence[AttemptResult]], wanted: Sequence[str]
    ) -> list[ExerciseStanding]:
        """Give the standing of each exercise, in course order."""
        left = self.course.rules.late.grace_days
        settled: dict[str, ExerciseStanding] = {}
        for name in self._by_due_date():
            own = sorted(found.get((self.key, name), ()), key=lambda a: (a.received_at, a.key))
            standings = [self._standing(attempt, left) for attempt in own]
            chosen = max(reversed(standings), key=_rank, default=None)
            points = self.decisions.overrides.get((self.key, name))
            if points is not None:
                # Lateness takes nothing from these, so that no grace day would spare anything.
                chosen = replace(
                    chosen or self._nothing(name), points=points, grace_days=0, is_overridden=True
                )
            if chosen is not None:
                settled[name] = chosen
                left -= chosen.grace_days
        return [settled[name] for name in wanted if name in settled]

    def _by_due_date(self) -> list[str]:
        due = self.course.due
        return sorted((e.id for e in self.course.exercises), key=lambda name: due.get(name, _NEVER))

    def _standing(self, attempt: AttemptResult, left: int) -> ExerciseStanding:
        """Tell what one attempt is worth, with so many grace days left."""
        name, rules = attempt.exercise_id, self.course.rules
        extension = self.decisions.extensions.get((self.key, name))
        days, grace, points = 0, 0, attempt.points
        if attempt.status is not HandInStatus.NOT_SUBMITTED:
            due = extension or self.course.due.get(name)
            days = days_late(attempt.received_at, due)
        if points is not None and attempt.status is HandInStatus.SUBMITTED:
            curve = rules.curves.get(name)
            points = curved(points, attempt.max_points, curve, self.best.get(name, Fraction(0)))
            grace = grace_used(points, days, left, rules.late)
            points = late_points(points, days - grace, rules.late)
        return ExerciseStanding(
            name,
            attempt.key,
            attempt.points,
            points,
            attempt.max_points,
            days,
            grace,
            is_extended=extension is not None,
        )

    def _nothing(self, name: str) -> ExerciseStanding:
        """Give the standing of an exercise of which nothing was graded."""
        extended = (self.key, name) in self.decisions.extensions
        return ExerciseStanding(name, "", None, None, self.worth[name], is_extended=extended)


def _rank(standing: ExerciseStanding) -> tuple[Fraction, bool, int]:
    """Sort attempts: the most points, then the fewest grace days; the last of equals counts.

    One that a fault of ours left open might have been the best, so it counts unless another has
    everything.
    """
    if standing.points is None:
        return standing.max_points, False, 0
    return standing.points, True, -standing.grace_days


def _best_of_class(groups: Iterable[Iterable[AttemptResult]]) -> dict[str, Fraction]:
    best: dict[str, Fraction] = {}
    for attempt in (attempt for group in groups for attempt in group):
        if attempt.points is not None:
            name = attempt.exercise_id
            best[name] = max(best.get(name, Fraction(0)), attempt.points)
    return best


def _worth(course: Course, groups: Iterable[Iterable[AttemptResult]]) -> dict[str, Fraction]:
    """Tell what each exercise is out of, in course order.

    What was graded decides, where something was: without training it is less than declared.
    """
    graded: dict[str, Fraction] = {}
    for attempt in (attempt for group in groups for attempt in group):
        name = attempt.exercise_id
        graded[name] = max(graded.get(name, Fraction(0)), attempt.max_points)
    return {e.id: graded.get(e.id, e.points) for e in course.exercises}


def _total(
    exercises: Sequence[ExerciseStanding], worth: Mapping[str, Fraction], drop_lowest: int
) -> Standing:
    """Add up, without the exercises of the lowest share; one is always kept.

    Args:
        exercises: Those of which something counts.
        worth: What could be earned, of all that the total is made of.
        drop_lowest: How many are left out.
    """
    most = {**worth, **{e.exercise_id: e.max_points for e in exercises}}
    points = {e.exercise_id: e.points for e in exercises if e.points is not None}
    if len(points) < len(exercises):
        return Standing(tuple(exercises), None, _sum(most.values()))
    points = dict.fromkeys(most, Fraction(0)) | points
    worst = sorted(most, key=lambda name: points[name] / (most[name] or 1))
    dropped = set(worst[: max(0, min(drop_lowest, len(worst) - 1))])
    marked = tuple(replace(e, is_dropped=e.exercise_id in dropped) for e in exercises)
    kept = [name for name in most if name not in dropped]
    return Standing(marked, _sum(points[n] for n in kept), _sum(most[n] for n in kept))


def _sum(points: Iterable[Fraction]) -> Fraction:
    return sum(points, Fraction(0))
