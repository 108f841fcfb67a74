"""The judge's eye on a cell that is on a graphics card: what the driver says it has taken."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from grader.cell import endings
from grader.cell.card import Card, Monitor
from grader.cell.leases import CONTEXT_MIB, Lease
from grader.errors import CellError, Ending
from grader.model import Limits

LOOK_INTERVAL_S = 0.25
"""How often the driver is asked; one answer took 0.7 ms on an H100."""
OUT_OF_MEMORY = "OutOfMemoryError"
"""What torch raises when an allocation is refused, by its own bound or by the card."""
REFUSED_ELSEWHERE = ("AcceleratorError", "RuntimeError")
"""What it raises when a library beside its allocator is refused memory, among much else."""


class CardWatch:
    """Looks at one cell's share of a card.

    Attributes:
        peak_mib: The most memory that the process was seen with, its context included.
    """

    def __init__(
        self, lease: Lease, limits: Limits, monitor: Callable[[Card], Monitor] = Monitor
    ) -> None:
        """Take over the lease.

        Args:
            lease: Released by `close`.
            limits: `gpu_memory_mib` is the cell's share.
            monitor: Opens what asks the driver.

        Raises:
            CellError: If the card does not answer.
        """
        self.peak_mib = 0
        self._lease = lease
        self._limits = limits
        self._next_look_s = 0.0
        try:
            self._monitor = monitor(lease.card)
        except Exception as error:
            lease.release()
            raise CellError("card", f"{lease.card.name} does not answer: {error}") from error

    def look(self, pid: int) -> Ending | None:
        """Say whether the share is exceeded or the card lost; asks the driver now and then."""
        now_s = time.monotonic()
        if now_s < self._next_look_s:
            return None
        self._next_look_s = now_s + LOOK_INTERVAL_S
        try:
            used_mib = self._monitor.used_by_mib(pid)
        except Exception:  # noqa: BLE001 - whatever the library raises, the card is no use now
            return endings.card_lost()
        self.peak_mib = max(self.peak_mib, used_mib)
        if used_mib > self._limits.gpu_memory_mib + CONTEXT_MIB:
            return endings.card_memory(self._limits)
        return None

    def explain(self, raised: str) -> Ending | None:
        """Say what an exception means, of which only the cell says that it was raised.

        Whatever it is called, the driver is asked whether the card is still there. What torch
        refuses is the share of the cell, unless the card itself is full: then others have taken
        what the lease had promised.
        """
        try:
            used_mib = self._monitor.used_mib()
        except Exception:  # noqa: BLE001 - as above
            return endings.card_lost()
        free_mib = self._lease.card.memory_mib - used_mib
        share_left_mib = self._limits.gpu_memory_mib - self.peak_mib
        if free_mib < share_left_mib and raised in (OUT_OF_MEMORY, *REFUSED_ELSEWHERE):
            return endings.card_crowded()
        return endings.card_memory(self._limits) if raised == OUT_OF_MEMORY else None

    def close(self) -> None:
        """Let go of the card."""
        with contextlib.suppress(Exception):
            self._monitor.close()
        self._lease.release()
