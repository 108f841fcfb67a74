"""The people of a class: the table that is searched, and what became of each of their tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from grader.insight.concerns import Kind, by_person
from grader.insight.facts import PersonFacts, Sheet
from grader.insight.items import ExerciseSummary
from grader.insight.survey import Overview
from grader.model import HandInStatus, Outcome
from grader.report.class_names import Names
from grader.report.class_view import (
    ExerciseView,
    FilterView,
    HeadView,
    MatrixView,
    StudentView,
    WhoView,
)
from grader.report.language import Say
from grader.report.numbers import percent_text, points_text
from grader.report.words import SIGNS, Tone, words_of

if TYPE_CHECKING:
    from markupsafe import Markup

MOST_CELLS = 60_000
"""Cells of students by tests on one page; more make it slow to open."""
_FILTERS = ("all", "need", "late", "missing", "open")
_NEEDLESS = frozenset({Kind.NOT_SUBMITTED})
_FLAGS = (Kind.TIMEOUT, Kind.SUSPICIOUS, Kind.NEAR_THRESHOLD, Kind.NEAR_MARK)
_LATE, _MISSING, _GROUP = "late:", "missing:", "group"
_CLASSES: Mapping[Tone, str] = {"bad": "f", "warn": "w", "ours": "o"}


def student_views(
    found: Overview, exercises: Sequence[ExerciseView], names: Names, folders: Mapping[str, str],
    say: Say,
) -> tuple[StudentView, ...]:  # fmt: skip
    """Make the rows of the table of students.

    Args:
        found: The class.
        exercises: For their titles.
        names: Names people, and orders them.
        folders: By key of a person where their page is; they need not have one.
        say: The language.
    """
    titles = {exercise.id: exercise.title for exercise in exercises}
    concerns = by_person(found.concerns)
    return tuple(
        _student(
            number, found.people[number], concerns.get(number, []), found, titles, names,
            folders, say,
        )
        for number in names.order
    )  # fmt: skip


def filter_views(students: Sequence[StudentView], say: Say) -> tuple[FilterView, ...]:
    """Offer a filter for every group that has somebody in it."""
    counts = {key: sum(1 for s in students if key in s.groups.split()) for key in _FILTERS}
    counts["all"] = len(students)
    return tuple(FilterView(key, say(f"class.filter.{key}"), n) for key, n in counts.items() if n)


def matrix_view(
    found: Overview, exercises: Sequence[ExerciseView], names: Names, say: Say
) -> MatrixView | None:
    """Make the table of students by tests; None if it were too large for a page."""
    tests = sum(len(exercise.items) for exercise in exercises)
    if not tests or tests * len(found.people) > MOST_CELLS:
        return None
    cells = _cells(say)
    pairs = [(e, v) for e, v in zip(found.exercises, exercises, strict=True) if v.items]
    return MatrixView(
        heads=tuple(HeadView(view.title, view.items) for _, view in pairs),
        rows=[
            (
                WhoView(f"s{number}", names(number)),
                _row(found.people[number], [e for e, _ in pairs], cells),
            )
            for number in names.order
            if found.people[number].sheets
        ],
        legend=tuple((SIGNS[o][0], words_of(o, say).word, SIGNS[o][1]) for o in SIGNS),
    )


def _student(
    number: int,
    facts: PersonFacts,
    kinds: Sequence[Kind],
    found: Overview,
    titles: Mapping[str, str],
    names: Names,
    folders: Mapping[str, str],
    say: Say,
) -> StudentView:
    status, tone = _status(facts)
    late = [titles.get(f[len(_LATE) :], f[len(_LATE) :]) for f in facts.flags if _is(f, _LATE)]
    missing = [f[len(_MISSING) :] for f in facts.flags if _is(f, _MISSING)]
    flags = [say(f"class.flag.{kind.value}") for kind in kinds if kind in _FLAGS]
    flags += [
        say(f"class.flag.{word}") for word in ("not_on_roster", _GROUP) if word in facts.flags
    ]
    flags += [say("class.flag.missing", exercise=titles.get(name, name)) for name in missing]
    groups = [
        key
        for key, holds in (
            ("need", bool(set(kinds) - _NEEDLESS)),
            ("late", bool(late)),
            ("missing", status == Kind.NOT_SUBMITTED.value),
            ("open", status == "open"),
        )
        if holds
    ]
    has_score = facts.score is not None and facts.received_at is not None
    attempts = found.attempts.get(facts.person.key)
    received = facts.received_at
    return StudentView(
        anchor=f"s{number}",
        name=names(number),
        pseudonym=names.pseudonym(number),
        key=names.key(number),
        score=points_text(facts.score) if has_score and facts.score is not None else "",
        percent=percent_text(facts.score / facts.max_score)
        if has_score and facts.score is not None and facts.max_score
        else "",
        status=say(f"class.status.{status}"),
        tone=tone,
        late=say("tally.joint").join(late),
        flags=tuple(flags),
        attempts=str(attempts) if attempts else "",
        received=f"{received:%Y-%m-%d %H:%M}" if received and not names.pseudonyms else "",
        href="" if names.pseudonyms else folders.get(facts.person.key, ""),
        groups=" ".join(groups),
    )


def _is(flag: str, prefix: str) -> bool:
    return flag.startswith(prefix)


def _status(facts: PersonFacts) -> tuple[str, Tone]:
    if facts.graded and facts.score is None:
        return "open", "ours"
    if facts.received_at is not None:
        statuses = {sheet.status for sheet in facts.sheets.values()}
        if HandInStatus.SUBMITTED in statuses:
            return "graded", "quiet"
        return "unreadable", "bad"
    if "unreadable" in facts.flags:
        return "unreadable", "bad"
    if "not_graded" in facts.flags:
        return "not_graded", "ours"
    return "not_submitted", "warn"


def _cells(say: Say) -> Mapping[Outcome | HandInStatus, str]:
    """Write the cell of each outcome once; the page has tens of thousands of them.

    A pass is its sign alone. Whatever else happened has its word beside the sign, for readers
    that speak; end tags are left out, which HTML allows.
    """
    from markupsafe import escape

    found: dict[Outcome | HandInStatus, str] = {}
    for outcome, (symbol, tone, _) in SIGNS.items():
        word = escape(words_of(outcome, say).word)
        found[outcome] = f"<td class={_CLASSES.get(tone, 'f')}>{symbol}<i>{word}</i>"
    found[Outcome.PASSED] = f"<td>{SIGNS[Outcome.PASSED][0]}"
    for status in HandInStatus:
        found[status] = str(escape(say(f"hand_in.{status.value}")))
    return found


def _row(
    facts: PersonFacts,
    exercises: Sequence[ExerciseSummary],
    cells: Mapping[Outcome | HandInStatus, str],
) -> Markup:
    from markupsafe import Markup

    parts: list[str] = []
    for exercise in exercises:
        sheet = facts.sheets.get(exercise.id)
        if sheet is None or not sheet.counts:
            status = HandInStatus.NOT_SUBMITTED if sheet is None else sheet.status
            parts.append(f"<td class=n colspan={len(exercise.items)}>{cells[status]}")
        else:
            parts += [cells[_outcome(sheet, item.id)] for item in exercise.items]
    return Markup("".join(parts))  # noqa: S704 - made of signs and words of the catalogue alone


def _outcome(sheet: Sheet, test_id: str) -> Outcome:
    cell = sheet.cell(test_id)
    if cell is not None:
        return cell.outcome
    return Outcome.GRADER_FAULT if sheet.score is None else Outcome.NOT_RUN
