"""Forbidden shortcuts, found by reading the code that answers a task and no other."""

from __future__ import annotations

import textwrap
from fractions import Fraction

import pytest

from grader.judge.policy import find_shortcuts
from grader.model import Forbidden, Task

SOFTMAX = Task(
    "softmax",
    "",
    Fraction(1),
    defines=("softmax",),
    forbidden=Forbidden(
        names=("torch.softmax", "torch.nn.functional.softmax", "torch.nn.Softmax", "Tensor.softmax")
    ),
)


def _names(source: str) -> list[tuple[str, int]]:
    return [(s.name, s.line) for s in find_shortcuts(textwrap.dedent(source), SOFTMAX)]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import torch\ndef softmax(X): return torch.softmax(X, 1)", "torch.softmax"),
        ("import torch as t\ndef softmax(X): return t.softmax(X, 1)", "torch.softmax"),
        ("from torch import softmax as s\ndef softmax(X): return s(X, 1)", "torch.softmax"),
        (
            "import torch.nn.functional as F\ndef softmax(X): return F.softmax(X, 1)",
            "torch.nn.functional.softmax",
        ),
        (
            "from torch.nn import functional as F\ndef softmax(X): return F.softmax(X, 1)",
            "torch.nn.functional.softmax",
        ),
        ("from torch import nn\ndef softmax(X): return nn.Softmax(1)(X)", "torch.nn.Softmax"),
        ("import torch.nn\ndef softmax(X): return torch.nn.Softmax(1)(X)", "torch.nn.Softmax"),
        ("def softmax(X): return X.softmax(1)", "Tensor.softmax"),
        ("def softmax(X): return (X + 1).softmax(1)", "Tensor.softmax"),
        ("import torch\nsoftmax = torch.softmax", "torch.softmax"),
    ],
)
def test_every_way_to_spell_a_shortcut_is_found(source: str, name: str) -> None:
    """Aliases, imported names, modules, methods and assignments."""
    assert [found for found, _ in _names(source)] == [name]


def test_a_shortcut_in_a_helper_is_found_with_its_line() -> None:
    """Functions of the same file are followed from the task's own definitions."""
    source = """
        import torch
        def helper(X):
            return torch.softmax(X, 1)
        def softmax(X):
            return helper(X)
    """
    assert _names(source) == [("torch.softmax", 4)]


def test_a_shortcut_in_another_task_is_none_of_this_ones_business() -> None:
    """What softmax does not use is not read."""
    source = """
        import torch
        def softmax(X):
            return torch.exp(X)
        def concise(X):
            return torch.softmax(X, 1)
    """
    assert _names(source) == []


def test_a_function_of_a_module_of_the_same_name_is_no_method() -> None:
    """`helpers.softmax` of an imported module is not `Tensor.softmax`."""
    assert _names("import helpers\ndef softmax(X): return helpers.softmax(X)") == []


def test_a_comment_or_a_string_is_no_use() -> None:
    """Words about torch.softmax are allowed."""
    source = '''
        def softmax(X):
            """Like torch.softmax."""
            return X.exp()  # not torch.softmax
    '''
    assert _names(source) == []
