"""For instructors with a class: `batch` and `regrade`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.batch.intake import Policy
from grader.commands import common
from grader.commands.instructor import LEVELS
from grader.errors import UsageError
from grader.model import Device

if TYPE_CHECKING:
    from grader.batch.cluster_file import AnyCluster


class EngineName(StrEnum):
    """Where the cells of a batch run."""

    LOCAL = "local"
    PARSL = "parsl"


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.command()(batch)
    app.command()(regrade)


def batch(
    root: Annotated[Path, typer.Argument(help="The folder with one hand-in per student.")],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where results are written, and resumed.")
    ] = Path("graded"),
    exercises: Annotated[
        list[str] | None,
        typer.Option(
            "--exercise", "-e", metavar="EXERCISE", help="Grade only this one; repeatable."
        ),
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Who is in the class. Default: roster.csv in ROOT."),
    ] = None,
    attempt: Annotated[
        Policy, typer.Option(help="Which of several attempts counts.")
    ] = Policy.LATEST,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Workers side by side. Default: as many as fit."),
    ] = None,
    level: Annotated[
        str, typer.Option("--level", metavar="3|2|0", help="Isolation level, by name.")
    ] = "auto",
    no_training: common.NoTraining = False,
    device: common.DeviceName = Device.AUTO,
    gradebook: common.GradebookUrl = None,
    engine: Annotated[
        EngineName, typer.Option(help="Where cells run: on this machine, or on a cluster by Parsl.")
    ] = EngineName.LOCAL,
    engine_config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What the cluster is like.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what was found; grade nothing.")
    ] = False,
    folder: common.CourseFolder = Path(),
    language: common.Language = None,
    pseudonyms: common.Pseudonyms = False,
    as_json: common.AsJson = False,
) -> None:
    """Grade every hand-in below ROOT; the same command again goes on where it ended."""
    from grader.commands.grading import grade_class
    from grader.commands.requests import Request, show_plan

    if level not in LEVELS:
        raise UsageError("--level", f"{level!r} is no isolation level", "Use 3, 2 or 0.")
    found, chosen = common.find(folder, exercises)
    common.require_teacher(found, "batch")
    asked_level = None if level == "auto" else LEVELS[level]
    request = Request(
        found, chosen, root, out, roster, attempt, jobs, asked_level, language, pseudonyms,
        not no_training, device, gradebook, _cluster(engine, engine_config),
    )  # fmt: skip
    if dry_run:
        show_plan(request, as_json=as_json)
        return
    raise typer.Exit(grade_class(request, as_json=as_json))


def regrade(
    exercises: Annotated[
        list[str],
        typer.Option("--exercise", "-e", metavar="EXERCISE", help="What to judge; repeatable."),
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="What `autograde batch --out` wrote.")
    ] = Path("graded"),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be judged; judge nothing.")
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Workers side by side. Default: as many as fit."),
    ] = None,
    folder: common.CourseFolder = Path(),
    as_json: common.AsJson = False,
) -> None:
    """Judge one exercise of a class again, after saying what that means."""
    from grader.commands.again import regrade_class

    found, chosen = common.find(folder, exercises)
    common.require_teacher(found, "regrade")
    code = regrade_class(found, chosen, out, jobs, yes=yes, dry_run=dry_run, as_json=as_json)
    raise typer.Exit(code)


def _cluster(engine: EngineName, config: Path | None) -> AnyCluster | None:
    """Read what the cluster is like; None for this machine.

    Raises:
        UsageError: If the options do not go together, or Parsl is not installed.
        CourseError: If the file is wrong.
    """
    if engine is EngineName.LOCAL:
        if config is not None:
            what = "it describes a cluster, but this machine is to grade."
            raise UsageError("--engine-config", what, "Add --engine parsl.")
        return None
    if config is None:
        what = "nothing says what the cluster is like."
        raise UsageError("--engine parsl", what, "Add --engine-config FILE; see docs/classes.md.")
    from grader.batch.cluster import require_parsl
    from grader.batch.cluster_file import read_cluster_file

    require_parsl()
    return read_cluster_file(config)
