"""The `student` proxy: what crosses, what stays, and what comes back changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from grader.errors import StudentError
from grader.judge.plugin import Driver
from grader.judge.proxy import ForbiddenOperatorError, MissingNameError, Module, Remote, Session
from grader.model import HandIn, HandInStatus
from tests.grader.judge.conftest import NearCell

Make = Callable[[str], Module]


def test_a_call_returns_a_plain_tensor_with_the_values_of_the_cell(student: Make) -> None:
    """A function of the module is called with tensors and keyword arguments."""
    work = student(
        """
        def scale(X, *, by=2):
            return X * by
        """
    )
    assert torch.equal(work.scale(torch.ones(2), by=3), torch.full((2,), 3.0))


def test_a_tensor_changed_in_place_comes_back_changed(student: Make) -> None:
    """Also through `.data`, which does not move the version counter."""
    work = student(
        """
        def add(x):
            x += 1
        def add_data(x):
            x.data += 1
        def shorten(x):
            x.resize_(1)
        """
    )
    x = torch.zeros(2)
    work.add(x)
    work.add_data(x)
    assert torch.equal(x, torch.full((2,), 2.0))
    work.shorten(x)
    assert x.shape == (1,)


def test_an_untouched_argument_stays_the_same_object_with_the_same_values(student: Make) -> None:
    """A view of a copy changes nothing in the judge."""
    work = student("def f(x):\n    y = x.clone(); y += 1; return y")
    x = torch.zeros(2)
    work.f(x)
    assert torch.equal(x, torch.zeros(2))


def test_an_optimiser_step_changes_parameters_and_clears_gradients(student: Make) -> None:
    """The judge's own leaf and its gradient follow what happened in the cell."""
    work = student(
        """
        import torch
        def sgd(params, lr):
            with torch.no_grad():
                for p in params:
                    p -= lr * p.grad
                    p.grad.zero_()
        def forget(params):
            for p in params:
                p.grad = None
        """
    )
    weight = torch.ones(2, requires_grad=True)
    (3 * weight).sum().backward()
    work.sgd([weight], 0.5)
    assert torch.equal(weight.detach(), torch.full((2,), -0.5))
    assert weight.grad is not None
    assert torch.equal(weight.grad, torch.zeros(2))
    work.forget([weight])
    assert weight.grad is None


def test_returning_an_argument_returns_the_judges_own_tensor(student: Make) -> None:
    """Identity is visible on this side too."""
    work = student("def same(x):\n    return [x, (x,)]")
    x = torch.ones(2)
    came = work.same(x)
    assert came[0] is x
    assert came[1][0] is x


def test_a_backward_pass_reaches_leaves_of_the_judge_and_parameters_of_the_cell(
    student: Make,
) -> None:
    """A graph spans both sides: leaf here, layer there, loss here."""
    work = student(
        """
        import torch
        class Net(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.weight = torch.nn.Parameter(torch.tensor([2.0, 3.0]))
            def forward(self, X):
                return (X * self.weight).sum()
        """
    )
    net = work.Net()
    X = torch.tensor([5.0, 7.0], requires_grad=True)
    loss = net(X * 2) ** 2
    loss.backward()
    outer = 2 * (2 * 5 * 2 + 2 * 7 * 3)
    assert X.grad is not None
    assert torch.allclose(X.grad, torch.tensor([2.0 * 2 * outer, 2.0 * 3 * outer]))
    assert torch.allclose(net.weight.grad, torch.tensor([10.0 * outer, 14.0 * outer]))


def test_gradcheck_works_across_the_boundary(student: Make) -> None:
    """Torch's own check of gradients accepts a right function and refuses a cut one."""
    work = student(
        """
        import torch
        def good(X):
            return torch.exp(X) / torch.exp(X).sum(1, keepdim=True)
        def cut(X):
            return good(X.data) + 0 * X
        """
    )
    X = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(work.good, (X,))
    assert not torch.autograd.gradcheck(work.cut, (X,), raise_exception=False)


def test_objects_stay_in_the_cell_and_behave_like_objects(student: Make) -> None:
    """Methods, items, length, attributes, membership and truth run in the cell."""
    work = student(
        """
        class Accumulator:
            def __init__(self, n):
                self.data = [0.0] * n
            def add(self, *args):
                self.data = [a + float(b) for a, b in zip(self.data, args)]
            def __getitem__(self, index):
                return self.data[index]
            def __setitem__(self, index, value):
                self.data[index] = value
            def __len__(self):
                return len(self.data)
            def __contains__(self, item):
                return item in self.data
        """
    )
    total = work.Accumulator(2)
    total.add(1, torch.tensor(2.5))
    total[0] = 9
    assert isinstance(total, Remote)
    assert (total[0], total[1], len(total), bool(total), 2.5 in total) == (9, 2.5, 2, True, True)
    assert total.data == [9, 2.5]
    total.data = [1]
    assert len(total) == 1
    assert total.type_names == ("Accumulator", "object")
    with pytest.raises(IndexError):
        total[5]


def test_generators_are_iterated_in_the_cell(student: Make) -> None:
    """Each item is fetched when it is asked for."""
    work = student(
        """
        def count(n):
            for i in range(n):
                yield i
        """
    )
    assert list(work.count(3)) == [0, 1, 2]
    items = work.count(1)
    assert next(items) == 0
    with pytest.raises(StopIteration):
        next(items)


def test_a_handle_may_be_an_argument(student: Make) -> None:
    """An object of the cell goes back as itself."""
    work = student("class A: pass\ndef same(a, b):\n    return a is b")
    one = work.A()
    assert work.same(one, one) is True
    assert work.same(one, work.A()) is False


def test_released_handles_are_forgotten_in_the_cell(session: Callable[..., Session]) -> None:
    """Objects that the judge dropped do not pile up."""
    opened = session("class A: pass")
    work = Module(opened)
    for _ in range(20):
        work.A()
    opened.ask("seed", {"seed": 0})
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


def test_a_missing_name_is_told_apart_from_an_attribute_error(student: Make) -> None:
    """Only a name that the module lacks is missing."""
    work = student("def f():\n    return (1).nothing")
    with pytest.raises(MissingNameError):
        _ = work.softmax
    with pytest.raises(AttributeError) as caught:
        work.f()
    assert not isinstance(caught.value, MissingNameError)


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


def test_a_forbidden_operator_is_seen_in_the_cell(session: Callable[..., Session]) -> None:
    """The dispatcher tells what ran, however it was called."""
    opened = session("import torch\ndef f(X):\n    return getattr(torch, 'soft' + 'max')(X, 1)")
    opened.forbidden = frozenset({"aten::_softmax"})
    with pytest.raises(ForbiddenOperatorError, match="aten::_softmax"):
        Module(opened).f(torch.ones(1, 2))


def test_modules_attributes_can_be_read_and_replaced(student: Make) -> None:
    """Module-level names are live."""
    work = student("lr = 0.1\ndef get():\n    return lr")
    assert work.lr == 0.1
    work.lr = 0.5
    assert work.get() == 0.5


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
