"""Every layer of the boundary matters: without it, at least one attack turns red.

`layers/table.py` names each layer and its witnesses. Where another layer holds the same attacks,
they turn red without both and stay green while that one is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from grader.cell import levels
from grader.cell.forking import ForkingHost
from tests.security.canaries import Canaries, plant
from tests.security.corpus import entries
from tests.security.layers import runner
from tests.security.layers.judge import switched_off
from tests.security.layers.table import BY_NAME, LAYERS, Layer
from tests.security.target import POINTS

ENTRIES = {entry.id: entry for entry in entries()}
IN_CELLS = [layer for layer in LAYERS if layer.where in ("host", "judge") and layer.witnesses]


@pytest.fixture(scope="module")
def canaries() -> Iterator[Canaries]:
    """What no hand-in may touch."""
    with plant() as planted:
        yield planted


@pytest.fixture(scope="module")
def intact() -> Iterator[dict[int, ForkingHost]]:
    """One host a level with every layer in place."""
    with ExitStack() as stack:
        yield {
            level: stack.enter_context(runner.host(level))
            for level in (3, 2)
            if not levels.why_not(level)[0]
        }


@contextmanager
def without(
    layers: list[Layer], level: int, intact: dict[int, ForkingHost]
) -> Iterator[ForkingHost]:
    """Return a host of a level that lacks these layers, the judge lacking its own."""
    missing = tuple(layer.name for layer in layers if layer.where == "host")
    with ExitStack() as stack:
        host = intact[level]
        if missing:
            host = stack.enter_context(runner.host(level, missing))
        for layer in layers:
            if layer.where == "judge":
                stack.enter_context(switched_off(layer.name))
        yield host


@pytest.mark.parametrize("layer", IN_CELLS, ids=lambda layer: layer.name)
def test_an_attack_gets_through_once_a_layer_of_the_cell_is_off(
    layer: Layer, intact: dict[int, ForkingHost], canaries: Canaries
) -> None:
    """Each witness is held with it and not without it; a right hand-in never notices."""
    level = layer.level
    if level not in intact:
        pytest.skip(f"no level {level} here: {levels.why_not(level)[0]}")

    def complaints(missing: list[Layer]) -> dict[str, list[str]]:
        with without(missing, level, intact) as host:
            assert runner.run(host, None, canaries).points == POINTS
            return {
                name: runner.run(host, ENTRIES[name], canaries, layer.limits).complaints(
                    ENTRIES[name]
                )
                for name in layer.witnesses
            }

    behind = [BY_NAME[layer.behind]] if layer.behind else []
    held = complaints([layer] if behind else [])
    assert not any(held.values()), held
    through = complaints([layer, *behind])
    assert all(through.values()), through
