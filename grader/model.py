"""The nouns of the house: what one room hands to the next.

Frozen dataclasses without I/O and without behaviour beyond what follows from their fields.
They import nothing but the standard library, so that every room may import them.

    Course -> Exercise -> Task                    what is asked          (course/)
    Submission -> HandIn -> Note                  what was handed in     (collect/)
    TestCase -> Verdict -> Comparison, Frame      what was judged        (judge/)
    TrainingRecord -> TrainingAttempt             what training measured (judge/)
    Diagnosis, Confidence                         why it went wrong      (judge/)
    Grade -> ExerciseGrade -> TaskGrade           what it is worth       (score/)
    Rules -> LateRule, Curve                      what becomes of points (course/)
    AttemptResult, Decisions                      what may count         (batch/)
    Standing -> ExerciseStanding                  what counts            (score/)
    Person, ClassRow                              whose it is            (batch/)
    Isolation, Limits                             under which conditions (cell/)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from pathlib import Path


class Outcome(StrEnum):
    """What became of one test. No outcome has a truth value: compare, do not test."""

    PASSED = "passed"
    FAILED = "failed"
    """The answer is wrong."""
    ERROR = "error"
    """The student's code raised an exception."""
    TIMEOUT = "timeout"
    """Wall or CPU time ran out."""
    MEMORY = "memory"
    """The memory limit was reached."""
    CRASHED = "crashed"
    """The process ended, or spoke something else than the protocol."""
    POLICY = "policy"
    """A forbidden shortcut was used."""
    SKIPPED = "skipped"
    """A test that this one depends on did not pass."""
    NOT_RUN = "not_run"
    """Nothing is known: the default, and it earns nothing."""
    GRADER_FAULT = "grader_fault"
    """Our side failed; the test counts for nobody."""

    def __bool__(self) -> bool:
        """Refuse `if outcome:`, which would read as "passed".

        Raises:
            TypeError: Always.
        """
        msg = "an Outcome has no truth value; compare it with Outcome.PASSED"
        raise TypeError(msg)


class Visibility(StrEnum):
    """Who may see a test's inputs and values."""

    PUBLIC = "public"
    HIDDEN = "hidden"


CPU = "cpu"
"""The class of the device that every machine has."""


class Device(StrEnum):
    """Where training may take place."""

    AUTO = "auto"
    """On a graphics card where there is one that is calibrated, else on the CPU."""
    CPU = "cpu"
    CUDA = "cuda"
    """On a graphics card, and not without one."""


class TrainingMode(StrEnum):
    """What becomes of tests that train."""

    OFF = "off"
    """They are not run."""
    JUDGE = "judge"
    MEASURE = "measure"
    """They alone are run, once and without a judgement, to calibrate a threshold."""
    PROBE = "probe"
    """A short run shows the student whether anything is learnt; it is not the grade."""


class Chosen(StrEnum):
    """Which exercises a push is graded for, where it names none."""

    CHANGED = "changed"
    """Those whose file is not what was handed out."""
    DUE = "due"
    """Those that were not yet due when the push was committed, or never are."""
    ALL = "all"


class Counted(StrEnum):
    """What counts as an attempt at an exercise."""

    COMMITS = "commits"
    """Each commit that brings a version of the file that was not there before."""
    SUBMIT_TAGS = "submit_tags"
    """The same, of commits that bear a tag `submit/...` alone."""


class HandInStatus(StrEnum):
    """What `collect` found for one exercise."""

    SUBMITTED = "submitted"
    NOT_SUBMITTED = "not_submitted"
    UNREADABLE = "unreadable"
    """A file is there but cannot be graded (not UTF-8, broken notebook, syntax error)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one cell may use. Every field is enforced from outside the student's code.

    Attributes:
        wall_time_s: Wall time of one test.
        exercise_wall_time_s: Wall time of all tests of one exercise.
        cpu_time_s: CPU time of one cell.
        memory_mib: Memory on top of what the warm process already holds.
        threads: Threads of one cell, its first one included.
        processes: Further processes of one cell, where its level lets it start any: level 0 does.
        open_files: Files of one cell that are open at a time, its channel and output included.
        output_kib: Bytes printed on stdout and stderr together.
        scratch_mib: Size of the private scratch folder.
        scratch_files: Files and folders in the private scratch folder.
        frame_mib: Largest single message that crosses the wire.
        frames: Answers of one cell to one test.
        frames_per_s: Answers of one cell within a second of one test.
        gpu_memory_mib: Memory of a graphics card for the cell's tensors; without any, it is given
            no card.
    """

    wall_time_s: float = 10.0
    exercise_wall_time_s: float = 180.0
    cpu_time_s: int = 60
    memory_mib: int = 1024
    threads: int = 64
    processes: int = 16
    open_files: int = 256
    output_kib: int = 1024
    scratch_mib: int = 64
    scratch_files: int = 2000
    frame_mib: int = 128
    frames: int = 10_000
    frames_per_s: int = 8_000
    gpu_memory_mib: int = 0


