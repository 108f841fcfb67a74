# ruff: noqa: E501 - one line a case
"""The whole grader on real processes: what each kind of hand-in earns, and what it is told."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from grader.cell import attacks
from grader.model import Course, ExerciseGrade, Finding, Outcome
from grader.pipeline import BEST_LEVEL, Session
from tests.grader.conftest import RIGHT, STUB

COUNTER = RIGHT[RIGHT.index("class Counter") :]


def _grade(session: Session, course: Course, source: str, **options: Any) -> ExerciseGrade:
    return session.grade_source(course.exercises[0], textwrap.dedent(source), **options)


def _told(grade: ExerciseGrade) -> str:
    return "\n".join(f"{v.outcome.value}: {v.message}" for v in grade.verdicts)


def test_a_right_answer_earns_everything(demo_session: Session, demo_course: Course) -> None:
    """Full marks, every test passed, and a seed to repeat it with."""
    grade = _grade(demo_session, demo_course, RIGHT)
    assert grade.score == grade.max_score == 6, _told(grade)
    assert {v.outcome for v in grade.verdicts} == {Outcome.PASSED}


def test_a_stub_earns_nothing_and_is_called_unwritten(
    demo_session: Session, demo_course: Course
) -> None:
    """Every test that reaches an unwritten part says so."""
    grade = _grade(demo_session, demo_course, STUB)
    assert grade.score == 0
    assert "`double` is not written yet" in _told(grade)


BAD = [
    ("wrong_value", "def double(X):\n    return X * 3", Outcome.FAILED, "values differ"),
    ("returns_none", "def double(X):\n    pass", Outcome.FAILED, "got None, expected a tensor"),
    ("wrong_shape", "def double(X):\n    return 2 * X[:1]", Outcome.FAILED, "got the shape"),
    ("wrong_dtype", "def double(X):\n    return (2 * X).double()", Outcome.FAILED, "got the dtype float64"),
    ("missing_name", "x = 1", Outcome.FAILED, "does not define `double`"),
    ("wrong_arity", "def double():\n    pass", Outcome.ERROR, "TypeError"),
    ("raises", "def double(X):\n    return X / Y", Outcome.ERROR, "NameError at demo.py:2"),
    ("raises_at_import", "import torch\n1 / 0", Outcome.ERROR, "ZeroDivisionError at demo.py:2"),
    ("imports_nothing", "import no_such_module", Outcome.ERROR, "ModuleNotFoundError"),
    ("shortcut", "import torch\ndef double(X):\n    return torch.add(X, X)", Outcome.POLICY, "torch.add (line 3)"),
    ("loops", "def double(X):\n    while True: pass", Outcome.TIMEOUT, "within 3 seconds"),
    ("sleeps", "import time\ndef double(X):\n    time.sleep(60)", Outcome.TIMEOUT, "within 3 seconds"),
    ("loops_at_import", "while True: pass", Outcome.TIMEOUT, "within 3 seconds"),
    ("exits", "import os\ndef double(X):\n    os._exit(0)", Outcome.CRASHED, "ended the process"),
    ("exits_at_import", "import os\nos._exit(0)", Outcome.CRASHED, "ended the process"),
    ("sys_exit", "import sys\ndef double(X):\n    sys.exit(0)", Outcome.CRASHED, "SystemExit"),
    ("segfault", "import ctypes\ndef double(X):\n    ctypes.string_at(0)", Outcome.CRASHED, "SIGSEGV"),
    ("eats_memory", "def double(X):\n    return [bytearray(10 ** 7) for _ in range(10 ** 4)]", Outcome.MEMORY, "200 MiB"),
    ("eats_tensors", "import torch\ndef double(X):\n    return torch.ones(10 ** 10)", Outcome.MEMORY, "200 MiB"),
    ("floods", "def double(X):\n    while True: print('x' * 10 ** 5)", Outcome.CRASHED, "printed more than 64 KiB"),
    ("forged_frame", "import os\ndef double(X):\n    os.write(3, b'AGW1' * 99)\n    return X", Outcome.CRASHED, "own channel"),
    ("recursion", "def double(X):\n    return double(X)", Outcome.ERROR, "RecursionError"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "outcome", "words"), [b[1:] for b in BAD], ids=[b[0] for b in BAD]
)
def test_a_bad_answer_costs_its_own_tests_and_no_other(
    demo_session: Session, demo_course: Course, source: str, outcome: Outcome, words: str
) -> None:
    """The verdict names the cause; the session goes on and grades a right answer after it."""
    if demo_session.isolation.level == 0 and "os.write(3" in source:
        pytest.skip("level 0 speaks over other descriptors")
    (exercise, *_) = demo_course.exercises
    if outcome is Outcome.TIMEOUT:  # nobody else's verdict depends on how busy the machine is
        exercise = replace(exercise, limits=replace(exercise.limits, wall_time_s=3))
    grade = demo_session.grade_source(exercise, f"{source}\n")
    first = grade.verdicts[0]
    assert (first.outcome, words in first.message) == (outcome, True), _told(grade)
    assert grade.score == 0
    after = _grade(demo_session, demo_course, RIGHT)
    assert after.score == 6, _told(after)


def test_a_test_that_kills_the_cell_leaves_the_others_their_points(
    demo_session: Session, demo_course: Course
) -> None:
    """The next test runs in a fresh cell."""
    source = f"import os\ndef double(X):\n    os._exit(3)\n\n{COUNTER}"
    grade = _grade(demo_session, demo_course, source)
    assert grade.score == 2, _told(grade)


def test_a_dependent_test_is_skipped_in_words(demo_session: Session, demo_course: Course) -> None:
    """It names the test that has to pass first."""
    grade = _grade(demo_session, demo_course, "def double(X):\n    return X * 3")
    skipped = [v for v in grade.verdicts if v.outcome is Outcome.SKIPPED]
    assert ["Every value is doubled" in v.message for v in skipped] == [True]


def test_hidden_tests_show_no_text_that_the_student_chose(
    demo_session: Session, demo_course: Course
) -> None:
    """Neither exception text, nor class names, nor printed output can carry an input out."""
    source = """
        def double(X):
            print(X.tolist())
            raise type("Leak" + str(X.numel()), (ValueError,), {})(str(X.tolist()))
    """
    grade = _grade(demo_session, demo_course, source)
    seen, hidden = grade.verdicts[0], grade.verdicts[1]
    assert "[1.0, 1.0]" in seen.message
    assert "[1.0, 1.0]" in seen.output
    assert hidden.output == ""
    assert "ValueError" in hidden.message
    assert "Leak" not in hidden.message
    assert "[" not in hidden.message
    assert hidden.comparison is None


def test_mutants_stop_at_their_first_loss(demo_session: Session, demo_course: Course) -> None:
    """Tests of the tasks named first run first, and the rest are not run."""
    grade = _grade(
        demo_session, demo_course, "x = 1", stop_at_first_loss=True, tasks_first=("counter",)
    )
    ran = [v.test.task for v in grade.verdicts if v.outcome is not Outcome.NOT_RUN]
    assert ran == ["counter"]


def test_the_same_seed_gives_the_same_run(demo_session: Session, demo_course: Course) -> None:
    """A student's random numbers follow from the recorded seed."""
    source = "import torch\ndef double(X):\n    raise ValueError(str(torch.rand(1).item()))"
    exercise = demo_course.exercises[0]
    said = [
        demo_session.grade_source(exercise, source, seed=seed).verdicts[0].message
        for seed in (1, 1, 2)
    ]
    assert said[0] == said[1] != said[2]


