"""Assertions for suites: each says in words what was expected and what came.

    expect.close(student.softmax(X), expected, what="softmax(X)", because="Rows sum to 1.")

Every failure carries a sentence that is safe to show for a hidden test (kinds, shapes, dtypes,
counts; never values) and, apart from it, values for public tests. NaN is never equal to
anything, a scalar never stands for a tensor, and one dtype never stands for another.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch

from grader.errors import StudentError
from grader.judge.describe import describe, shape_words
from grader.judge.reply import is_changed
from grader.model import Comparison

MAX_ROWS = 8
MAX_COLUMNS = 8


class Mismatch(AssertionError):
    """A finding: what the student's code returned is not what was asked."""

    def __init__(
        self,
        message: str,
        detail: str = "",
        comparison: Comparison | None = None,
        *,
        openly: str = "",
    ) -> None:
        """Keep what may always be shown apart from what only a public test shows.

        Args:
            message: A sentence without inputs, values, or anything that could spell them.
            detail: One more sentence, with values.
            comparison: Expected against actual.
            openly: What a public test says in place of `message`; the same if empty.
        """
        self.message = message
        self.openly = openly or message
        self.detail = detail
        self.comparison = comparison
        super().__init__(f"{message} {detail}".strip())


def that(condition: object, message: str) -> None:
    """Require a condition that was computed in the judge.

    Args:
        condition: A bool or a tensor with one element.
        message: What the student reads if it is false; must name no hidden value.

    Raises:
        Mismatch: If it is false.
    """
    if not bool(condition):
        raise Mismatch(message)


def close(
    actual: Any,
    expected: torch.Tensor | float,
    *,
    what: str,
    because: str = "",
    rtol: float = 1e-5,
    atol: float = 1e-6,
    dtype: bool = True,
) -> None:
    """Require a tensor: kind, shape, dtype, finite where expected finite, and values.

    Args:
        actual: What came from the student.
        expected: The right tensor; a float stands for a 0-dimensional tensor of `actual`'s dtype.
        what: How to name `actual`, for instance `softmax(X)`.
        because: The fact under test in one sentence, always shown.
        rtol: Allowed difference relative to `expected`.
        atol: Allowed absolute difference.
        dtype: False if any floating point dtype will do.

    Raises:
        Mismatch: If any of it does not hold.
    """
    _require_tensor(actual, what)
    if not isinstance(expected, torch.Tensor):
        expected = torch.tensor(expected, dtype=actual.dtype)
    if actual.shape != expected.shape:
        raise _other_shape(actual, tuple(expected.shape), what, apart(what, expected, actual))
    if dtype:
        _require_dtype(actual, expected.dtype, what)
    wanted = expected.detach().to("cpu")
    came = actual.detach().to("cpu")
    if not dtype:
        came = came.to(wanted.dtype)
    same = _same(came, wanted, rtol, atol)
    if bool(same.all()):
        return
    wrong = int((~same).sum())
    odd = (
        int((~torch.isfinite(came) & torch.isfinite(wanted)).sum())
        if came.is_floating_point()
        else 0
    )
    text = f"{what}: {wrong} of {came.numel()} values differ from what is expected"
    text += f", {odd} of them nan or infinite." if odd else "."
    raise Mismatch(
        _sentence(text, because), _worst(came, wanted, same), table(what, wanted, came, same)
    )


def equal(actual: Any, expected: Any, *, what: str, because: str = "") -> None:
    """Require exactly this plain value (or integer or bool tensor), types included.

    Raises:
        Mismatch: If it differs; `True` is not `1` and a list is not a tuple.
    """
    if isinstance(expected, torch.Tensor):
        close(actual, expected, what=what, because=because, rtol=0, atol=0)
        return
    if not _identical(actual, expected):
        shown = Comparison(what, ((_short(expected),),), ((_short(actual),),), ((0, 0),))
        detail = f"Expected {_short(expected)}, got {_short(actual)}."
        if type(actual) is not type(expected):
            raise _other_kind(what, actual, describe(expected), because, detail, shown)
        text = f"{what}: this is not what is expected."
        raise Mismatch(_sentence(text, because), detail, shown)


