"""The tests of a class: from figures to what a teacher reads about each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from grader.insight.clusters import Candidate, Cluster
from grader.insight.concerns import Case
from grader.insight.items import ExerciseSummary, Item, Spread
from grader.report.class_names import Names
from grader.report.class_view import (
    CandidateView,
    ClusterView,
    ExerciseView,
    GroupView,
    ItemView,
    WhoView,
)
from grader.report.language import Say
from grader.report.numbers import percent_text, points_text, seconds_text
from grader.report.text import clean_line
from grader.report.words import words_of

UNKNOWN = "–"
MOST_NAMED = 8
"""People named behind one wrong answer; the rest are counted."""
MOST_CLUSTERS = 2
FEWEST_CLUSTERED = 2
MESSAGE_LIMIT = 160


def group(cases: Iterable[Case | int], names: Names, most: int, say: Say) -> GroupView:
    """Name people, and count those beyond the most that are named.

    Args:
        cases: People by number, or their part in something.
        names: Names them.
        most: How many are named.
        say: The language.
    """
    found = list(cases)
    views = [WhoView(*_who(one, names)) for one in found[:most]]
    left = len(found) - len(views)
    return GroupView(tuple(views), say("class.more", count=left) if left else "")


def _who(one: Case | int, names: Names) -> tuple[str, str]:
    number = one if isinstance(one, int) else one.person
    return f"s{number}", names(number)


def exercise_views(
    found: Sequence[ExerciseSummary], names: Names, say: Say
) -> tuple[ExerciseView, ...]:
    """Say how each exercise and each of its tests did; tests are numbered through."""
    views = []
    number = 0
    for index, exercise in enumerate(found, start=1):
        items = []
        for item in exercise.items:
            number += 1
            items.append(_item(number, exercise, item, names, say))
        title = say.line(exercise.id, clean_line(exercise.title))
        views.append(ExerciseView(f"e{index}", exercise.id, title, _cells(exercise), tuple(items)))
    return tuple(views)


def candidate_views(
    found: Sequence[Candidate], exercises: Sequence[ExerciseView], names: Names, say: Say
) -> tuple[CandidateView, ...]:
    """Say which mistakes want a name."""
    by_id = {exercise.id: exercise for exercise in exercises}
    return tuple(
        CandidateView(
            exercise=by_id[one.exercise_id].title,
            tests=say(
                "class.candidates.tests",
                tests=say("tally.joint").join(
                    by_id[one.exercise_id].items[test].number for test in one.tests
                ),
            ),
            cluster=_cluster(one.exercise_id, one.cluster, names, say),
        )
        for one in found
    )


def spread_text(spread: Spread | None, say: Say) -> tuple[str, str]:
    """Write median and middle half; dashes if there are none."""
    if spread is None:
        return UNKNOWN, UNKNOWN
    low, high = short(spread.low), short(spread.high)
    return short(spread.median), say("class.scores.range", low=low, high=high)


def short(value: Fraction | float) -> str:
    """Write a figure with two decimals at most: quartiles may have more than points have."""
    return f"{float(value):.2f}".rstrip("0").rstrip(".")


def _cells(found: ExerciseSummary) -> tuple[str, ...]:
    counts = (found.handed_in, found.missing, found.unreadable, found.open, found.passed)
    quartiles = (UNKNOWN, UNKNOWN)
    if found.spread is not None:
        low, high = short(found.spread.low), short(found.spread.high)
        quartiles = (
            f"{short(found.spread.median)} / {points_text(found.max_score)}",
            f"{low}–{high}",
        )
    return (*map(str, counts), *quartiles, _ratio(found.alpha), _ratio(found.kr20))


def _item(number: int, exercise: ExerciseSummary, item: Item, names: Names, say: Say) -> ItemView:
    shared = [found for found in item.clusters if len(found.people) >= FEWEST_CLUSTERED]
    return ItemView(
        anchor=f"i{number}",
        number=str(number),
        title=say.line(exercise.id, clean_line(item.title)),
        task=say.line(exercise.id, clean_line(exercise.tasks.get(item.task, item.task))),
        is_hidden=item.is_hidden,
        doubts=tuple(say(f"class.doubt.{doubt.value}") for doubt in item.doubts),
        difficulty=UNKNOWN
        if item.difficulty is None
        else percent_text(item.difficulty, decimals=0),
        failed=str(len(item.not_passed)),
        discrimination=_ratio(item.discrimination),
        points=UNKNOWN
        if item.mean_points is None
        else f"{short(item.mean_points)} / {points_text(item.points)}",
        p95=UNKNOWN if item.p95_s is None else seconds_text(item.p95_s),
        flaky=say("class.items.flaky.count", flaky=item.flaky, count=item.same_bytes)
        if item.same_bytes
        else UNKNOWN,
        clusters=tuple(
            _cluster(exercise.id, found, names, say) for found in shared[:MOST_CLUSTERS]
        ),
    )


def _cluster(exercise_id: str, found: Cluster, names: Names, say: Say) -> ClusterView:
    look = found.look
    word = words_of(look.outcome, say).word
    text = say.line(exercise_id, look.label) or say.told(exercise_id, look.message)
    return ClusterView(
        text=clean_line(text, MESSAGE_LIMIT) if look.label or text else word,
        where=say("class.cluster.in", function=clean_line(look.function)) if look.function else "",
        count=say("class.cluster.count", count=len(found.people)),
        group=group(found.people, names, MOST_NAMED, say),
    )


def _ratio(value: float | None) -> str:
    """Write a coefficient as is usual: `.39`, `-.12`, `1.00`."""
    if value is None:
        return UNKNOWN
    text = f"{value:.2f}"
    text = "0.00" if text == "-0.00" else text
    return text.replace("0.", ".", 1) if abs(float(text)) < 1 else text
