"""`autograde ci`: grade the checkout it stands in, and tell GitHub Actions about it.

    checkout -> which exercises -> grade -> result.json, report.html
                                         -> summary, annotations, outputs   (on Actions)
                                         -> result.json of Classroom 50     (--classroom50)

Whatever is printed while students' files are handled stands between two lines that switch
workflow commands off; every command is printed after that, by `export.actions` alone.
"""

from __future__ import annotations

import _thread
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from grader import pipeline, report
from grader.commands import common, publication
from grader.course.handed_out import handed_out
from grader.errors import AutogradeError, UsageError
from grader.export import actions
from grader.model import Course, Exercise, Grade, HandInStatus, Submission
from grader.progress import TestProgress

CLASSROOM50_MINUTES = 14.0
"""Classroom 50 ends a job after 15 minutes, and then nothing is published."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for.

    Attributes:
        names: Exercises by any part of their names; empty to choose by what was begun.
        everything: Whether all exercises count, begun or not.
        folder: Where the course is looked for.
        minutes: After how long to make do with what is judged; 0 for as long as it takes.
        wanted: Which files are written beside the page.
    """

    names: tuple[str, ...]
    everything: bool
    folder: Path
    minutes: float
    wanted: publication.Wanted


@dataclass(slots=True)
class Budget:
    """Ends the grading after some minutes, as Ctrl-C would, but remembers that it did."""

    minutes: float
    is_over: bool = False
    _started_s: float = field(default_factory=time.monotonic)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Watch the time while the body runs."""
        left_s = max(0.1, self.minutes * 60 - (time.monotonic() - self._started_s))
        timer = threading.Timer(left_s, self.end)
        timer.daemon = True
        if self.minutes:
            timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def end(self) -> None:
        """End what the main thread does, from whatever thread."""
        self.is_over = True
        if hasattr(signal, "pthread_kill"):  # a real signal also ends a read that waits
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        else:
            _thread.interrupt_main()


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.command()(ci)


def ci(
    exercises: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[EXERCISE]...",
            help="Any unambiguous part of a name. Default: those that were begun, else all.",
            show_default=False,
        ),
    ] = None,
    folder: common.CourseFolder = Path(),
    everything: Annotated[
        bool, typer.Option("--all", help="Every exercise counts, also those not begun.")
    ] = False,
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
    asked = Asked(tuple(exercises or ()), everything or classroom50, folder, minutes, wanted)
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


def _grade(asked: Asked) -> tuple[int, list[str]]:
    """Grade and write all files; give the exit code and the commands that are left to print."""
    budget = Budget(asked.minutes)
    found, chosen = common.find(asked.folder, asked.names)
    checkout, public_only = _checkout(found)
    submission = common.read(found, checkout, chosen)
    if not asked.names and not asked.everything:
        chosen = _begun(found, submission, chosen) or chosen
    say = common.speak(found, None)
    publisher = publication.Publisher(checkout, asked.wanted, os.environ, say)
    with pipeline.Session(found, chosen, public_only=public_only) as session:
        if not public_only:
            common.check_level(found, session.isolation, asked=False)
        result = _judge(session, submission, chosen, publisher, budget)
    code = common.exit_code(result)
    in_time = common.FAILED if budget.is_over and code == common.INTERRUPTED else code
    lines = publisher.publish(result, usable=in_time in (common.OK, common.FAILED))
    report.print_grade(result, Console(highlight=False), say)
    return in_time, lines


def _judge(
    session: pipeline.Session,
    submission: Submission,
    chosen: tuple[Exercise, ...],
    publisher: publication.Publisher,
    budget: Budget,
) -> Grade:
    total = sum(len(session.cases[exercise.id]) for exercise in chosen)
    with TestProgress(total) as progress, budget.running():
        return session.grade(submission, chosen, progress.advance, publisher.keep)


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


def _begun(
    found: Course, submission: Submission, chosen: tuple[Exercise, ...]
) -> tuple[Exercise, ...]:
    """Give the exercises whose file is there and is not what was handed out."""
    untouched = handed_out(found)
    begun = {
        hand_in.exercise_id
        for hand_in in submission.hand_ins
        if hand_in.status is not HandInStatus.NOT_SUBMITTED and hand_in.sha256 not in untouched
    }
    return tuple(exercise for exercise in chosen if exercise.id in begun)
