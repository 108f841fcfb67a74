"""The gradebook as comma-separated values: the same grades, the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from fractions import Fraction

from grader.model import ClassRow
from grader.points import points_number

COLUMNS_BEFORE = ("username", "name", "email", "section")
COLUMNS_AFTER = ("total", "out_of", "flags")
_WIDE = ("\uff1d", "\uff0b", "\uff0d", "\uff20")
"""=, +, - and @ in full width."""
# What a spreadsheet takes for the beginning of a formula, in both widths.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *_WIDE)


def gradebook_text(rows: Sequence[ClassRow], exercises: Sequence[str]) -> str:
    """Write the gradebook.

    Args:
        rows: One per person, also of those who handed in nothing.
        exercises: Ids, one column each, in course order.

    Returns:
        CSV text with a header: what counts, and at the end what the tests earned before any
        rule. An exercise that nobody judged or that a fault of ours leaves open is an empty
        cell, never a zero.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    raw = [f"raw:{name}" for name in exercises]
    writer.writerow([*COLUMNS_BEFORE, *exercises, *COLUMNS_AFTER, *raw])
    for row in rows:
        person = row.person
        writer.writerow(
            [
                *map(as_text_cell, (person.key, person.name, person.email, person.section)),
                *_points(row, exercises),
                as_text_cell(" ".join(row.flags)),
                *_raw(row, exercises),
            ]
        )
    return out.getvalue()


def as_text_cell(text: str) -> str:
    """Keep a cell from being taken for a formula, and on one line."""
    line = " ".join(text.split("\n")).replace("\r", " ").replace("\0", "")
    return f"'{line}" if line.lstrip(" ").startswith(_FORMULA) else line


def _points(row: ClassRow, exercises: Sequence[str]) -> list[str]:
    """Give one cell per exercise, the total and what could be earned."""
    standing = row.standing
    if standing is None:
        return [""] * (len(exercises) + 2)
    points = {found.exercise_id: found.points for found in standing.exercises}
    cells = [_number(points.get(name)) for name in exercises]
    return [*cells, _number(standing.points), _number(standing.max_points)]


def _raw(row: ClassRow, exercises: Sequence[str]) -> list[str]:
    """Give what the tests earned, before any rule."""
    found = row.standing.exercises if row.standing else ()
    raw = {exercise.exercise_id: exercise.raw for exercise in found}
    return [_number(raw.get(name)) for name in exercises]


def _number(points: Fraction | None) -> str:
    return "" if points is None else str(points_number(points))
