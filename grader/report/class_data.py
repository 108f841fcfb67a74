"""The figures of a class as plain data: what its page shows, and what it has no room for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from typing import Any

from grader.insight import Overview, Pair
from grader.insight.clusters import Candidate, Cluster
from grader.insight.concerns import Case
from grader.insight.facts import PersonFacts, Sheet
from grader.insight.items import ExerciseSummary, Item, Spread
from grader.points import points_or_null
from grader.report.class_names import Names
from grader.report.language import Say
from grader.report.text import clean_line, clean_text

SCHEMA = "autograde/class-report/v1"
_DECIMALS = 6


def class_dict(found: Overview, *, pseudonyms: bool) -> dict[str, Any]:
    """Give the figures of a class.

    Args:
        found: The figures.
        pseudonyms: Whether people are called by pseudonyms, and what leads to them is left out.

    Returns:
        Dicts, lists, strings, numbers, bools and None, in a fixed order of keys. People are
        referred to by `key`, tests by their id.
    """
    names = Names(found.people, Say(), pseudonyms=pseudonyms)
    return {
        "schema": SCHEMA,
        "course": clean_line(found.title),
        "graded_at": _moment(found.graded_at),
        "max_score": points_or_null(found.max_score),
        "scores": _spread(found.spread),
        "due": {name: _moment(due) for name, due in sorted(found.due.items())},
        "concerns": [
            {"kind": concern.kind.value, "cases": [_case(case, names) for case in concern.cases]}
            for concern in found.concerns
        ],
        "exercises": [_exercise(exercise, names) for exercise in found.exercises],
        "candidates": [_candidate(one, found, names) for one in found.candidates],
        "people": [_person(n, found.people[n], found, names) for n in names.order],
        "compared": found.compared,
        "pairs": [_pair(pair, names) for pair in found.pairs],
    }


def _person(number: int, facts: PersonFacts, found: Overview, names: Names) -> dict[str, Any]:
    return {
        "key": names.identity(number),
        "name": names(number),
        "score": points_or_null(facts.score),
        "max_score": points_or_null(facts.max_score) if facts.graded else None,
        "flags": list(facts.flags),
        "attempts": found.attempts.get(facts.person.key),
        "received_at": None if names.pseudonyms else _moment(facts.received_at),
        "exercises": {name: _sheet(sheet) for name, sheet in facts.sheets.items()},
    }


def _sheet(sheet: Sheet) -> dict[str, Any]:
    return {
        "status": sheet.status.value,
        "score": points_or_null(sheet.score),
        "max_score": points_or_null(sheet.max_score),
        "passed": sheet.passed,
        "outcomes": {name: sheet.cells[n].outcome.value for name, n in sheet.numbers.items()},
    }


def _exercise(found: ExerciseSummary, names: Names) -> dict[str, Any]:
    return {
        "id": found.id,
        "title": clean_line(found.title),
        "max_score": points_or_null(found.max_score),
        "handed_in": found.handed_in,
        "missing": found.missing,
        "unreadable": found.unreadable,
        "open": found.open,
        "passed": found.passed,
        "scores": _spread(found.spread),
        "alpha": _rounded(found.alpha),
        "kr20": _rounded(found.kr20),
        "reliability_count": found.reliability_count,
        "tests": [_item(item, names) for item in found.items],
    }


def _item(item: Item, names: Names) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": clean_line(item.title),
        "task": item.task,
        "points": points_or_null(item.points),
        "hidden": item.is_hidden,
        "count": item.count,
        "difficulty": _rounded(item.difficulty),
        "not_passed": _people(item.not_passed, names),
        "outcomes": {outcome.value: count for outcome, count in sorted(item.outcomes.items())},
        "mean_points": _rounded(item.mean_points),
        "discrimination": _rounded(item.discrimination),
        "p95_s": _rounded(item.p95_s),
        "same_bytes": item.same_bytes,
        "flaky": item.flaky,
        "doubts": [doubt.value for doubt in item.doubts],
        "clusters": [_cluster(cluster, names) for cluster in item.clusters],
    }


def _cluster(found: Cluster, names: Names) -> dict[str, Any]:
    look = found.look
    return {
        "outcome": look.outcome.value,
        "label": clean_text(look.label),
        "message": clean_text(look.message),
        "function": clean_line(look.function),
        "people": _people(found.people, names),
    }


def _candidate(found: Candidate, overview: Overview, names: Names) -> dict[str, Any]:
    exercise = next(e for e in overview.exercises if e.id == found.exercise_id)
    return {
        "exercise": found.exercise_id,
        "tests": [exercise.items[test].id for test in found.tests],
        **_cluster(found.cluster, names),
    }


def _case(found: Case, names: Names) -> dict[str, Any]:
    return {
        "person": names.identity(found.person),
        "exercise": found.exercise_id,
        "count": found.count,
        "value": _rounded(found.value),
        "bound": _rounded(found.bound),
    }


def _pair(found: Pair, names: Names) -> dict[str, Any]:
    return {
        "exercise": found.exercise_id,
        "share": _rounded(found.share),
        "tokens": found.tokens,
        "equal": found.is_equal,
        "people": [_people(side.people, names) for side in found.sides],
        "lines": [[line.number for line in s.lines if line.is_shared] for s in found.sides],
    }


def _people(numbers: Iterable[int], names: Names) -> list[str]:
    return [names.identity(number) for number in numbers]


def _spread(found: Spread | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "q1": _rounded(found.low),
        "median": _rounded(found.median),
        "q3": _rounded(found.high),
    }


def _rounded(value: Fraction | float | None) -> float | None:
    return None if value is None else round(float(value), _DECIMALS)


def _moment(found: datetime | None) -> str | None:
    return None if found is None else found.isoformat(timespec="seconds")
