"""`result.json`: the one file from which every page and every export is made.

Writing it cleans all text and drops what a hidden test may not show, so that no renderer can
leak what the file does not hold. `stored.py` reads it back.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader.model import Comparison, Diagnosis, ExerciseGrade, Grade, Note, Verdict, Visibility
from grader.points import points_or_null
from grader.report.files import write_text
from grader.report.text import (
    CELL_LIMIT,
    MESSAGE_LIMIT,
    OUTPUT_LIMIT,
    VALUE_LIMIT,
    clean_line,
    clean_text,
)

SCHEMA = "autograde/result/v1"
FILE_NAME = "result.json"
TABLE_LIMIT = 16
"""Rows and columns that a result keeps of a comparison; the judge cuts at 8."""
FRAME_LIMIT = 20
"""Frames that a result keeps of a traceback: the last ones, nearest to the exception."""


def result_dict(grade: Grade) -> dict[str, Any]:
    """Turn a grade into the plain data of `result.json`.

    Args:
        grade: The grade of one submission.

    Returns:
        Dicts, lists, strings, numbers, bools and None, in a fixed order of keys.

    Raises:
        ValueError: If points need more than three decimals.
    """
    submission = grade.submission
    return {
        "schema": SCHEMA,
        "submission": {
            "id": submission.id,
            "owner": clean_line(submission.owner),
            "origin": clean_line(submission.origin),
            "received_at": _moment(submission.received_at),
            "commit": clean_line(submission.commit),
            "notes": _notes(submission.notes),
        },
        "score": points_or_null(grade.score),
        "max_score": points_or_null(grade.max_score),
        "complete": grade.complete,
        "public_only": grade.public_only,
        "graded_at": _moment(grade.graded_at),
        "isolation": {
            "level": grade.isolation.level,
            "reason": clean_text(grade.isolation.reason),
            "remedy": clean_text(grade.isolation.remedy),
            "probes": [
                {"title": probe.title, "finding": probe.finding.value}
                for probe in grade.isolation.probes
            ],
        },
        "environment": {
            clean_line(key): clean_line(value) for key, value in sorted(grade.environment.items())
        },
        "exercises": [_exercise(exercise) for exercise in grade.exercises],
    }


def result_text(grade: Grade) -> str:
    """Write the text of `result.json`, the same bytes for the same grade."""
    return text_of(result_dict(grade))


def text_of(plain: dict[str, Any]) -> str:
    """Write plain data, what `result_dict` gives for instance, as the text of a file."""
    import msgspec

    # The json module takes five times as long, and indents in Python, which takes fifty.
    return msgspec.json.format(msgspec.json.encode(plain), indent=1).decode() + "\n"


def write_result(grade: Grade, path: Path) -> None:
    """Write `result.json` as a whole or not at all.

    Args:
        grade: The grade of one submission.
        path: The file to write; its folder is made if it is missing.

    Raises:
        UsageError: If it cannot be written (full disk, read-only or missing folder).
    """
    write_text(path, result_text(grade))


def _exercise(grade: ExerciseGrade) -> dict[str, Any]:
    """Turn the grade of one exercise into plain data."""
    exercise, hand_in = grade.exercise, grade.hand_in
    return {
        "id": exercise.id,
        "title": clean_line(exercise.title),
        "section": exercise.section,
        "module": exercise.module,
        "status": hand_in.status.value,
        "path": clean_line(hand_in.path),
        "sha256": hand_in.sha256,
        "problem": clean_text(hand_in.problem),
        "points": points_or_null(exercise.points),
        "pass_fraction": str(exercise.pass_fraction),
        "score": points_or_null(grade.score),
        "max_score": points_or_null(grade.max_score),
        "passed": grade.passed,
        "seed": grade.seed,
        "duration_s": _seconds(grade.duration_s),
        "tasks": [
            {
                "name": task.task.name,
                "title": clean_line(task.task.title),
                "points": points_or_null(task.task.points),
                "score": points_or_null(task.score),
                "max_score": points_or_null(task.max_score),
            }
            for task in grade.tasks
        ],
        "tests": [_test(verdict) for verdict in grade.verdicts],
        "diagnosis": [_diagnosis(diagnosis) for diagnosis in grade.diagnoses],
        "training": [_training(verdict) for verdict in grade.verdicts if verdict.training],
        "notes": _notes((*hand_in.notes, *grade.notes)),
    }


def _test(verdict: Verdict) -> dict[str, Any]:
    """Turn one verdict into plain data; a hidden test keeps neither values nor output."""
    test = verdict.test
    public = test.visibility is Visibility.PUBLIC
    comparison = verdict.comparison if public else None
    return {
        "id": clean_line(test.id),
        "task": test.task,
        "outcome": verdict.outcome.value,
        "points": points_or_null(verdict.points),
        "max_points": points_or_null(test.points),
        "visibility": test.visibility.value,
        "title": clean_line(test.title),
        "hint": clean_text(test.hint),
        "message": clean_text(verdict.message, MESSAGE_LIMIT),
        "comparison": None if comparison is None else _comparison(comparison),
        "frames": [
            {
                "path": clean_line(frame.path),
                "line": frame.line,
                "function": clean_line(frame.function),
                "text": clean_line(frame.text),
            }
            for frame in verdict.frames[-FRAME_LIMIT:]
        ],
        "output": clean_text(verdict.output, OUTPUT_LIMIT) if public else "",
        "depends_on": list(test.depends_on),
        "duration_s": _seconds(verdict.duration_s),
    }


def _diagnosis(diagnosis: Diagnosis) -> dict[str, Any]:
    """Turn one diagnosis into plain data; its example is never a test's input."""
    example = diagnosis.example
    return {
        "task": diagnosis.task,
        "label": clean_line(diagnosis.label),
        "hint": clean_text(diagnosis.hint),
        "confidence": diagnosis.confidence.value,
        "example": None if example is None else _comparison(example),
        "call": clean_line(diagnosis.call, VALUE_LIMIT),
    }


