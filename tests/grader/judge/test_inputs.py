"""Inputs for counter-examples are small, ordered, and written as they can be typed."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from grader.judge.inputs import one_hot, tensors, token_lists, written


def test_small_tensors_of_zeros_and_ones_come_first() -> None:
    """The first input is the simplest; large numbers come late."""
    found = [X for (X,) in tensors((1, 1), (1, 2))]
    assert torch.equal(found[0], torch.zeros(1, 1))
    assert [float(X.abs().max()) for X in found[:6]] == [0, 1, 0, 1, 1, 1]
    assert max(float(X.max()) for X in found) == 50
    assert all(X.dtype == torch.float32 for X in found)


def test_many_places_are_filled_in_several_ways() -> None:
    """A large shape is sampled, but each place takes each number."""
    found = torch.stack([X for (X,) in tensors((3, 3), values=[(0, 1)])])
    assert 16 <= len(found) <= 32
    assert bool((found.amax(0) == 1).all())


def test_one_hot_tensors_have_one_one() -> None:
    """One for each place."""
    found = list(one_hot((2, 2), (1, 2)))
    assert len(found) == 6
    assert all(float(K.sum()) == 1 for K in found)


def test_token_lists_grow() -> None:
    """The empty list is the first."""
    assert list(token_lists("ab", 1)) == [[], ["a"], ["b"]]


@pytest.mark.parametrize(
    "value",
    [
        torch.tensor([[0.0, 1.5], [-1.0, 1000.0]]),
        torch.tensor([1, 2]),
        torch.tensor([1.0], dtype=torch.float64),
        [("a", 1), ["b"]],
        (torch.zeros(1),),
        None,
    ],
)
def test_what_is_written_can_be_typed(value: Any) -> None:
    """Evaluating the text gives the value back."""
    back = eval(written(value), {"torch": torch})
    if isinstance(value, torch.Tensor):
        assert back.dtype == value.dtype
        assert torch.equal(back, value)
    else:
        assert repr(back) == repr(value)
