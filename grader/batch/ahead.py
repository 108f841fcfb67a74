"""Work on one item after another in forked children, while the next items are made here.

A child inherits its items as they stand, so that nothing is packed up and sent there. What comes
back of them is a few bytes each; a share whose child did not come to its end is done here.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import active_count
from typing import Generic, NoReturn, TypeVar

import msgspec

Item = TypeVar("Item")

SHARE = 50
"""Items of one child: many for the price of a fork, few enough that all cores end together."""


def in_children(
    items: Iterable[Item], do: Callable[[Item], bytes], side_by_side: int, share: int = 0
) -> Iterator[tuple[Item, bytes | None]]:
    """Do some work on items in children, a few of them at a time.

    Args:
        items: Made one by one in this process.
        do: The work, and what comes back of it; it may write files, and must be able to go over
            what it has done before.
        side_by_side: How many children may run at once.
        share: Items of one child; as many as fit most work if it is 0.

    Yields:
        Each item in its order, and what came back; None if the work is left to the caller. So is
        the first one, and whatever is loaded for it is there for all children; so are all of them
        where there is no fork, or where threads would not survive one.
    """
    waiting: deque[_Child[Item]] = deque()
    rest = iter(items)
    try:
        yield from ((item, None) for item in itertools.islice(rest, 1))
        while taken := list(itertools.islice(rest, share or SHARE)):
            if not _can_fork():
                yield from ((item, None) for item in taken)
                continue
            if len(waiting) >= side_by_side:
                yield from _ended(waiting)
            waiting.append(_fork(taken, do))
        while waiting:
            yield from _ended(waiting)
    finally:
        # Whoever ends early waits, too: a child that is killed would leave halves of files.
        for child in waiting:
            with contextlib.suppress(ChildProcessError):  # an interrupt between its end and here
                os.waitpid(child.pid, 0)
            os.close(child.results_fd)


def each_in_children(
    do: Callable[[Item], bytes], items: Sequence[Item], side_by_side: int
) -> Iterator[bytes]:
    """Do some light work on items as `map` does, in children where there can be some."""
    share = max(SHARE, -(-len(items) // side_by_side))
    for item, done in in_children(items, do, side_by_side, share):
        yield do(item) if done is None else done


def _can_fork() -> bool:
    # macOS has `fork`, but libraries of the system do not survive it there.
    return sys.platform == "linux" and active_count() == 1


@dataclass(frozen=True, slots=True)
class _Child(Generic[Item]):
    pid: int
    share: list[Item]
    results_fd: int


def _fork(share: list[Item], do: Callable[[Item], bytes]) -> _Child[Item]:
    parent = os.getpid()
    results_fd = os.memfd_create("results")
    pid = os.fork()
    return _Child(pid, share, results_fd) if pid else _work(parent, share, do, results_fd)


def _work(parent: int, share: list[Item], do: Callable[[Item], bytes], results_fd: int) -> NoReturn:
    from grader.cell import jail_calls

    status = 1
    try:
        jail_calls.die_with_parent()  # otherwise it would hold the folder's lock longer
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to hear
        gc.disable()  # a collection would touch, and so copy, every page of the parent
        if os.getppid() == parent:
            with os.fdopen(results_fd, "wb") as results:
                results.write(msgspec.msgpack.encode([do(item) for item in share]))
            status = 0
    finally:
        # Silent whatever it was: the parent does the work again, and meets the same error.
        os._exit(status)


def _ended(waiting: deque[_Child[Item]]) -> Iterator[tuple[Item, bytes | None]]:
    child = waiting[0]
    _, status = os.waitpid(child.pid, 0)
    waiting.popleft()
    results: list[bytes] | list[None] = [None] * len(child.share)
    with os.fdopen(child.results_fd, "rb") as file:
        if status == 0:
            file.seek(0)  # where the child has left it
            results = msgspec.msgpack.decode(file.read(), type=list[bytes])
    return zip(child.share, results, strict=True)
