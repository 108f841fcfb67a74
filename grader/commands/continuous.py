"""`autograde ci`: grade the checkout it stands in, and tell GitHub Actions about it.

    checkout -> which exercises -> grade -> result.json, report.html, junit.xml
                        |            |   -> summary, annotations, outputs   (on Actions)
                    selection.py push.py -> result.json of Classroom 50   (--classroom50)

Whatever is printed while students' files are handled stands between two lines that switch
workflow commands off; every command is printed after that, by `export.actions` alone.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from grader import report
from grader.batch.cache import ResultCache, RunKind
from grader.batch.journal import Journal
from grader.commands import common, publication, selection
from grader.commands.push import Budget, Push
from grader.errors import AutogradeError, UsageError
from grader.export import actions
from grader.model import Chosen, Course, TrainingMode

CLASSROOM50_MINUTES = 14.0
"""Classroom 50 ends a job after 15 minutes, and then nothing is published."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for.

    Attributes:
        names: Exercises by any part of their names; empty to choose by `which`.
        which: Which exercises count; None for the course's own choice.
        training: Whether tests that train are run; None for what the course says.
        folder: Where the course is looked for.
        minutes: After how long to make do with what is judged; 0 for as long as it takes.
        cache: Where results are kept; None for nowhere.
        wanted: Which files are written beside the page.
    """

    names: tuple[str, ...]
    which: Chosen | None
    training: bool | None
    folder: Path
    minutes: float
    cache: Path | None
    wanted: publication.Wanted


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.command()(ci)


def ci(
    exercises: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[EXERCISE]...",
            help="Any unambiguous part of a name. Default: as the course says, else --changed.",
            show_default=False,
        ),
    ] = None,
    folder: common.CourseFolder = Path(),
    changed: Annotated[
        bool, typer.Option("--changed", help="Those that differ from what was handed out.")
    ] = False,
    due: Annotated[
        bool, typer.Option("--due", help="Those that were not yet due at the time of the commit.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Every exercise counts, also those not begun.")
    ] = False,
    training: Annotated[
        bool | None,
        typer.Option(
            "--training/--no-training",
            help="Also run the tests that train. Default: as the course says, else not.",
            show_default=False,
        ),
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option("--cache", metavar="DIR", help="Keep results here; nothing is graded twice."),
    ] = None,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="End with 0 although something failed.")
    ] = False,
    classroom50: Annotated[
        bool,
        typer.Option("--classroom50", help="Write result.json for Classroom 50; implies --all."),
    ] = False,
    legacy_result: Annotated[
        bool, typer.Option("--legacy-result", help="Also set the output `result`, in Base64.")
    ] = False,
    minutes: Annotated[
        float | None,
        typer.Option(
            "--minutes",
            min=0,
            help="Make do with what is judged by then. Default: no limit, 14 with --classroom50.",
        ),
    ] = None,
) -> None:
    """Grade the checkout it stands in; on GitHub Actions write summary, annotations, outputs."""
    if minutes is None:
        minutes = CLASSROOM50_MINUTES if classroom50 else 0.0
    on_actions = os.environ.get("GITHUB_ACTIONS") == "true"
    wanted = publication.Wanted(on_actions, classroom50, legacy_result)
    names = tuple(exercises or ())
    which = _which(changed=changed, due=due, everything=everything or classroom50)
    asked = Asked(names, which, training, folder, minutes, cache, wanted)
    lines: list[str] = []
    try:
        with _commands_off(active=on_actions):
            code, lines = _grade(asked)
    except AutogradeError as error:
        if not on_actions:
            raise
        lines, code = [actions.command("error", str(error), title="autograde")], error.exit_code
    for line in lines:
        typer.echo(line)
    raise typer.Exit(common.OK if exit_zero and code == common.FAILED else code)


@contextmanager
def _commands_off(*, active: bool) -> Iterator[None]:
    """Let Actions obey nothing that is printed by the body, or by what it starts."""
    if not active:
        yield
        return
    token = secrets.token_hex(16)
    print(actions.stop_line(token), flush=True)
    try:
        yield
    finally:
        sys.stderr.flush()
        print(f"\n{actions.resume_line(token)}", flush=True)


def _which(*, changed: bool, due: bool, everything: bool) -> Chosen | None:
    flags = {Chosen.CHANGED: changed, Chosen.DUE: due, Chosen.ALL: everything}
    asked = [which for which, is_asked in flags.items() if is_asked]
    if len(asked) > 1:
        names = " and ".join(f"--{which.value}" for which in asked)
        raise UsageError("ci", f"{names} exclude each other", "Keep one of them.")
    return asked[0] if asked else None


def _grade(asked: Asked) -> tuple[int, list[str]]:
    """Grade and write all files; give the exit code and the commands that are left to print."""
    budget = Budget(asked.minutes)
    found, chosen = common.find(asked.folder, asked.names)
    checkout, public_only = _checkout(found)
    submission = common.read(found, checkout, chosen)
    if not asked.names:
        chosen = selection.choose(found, submission, chosen, asked.which or found.push.exercises)
    refused = selection.refusals(found, checkout, submission, chosen)
    say = common.speak(found, None)
    publisher = publication.Publisher(checkout, asked.wanted, os.environ, say)
    trains = found.push.training if asked.training is None else asked.training
    kind = RunKind(found, public_only, TrainingMode.JUDGE if trains else TrainingMode.OFF)
    push = Push(kind, submission, chosen, refused)
    if asked.cache is None:
        result = push.grade(None, publisher.keep, budget)
    else:
        with Journal(asked.cache) as journal:
            result = push.grade(ResultCache(journal, kind), publisher.keep, budget)
    code = common.exit_code(result)
    in_time = common.FAILED if budget.is_over and code == common.INTERRUPTED else code
    usable = in_time in (common.OK, common.FAILED)
    lines = publisher.publish(result, [one.note for one in refused.values()], usable=usable)
    report.print_grade(result, Console(highlight=False), say)
    return (common.FAILED if refused and usable else in_time), lines


def _checkout(found: Course) -> tuple[Path, bool]:
    """Find the hand-in's folder, and whether only the public tests are at hand.

    A student repository is the hand-in itself, wherever in it the command stands. A course
    that stands elsewhere is not, and the hand-in is where the command stands.

    Raises:
        UsageError: If the hand-in is the teacher's course.
    """
    here, root = Path.cwd().resolve(), found.root.resolve()
    if not (root / "solutions").is_dir() or not (root / "tests" / "hidden").is_dir():
        return root if here.is_relative_to(root) else here, True
    if here == root:
        what = f"{root} is the teacher's repository, not a hand-in"
        raise UsageError("ci", what, "Stand in the hand-in and name the course with --course.")
    return here, False
