"""Stored results, read back strictly: pages are rendered again without running anything."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.model import Grade
from grader.points import points_sum
from grader.report.rebuilt import grade_of
from grader.report.result import FILE_NAME, SCHEMA, result_dict
from grader.report.text import clean_line

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
        grade = grade_of(record)
    except (msgspec.ValidationError, ValueError, OverflowError) as error:
        raise _not_a_result(file, clean_line(str(error), 300)) from error
    problem = _disagreement(found, grade)
    if problem:
        raise _not_a_result(file, problem)
    return grade


def read_own(file: Path) -> Grade:
    """Read a result back that this program keeps for itself.

    What follows from the rest of it is worked out anew, as ever, but not compared with what stands
    there, which takes half of the time; only sums are.

    Args:
        file: A `result.json`.

    Raises:
        UsageError: If it is missing, broken, foreign, or does not add up.
    """
    import msgspec

    from grader.report.record import ResultRecord

    try:
        grade = grade_of(msgspec.json.decode(_read_bytes(file), type=ResultRecord))
    except (msgspec.DecodeError, ValueError, OverflowError, RecursionError) as error:
        raise _not_a_result(file, clean_line(str(error), 300)) from error
    problem = _wrong_sum(grade)
    if problem:
        raise _not_a_result(file, problem)
    return grade


def as_stored(grade: Grade, plain: dict[str, Any] | None = None) -> Grade:
    """Give the grade that reading its stored result would give.

    Every renderer starts here, so that a fresh grade and a stored one make the same page, and
    nothing is shown that `result.json` would not hold.

    Args:
        grade: The grade of one submission, fresh or read back.
        plain: What `result_dict` gives for it, where that is at hand.

    Returns:
        The same grade with clean texts, without what hidden tests may not show.
    """
    import msgspec

    from grader.report.record import ResultRecord

    return grade_of(msgspec.convert(plain or result_dict(grade), ResultRecord))


def _disagreement(found: dict[str, Any], grade: Grade) -> str:
    """Say what in the file contradicts the rest of it; empty if nothing does."""
    problem = _wrong_sum(grade)
    if problem:
        return problem
    again = result_dict(grade)
    return "" if found == again else _first_difference("", found, json.loads(json.dumps(again)))


def _wrong_sum(grade: Grade) -> str:
    """Say what does not add up; empty if all does."""
    if not _adds_up(grade.score, [exercise.score for exercise in grade.exercises]):
        return "`score` is not the sum of the exercises"
    for exercise in grade.exercises:
        earned = [verdict.points for verdict in exercise.verdicts]
        if earned and not _adds_up(exercise.score, earned):
            return f"the score of {exercise.exercise.id} is not the sum of its tests"
    return ""


def _adds_up(total: Fraction | None, parts: list[Fraction | None]) -> bool:
    """Tell whether a total is the sum of its parts, and open exactly if one of them is."""
    closed = [part for part in parts if part is not None]
    return total == (points_sum(closed) if len(closed) == len(parts) else None)


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
