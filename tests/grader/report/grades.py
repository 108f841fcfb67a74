"""Grades of every kind that a page must show, for the tests of this room."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from grader.model import (
    Comparison,
    Exercise,
    Frame,
    Grade,
    HandIn,
    HandInStatus,
    Isolation,
    Limits,
    Note,
    Outcome,
    Submission,
    Task,
    TestCase,
    TrainingAttempt,
    TrainingRecord,
    Verdict,
    Visibility,
)
from grader.score import grade_exercise, grade_submission

HOSTILE = (
    "<script>alert(1)</script> {{ 7*7 }} {% raw %} \x1b[31mred\x1b[0m \u202egnp.exe\u202c "
    "]]> --> \" onmouseover='x' &amp; \x00 \ud800 [bold red]x[/] :boom: \u200b\u2066"
)
PUBLIC, HIDDEN = Visibility.PUBLIC, Visibility.HIDDEN
SOFTMAX = Task("softmax", "Softmax of each row", Fraction(6), ("softmax",))
LOSS = Task("cross_entropy", "Cross-entropy of the right class", Fraction(4), ("cross_entropy",))
ACCURACY = Task("accuracy", "Share of right predictions", Fraction(2), ("accuracy",))


def exercise(
    name: str = "03-06-softmax", title: str = "Softmax regression from scratch", **changes: object
) -> Exercise:
    """An exercise with three tasks worth twelve points."""
    made = Exercise(
        id=name,
        title=title,
        section=".".join(str(int(part)) for part in name.split("-")[:2]),
        module=name.rsplit("-", maxsplit=1)[-1],
        points=Fraction(12),
        tasks=(SOFTMAX, LOSS, ACCURACY),
        limits=Limits(),
        assignment_dir=Path(),
        solution_dir=Path(),
        hidden_dir=Path(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def case(name: str, title: str, task: Task = SOFTMAX, **changes: object) -> TestCase:
    """A public test of the softmax task, worth one point, unless told otherwise."""
    hidden = changes.get("visibility") is HIDDEN
    made = TestCase(
        id=f"{'test_softmax' if hidden else 'test_public'}.py::{name}",
        exercise_id="03-06-softmax",
        task=task.name,
        title=title,
        points=Fraction(1),
        visibility=PUBLIC,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


ROWS = case(
    "test_rows_sum_to_one",
    "Each row of the result sums to 1.",
    hint="Look at the dimension you sum over.",
)
SHAPE = case("test_shape", "The result has the shape of the logits.")
LARGE = case(
    "test_large_logits",
    "Logits of a thousand give no nan.",
    points=Fraction(2),
    visibility=HIDDEN,
    hint="What is exp(1000)?",
)
SHIFT = case(
    "test_shift",
    "Adding a constant to a row changes nothing.",
    points=Fraction(2),
    visibility=HIDDEN,
)
NLL = case("test_value", "One example gives the negative logarithm of its probability.", LOSS)
MEAN = case(
    "test_no_reduction", "Every example keeps its own loss.", LOSS, depends_on=("test_value",)
)
LOSS_HIDDEN = case(
    "test_many_classes",
    "A thousand classes are handled.",
    LOSS,
    points=Fraction(2),
    visibility=HIDDEN,
)
COUNT = case(
    "test_half", "Two of four right predictions are one half.", ACCURACY, points=Fraction(1, 2)
)
TIES = case(
    "test_ties",
    "Of equal scores the first class wins.",
    ACCURACY,
    points=Fraction(3, 2),
    visibility=HIDDEN,
)
SUITE = (SHAPE, ROWS, LARGE, SHIFT, NLL, MEAN, LOSS_HIDDEN, COUNT, TIES)

COLUMN_SUMS = Comparison(
    "softmax(X)",
    (("0.0900", "0.2447", "0.6652"), ("0.3333", "0.3333", "0.3333")),
    (("0.1192", "0.2689", "0.7311"), ("0.8808", "0.7311", "0.3333")),
    ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1)),
)
FRAMES = (Frame("softmax.py", 31, "cross_entropy", "return -log(y_hat[range(len(y_hat)), y])"),)


def hand_in(**changes: object) -> HandIn:
    """A file that was handed in."""
    made = HandIn(
        "03-06-softmax", HandInStatus.SUBMITTED, "03-06-softmax/softmax.py", "...", "ab" * 32
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def submission(*hand_ins: HandIn, **changes: object) -> Submission:
    """A commit that was handed in."""
    made = Submission(
        id="f0" * 32,
        owner="ada",
        origin="hand-ins/ada",
        received_at=datetime(2026, 3, 1, 20, 15, tzinfo=UTC),
        hand_ins=hand_ins,
        commit="a1b2c3d4e5f6",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def grade(
    verdicts: list[Verdict],
    *,
    found: HandIn | None = None,
    asked: Exercise | None = None,
    owner: str = "ada",
    level: int = 3,
    complete: bool = True,
    public_only: bool = False,
    more: tuple[tuple[Exercise, HandIn, list[Verdict]], ...] = (),
) -> Grade:
    """Grade one submission of one exercise, or of several."""
    parts = ((asked or exercise(), found or hand_in(), verdicts), *more)
    exercises = [grade_exercise(e, h, v, seed=20260301, duration_s=3.217) for e, h, v in parts]
    return grade_submission(
        submission(*(h for _, h, _ in parts), owner=owner),
        exercises,
        isolation=Isolation(level, "" if level == 3 else "bubblewrap is missing"),
        environment={"python": "3.11.7", "torch": "2.13.0", "device": "cpu", "grader": "0.1.0"},
        graded_at=datetime(2026, 3, 1, 20, 30, tzinfo=UTC),
        complete=complete,
        public_only=public_only,
    )


def all_passed() -> list[Verdict]:
    """Every test passed."""
    return [Verdict(test, Outcome.PASSED, duration_s=0.012) for test in SUITE]


def some_failed() -> list[Verdict]:
    """The hand-in of a student who sums over the wrong dimension and forgot an import."""
    bad = {
        ROWS.id: Verdict(
            ROWS,
            Outcome.FAILED,
            "softmax(X): 5 of 6 values differ from what is expected. "
            "Each row is a probability distribution. "
            "First difference at [0, 0]: expected 0.0900, got 0.1192.",
            comparison=COLUMN_SUMS,
            output="X has shape torch.Size([2, 3])\n",
        ),
        LARGE.id: Verdict(
            LARGE, Outcome.FAILED, "softmax(X): there are values that are nan or infinite."
        ),
        NLL.id: Verdict(
            NLL,
            Outcome.ERROR,
            "Your code raised NameError at softmax.py:31: name 'log' is not defined",
            frames=FRAMES,
        ),
        MEAN.id: Verdict(
            MEAN, Outcome.SKIPPED, f"Not run, because this has to pass first: {NLL.title}"
        ),
        LOSS_HIDDEN.id: Verdict(
            LOSS_HIDDEN, Outcome.TIMEOUT, "Your code did not finish within 10 seconds."
        ),
        COUNT.id: Verdict(
            COUNT,
            Outcome.FAILED,
            "accuracy(y_hat, y): this is not the expected number. Expected 0.5, got 2.",
            comparison=Comparison("accuracy(y_hat, y)", (("0.5",),), (("2",),), ((0, 0),)),
        ),
    }
    return [replace(bad.get(t.id, Verdict(t, Outcome.PASSED)), duration_s=0.012) for t in SUITE]


def with_fault() -> list[Verdict]:
    """One test met a fault of ours."""
    return [
        Verdict(t, Outcome.GRADER_FAULT, "The cell could not be opened.") if t is LARGE else v
        for t, v in zip(SUITE, all_passed(), strict=True)
    ]


def not_run() -> list[Verdict]:
    """Nothing ran."""
    return [Verdict(test) for test in SUITE]


LEARNS = case(
    "test_it_learns", "Your parts together learn to tell clothes apart.", visibility=HIDDEN
)
TRAINED = TrainingRecord(
    recipe="softmax-regression",
    title="softmax regression",
    metric="accuracy",
    data="fashion-mnist-small",
    data_sha256="a" * 64,
    device="cpu",
    torch="2.13",
    steps=200,
    value=0.7196,
    reason="below",
    threshold=0.7447,
    floor=0.6947,
    ceiling=0.8697,
    mean=0.7697,
    worst=0.7665,
    best=0.7741,
    band=tuple((2.2 * 0.85**n + 0.55, 2.35 * 0.85**n + 0.62) for n in range(20)),
    attempts=(
        TrainingAttempt(7, 0.7033, 1.53, tuple(2.5 * 0.9**n + 0.7 for n in range(20))),
        TrainingAttempt(8, 0.7196, 1.49, tuple(2.5 * 0.89**n + 0.66 for n in range(20))),
        TrainingAttempt(9, None, 0.71, (2.4, 2.2, 2.6)),
    ),
)


def trained(record: TrainingRecord = TRAINED) -> list[Verdict]:
    """Every test passed but the one that trains, which earned a part."""
    part = Verdict(
        LEARNS,
        Outcome.FAILED,
        "Softmax regression reached the accuracy 72.0 % in 3 attempts; "
        "74.5 % are asked for, the reference reaches 76.6 % to 77.4 %.",
        duration_s=3.7,
        earned=Fraction(1, 4),
        training=record,
    )
    return [*all_passed(), part]


def hostile() -> Grade:
    """Every text that a student can influence tries to break out of the page."""
    long_output = (HOSTILE + "\n") * 8_000
    verdicts = [
        Verdict(
            test,
            Outcome.ERROR,
            HOSTILE * 50,
            comparison=Comparison(
                HOSTILE, ((HOSTILE,) * 80,) * 80, ((HOSTILE,) * 80,) * 70, ((75, 76), (100, 100))
            ),
            frames=(Frame(HOSTILE, 3, HOSTILE, HOSTILE),) * 40,
            output=long_output,
        )
        for test in SUITE
    ]
    found = hand_in(path=HOSTILE, notes=(Note(HOSTILE, HOSTILE),) * 30)
    return grade(verdicts, found=found, owner=HOSTILE)


EVERY_KIND: dict[str, Grade] = {
    "full_marks": grade(all_passed()),
    "failing": grade(some_failed()),
    "trained": grade(trained()),
    "self_check": grade(
        [v for v in some_failed() if v.test.visibility is PUBLIC], public_only=True, level=0
    ),
    "self_check_passed": grade(
        [v for v in all_passed() if v.test.visibility is PUBLIC], public_only=True, level=0
    ),
    "fault": grade(with_fault()),
    "unreadable": grade(
        not_run(),
        found=hand_in(status=HandInStatus.UNREADABLE, problem="Line 12: '(' was never closed."),
    ),
    "not_submitted": grade(not_run(), found=HandIn("03-06-softmax", HandInStatus.NOT_SUBMITTED)),
    "interrupted": grade(not_run(), complete=False),
    "unprotected": grade(some_failed(), level=0),
    "hostile": hostile(),
    "several": grade(
        some_failed(),
        more=(
            (
                exercise("07-05-batch-norm", "Batch normalisation", pass_fraction=Fraction(1, 2)),
                hand_in(
                    notes=(
                        Note(
                            "batch_norm.ipynb, cell 4",
                            "`!pip install` is not Python and was set aside.",
                        ),
                    )
                ),
                all_passed(),
            ),
            (
                exercise("10-02-gru", "Gated recurrent units"),
                HandIn("10-02-gru", HandInStatus.NOT_SUBMITTED),
                not_run(),
            ),
        ),
    ),
}