def _training(verdict: Verdict) -> dict[str, Any]:
    """Turn what one test's training measured into plain data."""
    record = verdict.training
    assert record is not None  # noqa: S101 - the caller has looked
    return {
        "test": clean_line(verdict.test.id),
        "recipe": record.recipe,
        "title": clean_line(record.title),
        "metric": record.metric,
        "data": record.data,
        "data_sha256": record.data_sha256,
        "device": clean_line(record.device),
        "driver": clean_line(record.driver),
        "torch": clean_line(record.torch),
        "steps": record.steps,
        "value": _measured(record.value),
        "reason": record.reason,
        "threshold": _measured(record.threshold),
        "floor": _measured(record.floor),
        "ceiling": _measured(record.ceiling),
        "mean": _measured(record.mean),
        "worst": _measured(record.worst),
        "best": _measured(record.best),
        "band": [[_measured(low), _measured(high)] for low, high in record.band],
        "attempts": [
            {
                "seed": attempt.seed,
                "value": _measured(attempt.value),
                "seconds": _seconds(attempt.seconds),
                "losses": [_measured(loss) for loss in attempt.losses],
                "gpu_peak_mib": attempt.gpu_peak_mib,
            }
            for attempt in record.attempts
        ],
        "suspicious": record.suspicious,
        "note": clean_text(record.note),
    }


def _measured(value: float | None) -> float | None:
    """Round a measurement to what is worth keeping; nan and infinity are null."""
    return None if value is None or not math.isfinite(value) else round(value, 6)


def _comparison(comparison: Comparison) -> dict[str, Any]:
    """Turn a comparison into plain data, its corner if it is large."""
    return {
        "what": clean_line(comparison.what),
        "expected": _rows(comparison.expected),
        "actual": _rows(comparison.actual),
        "wrong": [
            [row, column]
            for row, column in comparison.wrong
            if 0 <= row < TABLE_LIMIT and 0 <= column < TABLE_LIMIT
        ],
        "origin": list(comparison.origin),
        "difference": _rows(comparison.difference),
        "shapes": comparison.shapes and [list(shape) for shape in comparison.shapes],
    }


def _rows(rows: tuple[tuple[str, ...], ...]) -> list[list[str]]:
    """Clean and limit the cells of a table; a value that stands alone has more room."""
    limit = VALUE_LIMIT if len(rows) == 1 and len(rows[0]) == 1 else CELL_LIMIT
    return [[clean_line(cell, limit) for cell in row[:TABLE_LIMIT]] for row in rows[:TABLE_LIMIT]]


def _notes(notes: tuple[Note, ...]) -> list[dict[str, str]]:
    """Turn notes into plain data."""
    return [{"where": clean_line(note.where), "text": clean_text(note.text)} for note in notes]


def _seconds(seconds: float) -> float:
    """Round a duration to what is worth reading."""
    return round(max(0.0, seconds), 3)


def _moment(moment: datetime) -> str:
    """Write a moment in UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
