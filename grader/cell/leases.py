"""Who has how much of a graphics card: one lease for each cell that is on one.

A lease is a file that is locked for as long as the cell lives. Two processes hold the lock, the
judge and the warm process that forked the cell, and the second lets go only when it has collected
the cell. So a share is not given away again while whoever had it still lives, even if the judge
was killed. The lock of a process that is gone is gone with it, and its file is swept away.

Leases are kept by user. What others have taken of the card is counted by the driver.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from grader.cell.card import Card, Monitor
from grader.errors import CellError

CONTEXT_MIB = 768
"""What a process takes of a card beside its tensors: 518 MiB on an H100, libraries loaded later."""
WAIT_S = 300.0
"""How long a cell may wait for its share."""
_INTERVAL_S = 0.1
_numbers = itertools.count(1)


class Lease:
    """A share of one card.

    Attributes:
        card: The card.
        share_mib: What the cell's tensors may take of its memory.
        fd: Holds the lock, with every copy of it.
    """

    def __init__(self, card: Card, share_mib: int, fd: int) -> None:
        """Take over a locked file."""
        self.card = card
        self.share_mib = share_mib
        self.fd = fd

    def release(self) -> None:
        """Let go; the share is free once the warm process has let go too."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


def folder() -> Path:
    """Return where this user's leases are, made if need be."""
    place = Path(tempfile.gettempdir()) / f"autograde-cards-{os.getuid()}"
    place.mkdir(mode=0o700, exist_ok=True)
    if place.is_symlink() or place.stat().st_uid != os.getuid():
        what = f"{place} belongs to somebody else"
        raise CellError("card", what, "Set TMPDIR to a folder of your own.")
    return place


def take(
    cards: Sequence[Card],
    share_mib: int,
    *,
    wait_s: float = WAIT_S,
    used_mib: Callable[[Card], int] | None = None,
) -> Lease:
    """Take a share of the first card that has room for it, waiting for one if need be.

    Args:
        cards: Any of them will do.
        share_mib: Memory for tensors; the process itself takes `CONTEXT_MIB` more.
        wait_s: How long to wait.
        used_mib: Says how much of a card is taken; the driver does by default.

    Raises:
        CellError: If no card is large enough, none answers, or none had room in time.
    """
    needed_mib = share_mib + CONTEXT_MIB
    if all(card.memory_mib < needed_mib for card in cards):
        what = f"no card of this machine has {needed_mib} MiB"
        raise CellError("card", what, "Use a larger card, or `--device cpu`.")
    ends_s = time.monotonic() + wait_s
    while True:
        silent: list[CellError] = []
        for card in cards:
            with _alone() as place:
                leased_mib = _sweep(place, card)
                try:
                    # A lease counts in full, also before its cell has taken anything.
                    taken_mib = max(leased_mib, (used_mib or _used_mib)(card))
                except CellError as error:
                    silent.append(error)
                    continue
                if taken_mib + needed_mib <= card.memory_mib:
                    return Lease(card, share_mib, _write(place, card, needed_mib))
        if len(silent) == len(cards):
            raise silent[0]
        if time.monotonic() >= ends_s:
            what = f"{cards[0].name} had no {needed_mib} MiB to spare for {wait_s:g} s"
            what_now = "Grade again when other programs have left it, or with fewer `--jobs`."
            raise CellError("card", what, what_now)
        time.sleep(_INTERVAL_S)


@contextlib.contextmanager
def _alone() -> Iterator[Path]:
    """Keep every other process of this user from looking at leases meanwhile."""
    place = folder()
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield place


def _sweep(place: Path, card: Card) -> int:
    """Remove leases that nobody holds any more; return what the others of a card add up to."""
    total_mib = 0
    for path in place.glob(f"{card.uuid}-*.lease"):
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                total_mib += int(file.read().decode("ascii") or "0")
            else:
                path.unlink()
    return total_mib


def _write(place: Path, card: Card, needed_mib: int) -> int:
    path = place / f"{card.uuid}-{os.getpid()}-{next(_numbers)}.lease"
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    fcntl.flock(fd, fcntl.LOCK_EX)
    os.write(fd, str(needed_mib).encode("ascii"))
    return fd


def _used_mib(card: Card) -> int:
    try:
        with contextlib.closing(Monitor(card)) as monitor:
            return monitor.used_mib()
    except Exception as error:  # whatever the library raises, the card is no use now
        raise CellError("card", f"{card.name} does not answer: {error}") from error
