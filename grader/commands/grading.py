"""`autograde batch`: from the folder of a class to its gradebook."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader import collect, report
from grader.batch import attention, overview
from grader.batch.capacity import cores
from grader.batch.classroom import Classroom
from grader.batch.cluster_file import AnyCluster
from grader.batch.find import find_submissions
from grader.batch.intake import Policy
from grader.batch.journal import RESULTS, Journal
from grader.batch.keys import exercise_digest
from grader.batch.people import UNREADABLE, gather, on_roster, without_others
from grader.batch.plan import Plan
from grader.batch.progress import ClassProgress
from grader.batch.reading import read_all
from grader.batch.request import StoredRequest, write_request
from grader.batch.roster import read_roster
from grader.batch.texts import Texts
from grader.batch.work import Work
from grader.cell.card import device_class
from grader.commands import common, places
from grader.commands.engines import engine_for
from grader.commands.views import GRADEBOOK
from grader.export.gradebook import gradebook_text
from grader.gradebook import Gradebook
from grader.model import Course, Device, Exercise, Person, TrainingMode
from grader.report.text import clean_line

_ROSTERS = ("roster.csv", "students.csv")
_NEW_OBJECTS = 20_000
"""After how many the garbage collector looks for cycles, of which the results of a class have
none: after every 700, as usual, it takes an eighth of the time."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for.

    Attributes:
        course: The course.
        exercises: Those to grade, in course order.
        root: The folder of the class.
        out: Where results are written.
        roster: Who is in the class; None to look in `root`.
        policy: Which of several attempts counts.
        jobs: Workers side by side; None for as many as fit.
        level: Isolation asked for by name; None for the best of the host.
        language: Of the page of the class; None for the course's own.
        pseudonyms: Whether that page names nobody.
        training: Whether the tests that train are run.
        device: Where they may do so.
        gradebook: URL of the gradebook, if one was named; None for the usual one.
        cluster: Where cells run; None for this machine.
    """

    course: Course
    exercises: tuple[Exercise, ...]
    root: Path
    out: Path
    roster: Path | None
    policy: Policy
    jobs: int | None
    level: int | None
    language: str | None
    pseudonyms: bool
    training: bool
    device: Device
    gradebook: str | None = None
    cluster: AnyCluster | None = None

    @property
    def training_mode(self) -> TrainingMode:
        """What becomes of tests that train."""
        return TrainingMode.JUDGE if self.training else TrainingMode.OFF


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
    plan, roster = _plan(request)
    # The gradebook is opened first: a wrong URL is told before a night of judging.
    # Nodes of a cluster stand in other folders.
    with Journal(request.out.resolve()) as journal, Gradebook(url, create=True) as gradebook:
        exercises = request.exercises
        extensions = gradebook.snapshot().decisions.extensions
        limits = collect.IntakeLimits(**request.course.intake)
        texts, processes = Texts(exercises), request.jobs or cores()
        read = list(read_all(plan.attempts, exercises, limits, texts, processes))
        members, troubles = gather(
            read, roster, request.course, exercises, request.policy, extensions
        )
        level = request.course.min_level if request.level is None else request.level
        device = device_class(request.device)
        digests = {
            e.id: exercise_digest(e, request.training_mode, device=device) for e in exercises
        }
        work = Work(journal, exercises, members, texts, digests, level)
        if first is not None:
            first(work)
        lines = [*plan.troubles, *troubles]
        say = common.speak(request.course, request.language)
        classroom = Classroom(
            journal, request.course, exercises, members, lines, work, say, processes
        )
        write_request(request.out, _to_keep(request))
        classroom.begin()
        interrupted = False
        try:
            _judge(request, journal, work, classroom, device)
        except KeyboardInterrupt:
            interrupted = True
            typer.echo("Interrupted: writing what was judged.", err=True)
        finally:
            # Also after an error: whatever was judged until then is in the gradebook.
            classroom.end(gradebook)
            rows, ids = classroom.rows, [exercise.id for exercise in exercises]
            report.write_text(request.out / GRADEBOOK, gradebook_text(rows, ids))
            _draw_page(request, classroom, texts, ids, say)
    _summarise(request, classroom, as_json=as_json, interrupted=interrupted)
    return _exit_code(classroom, interrupted=interrupted)


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


def show_plan(request: Request, *, as_json: bool) -> None:
    """Print what would be graded.

    Args:
        request: What to grade.
        as_json: Print JSON instead of a table.
    """
    plan, roster = _plan(request)
    present = {person.key for attempt in plan.attempts for person in attempt.members}
    missing = [person.key for person in roster if person.key not in present]
    if as_json:
        common.print_json({"attempts": _as_data(plan), "missing": missing, "troubles": [
            trouble.line for trouble in plan.troubles
        ]})  # fmt: skip
        return
    table = Table(box=None, pad_edge=False)
    for name in ("who", "name", "received (UTC)", "layout", "where"):
        table.add_column(name)
    for attempt in plan.attempts:
        received = f"{attempt.received_at:%Y-%m-%d %H:%M}" if attempt.received_at else ""
        names = ", ".join(person.name for person in attempt.members if person.name)
        cells = (attempt.owner, names, received, attempt.layout.value, str(attempt.path))
        table.add_row(*(Text(clean_line(cell)) for cell in cells))
    Console(highlight=False).print(table)
    typer.echo(f"{len(plan.attempts)} hand-ins of {len(present)} people")
    for key in missing:
        typer.echo(f"nothing handed in: {key}")
    for trouble in plan.troubles:
        typer.echo(trouble.line)


def _plan(request: Request) -> tuple[Plan, tuple[Person, ...]]:
    rosters = [request.roster] if request.roster else [request.root / n for n in _ROSTERS]
    roster: tuple[Person, ...] = ()
    for path in rosters:
        if request.roster or path.is_file():
            roster = read_roster(path)
            break
    plan = find_submissions(request.root, request.course.exercises, leave_out=[request.out])
    return on_roster(without_others(plan, request.course, request.exercises), roster), roster


def _judge(
    request: Request, journal: Journal, work: Work, classroom: Classroom, device: str
) -> None:
    tasks = work.tasks()
    if not tasks:
        return
    with ClassProgress(len(tasks)) as progress:
        engine = engine_for(request, journal, work.digests, device, progress.beat)
        with contextlib.closing(engine.run(tasks)) as running:
            for finished in running:
                classroom.settle(finished)
                progress.advance()


def _draw_page(
    request: Request, classroom: Classroom, texts: Texts, ids: list[str], say: report.Say
) -> None:
    course = request.course
    rows, attempts = classroom.rows, classroom.attempts
    processes = request.jobs or cores()
    found = overview.look_at(classroom.overview, rows, course, ids, attempts, texts, processes)
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


def _as_data(plan: Plan) -> list[dict[str, object]]:
    return [
        {
            "owner": attempt.owner,
            "members": [{"key": p.key, "name": p.name, "email": p.email} for p in attempt.members],
            "path": str(attempt.path),
            "layout": attempt.layout.value,
            "assignment": attempt.assignment,
            "received_at": attempt.received_at.isoformat() if attempt.received_at else None,
        }
        for attempt in plan.attempts
    ]
