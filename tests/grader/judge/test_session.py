"""What crosses into the cell, and the errors that come back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from grader.errors import StudentError
from grader.judge.plugin import Driver
from grader.judge.proxy import Module, Remote
from grader.judge.session import Session
from grader.model import HandIn, HandInStatus
from tests.grader.judge.conftest import NearCell

Make = Callable[[str], Module]


def test_released_handles_are_forgotten_in_the_cell(session: Callable[..., Session]) -> None:
    """Objects that the judge dropped do not pile up."""
    opened = session("class A: pass")
    work = Module(opened)
    for _ in range(20):
        work.A()
    opened.ask("hello", {})
    held = opened.cell._guest._objects  # type: ignore[attr-defined]
    assert len(held) <= 3


def test_the_students_exception_is_the_builtin_one_with_the_students_frames(student: Make) -> None:
    """`pytest.raises` means what it says, and the frames are lines of the student's file."""
    work = student(
        """
        def inner(x):
            raise ValueError(f"no {x}")
        def outer(x):
            return inner(x)
        """
    )
    with pytest.raises(ValueError, match="no 3") as caught:
        work.outer(3)
    assert isinstance(caught.value, StudentError)
    found = [(frame.function, frame.line, frame.text) for frame in caught.value.frames]
    assert found == [("outer", 5, "return inner(x)"), ("inner", 3, 'raise ValueError(f"no {x}")')]


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("raise KeyError('k')", KeyError),
        ("class Own(IndexError): pass\n    raise Own()", IndexError),
        ("raise OSError(2, 'no')", StudentError),
        ("import sys; sys.exit(3)", StudentError),
        ("raise UnicodeDecodeError('utf-8', b'', 0, 1, 'no')", ValueError),
        ("raise ExceptionGroup('g', [ValueError()])", StudentError),
        ("return undefined_name", NameError),
        ("assert False, 'p'", AssertionError),
    ],
)
def test_every_kind_of_exception_arrives_as_an_exception(
    student: Make, statement: str, kind: type[Exception]
) -> None:
    """Whatever is raised, the judge gets a StudentError, of the builtin kind if there is one."""
    work = student(f"def f():\n    {statement}")
    with pytest.raises(StudentError) as caught:
        work.f()
    assert isinstance(caught.value, kind)


def test_an_exception_that_cannot_be_printed_is_still_an_exception(student: Make) -> None:
    """A hostile __str__ does not get away."""
    work = student(
        """
        class Bad(Exception):
            def __str__(self):
                raise RuntimeError
        def f():
            raise Bad
        """
    )
    with pytest.raises(StudentError, match="cannot be printed"):
        work.f()


def test_functions_of_the_judge_do_not_cross(student: Make) -> None:
    """Callbacks belong into a driver, and the message says so."""
    work = student("def f(g):\n    return g()")
    with pytest.raises(TypeError, match=r"driver\.py"):
        work.f(lambda: 1)


def test_a_driver_runs_beside_the_student_and_returns_plain_data(
    session: Callable[..., Session],
) -> None:
    """Its functions get the student's module first, and callbacks live there."""
    opened = session(
        "def apply(f, x):\n    return f(x)",
        """
        def run(student, x, by):
            return student.apply(lambda value: value * by, x)
        """,
    )
    assert torch.equal(Driver(opened).run(torch.ones(2), by=3), torch.full((2,), 3.0))


def test_an_answer_too_large_for_a_frame_is_an_error_of_the_student(student: Make) -> None:
    """The cell refuses to send it and says why."""
    work = student("import torch\ndef f():\n    return torch.zeros(1).expand(2**50)")
    with pytest.raises(StudentError) as caught:
        work.f()
    assert caught.value.type_name == "TooLargeError"


def test_frames_of_a_notebook_name_the_cell() -> None:
    """A line of the joined text is told as a line of its cell."""
    source = "import torch\n\ndef f():\n    raise ValueError\n"
    hand_in = HandIn(
        "01-01-work", HandInStatus.SUBMITTED, "me/work.ipynb", source, cell_of_line=((1, 2), (3, 5))
    )
    session = Session(NearCell(), hand_in)
    session.ask("load", {"name": "work_of_student", "path": "work.py", "source": source})
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the student's has no text
        Module(session).f()
    assert [f.place for f in caught.value.frames] == ["work.ipynb, cell 5, line 2"]


def test_functions_are_looked_up_once_and_values_each_time(session: Callable[..., Session]) -> None:
    """A function or class is known by its handle; a number may be another the next time."""
    opened = session(
        """
        count = 0
        class A: pass
        def step():
            global count
            count += 1
        """
    )
    work = Module(opened)
    asked = opened.cell.requests  # type: ignore[attr-defined]
    work.step()
    assert isinstance(work.A(), Remote)
    del asked[:]
    work.step()
    work.A()
    assert asked == ["call", "call"]
    assert (work.count, work.count) == (2, 2)
    assert asked == ["call", "call", "get", "get"]


def test_a_function_that_was_replaced_is_looked_up_again(session: Callable[..., Session]) -> None:
    """What a test puts in its place is what it gets."""
    work = Module(session("def f(): return 1\ndef g(): return 2"))
    assert work.f() == 1
    work.f = work.g
    assert work.f() == 2


def test_a_seed_is_set_before_the_next_answer_and_only_then(
    session: Callable[..., Session],
) -> None:
    """It costs no request of its own, and what was drawn goes on from there."""
    opened = session(
        """
        import random
        import numpy
        import torch
        def draw():
            return random.random(), float(numpy.random.rand()), torch.rand(2)
        """
    )
    work = Module(opened)
    work.draw()
    before = len(opened.cell.requests)  # type: ignore[attr-defined]
    opened.seed(7)
    first, second = work.draw(), work.draw()
    opened.seed(7)
    again = work.draw()
    assert len(opened.cell.requests) == before + 3  # type: ignore[attr-defined]
    assert first[:2] == again[:2] != second[:2]
    assert torch.equal(first[2], again[2])
    assert not torch.equal(first[2], second[2])
