"""What counts for a class: the attempts and decisions of its gradebook, by the course's rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from grader import score
from grader.gradebook import Snapshot
from grader.model import Course, Decisions, Standing

NEEDS_A_PERSON = "needs_a_person"
NOT_GRADED = "not_graded"
LATE, MISSING, DROPPED = "late", "missing", "dropped"
OVERRIDDEN, EXTENDED = "overridden", "extended"


def count(
    course: Course, found: Snapshot, people: Collection[str], exercises: Sequence[str]
) -> dict[str, Standing]:
    """Work out what counts.

    Args:
        course: Exercises, due dates and rules.
        found: The gradebook. It may know more people, who are no part of the class any more.
        people: Keys of everybody in the class.
        exercises: Ids that totals are made of.

    Returns:
        Person to standing, of everybody of whom one of these exercises was graded or decided on.
    """
    decisions = Decisions(
        {key: points for key, points in found.decisions.overrides.items() if key[0] in people},
        found.decisions.extensions,
    )
    attempts = [attempt for attempt in found.attempts if attempt.person in people]
    standings = score.standings(course, attempts, decisions, exercises)
    return {person: standing for person, standing in standings.items() if standing.exercises}


def flags_of(known: Iterable[str], standing: Standing | None) -> tuple[str, ...]:
    """Bring the flags of one person up to date with what counts.

    Args:
        known: Those that are known from reading and judging, or from an earlier standing.
        standing: What counts; None if nothing does.

    Returns:
        Flags in a fixed order: of the person, of exercises, of the result.
    """
    before = tuple(dict.fromkeys(known))
    said = {
        word: [flag.partition(":")[2] for flag in before if flag.startswith(f"{word}:")]
        for word in (LATE, MISSING)
    }
    counted = () if standing is None else standing.exercises
    if standing is not None:
        absent = {name for name in said[LATE] if name in said[MISSING]}  # it came too late
        said[LATE] = [e.exercise_id for e in counted if e.days_late or e.exercise_id in absent]
    words = said | {
        DROPPED: [e.exercise_id for e in counted if e.is_dropped],
        OVERRIDDEN: [e.exercise_id for e in counted if e.is_overridden],
        EXTENDED: [e.exercise_id for e in counted if e.is_extended],
    }
    of_result = [NOT_GRADED] if NOT_GRADED in before else []
    if standing is not None and standing.points is None:
        of_result.append(NEEDS_A_PERSON)
    return (
        *(f for f in before if f.partition(":")[0] not in {*words, NOT_GRADED, NEEDS_A_PERSON}),
        *(f"{word}:{name}" for word, names in words.items() for name in names),
        *of_result,
    )
