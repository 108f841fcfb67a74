"""What several commands share: options, the course, one graded submission, its outputs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from grader import collect, course, pipeline, report, score
from grader.errors import UsageError
from grader.model import (
    Course,
    Device,
    Exercise,
    Grade,
    Isolation,
    Outcome,
    Standing,
    Submission,
    TrainingMode,
)
from grader.progress import TestProgress

HIGHEST_LEVEL = 3
OK, FAILED, USAGE, FAULT, INTERRUPTED = 0, 1, 2, 3, 130

ExerciseNames = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[EXERCISE]...",
        help="Any unambiguous part of a name: softmax, 03-06. Default: all.",
        show_default=False,
    ),
]
CourseFolder = Annotated[
    Path,
    typer.Option(
        "--course", metavar="DIR", help="Where autograde.yml is looked for, upwards from here."
    ),
]
NoTraining = Annotated[
    bool,
    typer.Option(
        "--no-training", help="Leave out the tests that train a model, with their points."
    ),
]
DeviceName = Annotated[
    Device,
    typer.Option(
        "--device",
        help="Where training takes place. auto: on a graphics card if it is calibrated, else CPU.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Language = Annotated[
    str | None,
    typer.Option(
        "--lang",
        metavar="en|zh",
        help="Language of the page and the terminal. Default: the course's.",
    ),
]
Since = Annotated[
    Path | None,
    typer.Option("--since", metavar="FILE", help="Tell what changed since this result.json."),
]
Pseudonyms = Annotated[
    bool,
    typer.Option("--pseudonyms", help="Name nobody on the page of a class, nor in its JSON."),
]
GradebookUrl = Annotated[
    str | None,
    typer.Option(
        "--gradebook",
        metavar="URL",
        help="PostgreSQL or another file. Default: what was named for this folder before, then "
        "the course's, then gradebook.sqlite beside the results.",
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        "--seed",
        metavar="N",
        min=0,
        max=2**pipeline.SEED_BITS - 1,
        help="Repeat a run: its page and its result.json name its seed.",
    ),
]
HtmlFile = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write the page to this file.")
]


def find(folder: Path, names: Sequence[str] | None) -> tuple[Course, tuple[Exercise, ...]]:
    """Return the course and the exercises that the names select, all if there are none.

    Raises:
        CourseError: If there is no course, or a name selects nothing or too much.
    """
    found = course.load_course(folder)
    return found, course.select(found, names) if names else found.exercises


def require_teacher(found: Course, command: str) -> None:
    """Refuse a command that needs hidden tests and references where there are none.

    Raises:
        UsageError: If the course is a student release.
    """
    if not (found.root / "solutions").is_dir() or not (found.root / "tests" / "hidden").is_dir():
        what = f"{found.root} is a student repository, without hidden tests and solutions"
        raise UsageError(command, what, "Use `autograde check`, or the teacher's repository.")


def read(found: Course, path: Path, exercises: Sequence[Exercise]) -> Submission:
    """Read a hand-in within the bounds that the course sets.

    Raises:
        SubmissionError: If it cannot be read at all.
    """
    bounds = collect.IntakeLimits(**found.intake)
    return collect.read_submission(path, exercises, limits=bounds)


def check_level(found: Course, isolation: Isolation, *, asked: bool) -> None:
    """Refuse to grade below the course's isolation level unless it was asked for by name.

    A level below the highest is said on stderr in any case, whatever the course accepts.

    Raises:
        UsageError: If the level is too low.
    """
    if asked or isolation.level >= found.min_level:
        _tell_level(isolation)
        return
    what = (
        f"this host gives isolation level {isolation.level}, the course asks for {found.min_level}"
    )
    reason = f" ({isolation.reason})" if isolation.reason else ""
    remedy = f"Run `{isolation.remedy}`, or" if isolation.remedy else "Use another host, or"
    what_now = f"{remedy} grade with `--level {isolation.level}` if you accept what it leaves open."
    raise UsageError("isolation", what + reason, what_now)


def _tell_level(isolation: Isolation) -> None:
    if isolation.level >= HIGHEST_LEVEL:
        return
    reason = f", because {isolation.reason}" if isolation.reason else ""
    typer.echo(
        f"Isolation level {isolation.level} of {HIGHEST_LEVEL} is in force{reason}; "
        "docs/security.md says what it leaves open.",
        err=True,
    )
    if isolation.remedy:
        typer.echo(f"What would raise it: {isolation.remedy}", err=True)


def grade(
    session: pipeline.Session,
    submission: Submission,
    asked: Sequence[Exercise],
    seed: int | None = None,
    training: TrainingMode = TrainingMode.JUDGE,
) -> Grade:
    """Grade one submission with progress on stderr."""
    handed_in = {hand_in.exercise_id for hand_in in submission.hand_ins}
    total = sum(len(session.meant(e, training)) for e in asked if e.id in handed_in)
    with TestProgress(total) as progress:
        return session.grade(submission, asked, progress.advance, seed=seed, training=training)


def speak(found: Course | None, language: str | None) -> report.Say:
    """Choose the language of the page and the terminal, with what the course says in it.

    Args:
        found: The course, or None where a result is shown without one.
        language: What `--lang` asked for; None for the course's own.

    Raises:
        UsageError: If there is no such language.
        CourseError: If a translation of the course is wrong.
    """
    language = language or (found.language if found else "en")
    if language not in report.TAGS:
        raise UsageError("--lang", f"{language!r} is no language of autograde", "Use en or zh.")
    exercises = found.exercises if found else ()
    return report.Say(language, course.translations(exercises, language))


def publish(
    result: Grade,
    *,
    as_json: bool,
    html: Path | None,
    json_file: Path | None = None,
    say: report.Say,
    since: Grade | None = None,
    counts: Standing | None = None,
) -> None:
    """Print a grade and write its files."""
    if json_file is not None:
        report.write_result(result, json_file)
    if html is not None:
        report.write_text(html, report.render_html(result, say, since, counts))
    if as_json:
        typer.echo(report.result_text(result), nl=False)
        return
    report.print_grade(result, Console(highlight=False), say, since, counts)
    written = [str(path) for path in (html, json_file) if path is not None]
    if written:
        typer.echo(f"Written: {', '.join(written)}", err=True)


def print_json(data: object) -> None:
    """Print data as JSON on stdout."""
    json.dump(data, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


def exit_code(result: Grade) -> int:
    """Return the exit code that a grade asks for."""
    if not result.complete:
        return INTERRUPTED
    verdicts = (v for exercise in result.exercises for v in exercise.verdicts)
    if any(verdict.outcome is Outcome.GRADER_FAULT for verdict in verdicts):
        return FAULT
    return OK if score.passed(result) else FAILED
