"""The warm process: imports torch once, then forks one jail for each request.

It runs before and beside student code, so it holds no secret: no suite, no reference, no seed.
It is started by `launch.py`, has one thread (a fork of two would hang), and talks over one
SOCK_SEQPACKET socket:

    to the host, once      {"level", "reason"}                     after a jail has been tried
    from the host, each    {"limits"} + data, output, reply        three descriptors
    on the reply socket    {"pid"} + pidfd                         from here, at once
                           {"ready"} or {"error"}                  from the jail, once it is shut
                           {"status", "cpu_s", "peak_kib", "full"} from here, when it has ended

The jail closes its end of the reply socket before the student's first line, so that nothing on
it was written by a student.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from grader.cell import jail, jail_calls, jail_view, scratch
from grader.cell.launch import BOX_SCRATCH
from grader.model import Limits

CHANNEL_FD = 3
MAX_REQUEST_BYTES = 4096
DESCRIPTORS = 3
MEASURE_INTERVAL_MS = 20
USUAL_MODULES = (
    "collections", "functools", "hashlib", "inspect", "itertools", "math", "random", "re",
    "string", "tarfile", "time", "traceback", "zipfile", "numpy", "torch.distributions",
    "torch.utils.data", "torch.utils._python_dispatch", "grader.cell.guest",
)  # fmt: skip


@dataclass(slots=True)
class _Running:
    pid: int
    reply: socket.socket
    limits: Limits
    scratch: str
    full: bool = False


class Zygote:
    """Forks jails and tells the host how each one ended."""

    def __init__(self, control: socket.socket, kind: jail.Jail, folder: str) -> None:
        """Take over the control socket.

        Args:
            control: Connected to the host.
            kind: What every jail is made of.
            folder: The private folder of each jail; of flat ones, the folder above it.
        """
        self._control = control
        self._kind = kind
        self._folder = folder
        self._count = 0
        self._running: dict[int, _Running] = {}

    def serve(self) -> None:
        """Answer requests until the host hangs up."""
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        while True:
            if self._kind.flat:
                self._end_full()
            measuring = self._kind.flat and bool(self._running)
            for fd, _ in poll.poll(MEASURE_INTERVAL_MS if measuring else None):
                if fd != self._control.fileno():
                    poll.unregister(fd)
                    self._bury(fd)
                elif (pidfd := self._answer()) is None:
                    return
                elif pidfd >= 0:
                    poll.register(pidfd, select.POLLIN)

    def _answer(self) -> int | None:
        """Fork one jail; return its pidfd, -1 if that failed, None if the host is gone."""
        message, fds, _, _ = socket.recv_fds(self._control, MAX_REQUEST_BYTES, DESCRIPTORS)
        if not message:
            return None
        data_fd, output_fd, reply_fd = fds
        reply = socket.socket(fileno=reply_fd)
        limits = Limits(**json.loads(message)["limits"])
        try:
            folder = self._new_folder()
            pid = fork(self._kind, lambda: _become_cell(self._kind, limits, folder, *fds))
            pidfd = os.pidfd_open(pid)
        except OSError as error:
            _send(reply, {"error": str(error)})
            reply.close()
            return -1
        finally:
            os.close(data_fd)
            os.close(output_fd)
        with contextlib.suppress(OSError):
            socket.send_fds(reply, [json.dumps({"pid": pid}).encode()], [pidfd])
        self._running[pidfd] = _Running(pid, reply, limits, folder)
        return pidfd

    def _new_folder(self) -> str:
        """Return a private folder, made for a flat jail, or where one will be mounted."""
        if not self._kind.flat:
            return self._folder
        self._count += 1
        folder = Path(self._folder, str(self._count))
        folder.mkdir(mode=scratch.OWNER_ONLY)
        return str(folder)

    def _end_full(self) -> None:
        """Kill each jail whose private folder has become too large."""
        for pidfd, running in self._running.items():
            if scratch.exceeds(running.scratch, running.limits.scratch_mib << 20):
                running.full = True
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)

    def _bury(self, pidfd: int) -> None:
        """Collect a jail that has ended and report how."""
        running = self._running.pop(pidfd)
        os.close(pidfd)
        _, status, usage = os.wait4(running.pid, 0)
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


def fork(kind: jail.Jail, run: Callable[[], NoReturn]) -> int:
    """Run something in a child, as process 1 of a new process namespace unless jails are flat.

    Args:
        kind: What the jails of this process are made of.
        run: What the child does.

    Returns:
        The child's process number.

    Raises:
        OSError: If the system refuses.
    """
    own = -1
    if not kind.flat:
        own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        jail_calls.unshare(jail_calls.CLONE_NEWPID)
    try:
        pid = os.fork()
        if pid == 0:
            # Whatever happens in the child, it must not return into this process's loop.
            try:
                run()
            finally:
                os._exit(1)
    finally:
        if own >= 0:
            jail_calls.enter_namespace(own, jail_calls.CLONE_NEWPID)
            os.close(own)
    return pid


def _become_cell(
    kind: jail.Jail, limits: Limits, folder: str, data_fd: int, output_fd: int, reply_fd: int
) -> NoReturn:
    """Turn this fresh child into a cell: its descriptors, its jail, then the guest."""
    reply_fd = _arrange(data_fd, output_fd, reply_fd)
    try:
        jail.shut(kind, limits, folder, parent_bytes=address_space_bytes())
    except BaseException as error:  # noqa: BLE001 - whatever it is, no student code may run
        os.write(reply_fd, json.dumps({"error": f"{type(error).__name__}: {error}"}).encode())
        os._exit(1)
    os.write(reply_fd, b'{"ready": true}')
    os.close(reply_fd)
    from grader.cell import guest

    guest.serve(CHANNEL_FD, CHANNEL_FD, limits.frame_mib << 20)


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


def address_space_bytes() -> int:
    """Return the address space of this process."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - on the fast path
        return int(file.read().split()[0]) * resource.getpagesize()


