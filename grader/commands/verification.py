"""`autograde verify`: the gate of each exercise, graded by a few workers side by side."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

import typer
from rich.console import Console
from rich.table import Table

from grader import pipeline
from grader.commands import common
from grader.course.findings import Report
from grader.course.verify import verify
from grader.model import Course, Exercise

MAX_WORKERS = 4
"""Each holds two processes of 300 MB."""


def verify_all(
    course: Course, exercises: Sequence[Exercise], *, with_mutants: bool, as_json: bool
) -> int:
    """Run the gate of each exercise, print what it found, and return the exit code.

    Args:
        course: The course.
        exercises: Which of its exercises.
        with_mutants: False to leave the mutants out.
        as_json: Print JSON instead of a table.

    Raises:
        CourseError: If a suite cannot be collected at all.
    """
    workers = max(1, min(MAX_WORKERS, os.cpu_count() or 1))
    with contextlib.ExitStack() as stack:
        sessions = [
            stack.enter_context(pipeline.Session(course, exercises, probes=True))
            for _ in range(workers)
        ]
        graders = [session.grade_source for session in sessions]
        reports = [
            verify(
                exercise,
                graders,
                with_mutants=with_mutants,
                fingerprint=sessions[0].fingerprint,
                progress=_Line(exercise.id),
            )
            for exercise in exercises
        ]
    if as_json:
        common.print_json([report.as_dict() for report in reports])
    else:
        _print(reports)
    return common.OK if all(report.ok for report in reports) else common.FAILED


class _Line:
    """One line on stderr that says what the gate does now."""

    def __init__(self, exercise_id: str) -> None:
        self._exercise_id = exercise_id

    def __call__(self, what: str) -> None:
        end = "\r" if sys.stderr.isatty() else "\n"
        typer.echo(f"{self._exercise_id}: {what:<60}{end}", err=True, nl=False)


def _print(reports: Sequence[Report]) -> None:
    table = Table(box=None, pad_edge=False)
    counted = ("tests", "points", "alternatives", "caught", "distinguished", "mutants", "s")
    for name in ("exercise", *counted, ""):
        table.add_column(name, justify="left" if name in ("exercise", "") else "right")
    for report in reports:
        table.add_row(
            report.exercise_id,
            str(report.tests),
            f"{float(report.points):g}",
            str(report.alternatives),
            f"{report.mistakes_caught}/{report.mistakes}",
            f"{report.mistakes_distinguished}/{report.mistakes}",
            f"{report.mutants_killed}/{report.mutants}",
            f"{report.seconds:.1f}",
            "ok" if report.ok else f"{len(report.problems)} to mend",
        )
    console = Console(highlight=False)
    console.print(table)
    for report in reports:
        for problem in report.problems:
            typer.echo(f"{problem.where}: {problem.what}")
            if problem.what_now:
                typer.echo(f"    {problem.what_now}")
