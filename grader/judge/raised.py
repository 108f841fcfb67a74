"""Exceptions of the judge that stand for what happened in the cell."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from grader.errors import StudentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.model import Frame


class MissingNameError(StudentError, AttributeError):
    """The student's module does not define a name that a test asks for."""


class ForbiddenOperatorError(Exception):
    """A forbidden dispatcher operator was seen while a task's code ran."""

    def __init__(self, operators: Sequence[str]) -> None:
        """Keep the operators that were seen."""
        self.operators = tuple(operators)
        super().__init__(", ".join(operators))


_kinds: dict[str, type[StudentError]] = {}


def student_error(
    type_name: str, text: str, kinds: Sequence[str], frames: Sequence[Frame]
) -> StudentError:
    """Build the exception that stands in the judge for one raised in the cell.

    Args:
        type_name: Name of the student's exception class.
        text: Its message.
        kinds: Names of its builtin base classes, nearest first.
        frames: The student's frames.

    Returns:
        A `StudentError` that is also an instance of the nearest builtin exception, so that
        `pytest.raises(ValueError)` means what it says.
    """
    base = next((kind for kind in kinds if _is_plain_exception(kind)), "Exception")
    if base not in _kinds:
        builtin: type[Exception] = getattr(builtins, base)
        _kinds[base] = type(
            f"Student{base}", (StudentError, builtin), {"__str__": Exception.__str__}
        )
    return _kinds[base](type_name, text, tuple(frames))


def _is_plain_exception(name: str) -> bool:
    kind = getattr(builtins, name, None)
    # Exceptions with a layout of their own (OSError, UnicodeError, groups) cannot share a base.
    return (
        isinstance(kind, type)
        and issubclass(kind, Exception)
        and not issubclass(kind, (OSError, UnicodeError, ExceptionGroup, SyntaxError))
    )