def number(
    actual: Any,
    expected: float,
    *,
    what: str,
    because: str = "",
    rtol: float = 1e-5,
    atol: float = 1e-6,
) -> None:
    """Require a Python number (int or float, not bool) near another.

    Raises:
        Mismatch: If it is no number, or not near enough.
    """
    if type(actual) not in (int, float):
        raise _other_kind(what, actual, "a Python number", because)
    if not math.isclose(actual, expected, rel_tol=rtol, abs_tol=atol):
        odd = "" if math.isfinite(actual) else ", it is nan or infinite"
        gap = f"{actual - expected:+.3g}" if not odd else ""
        shown = Comparison(
            what,
            ((f"{expected:.6g}",),),
            ((f"{actual:.6g}",),),
            ((0, 0),),
            difference=((gap,),) if gap else (),
        )
        detail = f"Expected {expected:.6g}, got {actual:.6g}."
        raise Mismatch(
            _sentence(f"{what}: this is not the expected number{odd}.", because), detail, shown
        )


def shape(tensor: Any, size: tuple[int, ...], *, what: str) -> None:
    """Require a tensor of this shape.

    Raises:
        Mismatch: If it is no tensor or has another shape.
    """
    _require_tensor(tensor, what)
    if tuple(tensor.shape) != tuple(size):
        shapes = (tuple(size), tuple(tensor.shape))
        raise _other_shape(tensor, tuple(size), what, Comparison(what, (), (), shapes=shapes))


def dtype(tensor: Any, kind: torch.dtype, *, what: str) -> None:
    """Require a tensor of this dtype.

    Raises:
        Mismatch: If it is no tensor or has another dtype.
    """
    _require_tensor(tensor, what)
    _require_dtype(tensor, kind, what)


def finite(tensor: Any, *, what: str) -> None:
    """Require a tensor without nan and infinities.

    Raises:
        Mismatch: If it is no tensor or holds one.
    """
    _require_tensor(tensor, what)
    odd = int((~torch.isfinite(tensor)).sum())
    if odd:
        # The count is the student's to choose where the size is.
        message = f"{what}: there are values that are nan or infinite."
        raise Mismatch(message, openly=f"{what}: {odd} values are nan or infinite.")


def unchanged(tensor: torch.Tensor, before: torch.Tensor, *, what: str) -> None:
    """Require that a call left its argument alone.

    Raises:
        Mismatch: If the argument's values differ from before.
    """
    same = tensor.shape == before.shape and torch.equal(tensor.detach(), before.detach())
    if is_changed(tensor) or not same:
        raise Mismatch(f"{what}: changed in place; work on a copy.")


def raises(
    kinds: type[BaseException] | tuple[type[BaseException], ...],
    call: Callable[[], Any],
    *,
    what: str,
) -> None:
    """Require that a call raises one of these builtin exceptions.

    Raises:
        Mismatch: If it returns, or raises something else.
    """
    names = " or ".join(kind.__name__ for kind in (kinds if isinstance(kinds, tuple) else (kinds,)))
    try:
        call()
    except StudentError as error:
        if isinstance(error, kinds):
            return
        if isinstance(error, NotImplementedError):
            raise
        text = f"{what}: raises another exception than the expected {names}."
        raise Mismatch(text, f"It raises {error.type_name}.") from error
    raise Mismatch(f"{what}: raises nothing, expected {names}.")


def _other_kind(
    what: str,
    value: Any,
    expected: str,
    because: str = "",
    detail: str = "",
    comparison: Comparison | None = None,
) -> Mismatch:
    message, openly = (
        _sentence(f"{what}: got {describe(value, openly=openly)}, expected {expected}.", because)
        for openly in (False, True)
    )
    return Mismatch(message, detail, comparison, openly=openly)


def _other_shape(
    tensor: torch.Tensor, size: tuple[int, ...], what: str, shown: Comparison
) -> Mismatch:
    message = f"{what}: got the {shape_words(tensor.shape, size)}, expected {size}."
    openly = f"{what}: got the shape {tuple(tensor.shape)}, expected {size}."
    return Mismatch(message, comparison=shown, openly=openly)


def _require_tensor(value: Any, what: str) -> None:
    if type(value) not in (torch.Tensor, torch.nn.Parameter):
        raise _other_kind(what, value, "a tensor")


def _require_dtype(tensor: torch.Tensor, kind: torch.dtype, what: str) -> None:
    if tensor.dtype != kind:
        came, wanted = (str(item).removeprefix("torch.") for item in (tensor.dtype, kind))
        raise Mismatch(f"{what}: got the dtype {came}, expected {wanted}.")


