"""What may stand in `autograde.yml` and `exercise.yml`, as pydantic models.

They are the definition: the JSON Schemas in `docs/schemas` are written from them
(`python -m grader.course.schema`).
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from grader.course.yamlpos import WrittenFloat
from grader.model import Chosen, Counted, Curve, CurveKind, LateRule, Limits, PushRules

MAX_POINTS = 20
"""An exercise is worth 4 to 20 points, so that none outweighs the rest of a course."""
THOUSANDTHS = 1000
"""Points have three decimals at most, which is what gradebooks keep."""
_ALL_PERCENT = 100


@dataclass(frozen=True, slots=True)
class _Form:
    """A form that text must have, for the reader and for the JSON Schema."""

    pattern: str
    words: str

    def check(self, text: str) -> str:
        """Give the text back, or raise a ValueError in words."""
        if re.fullmatch(self.pattern, text) is None:
            msg = f"must be {self.words}"
            raise ValueError(msg)
        return text

    def schema(self) -> WithJsonSchema:
        """Give the same as JSON Schema, for editors."""
        return WithJsonSchema({"type": "string", "pattern": f"^({self.pattern})$"})


def _points(value: object) -> Fraction:
    """Read points exactly from the decimal text; a float would turn 0.1 into something else."""
    if isinstance(value, WrittenFloat):
        points = Fraction(value.text)
    elif isinstance(value, int) and not isinstance(value, bool):
        points = Fraction(value)
    else:
        msg = "must be a number, for instance 3 or 2.5"
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns a ValueError into its own error
    if points <= 0:
        msg = "must be more than 0"
        raise ValueError(msg)
    if (points * THOUSANDTHS).denominator != 1:
        msg = "may have three decimals at most"
        raise ValueError(msg)
    return points


def _percent(value: object) -> Fraction:
    """Read a percentage, from 0 to 100, as exactly as points."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value == 0:
            return Fraction(0)
        if not 0 < value <= _ALL_PERCENT:
            msg = "must be between 0 and 100 (it is a percentage)"
            raise ValueError(msg)
    return _points(value)


def _share(value: object) -> Fraction:
    """Read a share of the points, more than 0 and at most 1."""
    share = _points(value)
    if share > 1:
        msg = "must be at most 1 (it is a share of the points)"
        raise ValueError(msg)
    return share


def due_time(value: object) -> datetime:
    """Read a time with its zone, and give it in UTC.

    Raises:
        ValueError: If it is none; it says in words what it must be.
    """
    example = 'must be a time with its zone, for instance "2026-10-01T23:59:00+02:00"'
    if not isinstance(value, str):
        raise ValueError(example)  # noqa: TRY004 - as above
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError(example)


_LINE = _Form(r"\S([^\n]{0,118}\S)?", "one line of 1 to 120 characters")
_NAME = _Form(r"[A-Za-z_][A-Za-z0-9_]{0,59}", "a Python name")
_MODULE = _Form(r"[a-z][a-z0-9_]{0,39}", "a module name in lower case")
_DATABASE = _Form(
    r"postgresql://(?![^/]*:[^/@]*@)\S{1,500}",
    "a URL without a password (postgresql://user@host/database)",
)
_SECTION = _Form(r"[0-9]{1,2}\.[0-9]{1,2}", 'a section such as "3.6"')
_DOTTED = _Form(
    r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+",
    "a dotted name such as torch.softmax or Tensor.softmax",
)
_OPERATOR = _Form(
    r"[a-z_][a-z0-9_]*::[a-z0-9_]+(\.[A-Za-z0-9_]+)?",
    "a dispatcher operator such as aten::_softmax",
)

Line = Annotated[str, AfterValidator(_LINE.check), _LINE.schema()]
Name = Annotated[str, AfterValidator(_NAME.check), _NAME.schema()]
Module = Annotated[str, AfterValidator(_MODULE.check), _MODULE.schema()]
DatabaseUrl = Annotated[str, AfterValidator(_DATABASE.check), _DATABASE.schema()]
Section = Annotated[str, AfterValidator(_SECTION.check), _SECTION.schema()]
Dotted = Annotated[str, AfterValidator(_DOTTED.check), _DOTTED.schema()]
Operator = Annotated[str, AfterValidator(_OPERATOR.check), _OPERATOR.schema()]
Points = Annotated[
    Fraction,
    PlainValidator(_points),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": MAX_POINTS}),
]
Share = Annotated[
    Fraction,
    PlainValidator(_share),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 1}),
]
Percent = Annotated[
    Fraction,
    PlainValidator(_percent),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": _ALL_PERCENT}),
]
Due = Annotated[
    datetime, PlainValidator(due_time), WithJsonSchema({"type": "string", "format": "date-time"})
]


