"""What the light process and its worker say to each other survives the pipe."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import orders
from grader.model import (
    Comparison,
    Confidence,
    Course,
    Diagnosis,
    Frame,
    HandIn,
    HandInStatus,
    Isolation,
    Note,
    Outcome,
    TestCase,
    Verdict,
    Visibility,
)

CASE = TestCase(
    "test_x.py::test_y[1]", "01-01-demo", "double", "Twice.", Fraction(1, 8), Visibility.HIDDEN,
    hint="h", depends_on=("test_z",), fresh_cell=True, timeout_s=2.5,
)  # fmt: skip


def test_setup_and_job_survive(demo_course: Course) -> None:
    """Paths, exact points, limits and enumerations come back with their types."""
    setup = orders.Setup(demo_course.root, demo_course.exercises, 3, public_only=True)
    assert orders.read_order(orders.to_line(setup)) == setup
    hand_in = HandIn(
        "01-01-demo",
        HandInStatus.SUBMITTED,
        "demo.py",
        "x = 1\n",
        "ab",
        "",
        (Note("a", "b"),),
        ((1, 2),),
    )
    job = orders.Job(demo_course.exercises[0], hand_in, 7, True, ("double",))
    came = orders.read_order(orders.to_line(job))
    assert came == job
    assert isinstance(came, orders.Job)
    assert isinstance(came.exercise.assignment_dir, Path)


def test_ready_done_and_trouble_survive() -> None:
    """The answers of a worker are told apart."""
    for answer in (
        orders.Ready({"a": (CASE,)}, Isolation(2, "why", "what now"), {"torch": "2"}),
        orders.Done(),
        orders.Diagnosed(
            Diagnosis("double", "l", "h", Confidence.EXACT, Comparison("f", (("1",),), ()), "f(1)")
        ),
        orders.Fingerprinted("{}", False, (("mistakes.py:3", "what"),)),
        orders.Trouble("course", "where", "what", "what now"),
    ):
        assert orders.read_answer(orders.to_line(answer)) == answer


@given(st.sampled_from(Outcome), st.text(), st.text(), st.floats(0, 1e6))
def test_whatever_a_student_wrote_stays_one_line_and_the_same(
    outcome: Outcome, message: str, output: str, duration_s: float
) -> None:
    """Newlines, quotes and odd characters in texts cannot end a message early."""
    verdict = Verdict(
        CASE, outcome, message, Comparison("f", (("1",),), (("2",),), ((0, 0),)),
        (Frame("demo.py", 3, "f", message),), output, duration_s,
    )  # fmt: skip
    line = orders.to_line(orders.Judged(verdict))
    assert line.count(b"\n") == 1
    assert orders.read_answer(line) == orders.Judged(verdict)


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"nonsense", b'{"type":"Gift"}', b'{"type":"Judged"}']
)
def test_a_line_that_is_no_message_is_refused(line: bytes) -> None:
    """An answer is one of the known kinds, complete and of the right types."""
    with pytest.raises(msgspec.DecodeError):
        orders.read_answer(line)
