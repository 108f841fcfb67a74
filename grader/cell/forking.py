"""Levels 3 and 2: cells forked from a warm process, each in a jail of its own."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import asdict

from grader.cell import cgroup, leases, levels
from grader.cell.card import Card
from grader.cell.cell import Cell, SocketTransport
from grader.cell.jailed import JailedProcess
from grader.cell.warm import WarmProcess
from grader.errors import CellError
from grader.model import Isolation, Limits


class ForkingHost:
    """Opens cells of level 3 or 2, from this process or one forked from it."""

    def __init__(self, isolation: Isolation, cards: Sequence[Card] = ()) -> None:
        """Start the warm process and return at once, so that the caller can import torch too.

        Args:
            isolation: Level 3 or 2, and why it is not higher.
            cards: Graphics cards for cells that ask for memory of one.
        """
        self._cards = tuple(cards)
        self._wanted = isolation
        self._groups, _ = cgroup.find()
        boxed = isolation.level >= levels.BOXED
        self._warm = WarmProcess(boxed=boxed, card=bool(self._cards))

    @property
    def isolation(self) -> Isolation:
        """The level that cells really have; waits until a jail has been tried.

        Raises:
            CellError: If no jail holds.
        """
        hello = self._warm.hello()
        if hello["level"] == self._wanted.level:
            return self._wanted
        return Isolation(hello["level"], hello["reason"], levels.remedy(levels.BOXED))

    def open(self, limits: Limits) -> Cell:
        """Return a fresh cell, its jail shut, before the first line of student code.

        Raises:
            CellError: If the warm process fails, a jail cannot be shut, or no card has room.
        """
        isolation = self.isolation
        lease = self._lease(limits)
        ours, data = socket.socketpair()
        reply, their_reply = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        output_fd, their_output_fd = os.pipe()
        os.set_blocking(output_fd, False)
        group = None if self._groups is None else self._groups.take()
        try:
            with data, their_reply:
                fds = [data.fileno(), their_output_fd, their_reply.fileno()]
                fds += [] if lease is None else [lease.fd]
                fds += [] if group is None else group.entries
                card = None if lease is None else asdict(lease.card)
                self._warm.ask({"limits": asdict(limits), "card": card}, fds)
        except CellError:
            ours.close()
            reply.close()
            os.close(output_fd)
            if group is not None:
                group.release()
            if lease is not None:
                lease.release()
            raise
        finally:
            os.close(their_output_fd)
        try:
            process = JailedProcess(reply, output_fd, limits, group, lease)
        except CellError:
            ours.close()
            raise
        return Cell(SocketTransport(ours), process, limits, isolation)

    def _lease(self, limits: Limits) -> leases.Lease | None:
        """Take the share of a card that a cell asks for.

        Raises:
            CellError: If this host has no card, or none with room.
        """
        if not limits.gpu_memory_mib:
            return None
        if not self._cards:
            raise CellError("card", "this host was started without a graphics card")
        return leases.take(self._cards, limits.gpu_memory_mib)

    def prepare(self) -> None:
        """Do nothing: a fork is quick enough without."""

    def close(self) -> None:
        """End the warm process and all its cells."""
        self._warm.close()
        if self._groups is not None:
            self._groups.close()
