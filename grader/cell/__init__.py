"""Cells: jailed processes for student code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.model import Isolation, Limits

if TYPE_CHECKING:
    from grader.cell.cell import CellHost

BEST = -1


def open_host(level: int, limits: Limits) -> CellHost:
    """Start a host of cells and return at once.

    Args:
        level: 3, 2 or 0, or `BEST` for the highest that this system gives.
        limits: What most cells will ask for; processes started ahead get these.

    Returns:
        The host; its `isolation` tells the level in force.

    Raises:
        CellError: If this system cannot give the level asked for.
    """
    from grader.cell.spawn import SpawningHost

    if level == 0:
        return SpawningHost(limits, Isolation(0))
    from grader.cell import forking, levels

    isolation = levels.best_level() if level == BEST else Isolation(level)
    if isolation.level == 0:
        return SpawningHost(limits, isolation)
    return forking.ForkingHost(isolation)
