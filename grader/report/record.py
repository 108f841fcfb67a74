"""The shape of `result.json`, declared once: reader, writer and JSON Schema follow from it.

Points are JSON numbers with at most three decimals. Texts are clean: control characters are
written as escapes and long texts have lost their middle. Fields come in this order, always.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from grader.model import Confidence, Finding, HandInStatus, Outcome, Visibility
from grader.report.result import SCHEMA

Points = Annotated[int, Meta(ge=0)] | Annotated[float, Meta(ge=0)]
Seconds = Annotated[float, Meta(ge=0, description="Wall time in seconds.")]
Moment = Annotated[str, Meta(description="ISO 8601 with time zone.")]
Rows = Annotated[tuple[tuple[str, ...], ...], Meta(description="Rows of cells as text.")]


class NoteRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """Something noticed about the hand-in or the run."""

    where: str
    text: str


class SubmissionRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """What was handed in; `id` is a hash over the graded files."""

    id: str
    owner: str
    origin: str
    received_at: Moment
    commit: str
    notes: tuple[NoteRecord, ...]


class ProbeRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """One attack on the cells of the session, made before anything was graded."""

    title: str
    finding: Finding


class IsolationRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """The isolation in force, why it is not higher, and what was tried to break it."""

    level: int
    reason: str
    remedy: str
    probes: tuple[ProbeRecord, ...] = ()


class TaskRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """Points of one task; `score` is null while it is open."""

    name: str
    title: str
    points: Points
    score: Points | None
    max_score: Points


class FrameRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """One frame of the student's own code."""

    path: str
    line: int
    function: str
    text: str


class ComparisonRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """Expected against actual of a public test; `wrong` holds [row, column] of actual.

    `origin` is the [row, column] of the first cell in a tensor that was cut. `difference` is
    actual less expected, where they differ and can be subtracted; `shapes` are those of expected
    and actual, where they differ.
    """

    what: str
    expected: Rows
    actual: Rows
    wrong: tuple[tuple[int, int], ...]
    origin: tuple[int, int]
    difference: Rows = ()
    shapes: tuple[tuple[int, ...], tuple[int, ...]] | None = None


class TestRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """What became of one test; `points` is null after a fault of the grader."""

    __test__ = False  # pytest must not collect it

    id: str
    task: str
    outcome: Outcome
    points: Points | None
    max_points: Points
    visibility: Visibility
    title: str
    hint: str
    message: str
    comparison: ComparisonRecord | None
    frames: tuple[FrameRecord, ...]
    output: str
    depends_on: tuple[str, ...]
    duration_s: Seconds


class DiagnosisRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """Why one task failed; `label` is empty where there is only an example."""

    task: str
    label: str
    hint: str
    confidence: Confidence
    example: ComparisonRecord | None
    call: str


class AttemptRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """One training run; `value` is null if it broke or was ended."""

    seed: int
    value: float | None
    seconds: Seconds
    losses: tuple[float, ...]
    gpu_peak_mib: int | None = None


class MeasuredRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """What the training of one test measured.

    `threshold` gives full credit, `floor` none, `ceiling` is too good to be true; `mean`,
    `worst` and `best` are those of the reference, `band` its lowest and highest loss at each
    point of the curve. All of these are null or empty where nothing was judged.
    """

    test: str
    recipe: str
    title: str
    metric: Literal["accuracy", "perplexity", "error", "norm"]
    data: str
    data_sha256: str
    device: str
    torch: str
    steps: int
    value: float | None
    reason: str
    threshold: float | None
    floor: float | None
    ceiling: float | None
    mean: float | None
    worst: float | None
    best: float | None
    band: tuple[tuple[float, float], ...]
    attempts: tuple[AttemptRecord, ...]
    suspicious: bool
    note: str
    driver: str = ""


class ExerciseRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """One exercise of the submission; `score` is null while it is open."""

    id: str
    title: str
    section: str
    module: str
    status: HandInStatus
    path: str
    sha256: str
    problem: str
    points: Points
    pass_fraction: Annotated[
        str, Meta(pattern=r"^\d+(/[1-9]\d*)?$", description="A fraction: 9/10.")
    ]
    score: Points | None
    max_score: Points
    passed: bool
    seed: int
    duration_s: Seconds
    tasks: tuple[TaskRecord, ...]
    tests: tuple[TestRecord, ...]
    diagnosis: tuple[DiagnosisRecord, ...]
    training: tuple[MeasuredRecord, ...]
    notes: tuple[NoteRecord, ...]


class ResultRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """One submission, graded; `score` is null while any exercise is open."""

    schema: Literal["autograde/result/v1"]
    submission: SubmissionRecord
    score: Points | None
    max_score: Points
    complete: bool
    public_only: bool
    graded_at: Moment
    isolation: IsolationRecord
    environment: dict[str, str]
    exercises: tuple[ExerciseRecord, ...]


def json_schema() -> dict[str, Any]:
    """Derive the JSON Schema that `docs/schemas/result.schema.json` holds."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SCHEMA,
        **msgspec.json.schema(ResultRecord),
    }
