"""What a person is shown of a grade, as plain text in plain dataclasses.

Every decision about wording, order and length is made here; the terminal and the page only
place the fields. All texts are clean (`text.clean_text`), all numbers are already strings.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from grader.model import (
    Comparison,
    Exercise,
    ExerciseGrade,
    Grade,
    HandInStatus,
    Note,
    Outcome,
    TaskGrade,
    Verdict,
    Visibility,
)
from grader.report.numbers import percent_text, points_text, seconds_text
from grader.report.text import CELL_LIMIT, clean_line, clean_text
from grader.report.words import HAND_INS, OUTCOMES, Words, level_text

TABLE_LIMIT = 12
"""Rows and columns of a comparison that a page shows."""
FRAME_LIMIT = 6
"""Frames of a traceback that a page shows, the last ones."""
PAGE_OUTPUT_LIMIT = 12_000
"""Characters of printed output on one page, shared by the tests that printed."""
PAGE_MESSAGE_LIMIT = 20_000
"""Characters of messages on one page, shared by the tests that did not pass."""
NOT_TO_MEND = frozenset({Outcome.PASSED, Outcome.SKIPPED, Outcome.NOT_RUN, Outcome.GRADER_FAULT})
"""Outcomes that ask nothing of the student, at least not first."""


@dataclass(frozen=True, slots=True)
class BarView:
    """Points out of points, as text and as numbers for a bar."""

    score: str
    max_score: str
    value: float
    maximum: float
    percent: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell of a table."""

    text: str
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class TableView:
    """One side of a comparison: header texts, rows, and what was left out."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[CellView, ...]], ...]
    left_out: str


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """Expected against actual; `is_scalar` if one cell stands against one cell."""

    what: str
    expected: TableView
    actual: TableView
    is_scalar: bool
    wrong_count: int


@dataclass(frozen=True, slots=True)
class FrameView:
    """Where in the student's code something was raised."""

    place: str
    function: str
    text: str


@dataclass(frozen=True, slots=True)
class TestView:
    """One test, ready to be placed."""

    __test__ = False  # pytest must not collect it

    anchor: str
    id: str
    words: Words
    title: str
    points: str
    is_hidden: bool
    message: str
    hint: str
    comparison: ComparisonView | None
    frames: tuple[FrameView, ...]
    output: str
    duration: str


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task with its tests."""

    name: str
    title: str
    bar: BarView
    tests: tuple[TestView, ...]


@dataclass(frozen=True, slots=True)
class NoteView:
    """Something noticed, and where."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class ExerciseView:
    """One exercise with its tasks."""

    anchor: str
    id: str
    title: str
    section: str
    status: str
    state: str
    problem: str
    path: str
    bar: BarView
    pass_line: str
    tally: str
    tasks: tuple[TaskView, ...]
    notes: tuple[NoteView, ...]
    command: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NextView:
    """What to mend first, and why this."""

    exercise: str
    task: str
    test: TestView | None
    worth: str
    alike: str
    problem: str
    command: str


@dataclass(frozen=True, slots=True)
class GradeView:
    """One page."""

    title: str
    owner: str
    bar: BarView
    standing: str
    standing_detail: str
    verdict_line: str
    is_fault: bool
    next: NextView | None
    exercises: tuple[ExerciseView, ...]
    notes: tuple[NoteView, ...]
    counts: tuple[tuple[str, str, int], ...]
    facts: tuple[tuple[str, str], ...]
    hidden_line: str
