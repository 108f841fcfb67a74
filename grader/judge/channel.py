"""What the judge needs of a cell, and what it says of one that breaks the protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from grader.errors import CellEnded, Ending
from grader.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch


class Packer(Protocol):
    """Collects the tensors of one request (see `cell.wire.Packer`)."""

    tensors: list[torch.Tensor]

    def pack(self, value: Any) -> Any:
        """Return the tagged form of a value."""


class Answer(Protocol):
    """What a cell answered (see `cell.wire.Frame`)."""

    kind: str
    body: Any
    tensors: list[torch.Tensor]

    def unpack(self, tree: Any, resolve: Callable[[list[Any]], Any]) -> Any:
        """Rebuild a value from its tagged form."""


class Cell(Protocol):
    """What the judge needs of a cell (see `cell.cell.Cell`)."""

    alive: bool

    @property
    def card_peak_mib(self) -> int | None:
        """The most memory of a graphics card that the cell was seen with; None without one."""

    def packer(self, default: Any) -> Packer:
        """Return an empty packer."""

    def request(self, kind: str, body: dict[str, Any], packer: Any) -> Answer:
        """Ask and return the answer, or raise `CellEnded`."""

    def allow(self, timeout_s: float) -> None:
        """Give the requests from now on this much wall time."""

    def take_output(self) -> str:
        """Return what was printed since the last call."""

    def close(self) -> None:
        """Kill the process tree."""


def broken(what: str) -> CellEnded:
    """Return the end of a cell whose answer has no known form.

    Args:
        what: Names the form, for the student.
    """
    text = f"Your code wrote to the grader's own channel ({what}), so its answer was refused."
    return CellEnded(Ending(Outcome.CRASHED, text))
