"""For instructors who decide: `gradebook show`, `override`, `extend` and `history`."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader import course as courses
from grader.commands import common
from grader.errors import UsageError
from grader.model import Course, Exercise

if TYPE_CHECKING:
    from grader.gradebook import Event, Gradebook, Snapshot

NONE = "none"
_LONGEST_REASON = 500

app = typer.Typer(
    help="Look at the gradebook of a class, and decide; every decision is kept with its reason.",
    no_args_is_help=True,
)

From = Annotated[
    Path, typer.Option("--from", metavar="DIR", help="What `autograde batch --out` wrote.")
]
By = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Who decides. Default: whom git knows.")
]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; it stays in the history.")
]
People = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PERSON]...", help="Usernames. Default: all.", show_default=False),
]
Person = Annotated[str, typer.Argument(metavar="PERSON", help="Username, as `show` lists it.")]
ExerciseName = Annotated[
    str, typer.Argument(metavar="EXERCISE", help="Any unambiguous part of its name.")
]
Exercises = Annotated[
    list[str] | None,
    typer.Option("--exercise", "-e", metavar="EXERCISE", help="Only this one; repeatable."),
]


def register(parent: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    parent.add_typer(app, name="gradebook")


@app.command()
def show(
    people: People = None,
    source: From = Path("graded"),
    exercises: Exercises = None,
    gradebook: common.GradebookUrl = None,
    folder: common.CourseFolder = Path(),
    as_json: common.AsJson = False,
) -> None:
    """Show what counts for everybody, by the rules of the course and all decisions."""
    from grader.batch.counting import count
    from grader.commands import ledger

    found, chosen = common.find(folder, exercises)
    with _open(source, found, gradebook) as opened:
        snapshot = opened.snapshot()
        where = opened.where
    keys = _known(people or [], snapshot.people, where) or list(snapshot.people)
    known = {e.id for e in chosen} if exercises else _of_class(source, snapshot)
    ids = [exercise.id for exercise in chosen if exercise.id in known]
    standings = count(found, snapshot, set(snapshot.people), ids)
    rows = [(snapshot.people[key], standings.get(key)) for key in keys]
    if as_json:
        common.print_json(ledger.as_data(where, rows, snapshot.decisions))
    else:
        ledger.print_rows(rows, ids)


@app.command()
def override(
    person: Person,
    exercise: ExerciseName,
    points: Annotated[
        str,
        typer.Argument(metavar="POINTS", help="What counts, for instance 8.5; `none` to undo."),
    ],
    reason: Reason,
    by: By = None,
    source: From = Path("graded"),
    gradebook: common.GradebookUrl = None,
    folder: common.CourseFolder = Path(),
    as_json: common.AsJson = False,
) -> None:
    """Decide what one exercise of one person is worth, whatever the tests say."""
    from grader.commands import places

    found = courses.load_course(folder)
    asked = _one(found, exercise)
    worth = _points(points, asked)
    author, why = places.author(by), _reason(reason)
    with _open(source, found, gradebook) as opened:
        event = opened.override(person, asked.id, worth, author, why)
        _follow(opened, event, source, found, as_json=as_json)


@app.command()
def extend(
    person: Person,
    exercise: ExerciseName,
    due: Annotated[
        str,
        typer.Argument(
            metavar="DUE", help="A time with its zone (2026-10-08T23:59+02:00); `none` to undo."
        ),
    ],
    reason: Reason,
    by: By = None,
    source: From = Path("graded"),
    gradebook: common.GradebookUrl = None,
    folder: common.CourseFolder = Path(),
    as_json: common.AsJson = False,
) -> None:
    """Give one person a due date of their own for one exercise."""
    from grader.commands import places

    found = courses.load_course(folder)
    asked = _one(found, exercise)
    moment = _moment(due)
    author, why = places.author(by), _reason(reason)
    with _open(source, found, gradebook) as opened:
        event = opened.extend(person, asked.id, moment, author, why)
        _follow(opened, event, source, found, as_json=as_json)


@app.command()
def history(
    people: People = None,
    source: From = Path("graded"),
    exercises: Exercises = None,
    gradebook: common.GradebookUrl = None,
    folder: common.CourseFolder = Path(),
    as_json: common.AsJson = False,
) -> None:
    """Show what was graded and decided, oldest first, by whom and why."""
    from grader.commands import ledger

    found = courses.load_course(folder)
    ids = [e.id for e in courses.select(found, exercises)] if exercises else []
    with _open(source, found, gradebook) as opened:
        _known(people or [], opened.snapshot().people, opened.where)
        events = opened.history(people or [], ids)
    if as_json:
        common.print_json([ledger.event_data(event) for event in events])
    else:
        ledger.print_events(events)


def _open(source: Path, found: Course, asked: str | None) -> Gradebook:
    from grader.commands import places
    from grader.gradebook import Gradebook

    return Gradebook(places.address(source, found, asked))


def _of_class(source: Path, snapshot: Snapshot) -> set[str]:
    """Give the exercises that this class was ever about: the others are in nobody's total."""
    from grader.batch import book

    path = source / book.FILE_NAME
    found = set(book.read_book(path).exercises) if path.is_file() else set()
    found |= {attempt.exercise_id for attempt in snapshot.attempts}
    return found | {exercise for _, exercise in snapshot.decisions.overrides}


