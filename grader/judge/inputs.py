"""Small inputs, the smallest first: where counter-examples are looked for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import torch

VALUES: tuple[tuple[float, ...], ...] = ((0, 1), (0, 1, 2), (0, 1, -1, 50))
MOST_OF_ONE_SHAPE = 24


def tensors(
    *shapes: tuple[int, ...],
    values: Sequence[Sequence[float]] = VALUES,
    dtype: torch.dtype = torch.float32,
) -> Iterator[tuple[torch.Tensor]]:
    """Yield tensors of these shapes, plain numbers first.

    Args:
        *shapes: Shapes, smallest first.
        values: Which numbers may occur, one set after the other.
        dtype: Of all of them.
    """
    for numbers, shape in itertools.product(values, shapes):
        for filled in _fillings(numbers, torch.Size(shape).numel()):
            yield (torch.tensor(filled, dtype=dtype).reshape(shape),)


def one_hot(*shapes: tuple[int, ...]) -> Iterator[torch.Tensor]:
    """Yield tensors with a single 1, for each place of each shape."""
    for shape in shapes:
        for place in range(torch.Size(shape).numel()):
            kernel = torch.zeros(shape)
            kernel.view(-1)[place] = 1
            yield kernel


def token_lists(tokens: Sequence[str], longest: int) -> Iterator[list[str]]:
    """Yield lists of tokens, short ones first."""
    for length in range(longest + 1):
        for chosen in itertools.product(tokens, repeat=length):
            yield list(chosen)


def written(value: Any) -> str:
    """Write an argument as a student could type it."""
    if isinstance(value, torch.Tensor):
        dtype = "" if value.dtype in (torch.float32, torch.int64) else f", dtype={value.dtype}"
        return f"torch.tensor({_nested(value.tolist())}{dtype})"
    if isinstance(value, (list, tuple)):
        inner = ", ".join(written(item) for item in value)
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return repr(value)


def _nested(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_nested(item) for item in value)}]"
    return f"{value:g}." if isinstance(value, float) and value == int(value) else repr(value)


def _fillings(numbers: Sequence[float], count: int) -> Iterator[tuple[float, ...]]:
    """Yield fillings of `count` places; of many, some in which the numbers are well mixed."""
    total = len(numbers) ** count
    step = max(1, total // MOST_OF_ONE_SHAPE)
    # An odd step walks through all residues, so that every place takes every number.
    step += step > 1 and step % len(numbers) == 0
    for code in range(0, total, step):
        yield tuple(
            float(numbers[code // len(numbers) ** place % len(numbers)])
            for place in reversed(range(count))
        )
