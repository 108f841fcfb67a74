"""Relations hold for all numbers that differ, or are not mentioned."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from grader.judge.relations import relation

WANTED = [
    torch.tensor([[1.0, -2.0, 3.5], [0.25, 5.0, -6.0]], dtype=torch.float64),
    torch.tensor([[2.0, 7.0], [-1.0, 0.0], [3.0, 4.0]], dtype=torch.float64),
]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda Y: Y * 0.5, "times 1/2"),
        (lambda Y: Y * 1.7, "times 17/10"),
        (lambda Y: Y + 3, "plus 3"),
        (lambda Y: -Y, "wrong sign"),
        (lambda Y: Y.abs(), "absolute value"),
        (lambda Y: Y.T, "transpose"),
        (lambda Y: Y.flip(-1), "reverse order along its last axis"),
        (lambda Y: Y - 0.5, "minus 1/2"),
        (lambda Y: Y.flip(0), "reverse order along its last axis but one"),
        (lambda Y: Y.reshape(-1), "right numbers in the wrong shape"),
        (lambda Y: Y.sum(0), "fewer axes"),
        (lambda Y: Y[None], "right numbers in the wrong shape"),
        (lambda Y: Y[:, :-1], "1 less along axis 1"),
        (lambda Y: torch.where(Y < 0, 0.0, Y), "only where a negative number is expected"),
        (lambda Y: torch.where(Y == 0, torch.nan, Y), "right except where it is nan"),
        (lambda Y: Y * 0, "0 everywhere"),
        (lambda Y: Y.trunc(), "whole numbers"),
    ],
)
def test_a_relation_is_found(change: Callable[[torch.Tensor], torch.Tensor], words: str) -> None:
    """Each is told in words."""
    pairs = [(change(Y), Y) for Y in WANTED]
    different = [(m, w) for m, w in pairs if m.shape != w.shape or not torch.equal(m, w)]
    assert words in relation(different)


def test_the_wrong_row_is_told() -> None:
    """Only its last row differs."""
    pairs = []
    for Y in WANTED:
        mine = Y.clone()
        mine[-1] += torch.tensor([1.0, 4.0, 2.0])[: Y.shape[1]]
        pairs.append((mine, Y))
    assert relation(pairs) == "Your result is wrong only in the last row."


def test_noise_bears_no_relation() -> None:
    """Random answers are left without a word."""
    rng = torch.Generator().manual_seed(1)
    for _ in range(50):
        pairs = [(torch.randn(Y.shape, generator=rng, dtype=torch.float64), Y) for Y in WANTED]
        assert relation(pairs) == ""


def test_a_relation_that_spoils_right_results_does_not_hold() -> None:
    """Half of one result is no rule if another came out whole."""
    assert relation([(WANTED[0] / 2, WANTED[0])], [(WANTED[1], WANTED[1])]) == ""


def test_one_number_proves_nothing() -> None:
    """Any number is some multiple of any other."""
    assert relation([(torch.tensor(3.0), torch.tensor(2.0))]) == ""
    assert relation([]) == ""
