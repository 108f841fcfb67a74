"""For instructors: `grade` and `report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader import course, pipeline, report
from grader.commands import common
from grader.errors import CourseError, UsageError
from grader.model import Course, Device, Exercise, HandInStatus, Submission, TrainingMode

SAMPLE = Path("tests") / "submissions" / "sample"
LEVELS = {"auto": pipeline.BEST_LEVEL, "3": 3, "2": 2, "0": 0}


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.command()(grade)
    app.command("report")(render)


def grade(
    path: Annotated[
        Path | None,
        typer.Argument(
            help="A folder, repository, .py, .ipynb or .zip. Default: the sample hand-in."
        ),
    ] = None,
    exercises: Annotated[
        list[str] | None,
        typer.Option(
            "--exercise", "-e", metavar="EXERCISE", help="Grade only this one; repeatable."
        ),
    ] = None,
    folder: common.CourseFolder = Path(),
    html: common.HtmlFile = None,
    json_file: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write result.json to this file.")
    ] = None,
    level: Annotated[
        str, typer.Option("--level", metavar="3|2|0", help="Isolation level, by name.")
    ] = "auto",
    no_training: common.NoTraining = False,
    device: common.DeviceName = Device.AUTO,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="End with 0 although something failed.")
    ] = False,
    language: common.Language = None,
    since: common.Since = None,
    seed: common.Seed = None,
    as_json: common.AsJson = False,
) -> None:
    """Grade one submission with the hidden suites."""
    if level not in LEVELS:
        raise UsageError("--level", f"{level!r} is no isolation level", "Use 3, 2 or 0.")
    found, chosen = common.find(folder, exercises)
    common.require_teacher(found, "grade")
    say = common.speak(found, language)
    before = None if since is None else report.read_result(since)
    path = path or _sample(found)
    submission = common.read(found, path, chosen)
    present = tuple(e for e in chosen if _handed_in(submission, e))
    asked = present if _names_one(path, found) and not exercises else chosen
    training = TrainingMode.OFF if no_training else TrainingMode.JUDGE
    # What is left out is known only of the exercises whose suites were collected.
    needed = asked if no_training else present
    with pipeline.Session(found, needed, level=LEVELS[level], device=device) as session:
        common.check_level(found, session.isolation, asked=level != "auto")
        result = common.grade(session, submission, asked, seed, training)
    common.publish(result, as_json=as_json, html=html, json_file=json_file, say=say, since=before)
    code = common.exit_code(result)
    raise typer.Exit(common.OK if exit_zero and code == common.FAILED else code)


def _handed_in(submission: Submission, exercise: Exercise) -> bool:
    return any(
        hand_in.exercise_id == exercise.id and hand_in.status is not HandInStatus.NOT_SUBMITTED
        for hand_in in submission.hand_ins
    )


def _names_one(path: Path, found: Course) -> bool:
    """Tell whether a path means one exercise, so that the others are not missing from it."""
    ids = {exercise.id for exercise in found.exercises}
    return path.suffix in (".py", ".ipynb") or path.resolve().name in ids


def _sample(found: Course) -> Path:
    path = found.root / SAMPLE
    if not path.is_dir():
        raise UsageError("grade", "no PATH was given", "Name a folder, .py, .ipynb or .zip.")
    typer.echo(f"No PATH given: grading the sample hand-in {path}", err=True)
    return path


def render(
    folder: Annotated[
        Path,
        typer.Argument(help="A result.json, a folder that holds one, or that of a whole class."),
    ],
    html: common.HtmlFile = None,
    course_folder: common.CourseFolder = Path(),
    language: common.Language = None,
    since: common.Since = None,
    pseudonyms: common.Pseudonyms = False,
    as_json: common.AsJson = False,
) -> None:
    """Show a stored result again, or the page of a class; nothing is run."""
    from grader.batch import book

    if (folder / "class.json").is_file():
        if since is not None:
            raise UsageError("--since", "a class has no earlier result.", "Name one result.json.")
        say = common.speak(_course_around(course_folder), language)
        _render_class(folder, html, say, pseudonyms=pseudonyms, as_json=as_json)
        return
    if pseudonyms:
        raise UsageError("--pseudonyms", "this is one result.", "Name the folder of a class.")
    result = report.read_result(folder / "result.json" if folder.is_dir() else folder)
    say = common.speak(_course_around(course_folder), language)
    before = None if since is None else report.read_result(since)
    counts = book.standing_at(folder if folder.is_dir() else folder.parent)
    common.publish(result, as_json=as_json, html=html, say=say, since=before, counts=counts)
    raise typer.Exit(common.exit_code(result))


def _render_class(
    folder: Path, html: Path | None, say: report.Say, *, pseudonyms: bool, as_json: bool
) -> None:
    """Draw the page of a class again, or print its figures."""
    from grader.batch import book, overview

    exercises, rows = book.read_rows(folder)
    found = overview.look_again(rows, exercises, folder)
    if as_json:
        common.print_json(report.class_dict(found, pseudonyms=pseudonyms))
    if html is not None or not as_json:
        path = html or folder / overview.PAGE_NAME
        overview.draw(found, path, say, pseudonyms=pseudonyms)
        typer.echo(f"Written: {path}", err=True)


def _course_around(folder: Path) -> Course | None:
    """Load the course whose sentences a stored result may be shown in, if there is one."""
    try:
        course.find_root(folder)
    except CourseError:
        return None
    return course.load_course(folder)
