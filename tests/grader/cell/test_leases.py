"""Shares of a card: real locks of real processes; only the card is made up."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.cell import leases
from grader.cell.card import Card
from grader.errors import CellError
from tests.patience import PATIENCE_S

CARD = Card("GPU-1", "Made up", "1.0", 10_000)
OTHER = Card("GPU-2", "Made up", "1.0", 10_000)
HOLD = """
import sys
from grader.cell import leases
from grader.cell.card import Card
lease = leases.take([Card("GPU-1", "Made up", "1.0", 10_000)], 6000, used_mib=lambda card: 0)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(leases.tempfile, "tempdir", None)
    yield
    leases.tempfile.tempdir = None


def _take(share_mib: int, *cards: Card, used_mib: int = 0, wait_s: float = 0.0) -> leases.Lease:
    return leases.take(cards or (CARD,), share_mib, wait_s=wait_s, used_mib=lambda card: used_mib)


def test_shares_add_up_to_the_card_and_no_further() -> None:
    """The third of three does not fit, before any of them has taken anything."""
    held = [_take(4000), _take(4000)]
    with pytest.raises(CellError, match="Made up had no 4768 MiB to spare") as caught:
        _take(4000)
    assert caught.value.where == "card"
    held[0].release()
    held.append(_take(4000))
    for lease in held:
        lease.release()


def test_what_others_have_taken_counts() -> None:
    """A program that knows nothing of leases is seen by what the driver counts."""
    with pytest.raises(CellError, match="to spare"):
        _take(4000, used_mib=6000)
    _take(4000, used_mib=5000).release()


def test_another_card_is_taken_where_the_first_is_full() -> None:
    """Any card of the kind will do."""
    first, second = _take(6000, CARD, OTHER), _take(6000, CARD, OTHER)
    assert (first.card, second.card) == (CARD, OTHER)
    first.release()
    second.release()


def test_a_share_that_no_card_has_is_refused_at_once() -> None:
    """Waiting would not help."""
    with pytest.raises(CellError, match="no card of this machine has 20768 MiB"):
        _take(20_000, wait_s=PATIENCE_S)


def test_a_share_is_held_until_the_last_copy_of_its_lock_is_closed() -> None:
    """The warm process has one; the judge's own may be gone long before."""
    lease = _take(6000)
    copy = os.dup(lease.fd)
    lease.release()
    with pytest.raises(CellError, match="to spare"):
        _take(6000)
    os.close(copy)
    _take(6000).release()


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    """Its lock went with it, and the next one sweeps its file away."""
    call = [sys.executable, "-c", HOLD]
    with subprocess.Popen(call, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(CellError, match="to spare"):
            _take(6000)
        holder.kill()
    lease = _take(6000)
    assert len(list(tmp_path.rglob("*.lease"))) == 1
    lease.release()


def test_a_folder_of_somebody_else_is_not_used(tmp_path: Path) -> None:
    """A link with our name would lead a grader of root anywhere."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / f"autograde-cards-{os.getuid()}").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CellError, match="belongs to somebody else"):
        _take(1000)


def test_a_card_that_does_not_answer_is_passed_over() -> None:
    """Another one serves; if there is none, it is said at once, as a fault of ours."""
    other = Card("GPU-2", "Other", "1.0", 10_000)

    def used_mib(card: Card) -> int:
        if card is CARD:
            raise CellError("card", f"{card.name} does not answer: GPU is lost")
        return 0

    lease = leases.take([CARD, other], 1000, wait_s=0.0, used_mib=used_mib)
    assert lease.card is other
    lease.release()
    began_s = time.monotonic()
    with pytest.raises(CellError, match="Made up does not answer: GPU is lost"):
        leases.take([CARD], 1000, wait_s=60.0, used_mib=used_mib)
    assert time.monotonic() - began_s < 30


def test_what_the_library_raises_is_told_as_what_it_is() -> None:
    """No machine has this card, so the driver, if there is one, does not know it."""
    with pytest.raises(CellError, match="Made up does not answer"):
        leases.take([CARD], 1000, wait_s=0.0)
