"""For students: `list`, `check`, `watch`, `doctor`. Works on any system."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from grader import pipeline, report
from grader.commands import common
from grader.model import Course, Exercise, HandInStatus, Submission

POLL_INTERVAL_S = 0.05


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.command("list")(list_exercises)
    app.command()(check)
    app.command()(watch)
    app.command()(doctor)


def list_exercises(
    exercises: common.ExerciseNames = None,
    folder: common.CourseFolder = Path(),
    as_json: common.AsJson = False,
) -> None:
    """List the exercises of the course."""
    course, found = common.find(folder, exercises)
    if as_json:
        common.print_json([_row(course, exercise) for exercise in found])
        return
    table = Table(title=course.title, title_justify="left", box=None, pad_edge=False)
    for name in ("exercise", "title", "D2L", "points", "tasks", "due"):
        table.add_column(name, justify="right" if name in ("points", "tasks") else "left")
    for exercise in found:
        row = _row(course, exercise)
        table.add_row(
            exercise.id, exercise.title, exercise.section, f"{row['points']:g}",
            str(len(exercise.tasks)), str(row["due"] or ""),
        )  # fmt: skip
    Console(highlight=False).print(table)


def _row(course: Course, exercise: Exercise) -> dict[str, object]:
    due = course.due.get(exercise.id)
    return {
        "id": exercise.id,
        "title": exercise.title,
        "section": exercise.section,
        "points": float(exercise.points),
        "tasks": [task.name for task in exercise.tasks],
        "due": due.isoformat() if due else None,
    }


def check(
    exercises: common.ExerciseNames = None,
    folder: common.CourseFolder = Path(),
    html: common.HtmlFile = None,
    language: common.Language = None,
    seed: common.Seed = None,
    as_json: common.AsJson = False,
) -> None:
    """Run the public tests and a short training probe on your own working copy."""
    course, found = common.find(folder, exercises)
    say = common.speak(course, language)
    with pipeline.Session(course, found, level=0, public_only=True, probes=True) as session:
        result = common.grade(session, _working_copy(course, found), found, seed)
    common.publish(result, as_json=as_json, html=html, say=say)
    raise typer.Exit(common.exit_code(result))


def _working_copy(course: Course, exercises: tuple[Exercise, ...]) -> Submission:
    return common.read(course, course.root / "assignments", exercises)


def watch(
    exercise: Annotated[str, typer.Argument(help="Any unambiguous part of its name.")],
    folder: common.CourseFolder = Path(),
    language: common.Language = None,
) -> None:
    """Check one exercise again each time its file is saved; end with Ctrl-C."""
    course, found = common.find(folder, [exercise])
    say = common.speak(course, language)
    console = Console(highlight=False)
    files = [found[0].stub, found[0].stub.with_suffix(".ipynb")]
    with pipeline.Session(course, found, level=0, public_only=True) as session:
        stamp: tuple[tuple[int, int], ...] = ()
        while True:
            now = _stamp(files)
            if now != stamp:
                stamp = now
                submission = _working_copy(course, found)
                if submission.hand_ins[0].status is not HandInStatus.NOT_SUBMITTED:
                    console.rule(time.strftime("%H:%M:%S"))
                    report.print_grade(session.grade(submission, found), console, say)
            time.sleep(POLL_INTERVAL_S)


def _stamp(files: list[Path]) -> tuple[tuple[int, int], ...]:
    # Size as well as time: two saves may fall into one tick of the file system's clock.
    found = []
    for file in files:
        try:
            status = file.stat()
        except FileNotFoundError:
            continue
        found.append((status.st_mtime_ns, status.st_size))
    return tuple(found)


def doctor(
    require: Annotated[
        int | None,
        typer.Option(
            "--require", metavar="LEVEL", help="Fail (exit 3) below this isolation level."
        ),
    ] = None,
    as_json: common.AsJson = False,
) -> None:
    """Start a real cell, attack it, and tell what this host can promise."""
    from grader.commands.examination import examine

    raise typer.Exit(examine(require, as_json=as_json))
