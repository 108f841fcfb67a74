"""Answers and what they do to the judge's own tensors: in place, and backwards."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from grader.judge.proxy import Module
from grader.judge.raised import ForbiddenOperatorError
from grader.judge.session import Session

Make = Callable[[str], Module]


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


def test_a_forbidden_operator_is_seen_in_the_cell(session: Callable[..., Session]) -> None:
    """The dispatcher tells what ran, however it was called."""
    opened = session("import torch\ndef f(X):\n    return getattr(torch, 'soft' + 'max')(X, 1)")
    opened.forbidden = frozenset({"aten::_softmax"})
    with pytest.raises(ForbiddenOperatorError, match="aten::_softmax"):
        Module(opened).f(torch.ones(1, 2))