def test_points_are_exact(demo_session: Session, demo_course: Course) -> None:
    """Scores are fractions from the first mark to the sum."""
    grade = _grade(demo_session, demo_course, COUNTER)
    assert grade.score == Fraction(2)
    assert isinstance(grade.score, Fraction)


@pytest.mark.parametrize("level", [BEST_LEVEL, 0])
def test_torchvision_can_be_imported_beside_a_cpu_only_torch(
    demo_course: Course, level: int
) -> None:
    """In the cells of every level, by a plain import in the student's file."""
    source = f"import torchvision\nfrom torchvision.ops import nms\n{RIGHT}"
    exercise = demo_course.exercises[0]
    patient = replace(exercise, limits=replace(exercise.limits, wall_time_s=90))
    with Session(demo_course, [exercise], level=level, public_only=True) as session:
        grade = session.grade_source(patient, source)
    assert grade.verdicts[0].outcome is Outcome.PASSED, _told(grade)


def test_a_session_attacks_its_cells_before_it_grades(demo_session: Session) -> None:
    """The level that results name was tried on the very cells that grade."""
    if not demo_session.isolation.level:
        pytest.skip("a level that promises nothing is not tried")
    probes = demo_session.isolation.probes
    assert [probe.title for probe in probes[1:]] == [attack.title for attack in attacks.QUICK]
    assert {probe.finding for probe in probes} == {Finding.PASS}
