"""`autograde regrade`: one exercise of a class is judged again, after saying what that means."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import typer

from grader import course as courses
from grader.batch.request import FILE_NAME, read_request
from grader.batch.work import Again, Work
from grader.commands import common
from grader.commands.grading import grade_class
from grader.commands.requests import Request
from grader.errors import UsageError
from grader.model import Course, Exercise
from grader.report.text import clean_line


def regrade_class(
    found: Course,
    chosen: Sequence[Exercise],
    out: Path,
    jobs: int | None,
    *,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Judge some exercises again and return the exit code.

    Args:
        found: The course.
        chosen: What to judge.
        out: What `autograde batch --out` wrote.
        jobs: Workers side by side; None for as many as fit.
        yes: Whether nobody is asked.
        dry_run: Whether it is only said what would be judged.
        as_json: Print JSON instead of text.

    Raises:
        AutogradeError: If the class is not known, or cannot be graded at all.
    """
    request = _as_before(found, out, jobs)
    ids = [exercise.id for exercise in chosen]
    missing = [name for name in ids if name not in {e.id for e in request.exercises}]
    if missing:
        what = f"{missing[0]} is no part of what was graded here."
        raise UsageError(str(out), what, "Run `autograde batch` with it.")

    def first(work: Work) -> None:
        plan = work.again(ids)
        if dry_run and as_json:
            common.print_json([
                {"owner": a.owner, "origin": a.origin, "exercise": a.exercise_id, "why": a.why}
                for a in plan
            ])  # fmt: skip
        else:
            _tell(plan, ids, err=not dry_run)
        if dry_run:
            raise typer.Exit
        if not yes:
            _ask()
        work.set_aside(ids)

    return grade_class(request, as_json=as_json, first=first)


def _as_before(found: Course, out: Path, jobs: int | None) -> Request:
    """Ask for the same as the batch did.

    Raises:
        UsageError: If it is not known, or the course lacks one of its exercises now.
    """
    before = read_request(out)
    if before is None:
        what = f"there is no {FILE_NAME}, so it is not known where the hand-ins are."
        raise UsageError(str(out), what, "Run `autograde batch ROOT --out DIR` once.")
    return Request(
        course=found,
        exercises=courses.select(found, before.exercises),
        root=Path(before.root),
        out=out,
        roster=Path(before.roster) if before.roster else None,
        policy=before.policy,
        jobs=jobs,
        level=before.level,
        language=before.language,
        pseudonyms=before.pseudonyms,
        training=before.training,
        device=before.device,
    )


def _tell(plan: Sequence[Again], ids: Sequence[str], *, err: bool) -> None:
    """Say what will be judged, how many, and why."""
    for name in ids:
        own = [again for again in plan if again.exercise_id == name]
        typer.echo(f"{name}: {len(own)} hand-ins would be judged.", err=err)
        for why, count in Counter(again.why for again in own).items():
            typer.echo(f"  {count}: {why}", err=err)
        for again in own:
            line = clean_line(f"    {again.owner}: {again.why} ({again.origin})", 500)
            typer.echo(line, err=err)
    typer.echo("Nothing else is judged. What stood there stays beside it (.before).", err=err)


def _ask() -> None:
    """Go on only if somebody says so.

    Raises:
        UsageError: If nobody is there to ask, or the answer is no.
    """
    if not sys.stdin.isatty():
        what = "nobody is there to be asked; nothing was judged."
        raise UsageError("regrade", what, "Pass --yes if that is what you want.")
    if not typer.confirm("Judge them again?", err=True):
        raise UsageError("regrade", "the answer was no; nothing was judged.", "")
