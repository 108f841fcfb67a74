"""Reading names in a hostile text: an answer for every text, in time that grows with its length."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.judge.policy import Shortcut, find_shortcuts
from grader.model import Forbidden, Task
from tests.security.cost import cpu_s

TASK = Task("f", "F", Fraction(1), ("f",), Forbidden(("torch.softmax", "Tensor.softmax")))
WORDS = ["def f(X):\n", "    return ", "X", ".softmax", "(", ")", "[", "]", "torch", "\n", "f", "=",
         "import torch\n", "from torch import softmax as s\n", "class f:\n", ":", "'", "\0",
         "\ud800", "async ", "lambda ", ",", "{", "}", "#", "\\\n", "0"]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=40).map("".join) | st.text(max_size=80))
def test_any_text_has_shortcuts_or_none(source: str) -> None:
    """Nothing is raised, whatever was handed in."""
    assert all(isinstance(found, Shortcut) for found in find_shortcuts(source, TASK))


@pytest.mark.parametrize("source", ["(" * 5000 + ")" * 5000, "-" * 90_000 + "1", "x = '\ud800'"])
def test_what_the_parser_gives_up_on_uses_nothing(source: str) -> None:
    """It was refused long before, or fails when it is loaded."""
    assert find_shortcuts(source, TASK) == ()


@pytest.mark.parametrize(
    "text",
    [
        lambda n: "def f(X):\n" + (" X" + ".softmax" * 500 + "\n") * (n // 500),
        lambda n: "def f(X):\n" + " X" + ".a" * min(n, 2900) + "\n" + " 0\n" * n,
        lambda n: "f=" * n + "1",
        lambda n: "def f(X): g\n" * n,
        lambda n: "f = g\n" * n,
        lambda n: "".join(f"def f{i}(): f{i + 1}\n" for i in range(n)),
    ],
    ids=["methods", "chain", "targets", "again", "names", "each-the-next"],
)
def test_four_times_the_text_takes_no_sixteen_times_the_work(text: Callable[[int], str]) -> None:
    """A statement is walked once, however many names it defines or is reached by."""

    def cost_s(count: int) -> float:
        source = text(count)
        return min(cpu_s(lambda at=at: find_shortcuts(source + "\n" * at, TASK)) for at in (1, 2))

    small, large = cost_s(1500), cost_s(6000)
    assert large < 10 * small + 0.2
