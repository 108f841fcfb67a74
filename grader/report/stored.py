"""Stored results, read back strictly: pages are rendered again without running anything."""

from __future__ import annotations

import functools
import json
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import UsageError
from grader.model import (
    Comparison,
    Diagnosis,
    Exercise,
    ExerciseGrade,
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
from grader.report.result import FILE_NAME, SCHEMA, result_dict
from grader.report.text import clean_line

if TYPE_CHECKING:
    from grader.report import record

_SHARED = 4096
"""Tests and tasks that the results of a class share: they are most of what a result holds."""
RESULT_LIMIT_BYTES = 256 * 2**20
"""A larger file is no result: 50 exercises of 40 tests that all print to their limit need 32."""


def read_result(path: Path) -> Grade:
    """Read a stored result back, to render it again.

    Args:
        path: A `result.json`, or the folder that holds one.

    Returns:
        The grade. What a result does not record (source, folders, limits) is empty or default.

    Raises:
        UsageError: If the file is missing, broken, foreign, or does not add up.
    """
    file = path / FILE_NAME if path.is_dir() else path
    return parse_result(_read_bytes(file), file)


def parse_result(content: bytes, file: Path) -> Grade:
    """Read the bytes of a stored result.

    Args:
        content: Of a `result.json`.
        file: Where they come from, for messages.

    Returns:
        See `read_result`.

    Raises:
        UsageError: If they are broken, foreign, or do not add up.
    """
    import msgspec

    from grader.report.record import ResultRecord

    try:
        found = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_a_result(file, f"it is not JSON ({error})") from error
    schema = found.get("schema") if isinstance(found, dict) else None
    if schema != SCHEMA:
        named = clean_line(str(schema), 60) if schema is not None else "none"
        raise _not_a_result(file, f"its schema is {named}, not {SCHEMA}")
    try:
        record = msgspec.convert(found, ResultRecord)
        grade = _grade(record)
    except (msgspec.ValidationError, ValueError, OverflowError) as error:
        raise _not_a_result(file, clean_line(str(error), 300)) from error
    problem = _disagreement(found, grade)
    if problem:
        raise _not_a_result(file, problem)
    return grade


def as_stored(grade: Grade) -> Grade:
    """Give the grade that reading its stored result would give.

    Every renderer starts here, so that a fresh grade and a stored one make the same page, and
    nothing is shown that `result.json` would not hold.

    Args:
        grade: The grade of one submission, fresh or read back.

    Returns:
        The same grade with clean texts, without what hidden tests may not show.
    """
    import msgspec

    from grader.report.record import ResultRecord

    return _grade(msgspec.convert(result_dict(grade), ResultRecord))


def _grade(found: record.ResultRecord) -> Grade:
    """Turn a checked record back into the nouns."""
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
    probes = tuple(Probe(probe.title, probe.finding) for probe in found.probes)
    return Isolation(found.level, found.reason, found.remedy, probes)


def _exercise_grade(found: record.ExerciseRecord) -> ExerciseGrade:
    """Turn one exercise back into the nouns; its folders are unknown here."""
    tasks = tuple(
        TaskGrade(
            _task(task.name, task.title, task.points),
            _as_points(task.score),
            points_fraction(task.max_score),
        )
        for task in found.tasks
    )
    measured = {training.test: _training(training) for training in found.training}
    return ExerciseGrade(
        exercise=Exercise(
            id=found.id,
            title=found.title,
            section=found.section,
            module=found.module,
            points=points_fraction(found.points),
            tasks=tuple(task.task for task in tasks),
            limits=Limits(),
            assignment_dir=Path(),
            solution_dir=Path(),
            hidden_dir=Path(),
            pass_fraction=Fraction(found.pass_fraction),
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
    return tuple(Note(note.where, note.text) for note in found)


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


def _disagreement(found: dict[str, Any], grade: Grade) -> str:
    """Say what in the file contradicts the rest of it; empty if nothing does."""
    if not _adds_up(grade.score, [exercise.score for exercise in grade.exercises]):
        return "`score` is not the sum of the exercises"
    for exercise in grade.exercises:
        earned = [verdict.points for verdict in exercise.verdicts]
        if earned and not _adds_up(exercise.score, earned):
            return f"the score of {exercise.exercise.id} is not the sum of its tests"
    again = result_dict(grade)
    return "" if found == again else _first_difference("", found, json.loads(json.dumps(again)))


def _adds_up(total: Fraction | None, parts: list[Fraction | None]) -> bool:
    """Tell whether a total is the sum of its parts, and open exactly if one of them is."""
    closed = [part for part in parts if part is not None]
    return total == (sum(closed, Fraction(0)) if len(closed) == len(parts) else None)


def _first_difference(where: str, found: Any, again: Any) -> str:
    """Walk two trees of plain data to the first place where they differ."""
    if isinstance(found, dict) and isinstance(again, dict):
        for key in again:
            if key not in found and not again[key]:
                continue  # an older file, which did not know of it
            difference = _first_difference(f"{where}.{key}", found.get(key), again[key])
            if difference:
                return difference
        return ""
    if isinstance(found, list) and isinstance(again, list) and len(found) == len(again):
        for index, (one, other) in enumerate(zip(found, again, strict=True)):
            difference = _first_difference(f"{where}[{index}]", one, other)
            if difference:
                return difference
        return ""
    return "" if found == again else f"`{where.lstrip('.')}` does not follow from the rest"


def _read_bytes(file: Path) -> bytes:
    """Read a file that is small enough to be a result.

    Raises:
        UsageError: If there is none, it cannot be read, or it is too large.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(RESULT_LIMIT_BYTES + 1)
    except OSError as error:
        raise UsageError(
            str(file),
            f"no result can be read here ({error.strerror}).",
            "Name a folder that `autograde grade` or `autograde batch` wrote.",
        ) from error
    if len(content) > RESULT_LIMIT_BYTES:
        raise _not_a_result(file, "it is larger than any result")
    return content


def _not_a_result(file: Path, why: str) -> UsageError:
    """Say that a file is no result, and why."""
    return UsageError(
        str(file),
        f"this is not a result of this version of autograde: {why}.",
        "Grade the submission again; a result is not meant to be edited by hand.",
    )