class Finding(StrEnum):
    """What became of one probe of the isolation."""

    PASS = "PASS"  # noqa: S105 - not a password
    FAIL = "FAIL"
    NOT_ENFORCED = "NOT ENFORCED"


@dataclass(frozen=True, slots=True)
class Probe:
    """One attack on what no cell may reach or do.

    Attributes:
        title: What should hold.
        finding: Whether it does; NOT ENFORCED where the level never promised it.
        detail: What was seen, on this host; no result repeats it.
        remedy: What to do about it; empty if it holds.
    """

    title: str
    finding: Finding
    detail: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Isolation:
    """The isolation in force, as every result records it.

    Attributes:
        level: 3, 2 or 0 (docs/security.md says what each promises).
        reason: Why it is not higher; empty at level 3.
        remedy: The command that would raise it; empty if none is known.
        probes: Attacks that were made on the host's cells before it graded anything; none at
            level 0, which promises nothing.
    """

    level: int
    reason: str = ""
    remedy: str = ""
    probes: tuple[Probe, ...] = ()


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Shortcuts that a task rules out.

    Attributes:
        names: Canonical dotted names (`torch.softmax`, `torch.nn.Softmax`) and methods
            written `Tensor.softmax`.
        operators: Dispatcher operators (`aten::_softmax`) that must not be seen in the cell.
    """

    names: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """One function, class or small program of an exercise.

    Attributes:
        name: The task's name in the course, for instance `accumulator`.
        title: What the student reads.
        points: What it is worth; the sum of its tests.
        defines: The top-level names of the module that answer it, for instance
            `("Accumulator",)`; never empty once loaded.
        forbidden: Shortcuts ruled out for it.
    """

    name: str
    title: str
    points: Fraction
    defines: tuple[str, ...] = ()
    forbidden: Forbidden = Forbidden()


@dataclass(frozen=True, slots=True)
class Exercise:
    """One section of the course, found by its folder name in three trees.

    Attributes:
        id: Folder name, for instance `03-06-softmax`.
        title: What the student reads.
        section: The D2L section, for instance `3.6`.
        module: Stem of the student's file (`softmax` for `softmax.py`).
        points: What the whole exercise is worth; the sum of its tasks.
        tasks: In the order of `exercise.yml`.
        limits: For each cell of this exercise.
        assignment_dir: Folder with README, stub, notebook and public tests.
        solution_dir: Folder with reference, alternatives and mistakes; absent in a release.
        hidden_dir: Folder with the hidden suite; absent in a release.
        pass_fraction: Share of the points from which the exercise counts as passed.
    """

    id: str
    title: str
    section: str
    module: str
    points: Fraction
    tasks: tuple[Task, ...]
    limits: Limits
    assignment_dir: Path
    solution_dir: Path
    hidden_dir: Path
    pass_fraction: Fraction = Fraction(1)

    @property
    def public_suite(self) -> Path:
        """The public tests handed to the student."""
        return self.assignment_dir / "test_public.py"

    @property
    def hidden_suite(self) -> Path:
        """The hidden tests; the file does not exist in a student release."""
        return self.hidden_dir / f"test_{self.module}.py"

    @property
    def stub(self) -> Path:
        """The file handed to the student."""
        return self.assignment_dir / f"{self.module}.py"

    @property
    def reference(self) -> Path:
        """The reference solution, with its markers."""
        return self.solution_dir / f"{self.module}.py"


@dataclass(frozen=True, slots=True)
class LateRule:
    """What lateness costs. A day that has begun counts as a day.

    Attributes:
        grace_days: Days late that cost nothing, for each person and the whole course; spent
            in the order of due dates.
        grace_days_per_exercise: The most of them that one exercise takes; None for no bound.
        percent_per_day: Part of the earned points that each further day takes.
        cap_percent: The most that is taken.
    """

    grace_days: int = 0
    grace_days_per_exercise: int | None = None
    percent_per_day: Fraction = Fraction(0)
    cap_percent: Fraction = Fraction(100)


class CurveKind(StrEnum):
    """How the points of an exercise are lifted; no curve takes points, none gives too many."""

    ADD = "add"
    """Everybody is given so many points."""
    SCALE = "scale"
    """Everybody's points are multiplied so that the best of the class has so many."""
    SQUARE_ROOT = "square_root"
    """The share of the points becomes its square root."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve; `points` means what its kind says, and nothing for a square root."""

    kind: CurveKind
    points: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Rules:
    """How points become what counts.

    Attributes:
        late: What lateness costs.
        curves: By exercise id.
        drop_lowest: So many exercises, those with the lowest share of their points, leave the
            total.
    """

    late: LateRule = LateRule()
    curves: Mapping[str, Curve] = field(default_factory=dict)
    drop_lowest: int = 0