def _follow(opened: Gradebook, event: Event, source: Path, found: Course, *, as_json: bool) -> None:
    """Write again what depends on a decision, and say what was done."""
    from grader.commands import ledger, views

    written, later = views.follow(opened, source, found)
    if as_json:
        common.print_json(ledger.event_data(event) | {"written": written, "later": later})
        return
    typer.echo(ledger.event_line(event))
    if written:
        typer.echo(f"Nothing was judged. Written again: {', '.join(written)}")
    if later:
        typer.echo(later)


def _known(people: list[str], known: Container[str], where: str) -> list[str]:
    for key in people:
        if key not in known:
            what = f"there is nobody called {key} in the gradebook."
            raise UsageError(where, what, "`autograde gradebook show` lists everybody.")
    return people


def _one(found: Course, name: str) -> Exercise:
    chosen = courses.select(found, [name])
    if len(chosen) != 1:
        what = f"this takes {len(chosen)} exercises; a decision is on one."
        raise UsageError(name, what, "Write more of the name.")
    return chosen[0]


def _points(text: str, exercise: Exercise) -> Fraction | None:
    """Read points, or that there shall be none.

    Raises:
        UsageError: If they are no points of this exercise.
    """
    from grader.course.config import show_points

    if text == NONE:
        return None
    worth = _decimal(text)
    if worth is None or worth > exercise.points:
        most = show_points(exercise.points)
        what = f"{text!r} is no number of points of {exercise.id}, which is worth {most}."
        what_now = f"Write 0 to {most} with three decimals at most, or `none` to undo an override."
        raise UsageError("POINTS", what, what_now)
    return worth


def _decimal(text: str) -> Fraction | None:
    whole, _, part = text.partition(".")
    plain = text.isascii() and whole.isdigit() and (part or "0").isdigit()
    return Fraction(text) if plain and len(whole) <= 4 and len(part) <= 3 else None  # noqa: PLR2004


def _moment(text: str) -> datetime | None:
    """Read a due date, or that there shall be none.

    Raises:
        UsageError: If it is no time with its zone.
    """
    from grader.course.shape import due_time

    if text == NONE:
        return None
    try:
        return due_time(text)
    except ValueError as error:
        raise UsageError("DUE", f"{error}.", "Or write `none` to undo an extension.") from None


def _reason(text: str) -> str:
    """Check a reason.

    Raises:
        UsageError: If there is none, or it is no single line.
    """
    line = " ".join(text.split())
    if not line or len(line) > _LONGEST_REASON:
        what = f"a decision has a reason, of {_LONGEST_REASON} characters at most."
        raise UsageError("--reason", what, "Say in one sentence why.")
    return line
