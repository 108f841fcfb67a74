"""Forking into a jail, and trying one out before anybody relies on it."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from typing import NoReturn

from grader.cell import jail, jail_calls, jail_view
from grader.model import Limits


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


def address_space_bytes() -> int:
    """Return the address space of this process."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - on the fast path
        return int(file.read().split()[0]) * resource.getpagesize()


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
    # Not all of the box: the folders of other flat cells are in it.
    flat = jail.prepare(flat=True, readable=jail_view.readable().paths)
    problem = attempt(flat, folder)
    if problem:
        raise OSError(problem)
    return flat, reason
