"""From the record of a stored result back to the nouns; `stored.py` checks what it says."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from grader.model import (
    Comparison,
    Diagnosis,
    Exercise,
    ExerciseGrade,
    Finding,
    Frame,
    Grade,
    HandIn,
    Isolation,
    Limits,
    Note,
    Outcome,
    Probe,
    Submission,
    Task,
    TaskGrade,
    TestCase,
    TrainingAttempt,
    TrainingRecord,
    Verdict,
    Visibility,
)
from grader.points import points_fraction

if TYPE_CHECKING:
    from grader.report import record

_SHARED = 4096
"""What the results of a class share (exercises, tasks, tests, notes): most of what one holds."""


def grade_of(found: record.ResultRecord) -> Grade:
    """Turn a checked record back into the nouns.

    What a result does not record (source, folders, limits) is empty or default.

    Raises:
        ValueError: If a number or a moment in it is none.
    """
    submission = found.submission
    exercises = tuple(_exercise_grade(exercise) for exercise in found.exercises)
    return Grade(
        submission=Submission(
            id=submission.id,
            owner=submission.owner,
            origin=submission.origin,
            received_at=_aware(submission.received_at),
            hand_ins=tuple(exercise.hand_in for exercise in exercises),
            commit=submission.commit,
            notes=_as_notes(submission.notes),
        ),
        exercises=exercises,
        score=_as_points(found.score),
        max_score=points_fraction(found.max_score),
        isolation=_isolation(found.isolation),
        environment=found.environment,
        graded_at=_aware(found.graded_at),
        complete=found.complete,
        public_only=found.public_only,
    )


def _isolation(found: record.IsolationRecord) -> Isolation:
    probes = tuple((probe.title, probe.finding) for probe in found.probes)
    return _shared_isolation(found.level, found.reason, found.remedy, probes)


@functools.lru_cache(_SHARED)
def _shared_isolation(
    level: int, reason: str, remedy: str, probes: tuple[tuple[str, Finding], ...]
) -> Isolation:
    return Isolation(level, reason, remedy, tuple(Probe(*probe) for probe in probes))


def _exercise_grade(found: record.ExerciseRecord) -> ExerciseGrade:
    """Turn one exercise back into the nouns; its folders are unknown here."""
    tasks = tuple(
        _task_grade(task.name, task.title, task.points, task.score, task.max_score)
        for task in found.tasks
    )
    measured = {training.test: _training(training) for training in found.training}
    return ExerciseGrade(
        exercise=_exercise(
            found.id,
            found.title,
            found.section,
            found.module,
            found.points,
            tuple(task.task for task in tasks),
            found.pass_fraction,
        ),
        hand_in=HandIn(
            exercise_id=found.id,
            status=found.status,
            path=found.path,
            sha256=found.sha256,
            problem=found.problem,
        ),
        score=_as_points(found.score),
        max_score=points_fraction(found.max_score),
        tasks=tasks,
        verdicts=tuple(_verdict(found.id, test, measured.get(test.id)) for test in found.tests),
        seed=found.seed,
        duration_s=found.duration_s,
        notes=_as_notes(found.notes),
        diagnoses=tuple(
            Diagnosis(d.task, d.label, d.hint, d.confidence, _comparison(d.example), d.call)
            for d in found.diagnosis
        ),
    )


def _training(found: record.MeasuredRecord) -> TrainingRecord:
    """Turn what was measured back into a noun."""
    return TrainingRecord(
        recipe=found.recipe,
        title=found.title,
        metric=found.metric,
        data=found.data,
        data_sha256=found.data_sha256,
        device=found.device,
        torch=found.torch,
        steps=found.steps,
        value=found.value,
        reason=found.reason,
        threshold=found.threshold,
        floor=found.floor,
        ceiling=found.ceiling,
        mean=found.mean,
        worst=found.worst,
        best=found.best,
        band=found.band,
        attempts=tuple(
            TrainingAttempt(run.seed, run.value, run.seconds, run.losses, run.gpu_peak_mib)
            for run in found.attempts
        ),
        suspicious=found.suspicious,
        note=found.note,
        driver=found.driver,
    )


def _verdict(
    exercise_id: str, found: record.TestRecord, training: TrainingRecord | None
) -> Verdict:
    """Turn one test back into a verdict."""
    return Verdict(
        test=_test_case(
            found.id,
            exercise_id,
            found.task,
            found.title,
            found.max_points,
            found.visibility,
            found.hint,
            found.depends_on,
        ),
        outcome=found.outcome,
        message=found.message,
        comparison=_comparison(found.comparison),
        frames=tuple(Frame(f.path, f.line, f.function, f.text) for f in found.frames),
        output=found.output,
        duration_s=found.duration_s,
        earned=_part(found) if training is not None else None,
        training=training,
    )


@functools.lru_cache(_SHARED)
def _exercise(
    name: str,
    title: str,
    section: str,
    module: str,
    points: float,
    tasks: tuple[Task, ...],
    pass_fraction: str,
) -> Exercise:
    return Exercise(
        id=name,
        title=title,
        section=section,
        module=module,
        points=points_fraction(points),
        tasks=tasks,
        limits=Limits(),
        assignment_dir=Path(),
        solution_dir=Path(),
        hidden_dir=Path(),
        pass_fraction=Fraction(pass_fraction),
    )


@functools.lru_cache(_SHARED)
def _task_grade(
    name: str, title: str, points: float, score: float | None, max_score: float
) -> TaskGrade:
    return TaskGrade(_task(name, title, points), _as_points(score), points_fraction(max_score))


@functools.lru_cache(_SHARED)
def _task(name: str, title: str, points: float) -> Task:
    return Task(name, title, points_fraction(points))


@functools.lru_cache(_SHARED)
def _test_case(
    name: str,
    exercise_id: str,
    task: str,
    title: str,
    points: float,
    visibility: Visibility,
    hint: str,
    depends_on: tuple[str, ...],
) -> TestCase:
    worth = points_fraction(points)
    return TestCase(name, exercise_id, task, title, worth, visibility, hint, depends_on=depends_on)


def _comparison(found: record.ComparisonRecord | None) -> Comparison | None:
    """Turn a comparison back into the noun."""
    if found is None:
        return None
    return Comparison(
        found.what,
        found.expected,
        found.actual,
        found.wrong,
        found.origin,
        found.difference,
        found.shapes,
    )


def _part(found: record.TestRecord) -> Fraction | None:
    """Return what a failed test of training still earned, if anything."""
    return (_as_points(found.points) or None) if found.outcome is Outcome.FAILED else None


def _as_notes(found: tuple[record.NoteRecord, ...]) -> tuple[Note, ...]:
    """Turn notes back into the nouns."""
    return tuple(_note(note.where, note.text) for note in found)


@functools.lru_cache(_SHARED)
def _note(where: str, text: str) -> Note:
    return Note(where, text)


def _as_points(found: float | None) -> Fraction | None:
    """Turn a JSON number back into exact points."""
    return None if found is None else points_fraction(found)


def _aware(text: str) -> datetime:
    """Read a moment.

    Raises:
        ValueError: If it is none, or bears no time zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        msg = f"the time {text!r} has no time zone"
        raise ValueError(msg)
    return moment.astimezone(UTC)
