"""The gradebook on a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.export.moments import utc_text
from grader.gradebook import Event
from grader.model import Decisions, ExerciseStanding, Person, Standing
from grader.points import points_number, points_or_null
from grader.report.text import clean_line

_LEGEND = "* decided by a person   + a due date of their own   - left out of the total   ? open"
_Row = tuple[Person, Standing | None]


def print_rows(rows: Sequence[_Row], exercises: Sequence[str]) -> None:
    """Print what counts, one line per person.

    Args:
        rows: Everybody asked for.
        exercises: Ids, one column for each of which anybody has points.
    """
    table = Table(box=None, pad_edge=False)
    standings = [standing for _, standing in rows if standing is not None]
    counted = {e.exercise_id for standing in standings for e in standing.exercises}
    exercises = [name for name in exercises if name in counted]
    for name in ("who", "name"):
        table.add_column(name, overflow="fold")
    for name in (*exercises, "total", "of"):
        table.add_column(name, justify="right", overflow="fold")
    for person, standing in rows:
        found = {} if standing is None else {e.exercise_id: e for e in standing.exercises}
        cells = [_cell(found[name]) if name in found else "" for name in exercises]
        total = ("", "") if standing is None else _total(standing)
        table.add_row(*(Text(clean_line(c)) for c in (person.key, person.name, *cells, *total)))
    Console(highlight=False).print(table)
    Console(highlight=False, stderr=True).print(_LEGEND)


def as_data(where: str, rows: Iterable[_Row], decisions: Decisions) -> dict[str, Any]:
    """Give the same as data, with the decisions in force."""
    people = [
        {
            "username": person.key,
            "name": person.name,
            "points": None if standing is None else points_or_null(standing.points),
            "max_points": None if standing is None else points_or_null(standing.max_points),
            "exercises": [] if standing is None else [_as_data(e) for e in standing.exercises],
            "overrides": _of(person, decisions.overrides, points_number),
            "extensions": _of(person, decisions.extensions, utc_text),
        }
        for person, standing in rows
    ]
    return {"gradebook": where, "people": people}


def print_events(events: Iterable[Event]) -> None:
    """Print lines of the history, oldest first."""
    console = Console(highlight=False, soft_wrap=True)
    for event in events:
        console.print(Text(event_line(event)))


def event_line(event: Event) -> str:
    """Say one line of the history."""
    text = (
        f"{utc_text(event.at)}  {event.author}  {event.action}  {event.person}  "
        f"{event.exercise_id}: {event.before} -> {event.after}"
    )
    return clean_line(f"{text}  ({event.reason})" if event.reason else text, 2000)


def event_data(event: Event) -> dict[str, Any]:
    """Give one line of the history as data."""
    return {
        "at": utc_text(event.at),
        "author": event.author,
        "action": event.action,
        "username": event.person,
        "exercise": event.exercise_id,
        "before": event.before,
        "after": event.after,
        "reason": event.reason,
    }


def _cell(found: ExerciseStanding) -> str:
    signs = [
        sign
        for sign, holds in (
            ("*", found.is_overridden), ("+", found.is_extended), ("-", found.is_dropped)
        )
        if holds
    ]  # fmt: skip
    points = "?" if found.points is None else str(points_number(found.points))
    return points + "".join(signs)


def _total(standing: Standing) -> tuple[str, str]:
    points = "?" if standing.points is None else str(points_number(standing.points))
    return points, str(points_number(standing.max_points))


def _as_data(found: ExerciseStanding) -> dict[str, Any]:
    return {
        "id": found.exercise_id,
        "points": points_or_null(found.points),
        "max_points": points_or_null(found.max_points),
        "raw": points_or_null(found.raw),
        "days_late": found.days_late,
        "grace_days": found.grace_days,
        "extended": found.is_extended,
        "overridden": found.is_overridden,
        "dropped": found.is_dropped,
    }


def _of(person: Person, decisions: Any, show: Any) -> dict[str, Any]:
    return {name: show(value) for (key, name), value in decisions.items() if key == person.key}