class Strict(BaseModel):
    """A map that takes the keys below and no others, each of exactly its type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class LimitsFile(Strict):
    """What one cell may use; what is left out keeps the default of the course."""

    wall_time_s: float | None = Field(
        default=None, gt=0, le=3600, description="Seconds for one test."
    )
    exercise_wall_time_s: float | None = Field(
        default=None, gt=0, le=24 * 3600, description="Seconds for all tests of the exercise."
    )
    cpu_time_s: int | None = Field(
        default=None, gt=0, le=24 * 3600, description="CPU seconds of a cell."
    )
    memory_mib: int | None = Field(
        default=None,
        ge=16,
        le=1 << 20,
        description="Memory above that of the warm process, in MiB.",
    )
    threads: int | None = Field(default=None, ge=1, le=4096, description="Threads of one cell.")
    processes: int | None = Field(
        default=None,
        ge=0,
        le=4096,
        description="Processes that a cell may start at level 0; other levels allow none.",
    )
    open_files: int | None = Field(
        default=None, ge=16, le=1 << 16, description="Files open at a time in one cell."
    )
    output_kib: int | None = Field(
        default=None, ge=1, le=1 << 20, description="Printed output, in KiB."
    )
    scratch_mib: int | None = Field(
        default=None, ge=1, le=1 << 20, description="Scratch folder, in MiB."
    )
    scratch_files: int | None = Field(
        default=None, ge=1, le=1 << 20, description="Files and folders in the scratch folder."
    )
    frame_mib: int | None = Field(
        default=None, ge=1, le=2048, description="Largest message, in MiB."
    )
    frames: int | None = Field(
        default=None, ge=1, le=1 << 30, description="Answers of a cell to one test."
    )
    frames_per_s: int | None = Field(
        default=None, ge=1, le=1 << 30, description="Answers of a cell within a second."
    )

    def over(self, defaults: Limits) -> Limits:
        """Give `defaults` with the limits that stand here put in their place."""
        return dataclasses.replace(defaults, **self.model_dump(exclude_none=True))


class ForbidFile(Strict):
    """Shortcuts that the task rules out."""

    names: list[Dotted] = Field(
        default=[], description="Functions, classes and methods (Tensor.softmax)."
    )
    operators: list[Operator] = Field(
        default=[], description="Operators that may not be seen at work."
    )


class TaskFile(Strict):
    """One task of an exercise."""

    title: Line = Field(description="What the student reads.")
    points: Points = Field(description="Sum of the points of its tests.")
    defines: list[Name] | None = Field(
        default=None,
        min_length=1,
        description="Names of the module that answer it; default: its own.",
    )
    forbid: ForbidFile = ForbidFile()


class ExerciseFile(Strict):
    """One exercise of the course."""

    title: Line = Field(description="What the student reads.")
    section: Section = Field(description='The D2L section in quotes, such as "3.6".')
    module: Module = Field(description="Stem of the student's file.")
    points: Points = Field(description="Sum of the tasks, 4 to 20, three decimals at most.")
    pass_fraction: Share = Field(
        default=Fraction(1), description="Share of the points from which it counts as passed."
    )
    limits: LimitsFile = LimitsFile()
    tasks: dict[Name, TaskFile] = Field(min_length=1, description="Tasks by name, in order.")


class SandboxFile(Strict):
    """What full grading asks of the host."""

    min_level: Literal[0, 2, 3] = Field(
        default=2, description="Isolation below which it is refused."
    )


Positive = Annotated[int, Field(gt=0, le=1 << 30)]


class IntakeFile(Strict):
    """Bounds on what is read of a hand-in; everything beyond is refused, never cut."""

    source_kib: Positive | None = Field(default=None, description="Python text, in KiB.")
    notebook_kib: Positive | None = Field(default=None, description="A notebook, in KiB.")
    notebook_cells: Positive | None = Field(default=None, description="Cells of a notebook.")
    archive_mib: Positive | None = Field(default=None, description="A zip file, in MiB.")
    archive_members: Positive | None = Field(default=None, description="Files in a zip.")
    unpacked_mib: Positive | None = Field(default=None, description="Unpacked size, in MiB.")
    folder_entries: Positive | None = Field(default=None, description="Names in a folder.")
    name_length: Positive | None = Field(default=None, description="Characters of a name.")
    depth: Positive | None = Field(default=None, description="Folders inside each other.")
    git_timeout_s: Positive | None = Field(default=None, description="One question to git, in s.")


class LateFile(Strict):
    """What lateness costs; nothing unless percent_per_day says so."""

    grace_days: int = Field(
        default=0, ge=0, le=366, description="Days late that cost nothing, in the whole course."
    )
    grace_days_per_exercise: int | None = Field(
        default=None, ge=0, le=366, description="The most of them that one exercise takes."
    )
    percent_per_day: Percent = Field(
        default=Fraction(0), description="Part of the earned points that each day late takes."
    )
    cap_percent: Percent = Field(
        default=Fraction(_ALL_PERCENT), description="The most that lateness takes."
    )

    def rule(self) -> LateRule:
        """Give what stands here as a noun."""
        return LateRule(**dict(self))


class CurveFile(Strict):
    """How the points of one exercise are lifted; exactly one key."""

    add: Points | None = Field(default=None, description="Points that everybody is given.")
    scale_to: Points | None = Field(
        default=None, description="Points that the best of the class gets, and all in proportion."
    )
    square_root: Literal[True] | None = Field(
        default=None, description="The share of the points becomes its square root."
    )

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        if sum(value is not None for _, value in self) != 1:
            msg = "must have exactly one of the keys add, scale_to and square_root"
            raise ValueError(msg)
        return self

    def curve(self) -> Curve:
        """Give what stands here as a noun."""
        if self.add is not None:
            return Curve(CurveKind.ADD, self.add)
        if self.scale_to is not None:
            return Curve(CurveKind.SCALE, self.scale_to)
        return Curve(CurveKind.SQUARE_ROOT)


class AttemptsFile(Strict):
    """How often an exercise is graded on a push; what is left out is not limited."""

    max: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        default=None, description="Versions of an exercise's file that are graded."
    )
    cooldown_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)] | None = Field(
        default=None, description="Minutes between two graded versions, by the times of commits."
    )
    count: Literal["commits", "submit_tags"] = Field(
        default="commits", description="What counts: every commit, or those tagged submit/... only."
    )


class CiFile(Strict):
    """What `autograde ci` grades of a push."""

    exercises: Literal["changed", "due", "all"] = Field(
        default="changed",
        description="Those that differ from what was handed out, those not yet due, or all.",
    )
    training: bool = Field(default=False, description="Whether tests that train are run.")
    attempts: AttemptsFile = AttemptsFile()

    def rules(self) -> PushRules:
        """Give the same as the noun."""
        attempts = self.attempts
        return PushRules(
            Chosen(self.exercises),
            self.training,
            attempts.max or 0,
            attempts.cooldown_minutes or 0,
            Counted(attempts.count),
        )


class CourseFile(Strict):
    """The course."""

    title: Line = Field(description="Name of the course.")
    exercises: list[Line] = Field(
        default=["*"],
        min_length=1,
        description="Folder names in assignments/, or patterns such as 03-*.",
    )
    language: Literal["en", "zh"] = Field(
        default="en", description="Language of pages and terminal, unless --lang says another."
    )
    sandbox: SandboxFile = SandboxFile()
    limits: LimitsFile = LimitsFile()
    due: dict[str, Due] = Field(default={}, description="Due time with its zone, by exercise.")
    late: LateFile = Field(default_factory=LateFile)
    curve: dict[str, CurveFile] = Field(default={}, description="Curve by exercise.")
    drop_lowest: int = Field(
        default=0, ge=0, le=50, description="Exercises of the lowest share that do not count."
    )
    gradebook: DatabaseUrl = Field(
        default="", description="PostgreSQL for the gradebook, instead of a file of its own."
    )
    intake: IntakeFile = IntakeFile()
    ci: CiFile = CiFile()
