"""What the page of a class shows: plain dataclasses of finished, clean text.

`class_build.py` fills them; the page only places the fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.report.words import Tone

if TYPE_CHECKING:
    from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class WhoView:
    """Somebody, with what is said of them here."""

    anchor: str
    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class GroupView:
    """Several people; `more` says how many are not named."""

    people: tuple[WhoView, ...]
    more: str


@dataclass(frozen=True, slots=True)
class ConcernView:
    """One thing to look at; `href` leads on where it is not about people."""

    tone: Tone
    symbol: str
    title: str
    hint: str
    group: GroupView | None = None
    href: str = ""


@dataclass(frozen=True, slots=True)
class BarView:
    """One bar of a figure, in the figure's own units."""

    x: str
    y: str
    width: str
    height: str
    middle: str
    count: str
    label: str


@dataclass(frozen=True, slots=True)
class MarkView:
    """A line across a figure, with its word."""

    x: str
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class FigureView:
    """A figure and the same numbers as a table."""

    id: str
    title: str
    detail: str
    bars: tuple[BarView, ...]
    ticks: tuple[MarkView, ...]
    marks: tuple[MarkView, ...]
    header: tuple[str, str]
    caption: str


@dataclass(frozen=True, slots=True)
class ClusterView:
    """A wrong answer that several share."""

    text: str
    where: str
    count: str
    group: GroupView


@dataclass(frozen=True, slots=True)
class ItemView:
    """One test of the item analysis."""

    anchor: str
    number: str
    title: str
    task: str
    is_hidden: bool
    doubts: tuple[str, ...]
    difficulty: str
    failed: str
    discrimination: str
    points: str
    p95: str
    flaky: str
    clusters: tuple[ClusterView, ...]


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A mistake without a name that the catalogue should learn."""

    exercise: str
    tests: str
    cluster: ClusterView


@dataclass(frozen=True, slots=True)
class ExerciseView:
    """One exercise: a row of figures, and its tests."""

    anchor: str
    id: str
    title: str
    cells: tuple[str, ...]
    items: tuple[ItemView, ...]


@dataclass(frozen=True, slots=True)
class StudentView:
    """One row of the table of students; `groups` are the filters that find it."""

    anchor: str
    name: str
    pseudonym: str
    key: str
    score: str
    percent: str
    status: str
    tone: Tone
    late: str
    flags: tuple[str, ...]
    attempts: str
    received: str
    href: str
    groups: str


@dataclass(frozen=True, slots=True)
class FilterView:
    """One filter over the students, and how many it finds."""

    key: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class HeadView:
    """The tests of one exercise as columns."""

    title: str
    items: tuple[ItemView, ...]


@dataclass(frozen=True, slots=True)
class MatrixView:
    """Students by tests; the cells of a row are ready to be placed."""

    heads: tuple[HeadView, ...]
    rows: Sequence[tuple[WhoView, Markup]]
    legend: tuple[tuple[str, str, Tone], ...]


@dataclass(frozen=True, slots=True)
class SideView:
    """One of two hand-ins; lines of (number, text, whether it is shared)."""

    group: GroupView
    lines: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class PairView:
    """Two hand-ins that are alike."""

    exercise: str
    measure: str
    sides: tuple[SideView, SideView]


@dataclass(frozen=True, slots=True)
class ClassView:
    """The page."""

    title: str
    lede: str
    concerns: tuple[ConcernView, ...]
    numbers: tuple[tuple[str, str], ...]
    figures: tuple[FigureView, ...]
    exercises: tuple[ExerciseView, ...]
    candidates: tuple[CandidateView, ...]
    students: tuple[StudentView, ...]
    filters: tuple[FilterView, ...]
    matrix: MatrixView | None
    matrix_note: str
    pairs: tuple[PairView, ...]
    pairs_note: str
    method: tuple[tuple[str, str], ...]
    is_pseudonymous: bool
