"""What a probe saw, as plain data that can be stored and compared.

    a value           tensors with dtype, shape and values; numbers, texts, lists, ... by value
    {"raised": ...}   the builtin kind of an exception of the student's code
    {"stumbles": ...} the probe itself could not go on with what it got
    {"changed": ...}  which arguments were written to, beside the value
    {"varies": ...}   two runs with different seeds gave different values of this form
    {"unclear": ...}  a statistic between the levels that have a meaning; equals nothing

Two observations are equal if their forms are, and their numbers nearly so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import torch

from grader.errors import CellEnded, StudentError
from grader.judge.probes import Arguments, Probe
from grader.judge.proxy import Remote
from grader.judge.raised import ForbiddenOperatorError, MissingNameError

RTOL, ATOL = 1e-3, 1e-5
MAX_NUMBERS = 512
"""Numbers kept of one tensor or list; what is larger equals nothing."""
MAX_PARTS, MAX_DEPTH, MAX_TEXT, MAX_INT = 4096, 8, 2000, 2**63
DIGITS = 6
UNCLEAR: Final = {"unclear": True}


class Unclear:
    """What `snap` gives for a number that is near no level."""


def snap(value: Any, levels: tuple[float, ...], tolerance: float) -> float | Unclear:
    """Replace a statistic by the one level that it is near, for layers that draw numbers.

    Args:
        value: A number, or a tensor with one element.
        levels: What right and known wrong answers give.
        tolerance: How far a level reaches; levels must lie further apart than twice this.

    Returns:
        The level, or something that equals nothing.
    """
    number = float(value)
    near = [level for level in levels if abs(number - level) <= tolerance]
    return float(near[0]) if len(near) == 1 else Unclear()


def observe(probe: Probe, student: Any, driver: Any) -> Any:
    """Ask one probe and say what was seen.

    Args:
        probe: The probe.
        student: The student's module.
        driver: The functions of the driver.

    Returns:
        Plain data.

    Raises:
        CellEnded: If the cell died.
    """
    given, before = (tuple(_copy(value) for value in probe.arguments) for _ in range(2))
    extra = {"driver": driver} if probe.with_driver else {}
    seen = attempt(lambda: probe.function(student, *given, **extra))
    changed = changed_arguments(given, before)
    return {"changed": changed, "value": seen} if changed else seen


def attempt(call: Callable[[], Any]) -> Any:
    """Call, and give the value or the kind of the exception as plain data.

    Raises:
        CellEnded: If the cell died.
    """
    try:
        return plain(call())
    except MissingNameError:
        return {"raised": "NotImplementedError"}  # nothing is there to be recognised
    except (StudentError, ForbiddenOperatorError) as error:
        return {"raised": _builtin_kind(error)}
    except CellEnded:
        raise
    except Exception as error:  # noqa: BLE001 - whatever the probe stumbles over was the answer
        return {"stumbles": type(error).__name__}


def changed_arguments(given: Arguments, before: Arguments) -> list[int]:
    """Tell which arguments are not what they were."""
    pairs = zip(given, before, strict=True)
    return [n for n, (one, other) in enumerate(pairs) if plain(one) != plain(other)]


def plain(value: Any) -> Any:
    """Turn a value into data that JSON can hold; what is too large or too odd is unclear."""
    return _plain(value, [MAX_PARTS])


def _plain(value: Any, room: list[int], depth: int = 0) -> Any:  # noqa: PLR0911 - one a kind
    """Turn a part into data, while there is room for more parts."""
    room[0] -= 1
    if room[0] < 0 or depth > MAX_DEPTH:
        return UNCLEAR
    match value:
        case float():
            return _float(value)
        case None | bool():
            return value
        case int():
            return value if abs(value) < MAX_INT else UNCLEAR
        case str():
            return value if len(value) <= MAX_TEXT else UNCLEAR
        case torch.Tensor():
            return _tensor(value)
        case list() | tuple() | dict() | Unclear():
            return _container(value, room, depth + 1)
        case _:
            return {"object": "remote" if isinstance(value, Remote) else type(value).__name__}


def _container(value: Any, room: list[int], depth: int) -> Any:
    if isinstance(value, Unclear) or len(value) > MAX_NUMBERS:
        return UNCLEAR
    if isinstance(value, dict):
        pairs = value.items()
        return {"dict": [[_plain(k, room, depth), _plain(v, room, depth)] for k, v in pairs]}
    items = [_plain(item, room, depth) for item in value]
    return items if isinstance(value, list) else {"tuple": items}


def equal(one: Any, other: Any) -> bool:
    """Tell whether two observations are the same; what is unclear equals nothing."""
    if isinstance(one, float) and isinstance(other, float):
        return _near(one, other)
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        if one.keys() != other.keys() or "unclear" in one:
            return False
        return all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return bool(one == other)


def merged(one: Any, other: Any) -> Any:
    """Join what two runs with different seeds saw: what differs, varies."""
    if equal(one, other) or one == UNCLEAR:
        return one
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [merged(a, b) for a, b in zip(one, other, strict=True)]
    if not (isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys()):
        return {"varies": type(one).__name__ if type(one) is type(other) else "kind"}
    if "tensor" in one:
        same = one["tensor"] == other["tensor"] and one["shape"] == other["shape"]
        return {"varies": [one["tensor"], one["shape"]] if same else "tensor"}
    if "value" in one or "tuple" in one or "dict" in one:
        return {key: merged(one[key], other[key]) for key in one}
    return {"varies": "kind"}


def varies(seen: Any) -> bool:
    """Tell whether any part of what was seen is another one in every run."""
    if isinstance(seen, dict):
        return "varies" in seen or any(map(varies, seen.values()))
    return isinstance(seen, list) and any(map(varies, seen))


def as_tensor(seen: Any) -> torch.Tensor | None:
    """Rebuild the tensor, or the number, that was seen; None if it was something else."""
    if isinstance(seen, (bool, str)) or seen is None:
        return None
    if isinstance(seen, (int, float)):
        return torch.tensor(float(seen), dtype=torch.float64)
    if not isinstance(seen, dict) or "values" not in seen:
        return None
    numbers = [_number(item) for item in seen["values"]]
    return torch.tensor(numbers, dtype=torch.float64).reshape(seen["shape"])


def _copy(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    if isinstance(value, (list, tuple)):
        return type(value)(_copy(item) for item in value)
    return dict(value) if isinstance(value, dict) else value


def _tensor(value: torch.Tensor) -> dict[str, Any]:
    form: dict[str, Any] = {
        "tensor": str(value.dtype).removeprefix("torch."),
        "shape": list(value.shape),
    }
    if value.numel() > MAX_NUMBERS or value.is_complex():
        return {**form, **UNCLEAR}
    numbers = value.detach().reshape(-1).tolist()
    return {**form, "values": [_float(n) if isinstance(n, float) else n for n in numbers]}


def _float(value: float) -> Any:
    if not math.isfinite(value):
        return {"float": str(value)}
    return float(f"{value:.{DIGITS}g}")


def _number(item: Any) -> float:
    return float(item["float"]) if isinstance(item, dict) else float(item)


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= ATOL + RTOL * max(abs(one), abs(other))


def _builtin_kind(error: BaseException) -> str:
    for kind in type(error).__mro__:
        if kind.__module__ == "builtins":
            return kind.__name__
    return "Exception"  # pragma: no cover - every exception has a builtin base
