"""What is wrong with a result, where no known mistake has its name.

Each detector looks at all pairs (yours, expected) of numbers that differ, and speaks only if it
holds for every one of them. A relation is a fact about the numbers, not a guess at the cause.

The sentences stand in English in every result; a page finds their translation among the messages
of `report/`, by the sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

import torch

RTOL, ATOL = 1e-3, 1e-5
Pair = tuple[torch.Tensor, torch.Tensor]
MIN_NUMBERS = 4
"""Fewer numbers than this bear no conclusion."""


def relation(pairs: Sequence[Pair], same: Sequence[Pair] = ()) -> str:
    """Say in one sentence how the results relate to the expected ones.

    Args:
        pairs: Results that differ from what was expected, with that.
        same: Results that do not; a relation that would spoil them does not hold.

    Returns:
        A sentence that begins with "Your result"; empty if nothing holds for all of them.
    """
    if not pairs:
        return ""
    if all(mine.shape == wanted.shape for mine, wanted in pairs):
        if sum(wanted.numel() for _, wanted in pairs) < MIN_NUMBERS:
            return ""
        found = _of_values(pairs, same)
        if found:
            return found
    return _of_shapes(pairs)


def _of_values(pairs: Sequence[Pair], same: Sequence[Pair]) -> str:
    nans = sum(int(torch.isnan(mine).sum()) for mine, _ in pairs)
    if nans and all(_same(mine[~mine.isnan()], wanted[~mine.isnan()]) for mine, wanted in pairs):
        return "Your result is right except where it is nan."
    if not all(bool(torch.isfinite(item).all()) for pair in pairs for item in pair):
        return ""
    both = (*pairs, *((m, w) for m, w in same if m.shape == w.shape and torch.isfinite(w).all()))
    for text, change in _CHANGES:
        if all(_same(mine, change(wanted)) for mine, wanted in both):
            return text
    return _factor(both) or _offset(both) or _place(pairs)


def _factor(pairs: Sequence[Pair]) -> str:
    mine, wanted = (torch.cat([pair[side].reshape(-1) for pair in pairs]) for side in (0, 1))
    total = float((wanted * wanted).sum())
    if total == 0:
        return ""
    factor = float((mine * wanted).sum()) / total
    if abs(factor) < ATOL or not _same(mine, factor * wanted):
        return ""
    return f"Your result is the expected one times {_number(factor)}, everywhere."


def _offset(pairs: Sequence[Pair]) -> str:
    mine, wanted = (torch.cat([pair[side].reshape(-1) for pair in pairs]) for side in (0, 1))
    offset = float((mine - wanted).mean())
    if not _same(mine, wanted + offset):
        return ""
    if offset < 0:
        return f"Your result is the expected one minus {_number(-offset)}, everywhere."
    return f"Your result is the expected one plus {_number(offset)}, everywhere."


def _place(pairs: Sequence[Pair]) -> str:
    for text, where in _PLACES:
        wrong = [
            (~torch.isclose(mine, wanted, RTOL, ATOL), where(wanted))
            for mine, wanted in pairs
            if mine.dim()
        ]
        if len(wrong) == len(pairs) and all(
            bool((bad <= place).all()) and not bool(place.all()) for bad, place in wrong
        ):
            return text
    return ""


def _of_shapes(pairs: Sequence[Pair]) -> str:
    if any(mine.shape == wanted.shape for mine, wanted in pairs):
        return ""
    for text, holds in _FORMS:
        if all(holds(mine, wanted) for mine, wanted in pairs):
            return text
    # One case proves no rule.
    return _size(pairs) if len(pairs) > 1 else ""


def _size(pairs: Sequence[Pair]) -> str:
    if any(mine.dim() != wanted.dim() for mine, wanted in pairs):
        return ""
    steps = {
        tuple(m - w for m, w in zip(mine.shape, wanted.shape, strict=True))
        for mine, wanted in pairs
    }
    if len(steps) != 1:
        return ""
    parts = ", ".join(
        f"{abs(step)} {'less' if step < 0 else 'more'} along axis {axis}"
        for axis, step in enumerate(next(iter(steps)))
        if step
    )
    return f"Your result has the wrong size: {parts}."


def _same(mine: torch.Tensor, wanted: torch.Tensor) -> bool:
    return mine.shape == wanted.shape and torch.allclose(mine, wanted, RTOL, ATOL)


def _same_flat(mine: torch.Tensor, wanted: torch.Tensor) -> bool:
    return _same(mine.reshape(-1), wanted.reshape(-1))


def _number(value: float) -> str:
    """Write a factor as the fraction or the number that it probably is."""
    near = Fraction(value).limit_denominator(12)
    if near and abs(float(near) - value) <= RTOL * abs(value):
        return str(near)
    return f"{value:.4g}"


def _flipped(axis: int) -> Callable[[torch.Tensor], torch.Tensor]:
    return lambda wanted: wanted.flip(axis) if wanted.dim() > -axis - 1 else wanted + torch.nan


def _transposed(wanted: torch.Tensor) -> torch.Tensor:
    return wanted.T if wanted.dim() == 2 else wanted + torch.nan  # noqa: PLR2004


_CHANGES: tuple[tuple[str, Callable[[torch.Tensor], torch.Tensor]], ...] = (
    ("Your result has the wrong sign, everywhere.", torch.neg),
    ("Your result is the absolute value of the expected one.", torch.abs),
    ("Your result is the transpose of the expected one.", _transposed),
    ("Your result is in reverse order along its last axis.", _flipped(-1)),
    ("Your result is in reverse order along its last axis but one.", _flipped(-2)),
    ("Your result is the square of the expected one.", torch.square),
    ("Your result is cut off to whole numbers.", torch.trunc),
    ("Your result is 0 everywhere.", torch.zeros_like),
)


_FORMS: tuple[tuple[str, Callable[[torch.Tensor, torch.Tensor], bool]], ...] = (
    (
        "Your result is the transpose of the expected one.",
        lambda mine, wanted: mine.dim() == wanted.dim() == 2 and _same(mine, wanted.T),  # noqa: PLR2004
    ),
    ("Your result holds the right numbers in the wrong shape.", _same_flat),
    (
        "Your result has fewer axes than expected; a sum or an index takes one away.",
        lambda mine, wanted: mine.dim() < wanted.dim(),
    ),
    ("Your result has more axes than expected.", lambda mine, wanted: mine.dim() > wanted.dim()),
)


def _row(index: int) -> Callable[[torch.Tensor], torch.Tensor]:
    def where(wanted: torch.Tensor) -> torch.Tensor:
        place = torch.zeros_like(wanted, dtype=torch.bool)
        if wanted.dim() == 1:
            place[index] = True
        else:
            place.select(-2, index)[...] = True
        return place

    return where


def _column(index: int) -> Callable[[torch.Tensor], torch.Tensor]:
    def where(wanted: torch.Tensor) -> torch.Tensor:
        place = torch.zeros_like(wanted, dtype=torch.bool)
        place.select(-1, index)[...] = True
        return place

    return where


_PLACES: tuple[tuple[str, Callable[[torch.Tensor], torch.Tensor]], ...] = (
    ("Your result is wrong only where a negative number is expected.", lambda wanted: wanted < 0),
    ("Your result is wrong only where 0 is expected.", lambda wanted: wanted == 0),
    ("Your result is wrong only where a positive number is expected.", lambda wanted: wanted > 0),
    ("Your result is wrong only in the first row.", _row(0)),
    ("Your result is wrong only in the last row.", _row(-1)),
    ("Your result is wrong only in the first column.", _column(0)),
    ("Your result is wrong only in the last column.", _column(-1)),
)


def pairs_of(
    seen: Iterator[tuple[torch.Tensor | None, torch.Tensor | None]],
) -> tuple[list[Pair], list[Pair], bool]:
    """Sort observations into pairs that differ, pairs that agree, and whether all were numbers."""
    different: list[Pair] = []
    alike: list[Pair] = []
    complete = True
    for mine, wanted in seen:
        if mine is None or wanted is None:
            complete = False
        elif _same(mine, wanted):
            alike.append((mine, wanted))
        else:
            different.append((mine, wanted))
    return different, alike, complete
