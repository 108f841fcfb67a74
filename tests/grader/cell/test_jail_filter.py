"""The seccomp program: what it refuses, and that it cannot be dodged by odd numbers."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import signal
from collections.abc import Callable

import pytest
from seccompy import syscalls

from grader.cell import jail_calls, jail_filter

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64", reason="the numbers below are those of x86-64"
)
UPPER = 1 << 32
GETPID, PRCTL, IOCTL, FCNTL, CLONE, CLONE3, PRLIMIT, OPEN = 39, 157, 16, 72, 56, 435, 302, 2
PDEATHSIG, DUMPABLE, TIOCSTI, SETLK, SETOWN = 1, 4, 0x5412, 6, 8
O_TMPFILE = 0o20200002


def _under_filter(
    act: Callable[[], int], *, flat: bool = True, abi: int = 7, card: bool = False
) -> int:
    """Run something in a child under the filter; return its exit status, or minus a signal."""
    pid = os.fork()
    if pid == 0:
        status = 99
        try:
            jail_calls.refuse_new_privileges()
            if flat:
                jail_calls.load_filter(jail_filter.build_signals_to(os.getpid()))
            jail_calls.load_filter(jail_filter.build(flat=flat, landlock_abi=abi, card=card))
            status = act()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _errno_of(number: int, *arguments: int | bytes) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    plain = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return 0 if libc.syscall(ctypes.c_long(number), *plain) >= 0 else ctypes.get_errno()


@pytest.mark.parametrize(
    ("number", "arguments"),
    [
        (PRCTL, (PDEATHSIG, 0)),
        (PRCTL, (UPPER | PDEATHSIG, 0)),
        (PRCTL, (UPPER | DUMPABLE, 1)),
        (IOCTL, (0, UPPER | TIOCSTI, 0)),
        (FCNTL, (0, SETLK, 0)),
        (FCNTL, (0, UPPER | SETOWN, 1)),
        (CLONE, (signal.SIGCHLD, 0, 0, 0, 0)),
        (CLONE, (UPPER | signal.SIGCHLD, 0, 0, 0, 0)),
        (PRLIMIT, (1, 0, 0, 0)),
        (PRLIMIT, (UPPER | 1, 0, 0, 0)),
    ],
)
def test_a_refused_command_is_refused_with_its_upper_half_set(
    number: int, arguments: tuple[int, ...]
) -> None:
    """The kernel ignores the upper half of such numbers, so the filter does as well."""
    assert _under_filter(lambda: _errno_of(number, *arguments)) == errno.EPERM


def test_the_x32_table_ends_the_process() -> None:
    """A call by its x32 number would match no rule."""
    assert _under_filter(lambda: _errno_of(0x40000000 | GETPID)) == -signal.SIGSYS


def test_clone3_looks_absent() -> None:
    """The C library then uses clone, whose flags a filter can see."""
    assert _under_filter(lambda: _errno_of(CLONE3, 0, 0)) == errno.ENOSYS


def test_files_without_a_name_are_refused_where_files_are_measured() -> None:
    """Nobody could tell the size of a file that is in no folder."""
    refused = _under_filter(lambda: _errno_of(OPEN, b"/tmp", O_TMPFILE, 0o600))
    assert refused == errno.EOPNOTSUPP


@pytest.mark.parametrize(("abi", "refusal"), [(2, errno.EACCES), (3, errno.ENOENT)])
def test_truncating_when_reading_is_refused_where_landlock_does_not(abi: int, refusal: int) -> None:
    """Before its third version Landlock let it through."""
    assert _under_filter(lambda: _errno_of(OPEN, b"/none", os.O_TRUNC), abi=abi) == refusal


def test_a_flat_jail_can_signal_only_itself() -> None:
    """Without a process namespace others could be guessed."""
    parent = os.getpid()

    def act() -> int:
        os.kill(os.getpid(), 0)
        refused = 0
        for pid in (parent, -1, 0):
            try:
                os.kill(pid, 0)
            except PermissionError:
                refused += 1
        return refused

    assert _under_filter(act) == 3


def test_every_name_on_the_lists_is_a_system_call() -> None:
    """A misspelt name would be passed over in silence."""
    known = syscalls.X86_64_SYSCALLS.keys() | syscalls.AARCH64_SYSCALLS.keys()
    lists = (
        jail_filter.NETWORK, jail_filter.PROGRAMS, jail_filter.OTHER_PROCESSES,
        jail_filter.NAMESPACES, jail_filter.KERNEL, jail_filter.MEMORY_OUT_OF_SIGHT,
        jail_filter.SHARED_FILES, jail_filter.FILE_ATTRIBUTES,
    )  # fmt: skip
    assert set(" ".join(lists).split()) - known == set()


SOCKET, CONNECT, BIND, LISTEN, ACCEPT, SEQPACKET = 41, 42, 49, 50, 43, 5
UNIX, INET, STREAM = 1, 2, 1
NVIDIA, UVM, UVM_START = 0xC00846D6, 0x49, 0x30000001


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize(
    ("number", "arguments", "open_to_a_card"),
    [
        (IOCTL, (0, NVIDIA, 0), True),
        (IOCTL, (0, UVM, 0), True),
        (IOCTL, (0, UVM_START, 0), True),
        (IOCTL, (0, TIOCSTI, 0), False),
        (IOCTL, (0, UPPER | TIOCSTI, 0), False),
        (SOCKET, (UNIX, SEQPACKET | 0x80000, 0), True),
        (SOCKET, (UNIX, STREAM, 0), False),
        (SOCKET, (INET, SEQPACKET, 0), False),
        (SOCKET, (INET, STREAM, 0), False),
        (BIND, (-1, 0, 0), True),
        (LISTEN, (-1, 0), True),
        (CONNECT, (-1, 0, 0), False),
        (ACCEPT, (-1, 0, 0), False),
    ],
)
def test_a_card_opens_what_its_driver_needs_and_no_more(
    number: int, arguments: tuple[int, ...], open_to_a_card: bool, flat: bool
) -> None:
    """Without a card all of it is refused; with one the kernel answers for itself."""

    def refused() -> int:
        return int(_errno_of(number, *arguments) == errno.EPERM)

    assert _under_filter(refused, flat=flat) == 1
    assert _under_filter(refused, flat=flat, card=True) == int(not open_to_a_card)
