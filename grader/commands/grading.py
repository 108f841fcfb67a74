"""`autograde batch`: from the folder of a class to its gradebook."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import typer

from grader import collect, report
from grader.batch import attention, overview
from grader.batch.classroom import Classroom
from grader.batch.journal import RESULTS, Journal
from grader.batch.keys import exercise_digest
from grader.batch.people import UNREADABLE, gather
from grader.batch.plan import Plan, Trouble
from grader.batch.progress import ClassProgress
from grader.batch.reading import read_all
from grader.batch.request import StoredRequest, write_request
from grader.batch.texts import Texts
from grader.batch.work import Work
from grader.cell.card import device_class
from grader.commands import common, places
from grader.commands.engines import engine_for
from grader.commands.requests import Request, plan_of
from grader.commands.views import GRADEBOOK
from grader.export.gradebook import gradebook_text
from grader.gradebook import Gradebook
from grader.model import Person

_NEW_OBJECTS = 20_000
"""After how many the garbage collector looks for cycles, of which the results of a class have
none: after every 700, as usual, it takes an eighth of the time."""


def grade_class(
    request: Request, *, as_json: bool, first: Callable[[Work], None] | None = None
) -> int:
    """Grade a class and return the exit code.

    Args:
        request: What to grade.
        as_json: Print JSON instead of a summary.
        first: Told what is known before anything is judged or written; may raise.

    Raises:
        AutogradeError: If the class cannot be read or graded at all.
    """
    gc.set_threshold(_NEW_OBJECTS)
    url = places.address(request.out, request.course, request.gradebook)
    plan, roster = plan_of(request)
    # The gradebook is opened first: a wrong URL is told before a night of judging.
    # Nodes of a cluster stand in other folders.
    with Journal(request.out.resolve()) as journal, Gradebook(url, create=True) as gradebook:
        try:
            extensions = gradebook.snapshot().decisions.extensions
            work, troubles = _read(request, journal, plan, roster, extensions)
            if first is not None:
                first(work)
            classroom = _open(request, journal, work, [*plan.troubles, *troubles])
        except KeyboardInterrupt:
            typer.echo("Interrupted before anything was judged; nothing is lost.", err=True)
            raise
        interrupted = False
        try:
            _judge(request, journal, work, classroom)
        except KeyboardInterrupt:
            interrupted = True
            typer.echo("Interrupted: writing what was judged.", err=True)
        finally:
            # Also after an error: whatever was judged until then is in the gradebook.
            classroom.end(gradebook)
            rows, ids = classroom.rows, [exercise.id for exercise in request.exercises]
            report.write_text(request.out / GRADEBOOK, gradebook_text(rows, ids))
            _draw_page(request, classroom, work.texts, ids)
    _summarise(request, classroom, as_json=as_json, interrupted=interrupted)
    return _exit_code(classroom, interrupted=interrupted)


def _read(
    request: Request,
    journal: Journal,
    plan: Plan,
    roster: Sequence[Person],
    extensions: Mapping[tuple[str, str], datetime],
) -> tuple[Work, list[Trouble]]:
    """Read every hand-in; return what there is to judge, and what could not be read."""
    course, exercises = request.course, request.exercises
    texts, limits = Texts(exercises, journal.folder), collect.IntakeLimits(**course.intake)
    read = list(read_all(plan.attempts, exercises, limits, texts, request.processes))
    members, troubles = gather(read, roster, course, exercises, request.policy, extensions)
    level = course.min_level if request.level is None else request.level
    digests = {
        e.id: exercise_digest(e, request.training_mode, device=device_class(request.device))
        for e in exercises
    }
    return Work(journal, exercises, members, texts, digests, level), troubles


def _open(request: Request, journal: Journal, work: Work, troubles: Sequence[Trouble]) -> Classroom:
    """Write the class with nobody graded, and the pages of those who need no judging."""
    course, say = request.course, common.speak(request.course, request.language)
    classroom = Classroom(
        journal, course, request.exercises, troubles, work, say, request.processes
    )
    write_request(request.out, _to_keep(request))
    classroom.begin()
    return classroom


def _to_keep(request: Request) -> StoredRequest:
    """Give what later commands need of a request."""
    return StoredRequest(
        root=str(request.root.resolve()),
        exercises=tuple(exercise.id for exercise in request.exercises),
        roster=str(request.roster.resolve()) if request.roster else "",
        policy=request.policy,
        level=request.level,
        language=request.language,
        pseudonyms=request.pseudonyms,
        training=request.training,
        device=request.device,
        gradebook=places.kept(request.out, request.gradebook),
    )


def _judge(request: Request, journal: Journal, work: Work, classroom: Classroom) -> None:
    tasks = work.tasks()
    if not tasks:
        return
    with ClassProgress(len(tasks)) as progress:
        engine = engine_for(request, journal, work.digests, progress.beat)
        with contextlib.closing(engine.run(tasks)) as running:
            for finished in running:
                classroom.settle(finished)
                progress.advance()


def _draw_page(request: Request, classroom: Classroom, texts: Texts, ids: list[str]) -> None:
    course, say = request.course, common.speak(request.course, request.language)
    rows, attempts = classroom.rows, classroom.attempts
    found = overview.look_at(
        classroom.overview, rows, course, ids, attempts, texts, request.processes
    )
    overview.keep(found, request.out)
    overview.draw(found, request.out / overview.PAGE_NAME, say, pseudonyms=request.pseudonyms)


def _exit_code(classroom: Classroom, *, interrupted: bool) -> int:
    if interrupted:
        return common.INTERRUPTED
    if classroom.open_lines:
        return common.FAULT
    unreadable = any(UNREADABLE in row.flags for row in classroom.rows)
    return common.FAILED if unreadable else common.OK


def _summarise(request: Request, classroom: Classroom, *, as_json: bool, interrupted: bool) -> None:
    rows = classroom.rows
    graded = sum(1 for row in rows if row.grade is not None and row.grade.score is not None)
    if as_json:
        common.print_json(
            {
                "out": str(request.out),
                "people": len(rows),
                "graded": graded,
                "complete": not interrupted,
                "needs_a_person": classroom.open_lines,
                "unreadable": classroom.trouble_lines,
            }
        )
        return
    typer.echo(f"{graded} of {len(rows)} graded.")
    for count, what in (
        (sum(1 for row in rows if "not_submitted" in row.flags), "handed in nothing"),
        (len(classroom.open_lines), "left open by a fault of the grader"),
        (len(classroom.trouble_lines), "could not be read"),
    ):
        if count:
            typer.echo(f"{count} {what}.")
    if classroom.open_lines or classroom.trouble_lines:
        typer.echo(f"See {request.out / attention.FILE_NAME}.")
    typer.echo(f"Gradebook: {request.out / GRADEBOOK}; pages: {request.out / RESULTS}")
    typer.echo(f"What needs you first: {request.out / overview.PAGE_NAME}")