@dataclass(frozen=True, slots=True)
class PushRules:
    """What `autograde ci` grades of a push, and how often.

    Attributes:
        exercises: Which ones.
        training: Whether tests that train are run.
        max_attempts: At one exercise; 0 for any number.
        cooldown_minutes: Between two attempts at one exercise; 0 for none.
        counted: What counts as an attempt.
    """

    exercises: Chosen = Chosen.CHANGED
    training: bool = False
    max_attempts: int = 0
    cooldown_minutes: int = 0
    counted: Counted = Counted.COMMITS


@dataclass(frozen=True, slots=True)
class Course:
    """`autograde.yml`, checked.

    Attributes:
        root: The folder that holds `autograde.yml`.
        title: Name of the course.
        exercises: Every exercise of the course, in course order.
        min_level: Isolation below which full grading is refused.
        due: Due date per exercise id (aware, UTC).
        intake: Bounds on what is read of a hand-in, by name, where the course sets its own.
        language: In which pages and terminal speak to its students: `en` or `zh`.
        rules: How points become what counts.
        gradebook: URL of its gradebook; empty for a file beside the results.
        push: What is graded of a push.
    """

    root: Path
    title: str
    exercises: tuple[Exercise, ...]
    min_level: int = 2
    due: Mapping[str, datetime] = field(default_factory=dict)
    intake: Mapping[str, int] = field(default_factory=dict)
    language: str = "en"
    rules: Rules = field(default_factory=Rules)
    gradebook: str = ""
    push: PushRules = PushRules()


@dataclass(frozen=True, slots=True)
class Note:
    """Something the student should know about how the hand-in was read.

    Attributes:
        where: A file, a line (`softmax.py:3`) or a notebook cell (`softmax.ipynb, cell 4`).
        text: One sentence.
    """

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class HandIn:
    """What one submission holds for one exercise.

    Attributes:
        exercise_id: Which exercise.
        status: Whether there is something to grade.
        path: Name of the file inside the submission, as shown to people; empty if none.
        source: The student's Python text (a notebook's code cells joined); empty if none.
        sha256: Hash of the file's bytes as handed in; empty if none.
        problem: Why it is unreadable, one sentence for the student; empty otherwise.
        notes: What was set aside while reading.
        cell_of_line: For a notebook: (first line in `source`, cell number), ascending.
    """

    exercise_id: str
    status: HandInStatus
    path: str = ""
    source: str = ""
    sha256: str = ""
    problem: str = ""
    notes: tuple[Note, ...] = ()
    cell_of_line: tuple[tuple[int, int], ...] = ()

    def locate(self, line: int) -> tuple[str, int]:
        """Return where a line of `source` stands for its author.

        Args:
            line: Counted from 1.

        Returns:
            The file's name and the line; for a notebook the name with its cell
            (`softmax.ipynb, cell 4`) and the line inside that cell.
        """
        name = self.path.rsplit("/", 1)[-1]
        for first, cell in reversed(self.cell_of_line):
            if first <= line:
                return f"{name}, cell {cell}", line - first + 1
        return name, line


