"""Cells on a real graphics card, at both levels of jails."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from grader.cell import card, open_host
from grader.cell.cell import Cell, CellHost
from grader.model import Limits
from tests.grader.cell.spoken import Spoken

CARDS, WHY_NOT = card.find()
ON_CARD = Limits(
    wall_time_s=60.0, cpu_time_s=120, memory_mib=4096, frame_mib=16, gpu_memory_mib=2048
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a card, and say why there is none."""
    for item in items:
        if not CARDS and "tests/gpu/" in item.nodeid:
            item.add_marker(pytest.mark.skip(reason=WHY_NOT))


@pytest.fixture(scope="session", params=[3, 2])
def host(request: pytest.FixtureRequest) -> Iterator[CellHost]:
    """Give a host of one level whose cells may have a card."""
    opened = open_host(request.param, ON_CARD, CARDS)
    yield opened
    opened.close()


@pytest.fixture
def spoken(host: CellHost) -> Iterator[Callable[..., Spoken]]:
    """Open cells, on the card unless told otherwise, and close them in the end."""
    opened: list[Cell] = []

    def open_one(limits: Limits = ON_CARD) -> Spoken:
        opened.append(host.open(limits))
        return Spoken(opened[-1])

    yield open_one
    for cell in opened:
        cell.close()
