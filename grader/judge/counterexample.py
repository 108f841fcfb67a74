"""The smallest input on which the student's answer is wrong, found by trying small ones.

Inputs come from the exercise's `probes.py`, smallest first, and never from a test. The right
answer is computed by the reference here; both are laid side by side.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch

from grader.judge import expect
from grader.judge.inputs import written
from grader.judge.observe import as_tensor, attempt, changed_arguments, equal
from grader.judge.probes import Arguments, Example, import_trusted
from grader.model import Comparison

MOST_CALLS = 150
MOST_S = 1.0
"""Wall time; a small call takes a millisecond, so only slow code or a busy machine reaches it."""
MOST_CELLS = 8
"""Items of a list that are laid out one by one; a longer one is written as a whole."""
Found = tuple[Comparison, str]


class LocalDriver:
    """The driver's functions run beside the reference, as they run beside the student's code."""

    def __init__(self, path: Path, module: Any) -> None:
        """Import the driver if there is one."""
        self._driver = import_trusted(path, "driver_of_reference") if path.is_file() else None
        self._module = module

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return a function with the reference as its first argument."""
        function: Callable[..., Any] = getattr(self._driver, name)
        return lambda *args, **kwargs: function(self._module, *args, **kwargs)


def find_example(
    example: Example, student: tuple[Any, Any], reference: tuple[Any, Any]
) -> Found | None:
    """Try small inputs until one is answered wrongly.

    Args:
        example: Where to look.
        student: The student's module and the driver beside it.
        reference: The reference and the driver beside it.

    Returns:
        Expected against actual, and the call; None if nothing was found in time.

    Raises:
        CellEnded: If the cell died.
    """
    ends_s = time.monotonic() + MOST_S
    for given in itertools.islice(example.inputs(), MOST_CALLS):
        if time.monotonic() > ends_s:
            return None
        wanted, _ = _answer(example, reference, given)
        came, changed = _answer(example, student, given)
        if equal(wanted, came) and not changed:
            continue
        call = example.call.format(*map(written, given))
        if equal(wanted, came):
            position = changed[0]
            return _compare("argument after the call", given[position], came), call
        return _compare("result", wanted, came), call
    return None


def _answer(example: Example, side: tuple[Any, Any], given: Arguments) -> tuple[Any, list[int]]:
    module, driver = side
    own = tuple(_fresh(value) for value in given)
    extra = {"driver": driver} if example.with_driver else {}
    torch.default_generator.manual_seed(0)
    seen = attempt(lambda: example.function(module, *own, **extra))
    return seen, changed_arguments(own, given)


def _fresh(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.clone()
    return type(value)(map(_fresh, value)) if isinstance(value, (list, tuple)) else value


def _compare(what: str, wanted: Any, came: Any) -> Comparison:
    """Lay both side by side, as finely as they can be: tensors, lists, parts of a tuple."""
    expected, actual = as_tensor(wanted), as_tensor(came)
    if expected is not None and actual is not None:
        if expected.shape != actual.shape:
            return expect.apart(what, expected, actual)
        same = torch.isclose(actual, expected, 1e-3, 1e-5)
        if expected.numel() and not bool(same.all()):
            return expect.table(what, expected, actual, same)
    pair = _parts(wanted), _parts(came)
    if _has_tensors(pair[0]) and len(pair[0]) == len(pair[1]):
        first = next((n for n, both in enumerate(zip(*pair, strict=True)) if not equal(*both)), 0)
        return _compare(f"{what}[{first}]", pair[0][first], pair[1][first])
    rows = _as_rows(wanted), _as_rows(came)
    if rows[0] and rows[1] and type(wanted) is type(came):
        return Comparison(what, *rows, wrong=_wrong_cells(*rows))
    return Comparison(what, ((shown(wanted),),), ((shown(came),),), ((0, 0),))


def _parts(seen: Any) -> list[Any]:
    """Give the parts of a list or tuple; none of anything else."""
    if isinstance(seen, dict):
        seen = seen.get("tuple")
    return seen if isinstance(seen, list) else []


def _has_tensors(parts: list[Any]) -> bool:
    return any(isinstance(part, dict) and "values" in part for part in parts)


def _as_rows(seen: Any) -> tuple[tuple[str, ...], ...]:
    """Lay a list of plain items out as one row, a list of such lists as rows; else nothing."""
    parts = _parts(seen)
    lines = [_parts(part) for part in parts] if any(map(_parts, parts)) else [parts]
    flat = [item for line in lines for item in line]
    is_plain = not any(isinstance(item, list) or "tuple" in _keys(item) for item in flat)
    largest = max(map(len, (lines, *lines)), default=0)
    if not flat or not is_plain or largest > MOST_CELLS or len(lines) not in (1, len(parts)):
        return ()
    return tuple(tuple(map(shown, line)) for line in lines)


def _keys(item: Any) -> Iterable[str]:
    return item if isinstance(item, dict) else ()


def _wrong_cells(
    expected: tuple[tuple[str, ...], ...], actual: tuple[tuple[str, ...], ...]
) -> tuple[tuple[int, int], ...]:
    """Find the cells of `actual` that are not what stands at their place in `expected`."""
    right = {(r, c): text for r, row in enumerate(expected) for c, text in enumerate(row)}
    cells = ((r, c, text) for r, row in enumerate(actual) for c, text in enumerate(row))
    return tuple((r, c) for r, c, text in cells if right.get((r, c)) != text)


def shown(seen: Any) -> str:
    """Write an observation as a person would read it."""
    if isinstance(seen, dict):
        return _shown_form(seen)
    if isinstance(seen, list):
        return f"[{', '.join(map(shown, seen))}]"
    if isinstance(seen, float):
        return f"{seen:g}" if seen != int(seen) else f"{seen:.1f}"
    return repr(seen)


def _shown_form(seen: dict[str, Any]) -> str:  # noqa: PLR0911 - one return a kind
    match seen:
        case {"raised": kind}:
            return f"raises {kind}"
        case {"tensor": dtype, "shape": shape, "values": values}:
            numbers = torch.tensor([float(_plain_number(v)) for v in values]).reshape(shape)
            return f"{_numbers(numbers.tolist())} ({dtype}, shape {tuple(shape)})"
        case {"tuple": items}:
            inner = ", ".join(map(shown, items))
            return f"({inner},)" if len(items) == 1 else f"({inner})"
        case {"dict": pairs}:
            return "{" + ", ".join(f"{shown(k)}: {shown(v)}" for k, v in pairs) + "}"
        case {"float": text}:
            return str(text)
        case {"stumbles": _}:
            return "something that cannot be worked with"
        case _:
            return "an object" if "object" in seen else "something large"


def _plain_number(item: Any) -> Any:
    return item["float"] if isinstance(item, dict) else item


def _numbers(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_numbers, value))}]"
    return f"{value:.6g}"
