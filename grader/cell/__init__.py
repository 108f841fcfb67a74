"""Cells: jailed processes for student code.

Theory of operation
===================

A cell is one process that runs one submission's file of one exercise. Everything that it says
is an answer, never a verdict, and nothing that it must not know is within its reach.

Processes at level 3, from the outside in; each holds less than the one before it:

    judge      trusted. Holds suites, references, seeds. Starts the host (`forking.py`), or is
               forked from the process that did. Its end of a cell is `cell.py`; its hands on
               the process are `jailed.py`, its hands on the warm process `warm.py`.
    launcher   `launch.py`, trusted and gone in a moment. If it is root, it covers folders that
               only their owner may enter (Python may live in one; what it needs reappears
               there), then becomes user 64000 for good. Then it becomes bubblewrap.
    box        bubblewrap: own users, processes, mounts, network, IPC, host name; read-only, and
               in it only what `jail_view.py` lists. Its first process collects the others.
    zygote     `zygote.py`, the warm process. Knows nothing secret. Root of the box's user
               namespace alone, with the two capabilities that making namespaces takes. First
               it tries a jail (`trial.py`) and says hello with the level that came of it; then
               it imports torch (`warmup.py`), freezes its heap, and waits. One thread, always.
    cell       forked from the zygote as process 1 of a process namespace of its own; shuts its
               jail (`jail.py`); then `guest.py` loads the student's file and answers.

Level 2 is the same without the box, for systems that refuse namespaces: launcher, zygote, cell,
all as the calling user (64000 if that was root). The jail is flat: Landlock, seccomp and limits.
Its private folder is an ordinary one (`scratch.py`), measured by the zygote. If bubblewrap works
but its processes may make no namespaces, cells are flat inside the box, and the level is 2.

On a graphics card
==================

`card.py` says which cards there are, in the words of their driver; `card_view.py` what a box shows
of it. A cell that asks for memory of a card gets a lease (`leases.py`), opens the card once its
jail is shut (`on_card.py`), and is watched by what the driver counts (`card_watch.py`). Decision
0011 tells which locks of the jail that opens, and why no others.

Level 0 (`spawn.py`, `plain.py`) is a plain process for each cell, and no jail.

Opening a cell
==============

    1  The judge makes a socket pair (data), a pipe (output) and a second socket pair (reply),
       and sends the far ends with the limits over the control socket, and with what the cell
       enters its control group by, where there is one (`cgroup.py`). That socket is shared by
       all judges; a request is one message, and its answer comes on its own reply socket.
    2  The zygote enters a fresh process namespace, forks, and returns to its own. It sends a
       pidfd of the child on the reply socket and keeps that socket for the report at the end.
    3  The child enters its control group, arranges its descriptors (0 nothing, 1 and 2 the pipe,
       3 the data socket) and closes the rest but the reply socket. It leaves the process group
       and shuts the jail: mounts, IPC, host name, network; its folder in memory, which it shows
       to the judge, and a /proc of itself; a user namespace without a capability; memory closed
       to others; limits; no new privileges; Landlock; seccomp. It says so on the reply socket,
       closes that too, and becomes the guest.
    4  The judge has the pidfd and the word that the jail is shut, and only now a `Cell`.

If any step is refused, the child ends before the first line of student code, and the judge gets
a `CellError`: our side failed, and nobody loses a point.

How a cell ends
===============

The judge looks at memory, threads, files and output every 20 ms while it waits (`watch`), at its
own clock, and once more when an exception comes, which may be how the kernel held a limit; it
counts answers. `endings.py` has the words for each cause. To kill, it sends SIGKILL through the
pidfd and waits until the process is gone; that of a process 1 takes its namespace along. A cell
that ends by itself is collected by the zygote, which reports status, CPU time and peak memory on
the reply socket; no student can write there, because the child's end was closed. Silence on it with
the other end gone means that the zygote is lost: a grader fault. When a judge dies, its reply
socket hangs up and the zygote kills the cell. When the process that started the host dies, the
kernel kills bubblewrap and with it the box (level 2: the zygote, then the cells). So nothing
outlives its owner.

`levels.py` finds the level of this machine by trying; `doctor.py` opens a real cell and makes it
try every one of `attacks.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.model import Isolation, Limits

if TYPE_CHECKING:
    from grader.cell.card import Card
    from grader.cell.cell import CellHost

BEST = -1


def open_host(level: int, limits: Limits, cards: Sequence[Card] = ()) -> CellHost:
    """Start a host of cells and return at once.

    Args:
        level: 3, 2 or 0, or `BEST` for the highest that this system gives.
        limits: What most cells will ask for; processes started ahead get these.
        cards: Graphics cards for cells that ask for memory of one; at level 0 none can have one.

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
    return forking.ForkingHost(isolation, cards)
