"""For authors of exercises: `verify`, `fingerprint`, `release`, `new`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grader import course
from grader.commands import common
from grader.errors import UsageError
from grader.model import Device


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.command()(verify)
    app.command()(fingerprint)
    app.command()(release)
    app.command()(new)
    app.command()(calibrate)


def verify(
    exercises: common.ExerciseNames = None,
    folder: common.CourseFolder = Path(),
    mutants: Annotated[
        bool, typer.Option(help="Also mutate the reference, which takes most of the time.")
    ] = True,
    as_json: common.AsJson = False,
) -> None:
    """Test the tests: stub, reference, alternatives, mistakes, mutants, points, secrets."""
    from grader.commands.verification import verify_all

    found, chosen = common.find(folder, exercises)
    common.require_teacher(found, "verify")
    raise typer.Exit(verify_all(found, chosen, with_mutants=mutants, as_json=as_json))


def fingerprint(
    exercises: common.ExerciseNames = None, folder: common.CourseFolder = Path()
) -> None:
    """Store by which answers each known mistake is recognised (needs probes.py)."""
    from grader import pipeline
    from grader.course.fingerprints import fingerprints_path
    from grader.report import write_text

    found, chosen = common.find(folder, exercises)
    common.require_teacher(found, "fingerprint")
    complaints = 0
    with pipeline.Session(found, chosen) as session:
        for exercise in chosen:
            taken = session.fingerprint(exercise)
            path = fingerprints_path(exercise)
            for where, what in taken.findings:
                typer.echo(f"{where}: {what}")
            complaints += len(taken.findings)
            if taken.text and not taken.current:
                write_text(path, taken.text)
            state = "not wanted" if not taken.text else "current" if taken.current else "written"
            typer.echo(f"{path.relative_to(found.root)}: {state}", err=True)
    raise typer.Exit(common.FAILED if complaints else common.OK)


def release(
    dest: Annotated[
        Path | None, typer.Argument(help="Folder of the student repository; empty or a release.")
    ] = None,
    stubs: Annotated[
        bool, typer.Option("--stubs", help="Only write stubs and notebooks into assignments/.")
    ] = False,
    central: Annotated[
        bool,
        typer.Option("--central", help="Only write the workflow that grades the class from here."),
    ] = False,
    folder: common.CourseFolder = Path(),
) -> None:
    """Write a student repository: assignments, a wheel of the grader, nothing secret."""
    from grader.course import release as room

    found = course.load_course(folder)
    if stubs:
        for path in room.write_stubs(found):
            typer.echo(path)
        return
    if central:
        typer.echo(room.write_class_workflow(found))
        return
    if dest is None:
        raise UsageError("release", "no DEST was given", "Name the student repository's folder.")
    done = room.release(found, dest)
    typer.echo(f"{done.dest}: {len(done.written)} files written, {len(done.removed)} removed")


def new(
    name: Annotated[str, typer.Argument(help="Section and name, for instance 04-99-demo.")],
    folder: common.CourseFolder = Path(),
) -> None:
    """Write a new exercise whose every part fails politely until you have written it."""
    from grader.course.new import new_exercise

    for path in new_exercise(course.load_course(folder), name):
        typer.echo(path)
    typer.echo(f"Next: CONTRIBUTING.md, then `autograde verify {name}`.", err=True)


def calibrate(
    exercises: common.ExerciseNames = None,
    folder: common.CourseFolder = Path(),
    cores: Annotated[
        int | None, typer.Option(help="Runs at the same time. Default: all cores.", min=1)
    ] = None,
    device: common.DeviceName = Device.CPU,
) -> None:
    """Train each reference twenty times and keep the values that thresholds stand on."""
    from grader.batch import capacity
    from grader.commands.calibration import calibrate_all

    found, chosen = common.find(folder, exercises)
    common.require_teacher(found, "calibrate")
    raise typer.Exit(calibrate_all(found, chosen, cores=cores or capacity.cores(), device=device))
