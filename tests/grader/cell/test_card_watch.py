"""What the judge makes of a driver's answers; the driver is made up, for lack of a card."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import pytest

from grader.cell import card_watch
from grader.cell.card import Card
from grader.cell.card_watch import CardWatch
from grader.cell.leases import Lease
from grader.errors import CellError
from grader.model import Limits, Outcome

CARD = Card("GPU-1", "Made up", "1.0", 10_000)
LIMITS = Limits(gpu_memory_mib=2000)


@dataclass
class Driver:
    """Answers as told; `lost` raises as the library does when a card has gone."""

    by_process: int = 0
    by_all: int = 0
    lost: bool = False
    closed: list[bool] = field(default_factory=list)

    def used_by_mib(self, pid: int) -> int:
        """Return what was told."""
        assert pid == 7
        return self._told(self.by_process)

    def used_mib(self) -> int:
        """Return what was told."""
        return self._told(self.by_all)

    def close(self) -> None:
        """Note it."""
        self.closed.append(True)

    def _told(self, mib: int) -> int:
        if self.lost:
            raise RuntimeError("GPU is lost")
        return mib


@pytest.fixture(autouse=True)
def _every_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_watch, "LOOK_INTERVAL_S", 0.0)


def _watch(driver: Any) -> CardWatch:
    lease = Lease(CARD, 2000, os.open(os.devnull, os.O_RDONLY))
    return CardWatch(lease, LIMITS, monitor=lambda _: driver)


def test_a_share_is_watched_with_what_a_process_takes_beside_it() -> None:
    """Up to the share and a context it is fine; beyond, the code took too much."""
    driver = Driver(by_process=2700)
    watch = _watch(driver)
    assert watch.look(7) is None
    driver.by_process = 2800
    ending = watch.look(7)
    assert ending is not None
    assert ending.outcome is Outcome.MEMORY
    assert watch.peak_mib == 2800


def test_torch_s_refusal_is_the_share_s_unless_others_filled_the_card() -> None:
    """What the cell says it raised decides nothing alone."""
    driver = Driver(by_all=3000)
    watch = _watch(driver)
    assert watch.explain("ValueError") is None
    assert watch.explain("RuntimeError") is None
    own = watch.explain("OutOfMemoryError")
    driver.by_all = 9500
    assert own is not None
    assert own.outcome is Outcome.MEMORY
    for raised in ("OutOfMemoryError", "RuntimeError", "AcceleratorError"):
        others = watch.explain(raised)
        assert others is not None
        assert others.outcome is Outcome.GRADER_FAULT
        assert "not your fault" in others.message
    assert watch.explain("ValueError") is None


def test_a_lost_card_is_nobody_s_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the driver says so; an exception with these words in it is the student's."""
    monkeypatch.setattr(card_watch, "LOOK_INTERVAL_S", 60.0)
    driver = Driver()
    watch = _watch(driver)
    assert watch.look(7) is None
    assert watch.explain("CUDAError: GPU is lost") is None
    driver.lost = True
    assert watch.look(7) is None  # it was asked just now
    for raised in ("AcceleratorError", "ValueError", "OutOfMemoryError"):
        ending = watch.explain(raised)
        assert ending is not None
        assert ending.outcome is Outcome.GRADER_FAULT
    monkeypatch.setattr(card_watch, "LOOK_INTERVAL_S", 0.0)
    ended = _watch(driver).look(7)
    assert ended is not None
    assert ended.outcome is Outcome.GRADER_FAULT


def test_closing_lets_go_of_card_and_share() -> None:
    """Also where the driver does not answer any more."""
    driver = Driver()
    watch = _watch(driver)
    fd = watch._lease.fd
    watch.close()
    assert driver.closed
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


def test_a_card_that_does_not_answer_opens_no_cell() -> None:
    """And its share is free for the next one."""

    def silent(_: Card) -> Any:
        raise RuntimeError("no answer")

    lease = Lease(CARD, 2000, os.open(os.devnull, os.O_RDONLY))
    with pytest.raises(CellError, match="Made up does not answer: no answer"):
        CardWatch(lease, LIMITS, monitor=silent)
    assert lease.fd == -1