def _send(reply: socket.socket, message: dict[str, Any]) -> None:
    # The host may have closed a cell that it no longer needs.
    with contextlib.suppress(OSError):
        reply.send(json.dumps(message).encode())


def attempt(kind: jail.Jail, folder: str) -> str:
    """Shut a jail around a child that does nothing.

    Args:
        kind: The jail.
        folder: The child's private folder.

    Returns:
        What the system refused; empty if the jail holds.
    """
    read_fd, write_fd = os.pipe()

    def run() -> NoReturn:
        try:
            jail.shut(kind, Limits(), folder, parent_bytes=address_space_bytes())
        except BaseException as error:  # noqa: BLE001 - it is passed on as text
            os.write(write_fd, str(error).encode() or b"?")
        os._exit(0)

    try:
        pid = fork(kind, run)
    except OSError as error:
        os.close(read_fd)
        os.close(write_fd)
        return str(error)
    os.close(write_fd)
    with open(read_fd, encoding="utf-8") as said:  # noqa: PTH123 - a descriptor
        text = said.read()
    _, status = os.waitpid(pid, 0)
    return text or ("" if status == 0 else f"the jail ended with status {status}")


def choose(folder: str, *, boxed: bool) -> tuple[jail.Jail, str]:
    """Return the best jail that this system allows, and why it is not better.

    Args:
        folder: For the trial's private files.
        boxed: Whether this process is inside a bubblewrap box.

    Raises:
        OSError: If not even the flat jail can be shut.
    """
    reason = ""
    if boxed:
        kind = jail.prepare(flat=False, readable=("/",))
        reason = attempt(kind, folder)
        if not reason:
            return kind, ""
        reason = f"the box may not make namespaces of its own ({reason})"
    flat = jail.prepare(flat=True, readable=("/",) if boxed else jail_view.readable().paths)
    problem = attempt(flat, folder)
    if problem:
        raise OSError(problem)
    return flat, reason


def warm() -> None:
    """Import and run once what every exercise uses; nothing here is about any exercise."""
    import torch

    torch.set_num_threads(1)
    _import_usual_modules()
    x = torch.linspace(0, 1, 12).reshape(4, 3)
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9),
        torch.optim.Adam(net.parameters(), lr=0.1),
    ]
    data = torch.utils.data.TensorDataset(x, torch.tensor([0, 1, 0, 1]))
    for inputs, labels in torch.utils.data.DataLoader(data, batch_size=2, shuffle=True):
        for optimizer in optimizers:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(net(inputs), labels).backward()
            optimizer.step()
    torch.distributions.Multinomial(10, torch.ones(3) / 3).sample()
    torch.save({}, os.devnull)


def _import_usual_modules() -> None:
    """Import what students' code and the guest use, so that no cell has to."""
    for name in USUAL_MODULES:
        importlib.import_module(name)
    from grader import vision

    with contextlib.suppress(ImportError):  # a course may do without
        vision.import_torchvision()


def main() -> None:
    """Try a jail, say hello, warm up, serve."""
    options = json.loads(sys.argv[1])
    if not options["boxed"]:
        jail_calls.die_with_parent()
        if os.getppid() != options["parent"]:  # it ended before the line above
            return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with (
        socket.socket(fileno=options["control"]) as control,
        tempfile.TemporaryDirectory(prefix="autograde-") as folder,
    ):
        control.set_inheritable(False)
        kind, reason = choose(folder, boxed=options["boxed"])
        control.send(json.dumps({"level": kind.level, "reason": reason}).encode())
        if options["probe"]:
            return
        tempfile.tempdir = folder  # torch's optimizers want one while they are imported
        warm()
        gc.collect()
        gc.freeze()
        Zygote(control, kind, folder if kind.flat else BOX_SCRATCH).serve()


if __name__ == "__main__":
    main()
