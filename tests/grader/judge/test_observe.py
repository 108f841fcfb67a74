"""What a probe saw becomes data that equals what it should and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.judge.observe import (
    UNCLEAR,
    as_tensor,
    equal,
    merged,
    observe,
    plain,
    snap,
    varies,
)
from grader.judge.probes import Probe
from grader.judge.proxy import Module

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.floats(-99, 99) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=8,
)


def ask(student: Module, name: str, *arguments: Any) -> Any:
    """Observe a call of one function."""
    probe = Probe("t", "p", lambda s, *given: getattr(s, name)(*given), arguments, False)
    return observe(probe, student, None)


@given(VALUES)
def test_an_observation_survives_json_and_equals_itself(value: Any) -> None:
    """What is stored in a file is what was seen."""
    seen = plain(value)
    assert equal(json.loads(json.dumps(seen)), seen)
    assert merged(seen, seen) == seen


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (1, True),
        ([1], (1,)),
        (0.0, None),
        (1.0, 1.01),
        (torch.ones(2), torch.ones(2, 1)),
        (torch.ones(2), torch.ones(2).double()),
        (torch.tensor([1.0]), torch.tensor([float("nan")])),
        (torch.tensor([float("inf")]), torch.tensor([-float("inf")])),
    ],
)
def test_other_kinds_shapes_dtypes_and_values_differ(one: Any, other: Any) -> None:
    """Nothing stands for something else."""
    assert not equal(plain(one), plain(other))


def test_numbers_that_are_nearly_the_same_are_equal() -> None:
    """Another order of additions is no other answer."""
    assert equal(plain(torch.tensor([1000.0, 0.0])), plain(torch.tensor([1000.4, 1e-6])))


def test_what_is_unclear_or_too_large_equals_nothing() -> None:
    """Not even itself: no name may rest on it."""
    deep: list[Any] = []
    for _ in range(20):
        deep = [deep]
    wide = [[[0] * 100] * 100] * 100
    odd = (snap(0.3, (0.0, 1.0), 0.1), torch.zeros(600), [0] * 600, 10**5000, "x" * 3000)
    for value in (*odd, deep, wide):
        assert "unclear" in json.dumps(plain(value))
        assert not equal(plain(value), plain(value))
    assert not equal(UNCLEAR, UNCLEAR)


def test_snap_finds_the_level() -> None:
    """A statistic near a level is that level."""
    assert snap(torch.tensor(0.48), (0.2, 0.5), 0.05) == 0.5


def test_what_two_seeds_change_varies() -> None:
    """Only the part that varies says so, with its form."""
    one, other = ({"a": torch.ones(2), "b": 3}, {"a": torch.zeros(2), "b": 3})
    both = merged(plain(list(one.values())), plain(list(other.values())))
    assert both == [{"varies": ["float32", [2]]}, 3]
    assert varies(both)
    assert varies({"value": {"tuple": [1, {"varies": "kind"}]}})
    assert not varies({"dict": [["varies", "a text"]]})


def test_exceptions_changes_and_odd_answers_are_seen(student: Callable[[str], Module]) -> None:
    """An exception is seen by its builtin kind, a changed argument by its position."""
    module = student("""
        class Own(KeyError):
            pass
        def raises(X):
            raise Own("secret")
        def writes(X):
            X += 1
            return 5
        def unwritten(X):
            raise NotImplementedError
    """)
    X = torch.ones(2)
    assert ask(module, "raises", X) == {"raised": "KeyError"}
    assert ask(module, "writes", X) == {"changed": [0], "value": 5}
    assert ask(module, "missing", X) == {"raised": "NotImplementedError"}
    assert ask(module, "unwritten", X) == {"raised": "NotImplementedError"}
    assert torch.equal(X, torch.ones(2))


def test_a_probe_that_cannot_go_on_says_so(student: Callable[[str], Module]) -> None:
    """The answer was of a kind that the probe could not use."""
    module = student("def f():\n    return None\n")
    probe = Probe("t", "p", lambda s: s.f().sum(), (), False)
    assert observe(probe, module, None) == {"stumbles": "AttributeError"}


def test_tensors_and_numbers_come_back() -> None:
    """Relations work on numbers; flags and texts are none."""
    X = torch.tensor([[1.0, float("nan")]])
    back = as_tensor(plain(X))
    assert back is not None
    assert back.shape == (1, 2)
    assert bool(back.isnan()[0, 1])
    assert as_tensor(2) == 2.0
    assert as_tensor(True) is None
    assert as_tensor("2") is None
