"""The warm process: imports torch once, then forks one jail for each request.

It runs before and beside student code, so it holds no secret: no suite, no reference, no seed.
It is started by `launch.py`, has one thread (a fork of two would hang), and talks over one
SOCK_SEQPACKET socket:

    to the host, once      {"level", "reason"}                     after a jail has been tried
    from the host, each    {"limits"} + data, output, reply        and what it enters a group by
                           {"card"} too, + a lease before that     for a cell on a graphics card
    on the reply socket    {"pid"} + pidfd                         from here, at once
                           {"folder"} + O_PATH                     from the jail, unless flat
                           {"ready"} or {"error"}                  from the jail, once it is shut
                           {"status", "cpu_s", "peak_kib", "full"} from here, when it has ended

The jail closes its end of the reply socket before the student's first line, so that nothing on
it was written by a student.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from grader import shared_pages
from grader.cell import jail, jail_calls, scratch, trial, warmup
from grader.cell.cgroup import ENTER
from grader.cell.launch import BOX_SCRATCH
from grader.model import Limits

CHANNEL_FD = 3
MAX_REQUEST_BYTES = 4096
DESCRIPTORS = 6
MEASURE_INTERVAL_MS = 20


@dataclass(slots=True)
class _Running:
    pid: int
    reply: socket.socket
    limits: Limits
    scratch: str
    lease_fd: int
    full: str = ""


class Zygote:
    """Forks jails and tells the host how each one ended."""

    def __init__(
        self, control: socket.socket, kind: jail.Jail, with_card: jail.Jail, folder: str
    ) -> None:
        """Take over the control socket.

        Args:
            control: Connected to the host.
            kind: What every jail is made of, but for those that are on a graphics card.
            with_card: What those are made of.
            folder: Belongs to this process; flat jails get theirs below it.
        """
        self._control = control
        self._kind = kind
        self._with_card = with_card
        self._folder = folder
        self._count = 0
        self._running: dict[int, _Running] = {}
        self._poll = select.poll()

    def serve(self, after_fork: Iterator[None]) -> None:
        """Answer requests until the host hangs up.

        Args:
            after_fork: What is to be done bit by bit, a step after each fork.
        """
        self._poll.register(self._control, select.POLLIN)
        while True:
            if self._kind.flat:
                self._end_full()
            measuring = self._kind.flat and bool(self._running)
            for fd, _ in self._poll.poll(MEASURE_INTERVAL_MS if measuring else None):
                if fd == self._control.fileno():
                    if not self._answer():
                        return
                    next(after_fork, None)
                elif fd in self._running:
                    self._bury(fd)
                else:
                    self._abandon(fd)

    def _answer(self) -> bool:
        """Fork one jail; return False if the host is gone."""
        message, fds, _, _ = socket.recv_fds(self._control, MAX_REQUEST_BYTES, DESCRIPTORS)
        if not message:
            return False
        request = json.loads(message)
        limits, card = Limits(**request["limits"]), request["card"]
        lease_fd = fds.pop(3) if card else -1
        data_fd, output_fd, reply_fd, *entries = fds
        reply = socket.socket(fileno=reply_fd)
        try:
            folder = self._new_folder()
            kind = self._with_card if card else self._kind
            pid = trial.fork(kind, lambda: _become_cell(kind, limits, card, folder, fds))
            pidfd = os.pidfd_open(pid)
        except OSError as error:
            _send(reply, {"error": str(error)})
            reply.close()
            if lease_fd >= 0:
                os.close(lease_fd)
            return True
        finally:
            for fd in (data_fd, output_fd, *entries):
                os.close(fd)
        with contextlib.suppress(OSError):
            socket.send_fds(reply, [json.dumps({"pid": pid}).encode()], [pidfd])
        self._running[pidfd] = _Running(pid, reply, limits, folder, lease_fd)
        self._poll.register(pidfd, select.POLLIN)
        self._poll.register(reply, 0)  # a hang-up is reported without being asked for
        return True

    def _new_folder(self) -> str:
        """Return a private folder, made for a flat jail, or where one will be mounted."""
        if not self._kind.flat:
            return BOX_SCRATCH
        self._count += 1
        folder = Path(self._folder, str(self._count))
        folder.mkdir(mode=scratch.OWNER_ONLY)
        return str(folder)

    def _end_full(self) -> None:
        """Kill each jail whose private folder has become too large."""
        for pidfd, running in self._running.items():
            limits = running.limits
            found = scratch.excess(running.scratch, limits.scratch_mib << 20, limits.scratch_files)
            if found is not None:
                running.full = found
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)

    def leave(self) -> NoReturn:
        """Kill and collect every jail, remove the folder and end this process."""
        try:
            for pidfd in list(self._running):
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
                self._bury(pidfd)
            scratch.remove(self._folder)
        finally:
            os._exit(0)

    def _abandon(self, reply_fd: int) -> None:
        """Kill the jail whose judge has hung up, as one that was killed itself does."""
        for pidfd, running in self._running.items():
            if running.reply.fileno() == reply_fd:
                self._poll.unregister(running.reply)
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)

    def _bury(self, pidfd: int) -> None:
        """Collect a jail that has ended and report how."""
        running = self._running.pop(pidfd)
        self._poll.unregister(pidfd)
        with contextlib.suppress(KeyError):
            self._poll.unregister(running.reply)
        os.close(pidfd)
        _, status, usage = os.wait4(running.pid, 0)
        if running.lease_fd >= 0:
            os.close(running.lease_fd)  # only now: the share is free when the process is gone
        report = {
            "status": os.waitstatus_to_exitcode(status),
            "cpu_s": usage.ru_utime + usage.ru_stime,
            "peak_kib": usage.ru_maxrss,
            "full": running.full,
        }
        _send(running.reply, report)
        running.reply.close()
        if self._kind.flat:
            scratch.remove(running.scratch)


def _become_cell(
    kind: jail.Jail,
    limits: Limits,
    card: dict[str, Any] | None,
    folder: str,
    fds: Sequence[int],
) -> NoReturn:
    """Turn this fresh child into a cell: its group, its descriptors, its jail, then the guest."""
    data_fd, output_fd, reply_fd, *entries = fds
    is_grouped = _enter(entries)
    reply_fd = _arrange(data_fd, output_fd, reply_fd)
    sys.argv = [""]
    try:
        jail.shut(
            kind,
            limits,
            folder,
            parent_bytes=trial.address_space_bytes(),
            mounted=lambda: _show_folder(reply_fd, folder),
        )
        if card is not None:
            from grader.cell import on_card

            on_card.open_card(card["uuid"], limits.gpu_memory_mib, card["memory_mib"])
    except BaseException as error:  # noqa: BLE001 - whatever it is, no student code may run
        os.write(reply_fd, json.dumps({"error": f"{type(error).__name__}: {error}"}).encode())
        os._exit(1)
    os.write(reply_fd, json.dumps({"ready": True, "grouped": is_grouped}).encode())
    os.close(reply_fd)
    from grader.cell import guest

    guest.serve(CHANNEL_FD, CHANNEL_FD, limits.frame_mib << 20, on_card=card is not None)


def _enter(entries: Sequence[int]) -> bool:
    """Enter the control group behind some descriptors, and say whether there is one to be in."""
    try:
        for fd in entries:
            os.write(fd, ENTER)
    except OSError:  # a kernel that wants more for it than it does for making one
        return False
    return bool(entries)


def _show_folder(reply_fd: int, folder: str) -> None:
    """Give the judge what it takes to ask how full the private folder is, and no more."""
    folder_fd = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    with socket.socket(fileno=os.dup(reply_fd)) as reply:
        socket.send_fds(reply, [b'{"folder": true}'], [folder_fd])
    os.close(folder_fd)


def _arrange(data_fd: int, output_fd: int, reply_fd: int) -> int:
    """Put the descriptors where the guest expects them and close all others.

    Returns:
        Where the reply socket is now.
    """
    first_free = CHANNEL_FD + 2
    kept = [os.open(os.devnull, os.O_RDONLY), output_fd, output_fd, data_fd, reply_fd]
    # Copies above every target first, so that none overwrites another.
    high = 1 << 8
    for index, fd in enumerate(kept):
        os.dup2(fd, high + index)
    for index in range(len(kept)):
        os.dup2(high + index, index)
    os.closerange(first_free, os.sysconf("SC_OPEN_MAX"))
    return CHANNEL_FD + 1


def _send(reply: socket.socket, message: dict[str, Any]) -> None:
    # The host may have closed a cell that it no longer needs.
    with contextlib.suppress(OSError):
        reply.send(json.dumps(message).encode())


def main() -> None:
    """Try a jail, say hello, warm up, serve."""
    options = json.loads(sys.argv[1])
    # Held back until there is somebody to remove the folder.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    if not options["boxed"]:
        jail_calls.die_with_parent(signal.SIGTERM)
        if os.getppid() != options["parent"]:  # it ended before the line above
            return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    folder = tempfile.mkdtemp(prefix="autograde-")
    with socket.socket(fileno=options["control"]) as control:
        control.set_inheritable(False)
        try:
            kind, reason = trial.choose(folder, boxed=options["boxed"])
            control.send(json.dumps({"level": kind.level, "reason": reason}).encode())
        except OSError:
            scratch.remove(folder)
            raise
        nodes, folders = options["card"]["nodes"], options["card"]["folders"]
        with_card = kind
        if nodes:
            readable = (*kind.readable, *folders)
            with_card = jail.prepare(flat=kind.flat, readable=readable, nodes=tuple(nodes))
        zygote = Zygote(control, kind, with_card, folder)
        if not options["probe"]:
            # Not by an exception: torch's imports have a way of swallowing them.
            signal.signal(signal.SIGTERM, lambda *_: zygote.leave())
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
            tempfile.tempdir = folder  # torch's optimizers want one while they are imported
            warmup.warm(card=bool(nodes))
            zygote.serve(shared_pages.freeze())
        zygote.leave()


if __name__ == "__main__":
    main()
