"""`autograde calibrate`: runs of the reference, from which thresholds for training follow."""

from __future__ import annotations

import contextlib
import hashlib
import math
import queue
import re
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from filelock import FileLock

from grader import pipeline, report
from grader.cell import card
from grader.commands import common
from grader.data import find
from grader.errors import CellError, CourseError, UsageError
from grader.model import (
    CPU,
    Course,
    Device,
    Exercise,
    Outcome,
    TestCase,
    TrainingMode,
    TrainingRecord,
)

if TYPE_CHECKING:
    from grader.judge.calibration import Entry, Key
    from grader.judge.site import Place
    from grader.judge.threshold import Rule


@dataclass(frozen=True, slots=True)
class _Plan:
    """The runs of one test that trains."""

    exercise: Exercise
    case: TestCase
    source: str
    key: Key
    rule: Rule


def calibrate_all(
    course: Course, exercises: Sequence[Exercise], *, cores: int, device: Device
) -> int:
    """Run what is missing of each reference, keep every value, and return the exit code.

    Args:
        course: The course.
        exercises: Which of its exercises; those that train nothing are passed over.
        cores: How many runs at the same time.
        device: Where to train; `auto` is a graphics card if there is one. Recipes for another
            device are passed over.

    Raises:
        CellError: If there is no such device, or a fault of ours ends a run.
        CourseError: If a reference cannot be trained.
        UsageError: If nothing can be written.
    """
    if device is Device.AUTO:
        device = Device.CUDA if card.find()[0] else Device.CPU
    with contextlib.ExitStack() as stack:
        sessions: queue.SimpleQueue[pipeline.Session] = queue.SimpleQueue()
        for _ in range(max(1, cores)):
            sessions.put(stack.enter_context(pipeline.Session(course, exercises, device=device)))
        first = sessions.get()
        plans = [plan for exercise in exercises for plan in _plans(exercise, first, device)]
        sessions.put(first)
        refused = [why for plan in plans if (why := _calibrate(plan, sessions, cores))]
    if not plans:
        typer.echo("None of these exercises trains anything there.", err=True)
    for why in refused:
        typer.echo(why)
    return common.FAILED if refused else common.OK


def _plans(exercise: Exercise, session: pipeline.Session, device: Device) -> list[_Plan]:
    from grader.judge.recipes import RECIPES
    from grader.judge.training import key_of

    source = exercise.reference.read_text(encoding="utf-8")
    places = _places(session, device)
    return [
        _Plan(exercise, case, source, key_of(recipe, place), recipe.rule)
        for case in session.cases[exercise.id]
        if case.training
        for recipe in (RECIPES[case.training],)
        if (place := places.get(recipe.device)) is not None
    ]


def _places(session: pipeline.Session, device: Device) -> dict[Device, Place]:
    """Return where each kind of recipe is calibrated; another kind is passed over."""
    from grader.judge.site import Place

    if device is Device.CPU:
        return {Device.CPU: Place(), Device.AUTO: Place()}
    told = session.environment
    here = Place(told["device"], told.get("driver", ""))
    return {Device.AUTO: here, Device.CUDA: here}


def _calibrate(plan: _Plan, sessions: queue.SimpleQueue[pipeline.Session], cores: int) -> str:
    """Run the missing seeds of one plan; return why no threshold can stand on them."""
    from grader.judge import calibration, plot, threshold

    folder = plan.exercise.hidden_dir
    known = calibration.read(folder).find(plan.key)
    done = {run.seed for run in known.runs} if known else set()
    name = f"{plan.exercise.id} {plan.key.recipe}"
    missing = [seed for seed in range(threshold.RUNS) if seed not in done]
    typer.echo(f"{name}: {len(done)} runs are here, {len(missing)} to go", err=True)
    keep = threading.Lock()

    def run(seed: int) -> None:
        session = sessions.get()
        try:
            record = _measure(session, plan, seed)
        finally:
            sessions.put(session)
        with keep:
            entry = _keep(folder, plan, seed, record)
        typer.echo(f"{name}: seed {seed}: {record.value} ({len(entry.runs)} runs)", err=True)

    with ThreadPoolExecutor(max(1, cores)) as pool:
        try:
            for future in [pool.submit(run, seed) for seed in missing]:
                future.result()
        finally:
            pool.shutdown(cancel_futures=True)
    entry = calibration.read(folder).find(plan.key)
    if entry is None or not entry.is_finished:
        kept = len(entry.runs) if entry else 0
        return f"{name}: {kept} of {threshold.RUNS} runs are here. The same command goes on."
    why = threshold.unusable(entry.values, plan.rule)
    if all(map(math.isfinite, entry.values)):
        file = folder / _plot_name(plan.key)
        report.write_text(file, plot.draw(entry, plan.rule))
        found = entry.bounds(plan.rule)
        typer.echo(
            f"{name}: mean {found.mean:.4f}, sd {found.sd:.4f}, worst {found.worst:.4f}, "
            f"threshold {found.threshold:.4f}"
        )
    return f"{name}: refused, because {why}." if why else ""


def _plot_name(key: Key) -> str:
    """Name the drawing of a calibration; each kind of card has its own."""
    device = "" if key.device == CPU else "-" + re.sub(r"\W+", "-", key.device.lower())
    return f"calibration-{key.recipe}{device}.svg"


def _measure(session: pipeline.Session, plan: _Plan, seed: int) -> TrainingRecord:
    grade = session.grade_source(
        plan.exercise, plan.source, seed=seed, training=TrainingMode.MEASURE
    )
    verdict = next(v for v in grade.verdicts if v.test.id == plan.case.id)
    if verdict.outcome is Outcome.PASSED and verdict.training is not None:
        return verdict.training  # a run whose numbers broke is one, too
    where = f"{plan.exercise.id}: {plan.case.id}"
    what = f"the reference could not be trained ({verdict.outcome}: {verdict.message})"
    again = "What was measured before is kept; the same command goes on."
    if verdict.outcome is Outcome.GRADER_FAULT:
        raise CellError(where, what, again)
    raise CourseError(where, what, f"Correct the reference or the recipe, or give it time. {again}")


def _keep(folder: Path, plan: _Plan, seed: int, record: TrainingRecord) -> Entry:
    """Store one run at once, so that nothing is lost when the command is killed."""
    from grader.judge import calibration

    (attempt,) = record.attempts
    run = calibration.ReferenceRun(
        seed, attempt.value, round(attempt.seconds, 2), tuple(attempt.losses)
    )
    with _alone(folder):
        file = calibration.read(folder)
        known = file.find(plan.key)
        others = [one for one in known.runs if one.seed != seed] if known else []
        runs = tuple(sorted([*others, run], key=lambda one: one.seed))
        values = calibration.Entry(plan.key, runs).values
        entry = calibration.Entry(plan.key, runs, calibration.summary(values, plan.rule))
        text = calibration.to_text(calibration.replaced(file, entry))
        report.write_text(folder / calibration.FILE_NAME, text)
    return entry


def _alone(folder: Path) -> FileLock:
    """Keep other calibrations of this user from the same file, for another device for instance.

    Raises:
        UsageError: If no lock can be made.
    """
    place = find.cache_folder() / "locks"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"no folder can be made there ({error.strerror})."
        raise UsageError(str(place), what, "Set $XDG_CACHE_HOME to one that can be.") from error
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:32]
    return FileLock(place / f"calibration-{name}.lock")
