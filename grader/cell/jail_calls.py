"""Kernel calls that Python 3.11 has no name for. Each raises `OSError` with its errno.

Standard library and ctypes only: the launcher and the warm process both need it early.
"""

from __future__ import annotations

import ctypes
import os
import signal

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_NOEXEC = 0x8
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION_3 = 0x20080522
_INSTRUCTION_BYTES = 8

_libc = ctypes.CDLL(None, use_errno=True)


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def _call(name: str, *args: object) -> int:
    result = int(getattr(_libc, name)(*args))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result


def _prctl(option: int, value: object = 0, pointer: object = None) -> None:
    if isinstance(value, int):
        value = ctypes.c_ulong(value)
    _call("prctl", option, value, pointer, ctypes.c_ulong(0), ctypes.c_ulong(0))


def unshare(flags: int) -> None:
    """Leave the namespaces named by `flags` for fresh ones."""
    _call("unshare", flags)


def enter_namespace(fd: int, kind: int) -> None:
    """Enter the namespace behind an open `/proc/<pid>/ns/*` file."""
    _call("setns", fd, kind)


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Attach a file system or folder somewhere, or change how one is attached.

    Args:
        source: Device, folder or, for a virtual file system, any word.
        target: Where; it must exist.
        kind: File system, or None where the flags say it all.
        flags: `MS_*` joined by `|`.
        options: Options of the file system, comma-separated.
    """
    _call(
        "mount",
        source.encode(),
        target.encode(),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        options.encode() if options else None,
    )


def die_with_parent(how: signal.Signals = signal.SIGKILL) -> None:
    """Ask the kernel for a signal when the thread that started this process ends."""
    _prctl(_PR_SET_PDEATHSIG, int(how))


def adopt_orphans() -> None:
    """Become the parent of all descendants whose own parent ends."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def hide_memory() -> None:
    """Close `/proc/<pid>/mem` and its like to other processes of the same user."""
    _prctl(_PR_SET_DUMPABLE, 0)


def refuse_new_privileges() -> None:
    """Give up, for good, what setuid programs could grant."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def drop_bounding_set() -> None:
    """Give up every capability for all programs started from here; needs CAP_SETPCAP."""
    highest = int(_read("/proc/sys/kernel/cap_last_cap"))
    for capability in range(highest + 1):
        _prctl(_PR_CAPBSET_DROP, capability)


def drop_capabilities() -> None:
    """Give up every capability of this process."""
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _call("capset", ctypes.byref(header), ctypes.byref(nothing))


def load_filter(program: bytes) -> None:
    """Put this process under a seccomp program; it must have refused new privileges before."""
    code = ctypes.create_string_buffer(program, len(program))
    head = _FilterProgram(len(program) // _INSTRUCTION_BYTES, ctypes.addressof(code))
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(head))


def _read(path: str) -> str:
    with open(path, encoding="ascii") as file:  # noqa: PTH123 - pathlib is slow to import here
        return file.read()
