"""What is asked of a class, and what stands there before anything of it is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.batch.capacity import cores
from grader.batch.cluster_file import AnyCluster
from grader.batch.find import find_submissions
from grader.batch.intake import Policy
from grader.batch.names import as_text
from grader.batch.people import on_roster, without_others
from grader.batch.plan import Plan
from grader.batch.roster import read_roster
from grader.commands import common
from grader.model import Course, Device, Exercise, Person, TrainingMode
from grader.report.text import clean_line

_ROSTERS = ("roster.csv", "students.csv")


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

    @property
    def processes(self) -> int:
        """How many read, draw and compare side by side."""
        return self.jobs or cores()


def plan_of(request: Request) -> tuple[Plan, tuple[Person, ...]]:
    """Look for what was handed in; return it with the roster, which may be empty.

    Raises:
        UsageError: If there is no class to be read.
    """
    rosters = [request.roster] if request.roster else [request.root / n for n in _ROSTERS]
    roster: tuple[Person, ...] = ()
    for path in rosters:
        if request.roster or path.is_file():
            roster = read_roster(path)
            break
    plan = find_submissions(request.root, request.course.exercises, leave_out=[request.out])
    return on_roster(without_others(plan, request.course, request.exercises), roster), roster


def show_plan(request: Request, *, as_json: bool) -> None:
    """Print what would be graded.

    Args:
        request: What to grade.
        as_json: Print JSON instead of a table.
    """
    plan, roster = plan_of(request)
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


def _as_data(plan: Plan) -> list[dict[str, object]]:
    return [
        {
            "owner": attempt.owner,
            "members": [{"key": p.key, "name": p.name, "email": p.email} for p in attempt.members],
            "path": as_text(str(attempt.path)),
            "layout": attempt.layout.value,
            "assignment": attempt.assignment,
            "received_at": attempt.received_at.isoformat() if attempt.received_at else None,
        }
        for attempt in plan.attempts
    ]
