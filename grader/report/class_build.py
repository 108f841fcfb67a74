"""From the figures of a class to its page: order, words and lengths are decided here."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from grader.insight import Overview, Pair, pairs, winnowing
from grader.insight.concerns import (
    NEAR_MARK,
    NEAR_THRESHOLD,
    Case,
    Concern,
    Kind,
    people_behind,
)
from grader.insight.items import (
    FEWEST_FOR_DIFFICULTY,
    FEWEST_FOR_DISCRIMINATION,
    LOW_DISCRIMINATION,
)
from grader.insight.pairs import Side
from grader.report.class_figures import histogram, timeline
from grader.report.class_items import (
    candidate_views,
    exercise_views,
    group,
    short,
    spread_text,
)
from grader.report.class_names import Names
from grader.report.class_people import filter_views, matrix_view, student_views
from grader.report.class_view import (
    ClassView,
    ConcernView,
    ExerciseView,
    FigureView,
    GroupView,
    PairView,
    SideView,
    WhoView,
)
from grader.report.language import Say
from grader.report.numbers import moment_text, percent_text, points_text
from grader.report.text import clean_line
from grader.report.words import Tone

MOST_CASES = 40
"""People named behind one concern; the rest are counted, and found by the filters."""
LINE_LIMIT = 160
_TONES: Mapping[Kind, tuple[Tone, str]] = {
    Kind.FAULT: ("ours", "◇"),
    Kind.NOT_GRADED: ("ours", "○"),
    Kind.UNREADABLE: ("bad", "✕"),
    Kind.TIMEOUT: ("bad", "◷"),
    Kind.SUSPICIOUS: ("warn", "!"),
    Kind.NEAR_THRESHOLD: ("warn", "±"),
    Kind.NEAR_MARK: ("warn", "±"),
    Kind.NOT_ON_ROSTER: ("warn", "?"),
    Kind.NOT_SUBMITTED: ("quiet", "–"),
}


def build_class(
    found: Overview, folders: Mapping[str, str], say: Say, *, pseudonyms: bool
) -> ClassView:
    """Decide what is shown of a class.

    Args:
        found: Its figures.
        folders: By key of a person the address of their page, relative to this one.
        say: Says it in the reader's language.
        pseudonyms: Whether names, and all that leads to them, are left out.
    """
    names = Names(found.people, say, pseudonyms=pseudonyms)
    exercises = exercise_views(found.exercises, names, say)
    students = student_views(found, exercises, names, folders, say)
    matrix = matrix_view(found, exercises, names, say)
    tests = sum(len(exercise.items) for exercise in exercises)
    course = clean_line(found.title)
    return ClassView(
        title=say("class.title.course", course=course) if course else say("class.title"),
        lede=_lede(found, say),
        concerns=(
            *(_concern(concern, exercises, names, say) for concern in found.concerns),
            *_other_concerns(found, exercises, say),
        ),
        numbers=_numbers(found, say),
        figures=_figures(found, say),
        exercises=exercises,
        candidates=candidate_views(found.candidates, exercises, names, say),
        students=students,
        filters=filter_views(students, say),
        matrix=matrix,
        matrix_note=say("class.matrix.large", people=len(found.people), tests=tests)
        if matrix is None and tests
        else "",
        pairs=tuple(_pair(pair, exercises, names, say) for pair in found.pairs),
        pairs_note=_pairs_note(found, say),
        method=_method(say),
        is_pseudonymous=pseudonyms,
    )


def _lede(found: Overview, say: Say) -> str:
    if found.graded_at is None:
        return say("class.lede.ungraded", people=len(found.people))
    return say(
        "class.lede",
        handed_in=_handed_in(found),
        people=len(found.people),
        need=len(people_behind(found.concerns, [Kind.NOT_SUBMITTED])),
        moment=moment_text(found.graded_at),
    )


def _handed_in(found: Overview) -> int:
    return sum(1 for facts in found.people if facts.received_at is not None)


def _concern(
    concern: Concern, exercises: tuple[ExerciseView, ...], names: Names, say: Say
) -> ConcernView:
    kind = concern.kind
    tone, symbol = _TONES[kind]
    people = {case.person for case in concern.cases}
    distance = NEAR_MARK if kind is Kind.NEAR_MARK else Fraction(str(NEAR_THRESHOLD))
    titles = {exercise.id: exercise.title for exercise in exercises}
    shown = concern.cases[:MOST_CASES]
    left = len(concern.cases) - len(shown)
    return ConcernView(
        tone=tone,
        symbol=symbol,
        title=say(f"class.concern.{kind.value}", count=len(people)),
        hint=say(f"class.concern.{kind.value}.hint", distance=percent_text(distance, decimals=0)),
        group=GroupView(
            tuple(
                WhoView(f"s{case.person}", names(case.person), _note(case, titles, say))
                for case in shown
            ),
            say("class.more", count=left) if left else "",
        ),
    )


def _note(case: Case, titles: Mapping[str, str], say: Say) -> str:
    title = titles.get(case.exercise_id, case.exercise_id)
    if case.value is not None and case.bound is not None:
        value, bound = _figure_text(case.value), _figure_text(case.bound)
        return say("class.case.value", exercise=title, value=value, bound=bound)
    return say("class.case.tests", exercise=title, count=case.count) if case.count else title


def _figure_text(value: float | Fraction) -> str:
    return points_text(value) if isinstance(value, Fraction) else f"{value:.4g}"


def _other_concerns(
    found: Overview, exercises: tuple[ExerciseView, ...], say: Say
) -> tuple[ConcernView, ...]:
    """Point to what is not about single people."""
    doubtful = [item for exercise in exercises for item in exercise.items if item.doubts]
    rest: tuple[tuple[str, int, str, str], ...] = (
        ("items", len(doubtful), "!", "#items"),
        ("candidates", len(found.candidates), "≡", "#candidates"),
        ("pairs", len(found.pairs), "≈", "#pairs"),
    )
    return tuple(
        ConcernView(
            "warn", symbol, say(f"class.concern.{name}", count=count),
            say(f"class.concern.{name}.hint"), href=href,
        )
        for name, count, symbol, href in rest
        if count
    )  # fmt: skip


def _numbers(found: Overview, say: Say) -> tuple[tuple[str, str], ...]:
    handed_in = _handed_in(found)
    opened = sum(1 for facts in found.people if facts.graded and facts.score is None)
    median, middle = spread_text(found.spread, say)
    if found.max_score is not None and found.spread is not None:
        maximum = points_text(found.max_score)
        median = say("class.scores.of", score=median, maximum=maximum)
    return (
        (say("class.scores.median"), median),
        (say("class.scores.iqr"), middle),
        (say("class.scores.handed_in"), str(handed_in)),
        (say("class.scores.missing"), str(len(found.people) - handed_in)),
        (say("class.scores.open"), str(opened)),
    )


def _figures(found: Overview, say: Say) -> tuple[FigureView, ...]:
    figures = []
    if found.spread is not None and found.max_score:
        figures.append(histogram(found.scores, found.max_score, found.spread.median, say))
    moments = [facts.received_at for facts in found.people if facts.received_at is not None]
    if moments:
        figures.append(timeline(moments, found.due.values(), say))
    return tuple(figures)


def _pairs_note(found: Overview, say: Say) -> str:
    if not found.compared:
        return say("class.pairs.unknown")
    return "" if found.pairs else say("class.pairs.none")


def _pair(pair: Pair, exercises: tuple[ExerciseView, ...], names: Names, say: Say) -> PairView:
    title = next((e.title for e in exercises if e.id == pair.exercise_id), pair.exercise_id)
    percent = percent_text(Fraction(pair.share).limit_denominator(10_000), decimals=0)
    key = "class.pairs.equal" if pair.is_equal else "class.pairs.measure"
    first, second = (_side(side, names, say) for side in pair.sides)
    return PairView(title, say(key, percent=percent, tokens=pair.tokens), (first, second))


def _side(side: Side, names: Names, say: Say) -> SideView:
    """Show one text; under pseudonyms none, because a text may name its author."""
    lines = () if names.pseudonyms else side.lines
    return SideView(
        group=group(side.people, names, MOST_CASES, say),
        lines=tuple(
            (str(line.number) if line.number else "", clean_line(line.text, LINE_LIMIT)
             if line.number else say("class.pairs.gap"), line.is_shared)
            for line in lines
        ),
    )  # fmt: skip


def _method(say: Say) -> tuple[tuple[str, str], ...]:
    values = {
        "low": short(LOW_DISCRIMINATION),
        "fewest": FEWEST_FOR_DISCRIMINATION,
        "few": FEWEST_FOR_DIFFICULTY,
        "gram": winnowing.GRAM,
        "window": winnowing.WINDOW,
        "common": pairs.FEWEST_COMMON,
        "part": pairs.COMMON_SHARE,
        "most": pairs.MOST_COMMON,
        "share": percent_text(Fraction(str(pairs.LEAST_SHARE)), decimals=0),
        "tokens": pairs.FEWEST_SHARED,
        "own": pairs.FEWEST_OWN,
    }
    topics = ("counts", "difficulty", "reliability", "wrong", "flaky", "pairs")
    return tuple(
        (say(f"class.method.{topic}"), say(f"class.method.{topic}.detail", **values))
        for topic in topics
    )
