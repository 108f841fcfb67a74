"""What an answer is called before a student, who may be shown no hidden input by it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from grader.judge.proxy import Remote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.judge.session import Session


MAX_SHOWN_DIMS = 4
MAX_SHOWN_SIZE = 99


def shape_words(size: Sequence[int], expected: Sequence[int] = ()) -> str:
    """Say a shape as a hidden test may say it: free sizes could spell what was handed over.

    Args:
        size: The shape, which the student's code chose.
        expected: The right shape; its sizes and their product say nothing new.

    Returns:
        `shape (4, 10)`, `shape (4, >99)`, or `shape with 7 dimensions`.
    """
    if len(size) > max(MAX_SHOWN_DIMS, len(expected)):
        return f"shape with {len(size)} dimensions"
    known = {*expected, math.prod(expected)}
    parts = [str(n) if n <= MAX_SHOWN_SIZE or n in known else f">{MAX_SHOWN_SIZE}" for n in size]
    return f"shape ({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def describe(value: Any, *, openly: bool = False) -> str:
    """Name the kind of an answer in a few words: its class, and a tensor's shape and dtype.

    Args:
        value: What came from the cell.
        openly: True where a public test alone says it, so that any shape may be told.
    """
    if isinstance(value, torch.Tensor):
        dtype = str(value.dtype).removeprefix("torch.")
        size = tuple(value.shape)
        return f"a {dtype} tensor of {f'shape {size}' if openly else shape_words(size)}"
    if value is None:
        return "None"
    if isinstance(value, Remote):
        return _describe_remote(value)
    return f"a {type(value).__name__}"


def _describe_remote(remote: Remote) -> str:
    """Name the class of an object in the cell, if the name carries nothing but a name.

    A class can be made at run time, with a hidden input for its name.
    """
    names: tuple[str, ...] = object.__getattribute__(remote, "type_names")
    session: Session = object.__getattribute__(remote, "_session")
    name = names[0] if names else "object"
    if name == "Tensor":
        return "a tensor that is not dense (sparse, quantized or without data)"
    if not session.is_common_name(name):
        return "an object of a class made at run time"
    if "Tensor" in names:
        return f"a tensor of the subclass {name}"
    return f"an object of class {name}"
