"""Work on one item after another in forked children, while the next items are made here.

A child inherits its items as they stand, so that nothing is packed up and sent. It can only
write files: what it did is told by how it ended, and what it did not do is done here.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from threading import active_count
from typing import NoReturn, TypeVar

Item = TypeVar("Item")

SHARE = 50
"""Items of one child: many for the price of a fork, few enough that all cores end together."""


def in_children(
    items: Iterable[Item], do: Callable[[Item], None], side_by_side: int
) -> Iterator[tuple[Item, bool]]:
    """Do some work on items in children, a few of them at a time.

    Args:
        items: Made one by one in this process.
        do: The work; it may write files, and must be able to go over what it has done before.
        side_by_side: How many children may run at once.

    Yields:
        Each item in its order, and whether a child has done the work on it. The first one is
        left to the caller, so that whatever is loaded for it is there for all children; so are
        all of them where there is no fork, or where threads would not survive one.
    """
    waiting: deque[tuple[int, list[Item]]] = deque()
    rest = iter(items)
    try:
        yield from ((item, False) for item in itertools.islice(rest, 1))
        while share := list(itertools.islice(rest, SHARE)):
            if not _can_fork():
                yield from ((item, False) for item in share)
                continue
            if len(waiting) >= side_by_side:
                yield from _ended(waiting)
            waiting.append((_fork(share, do), share))
        while waiting:
            yield from _ended(waiting)
    finally:
        # Whoever ends early waits, too: a child that is killed would leave halves of files.
        for child, _ in waiting:
            with contextlib.suppress(ChildProcessError):  # an interrupt between its end and here
                os.waitpid(child, 0)


def _can_fork() -> bool:
    # macOS has `fork`, but libraries of the system do not survive it there.
    return sys.platform == "linux" and active_count() == 1


def _fork(share: list[Item], do: Callable[[Item], None]) -> int:
    parent = os.getpid()
    child = os.fork()
    return child or _work(parent, share, do)


def _work(parent: int, share: list[Item], do: Callable[[Item], None]) -> NoReturn:
    from grader.cell import jail_calls

    status = 1
    try:
        jail_calls.die_with_parent()  # otherwise it would hold the folder's lock longer
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to hear
        gc.disable()  # a collection would touch, and so copy, every page of the parent
        if os.getppid() == parent:
            for item in share:
                do(item)
            status = 0
    finally:
        # Silent whatever it was: the parent does the work again, and meets the same error.
        os._exit(status)


def _ended(waiting: deque[tuple[int, list[Item]]]) -> Iterator[tuple[Item, bool]]:
    child, share = waiting[0]
    _, status = os.waitpid(child, 0)
    waiting.popleft()
    return ((item, status == 0) for item in share)