def _same(came: torch.Tensor, wanted: torch.Tensor, rtol: float, atol: float) -> torch.Tensor:
    if came.is_floating_point() or came.is_complex():
        # An expected infinity must come as the same infinity; nan equals nothing.
        near = (came - wanted).abs() <= atol + rtol * wanted.abs()
        return (near & torch.isfinite(wanted)) | (came == wanted)
    return came == wanted


def _sentence(text: str, because: str) -> str:
    return f"{text} {because}" if because else text


def _worst(came: torch.Tensor, wanted: torch.Tensor, same: torch.Tensor) -> str:
    first = tuple(int(i) for i in (~same).nonzero()[0])
    place = f" at {list(first)}" if first else ""
    return f"First difference{place}: expected {_cell(wanted[first])}, got {_cell(came[first])}."


def table(what: str, wanted: torch.Tensor, came: torch.Tensor, same: torch.Tensor) -> Comparison:
    """Lay two tensors of one shape out as rows of cells, around the first difference.

    Args:
        what: How to name the actual tensor.
        wanted: The expected tensor.
        came: The actual tensor, of the same shape.
        same: Where the two agree, of the same shape.

    Returns:
        At most `MAX_ROWS` rows of `MAX_COLUMNS` cells; leading dimensions are flattened.
    """
    grids = [_grid(tensor) for tensor in (wanted, came, same)]
    marks = (~grids[2]).nonzero()
    row = max(0, min(int(marks[0][0]) - 1, grids[0].shape[0] - MAX_ROWS))
    column = max(0, min(int(marks[0][1]) - 1, grids[0].shape[1] - MAX_COLUMNS))
    part = (slice(row, row + MAX_ROWS), slice(column, column + MAX_COLUMNS))
    expected, actual = (
        tuple(tuple(_cell(value) for value in line) for line in grid[part]) for grid in grids[:2]
    )
    wrong = tuple((int(r), int(c)) for r, c in (~grids[2][part]).nonzero())
    if grids[0].shape[0] > MAX_ROWS or grids[0].shape[1] > MAX_COLUMNS:
        what = f"{what}, part of it"
    difference = tuple(
        tuple(
            "" if alike else _gap(yours, right) for right, yours, alike in zip(*cells, strict=True)
        )
        for cells in zip(*(grid[part] for grid in grids), strict=True)
    )
    if not any(map(any, difference)):
        difference = ()
    return Comparison(what, expected, actual, wrong, (row, column), difference)


def apart(what: str, wanted: torch.Tensor, came: torch.Tensor) -> Comparison:
    """Lay two tensors of different shapes out, each from its first element on.

    Args:
        what: How to name the actual tensor.
        wanted: The expected tensor.
        came: The actual tensor.
    """
    expected, actual = (
        tuple(
            tuple(_cell(value) for value in line[:MAX_COLUMNS])
            for line in _grid(tensor.detach().to("cpu"))[:MAX_ROWS]
        )
        if tensor.numel()
        else ()
        for tensor in (wanted, came)
    )
    return Comparison(what, expected, actual, shapes=(tuple(wanted.shape), tuple(came.shape)))


def _gap(came: torch.Tensor, wanted: torch.Tensor) -> str:
    """Write by how much a number is off; empty where that says nothing."""
    if came.dtype is torch.bool or came.is_complex() or wanted.is_complex():
        return ""
    gap = float(came) - float(wanted)
    return f"{gap:+.3g}" if math.isfinite(gap) else ""


def _grid(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.reshape(1, -1) if tensor.dim() < 2 else tensor.reshape(-1, tensor.shape[-1])  # noqa: PLR2004


def _cell(value: torch.Tensor) -> str:
    item = value.item()
    return f"{item:.6g}" if isinstance(item, float) else str(item)


def _short(value: Any) -> str:
    text = describe(value) if isinstance(value, torch.Tensor) else repr(value)
    return text if len(text) <= 300 else text[:297] + "..."  # noqa: PLR2004


def _identical(actual: Any, expected: Any) -> bool:
    if type(actual) is not type(expected):
        return False
    if isinstance(expected, (list, tuple)):
        return len(actual) == len(expected) and all(
            _identical(a, e) for a, e in zip(actual, expected, strict=True)
        )
    if isinstance(expected, dict):
        return actual.keys() == expected.keys() and all(
            _identical(actual[key], expected[key]) for key in expected
        )
    if isinstance(expected, torch.Tensor):
        return actual.dtype == expected.dtype and torch.equal(actual, expected)
    return bool(actual == expected)
