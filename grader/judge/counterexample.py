"""The smallest input on which the student's answer is wrong, found by trying small ones.

Inputs come from the exercise's `probes.py`, smallest first, and never from a test. The right
answer is computed by the reference here; both are laid side by side.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from grader.judge import expect
from grader.judge.inputs import written
from grader.judge.observe import as_tensor, attempt, changed_arguments, equal
from grader.judge.probes import Arguments, Example, import_trusted
from grader.model import Comparison

MOST_CALLS = 150
MOST_S = 0.25
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
            return _compare("the argument afterwards", given[position], came), call
        return _compare("result", wanted, came), call
    return None


def _answer(example: Example, side: tuple[Any, Any], given: Arguments) -> tuple[Any, list[int]]:
    module, driver = side
    own = tuple(_fresh(value) for value in given)
    extra = {"driver": driver} if example.with_driver else {}
    torch.manual_seed(0)
    seen = attempt(lambda: example.function(module, *own, **extra))
    return seen, changed_arguments(own, given)


def _fresh(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.clone()
    return type(value)(map(_fresh, value)) if isinstance(value, (list, tuple)) else value


def _compare(what: str, wanted: Any, came: Any) -> Comparison:
    expected, actual = as_tensor(wanted), as_tensor(came)
    if (
        expected is not None
        and actual is not None
        and expected.shape == actual.shape
        and expected.numel()
    ):
        same = torch.isclose(actual, expected, 1e-3, 1e-5)
        if not bool(same.all()):
            return expect.table(what, expected, actual, same)
    return Comparison(what, ((shown(wanted),),), ((shown(came),),), ((0, 0),))


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
