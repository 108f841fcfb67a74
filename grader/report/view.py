"""What a person is shown of a grade: plain dataclasses of finished, clean text.

`build.py` fills them; the terminal and the page only place the fields.
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.report.words import Tone, Words


@dataclass(frozen=True, slots=True)
class BarView:
    """Points out of points; `score` is a word while open, `percent` empty without a share."""

    score: str
    maximum: str
    percent: str
    is_open: bool
    is_empty: bool


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell of a table."""

    text: str
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of a table, with its index in the tensor."""

    index: str
    cells: tuple[CellView, ...]


@dataclass(frozen=True, slots=True)
class TableView:
    """One side of a comparison: column indices, rows, and whether it was cut."""

    columns: tuple[str, ...]
    rows: tuple[RowView, ...]
    is_cut: bool


@dataclass(frozen=True, slots=True)
class ShapeView:
    """One shape: its sizes as text, and the sheets of its drawing from the back to the front."""

    text: str
    paths: tuple[str, ...]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """Expected against actual; `is_scalar` if one cell stands against one cell.

    `difference` is None where nothing can be subtracted, `shapes` (expected, actual) is None
    where they are the same.
    """

    what: str
    expected: TableView
    actual: TableView
    is_scalar: bool
    difference: TableView | None = None
    shapes: tuple[ShapeView, ShapeView] | None = None


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
    is_slow: bool
    duration: str
    message: str
    hint: str
    comparison: ComparisonView | None
    frames: tuple[FrameView, ...]
    output: str


@dataclass(frozen=True, slots=True)
class DiagnosisView:
    """Why a task failed: a sentence, a hint, and an example; each may be missing."""

    text: str
    hint: str
    call: str
    comparison: ComparisonView | None


@dataclass(frozen=True, slots=True)
class MarkView:
    """A place on a drawing, and to which side its label stands."""

    x: float
    anchor: str


@dataclass(frozen=True, slots=True)
class RulerView:
    """Where a value stands between no points and all points; `reference` is (left, width)."""

    floor: MarkView
    threshold: MarkView
    reference: tuple[float, float]
    reference_label: MarkView
    value: MarkView | None
    others: tuple[float, ...]
    end: float


@dataclass(frozen=True, slots=True)
class CurveView:
    """Losses over the band of the reference; lines and band are lists of points."""

    band: str
    own: str
    others: tuple[str, ...]
    top: str
    steps: str
    is_cut: bool


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One training run as a row of a table."""

    number: str
    seed: str
    value: str
    seconds: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class TrainingView:
    """What training measured.

    `told` is one sentence; `value`, `threshold`, `floor` and `reference` are empty where they are
    not known. A row of `losses` is (step, yours, lowest and highest of the reference).
    """

    title: str
    exercise: str
    metric: str
    reason: str
    told: str
    value: str
    threshold: str
    floor: str
    reference: str
    facts: tuple[tuple[str, str], ...]
    attempts: tuple[AttemptView, ...]
    losses: tuple[tuple[str, str, str, str], ...]
    ruler: RulerView | None
    curve: CurveView | None
    note: str
    line: str
    test: TestView


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task with its tests, and why they failed if that is known."""

    name: str
    title: str
    bar: BarView
    tests: tuple[TestView, ...]
    diagnosis: DiagnosisView | None = None
    trainings: tuple[TrainingView, ...] = ()


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
    is_submitted: bool
    state: str
    problem: str
    bar: BarView
    pass_line: str
    tally: str
    tasks: tuple[TaskView, ...]
    notes: tuple[NoteView, ...]
    command: str
    again: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FilterView:
    """One filter over the tests, and how many it finds."""

    key: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class NextView:
    """What to mend first; without `test` it is the hand-in of `exercise` as a whole."""

    exercise: ExerciseView
    task: str
    test: TestView | None
    worth: str
    others: str
    diagnosis: DiagnosisView | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class ChangeView:
    """Tests that ended differently in the last attempt, in one direction; `more` are not named."""

    word: str
    tone: Tone
    tests: tuple[TestView, ...]
    more: str


@dataclass(frozen=True, slots=True)
class ChangesView:
    """What changed since the last attempt."""

    summary: str
    parts: tuple[ChangeView, ...]


@dataclass(frozen=True, slots=True)
class GradeView:
    """One page; `rest_title` and `rest_detail` stand where there is nothing to mend `next`."""

    title: str
    owner: str
    bar: BarView
    standing: str
    standing_detail: str
    counts: str
    summary: str
    is_fault: bool
    next: NextView | None
    rest_title: str
    rest_detail: str
    exercises: tuple[ExerciseView, ...]
    notes: tuple[NoteView, ...]
    filters: tuple[FilterView, ...]
    facts: tuple[tuple[str, str], ...]
    meta: str
    submission: str
    trainings: tuple[TrainingView, ...]
    changes: ChangesView | None = None