@dataclass(frozen=True, slots=True)
class Submission:
    """One hand-in, its bytes fixed.

    Attributes:
        id: SHA-256 over the names and bytes of its graded files.
        owner: Who handed it in; the folder or file name unless something better is known.
        origin: Where it was read, as the user named it.
        received_at: When it was handed in (aware, UTC): commit time or newest file time.
        commit: Git commit if it is a repository; empty otherwise.
        hand_ins: One per exercise asked for, in course order.
        notes: What was noticed about the submission as a whole.
    """

    id: str
    owner: str
    origin: str
    received_at: datetime
    hand_ins: tuple[HandIn, ...]
    commit: str = ""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class TestCase:
    """One collected test, known before any student code runs.

    Attributes:
        id: `test_public.py::test_x` or `test_softmax.py::test_x[param]`.
        exercise_id: Whose suite it belongs to.
        task: Name of the task it examines.
        title: First line of its docstring, which the student reads.
        hint: What to look at when it fails; may be empty.
        points: What it is worth.
        visibility: Public tests show their values, hidden tests do not.
        depends_on: Names of test functions of the same exercise that must pass first.
        fresh_cell: True if it wants a cell of its own.
        timeout_s: Wall time of this test, or None for the exercise's limit.
        training: Name of its training recipe; empty for a test that trains nothing.
    """

    __test__ = False  # pytest must not collect it

    id: str
    exercise_id: str
    task: str
    title: str
    points: Fraction
    visibility: Visibility
    hint: str = ""
    depends_on: tuple[str, ...] = ()
    fresh_cell: bool = False
    timeout_s: float | None = None
    training: str = ""

    @property
    def is_probe(self) -> bool:
        """Whether it trains briefly for the student's eyes, and counts for nothing."""
        return bool(self.training) and self.visibility is Visibility.PUBLIC


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of the student's own code in a traceback."""

    path: str
    line: int
    function: str
    text: str = ""

    @property
    def place(self) -> str:
        """Where it is: `softmax.py:12`, or `softmax.ipynb, cell 4, line 2`."""
        return (
            f"{self.path}, line {self.line}"
            if ", cell " in self.path
            else (f"{self.path}:{self.line}")
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """Expected against actual, ready to be shown; only ever filled for public tests.

    Attributes:
        what: What is compared, for instance `softmax(X)`.
        expected: Rows of cells as text; one row of one cell for a scalar.
        actual: The same for what came.
        wrong: (row, column) of each cell of `actual` that differs, counted in the rows given.
        origin: (row, column) at which the first cell stands in a tensor that was cut; leading
            dimensions count as rows.
        difference: Actual less expected for each cell that differs, empty for the others; no
            rows at all where nothing can be subtracted.
        shapes: (expected, actual) if the two have different shapes; None otherwise.
    """

    what: str
    expected: tuple[tuple[str, ...], ...]
    actual: tuple[tuple[str, ...], ...]
    wrong: tuple[tuple[int, int], ...] = ()
    origin: tuple[int, int] = (0, 0)
    difference: tuple[tuple[str, ...], ...] = ()
    shapes: tuple[tuple[int, ...], tuple[int, ...]] | None = None


@dataclass(frozen=True, slots=True)
class TrainingAttempt:
    """One training run of one submission.

    Attributes:
        seed: From which everything random in it follows.
        value: What was measured; None if the run broke or was ended.
        seconds: Wall time, without that of opening a cell.
        losses: Mean loss of each part of the run, as the cell reported it; of a probe, the loss
            of each step.
        gpu_peak_mib: Memory of the graphics card, as its driver counted it; None on a CPU.
    """

    seed: int
    value: float | None
    seconds: float
    losses: tuple[float, ...] = ()
    gpu_peak_mib: int | None = None

    @property
    def ends(self) -> tuple[float, float]:
        """The mean of the first three losses and that of the last five."""
        first, last = self.losses[:3], self.losses[-5:]
        return math.fsum(first) / len(first), math.fsum(last) / len(last)


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """What training measured, and against which runs of the reference.

    Attributes:
        recipe: Name of the recipe.
        title: What is trained, in words.
        metric: `accuracy` (more is better), or `perplexity`, `error` or `norm` (less is better).
        data: Name of the data set.
        data_sha256: Its hash.
        device: Class of the device.
        driver: Version of a graphics card's driver; empty on a CPU.
        torch: Minor version of torch.
        steps: Optimiser steps of one attempt.
        value: The best value of all attempts; None if there is none.
        reason: What the rule says: passed, below, chance, broken, seeded; `probe` for a short
            run that is not the grade; empty if nothing.
        threshold: Full credit from here on; None where nothing was judged, as those below.
        floor: No credit from here on.
        ceiling: Too good to be true from here on.
        mean: Of the reference's runs.
        worst: The worst of the reference's runs.
        best: The best of them.
        band: (lowest, highest) loss of the reference's runs at each point of the curve.
        attempts: In their order.
        suspicious: Whether a person should look at it.
        note: What else has to be said; may be empty.
    """

    recipe: str
    title: str
    metric: str
    data: str
    data_sha256: str
    device: str
    torch: str
    steps: int
    value: float | None = None
    reason: str = ""
    threshold: float | None = None
    floor: float | None = None
    ceiling: float | None = None
    mean: float | None = None
    worst: float | None = None
    best: float | None = None
    band: tuple[tuple[float, float], ...] = ()
    attempts: tuple[TrainingAttempt, ...] = ()
    suspicious: bool = False
    note: str = ""
    driver: str = ""

    @property
    def is_probe(self) -> bool:
        """Whether it is a short run for the student's eyes; its attempts are its two parts."""
        return self.reason == TrainingMode.PROBE


_NOTHING = Fraction(0)
"""One object for all: the results of a class hold a million of them."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one test.

    Attributes:
        test: The test.
        outcome: `not_run` unless something else was seen.
        message: What the student reads; empty when passed.
        comparison: Expected against actual; None for hidden tests.
        frames: The student's own frames of an exception, outermost first.
        output: What the student's code printed; empty for hidden tests.
        duration_s: Wall time.
        earned: Points of a test that was failed but earns a part; None for all or nothing.
        training: What a test that trains measured; None for all others.
    """

    test: TestCase
    outcome: Outcome = Outcome.NOT_RUN
    message: str = ""
    comparison: Comparison | None = None
    frames: tuple[Frame, ...] = ()
    output: str = ""
    duration_s: float = 0.0
    earned: Fraction | None = None
    training: TrainingRecord | None = None

    @property
    def points(self) -> Fraction | None:
        """What the test earned; None while a fault of ours leaves it open."""
        if self.outcome is Outcome.GRADER_FAULT:
            return None
        if self.outcome is Outcome.FAILED and self.earned is not None:
            return max(_NOTHING, min(self.earned, self.test.points))
        return self.test.points if self.outcome is Outcome.PASSED else _NOTHING


class Confidence(StrEnum):
    """How a diagnosis came about."""

    EXACT = "exact"
    """The code behaves like one known mistake on every probe."""
    LIKELY = "likely"
    """It behaves like one known mistake on most probes, and far less like any other."""
    RELATION = "relation"
    """Nothing known, but one relation to the right answers holds for all that differ."""
    UNNAMED = "unnamed"
    """Nothing is said but where it goes wrong."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why a task's tests failed, as far as it can be told without guessing.

    Attributes:
        task: The task.
        label: What the code does wrong: of a known mistake, in the words of the catalogue; a
            sentence for a relation; empty if unnamed.
        hint: What to look at; may be empty.
        confidence: How sure it is.
        example: Expected against actual for the smallest input found; never a test's input.
        call: How the example is called, as a student could type it; empty without one.
    """

    task: str
    label: str
    hint: str
    confidence: Confidence
    example: Comparison | None = None
    call: str = ""


@dataclass(frozen=True, slots=True)
class TaskGrade:
    """Points of one task. `score` is None while a `grader_fault` leaves it open."""

    task: Task
    score: Fraction | None
    max_score: Fraction


@dataclass(frozen=True, slots=True)
class ExerciseGrade:
    """Points of one exercise of one submission.

    Attributes:
        exercise: The exercise.
        hand_in: What was graded.
        score: Exact points, or None while a `grader_fault` leaves them open.
        max_score: Points of the tests that were meant to run.
        tasks: Points by task.
        verdicts: One per collected test, in suite order, run or not.
        seed: Seed of the run, from which every test's seed is derived.
        duration_s: Wall time.
        notes: What was noticed while judging.
        diagnoses: Why tasks failed, as far as it can be told; one a task at most.
    """

    exercise: Exercise
    hand_in: HandIn
    score: Fraction | None
    max_score: Fraction
    tasks: tuple[TaskGrade, ...]
    verdicts: tuple[Verdict, ...]
    seed: int
    duration_s: float = 0.0
    notes: tuple[Note, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the points reach the share that the exercise asks for; False while open."""
        if self.score is None:
            return False
        return self.score >= self.exercise.pass_fraction * self.max_score


@dataclass(frozen=True, slots=True)
class Grade:
    """One submission, graded: what every page, file and exporter is made from.

    Attributes:
        submission: What was graded.
        exercises: In course order.
        score: Exact points, or None while any exercise is open.
        max_score: Sum of the exercises' maxima.
        isolation: The level that was in force.
        environment: Versions and device (`python`, `torch`, `device`, `grader`, ...).
        graded_at: When (aware, UTC).
        complete: False if the run was interrupted and tests are missing.
        public_only: True for a self-check, whose hidden tests did not run.
    """

    submission: Submission
    exercises: tuple[ExerciseGrade, ...]
    score: Fraction | None
    max_score: Fraction
    isolation: Isolation
    environment: Mapping[str, str]
    graded_at: datetime
    complete: bool = True
    public_only: bool = False


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """What one attempt at one exercise is worth to one person.

    Attributes:
        person: Key of the person.
        exercise_id: Which exercise.
        key: Under which its verdicts are kept.
        status: Whether there was something to grade.
        received_at: When it was handed in (aware).
        points: What the tests earned, or None while a `grader_fault` leaves it open.
        max_points: What they could have earned.
    """

    person: str
    exercise_id: str
    key: str
    status: HandInStatus
    received_at: datetime
    points: Fraction | None
    max_points: Fraction


@dataclass(frozen=True, slots=True)
class Decisions:
    """What people decided, by person and exercise id.

    Attributes:
        overrides: Points that count whatever the tests say.
        extensions: Due dates of single people (aware).
    """

    overrides: Mapping[tuple[str, str], Fraction] = field(default_factory=dict)
    extensions: Mapping[tuple[str, str], datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExerciseStanding:
    """What counts for one exercise of one person, and how it came about.

    Attributes:
        exercise_id: Which exercise.
        key: Of the attempt that counts; empty if there is none.
        raw: What its tests earned; None if that is open or nothing was graded.
        points: What counts, after curve, lateness and override; None while it is open.
        max_points: What could be earned.
        days_late: Days begun after the due date.
        grace_days: Those of them that cost nothing.
        is_extended: Whether the person had a due date of their own.
        is_overridden: Whether a person decided on the points.
        is_dropped: Whether it is left out of the total.
    """

    exercise_id: str
    key: str
    raw: Fraction | None
    points: Fraction | None
    max_points: Fraction
    days_late: int = 0
    grace_days: int = 0
    is_extended: bool = False
    is_overridden: bool = False
    is_dropped: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts for one person.

    Attributes:
        exercises: Those that were graded or decided on, in course order.
        points: Their sum without those that are dropped; None while one is open.
        max_points: What all exercises of the total could have earned, without those that are
            dropped; also those that are not in `exercises`.
    """

    exercises: tuple[ExerciseStanding, ...]
    points: Fraction | None
    max_points: Fraction

    @property
    def differs(self) -> bool:
        """Whether something else counts than what the tests earned."""
        return any(e.is_dropped or e.is_overridden or e.points != e.raw for e in self.exercises)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a class.

    Attributes:
        key: The username on the roster, or what the hand-in's folder says; never empty.
        name: First and last name; may be empty.
        email: May be empty.
        section: Group of the class; may be empty.
        github_id: The number that GitHub knows the account by; may be empty.
    """

    key: str
    name: str = ""
    email: str = ""
    section: str = ""
    github_id: str = ""


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One person's row of a gradebook.

    Attributes:
        person: Who.
        grade: What was earned; None if nothing was graded.
        flags: Words such as `late` or `not_submitted`, in a fixed order.
        standing: What counts; None if nothing was graded or decided on.
    """

    person: Person
    grade: Grade | None
    flags: tuple[str, ...] = ()
    standing: Standing | None = None
