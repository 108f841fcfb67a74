"""The jail: what one forked process gives up before the first line of student code.

`shut` is called in the child, in this order, because each step needs what a later one removes:

    namespaces   mounts, IPC, host name, network; then a user namespace without any privilege
    scratch      a private folder: in memory, limited in bytes and files, gone with the process
    limits       address space, CPU time, threads, file size, open files
    landlock     read what `jail_view` lists, write the private folder only
    seccomp      see `jail_filter`; last, because it refuses the calls above

A process with namespaces is already process 1 of its own process namespace when it gets here.
A flat one, where the system refuses namespaces, goes without the first step, and its folder is
an ordinary one, in which it can make files but not remove any, so that its size can be told.
"""

from __future__ import annotations

import os
import resource
import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import landlockpy
from landlockpy import AccessFS, Ruleset, Scope

from grader.cell import jail_calls, jail_filter
from grader.cell.endings import SEEN
from grader.model import Limits

INSIDE_ID = 65534
STACK_BYTES = 8 << 20

_READ = AccessFS.READ_FILE | AccessFS.READ_DIR
_MAKE = _READ | AccessFS.WRITE_FILE | AccessFS.TRUNCATE | AccessFS.MAKE_DIR | AccessFS.MAKE_REG
_CHANGE = _MAKE | AccessFS.REMOVE_DIR | AccessFS.REMOVE_FILE | AccessFS.MAKE_SYM | AccessFS.REFER
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_USE = AccessFS.READ_FILE | AccessFS.WRITE_FILE
_THREADS = "/proc/self/task"
"""Where CUDA names its threads; it does not start if it may not."""
_SELF = "/proc/self"


@dataclass(frozen=True, slots=True)
class Jail:
    """Everything about a jail that can be prepared once, before the first fork.

    Attributes:
        flat: Whether it goes without namespaces.
        readable: Paths that Landlock lets it read.
        landlock_abi: Landlock's version; 0 if the kernel has none.
        program: The seccomp program.
        nodes: Device nodes of graphics cards that it may open; most jails may open none.
    """

    flat: bool
    readable: tuple[str, ...]
    landlock_abi: int
    program: bytes
    nodes: tuple[str, ...] = ()

    @property
    def level(self) -> int:
        """The isolation level of this jail inside a box, or of a flat one."""
        return 2 if self.flat else 3


def prepare(*, flat: bool, readable: tuple[str, ...], nodes: tuple[str, ...] = ()) -> Jail:
    """Build what all jails of a process share.

    Args:
        flat: See `Jail`, as the others.
        readable: See there.
        nodes: See there.

    Raises:
        OSError: If the kernel lacks Landlock and the jail has nothing else to hold files.
    """
    abi = landlockpy.abi_version()
    if flat and abi == 0:
        message = "this kernel has no Landlock (Linux 5.13 or newer has it, if switched on)"
        raise OSError(message)
    program = jail_filter.build(flat=flat, landlock_abi=abi, card=bool(nodes))
    return Jail(flat, readable, abi, program, nodes)


def shut(
    jail: Jail,
    limits: Limits,
    scratch: str,
    *,
    parent_bytes: int,
    mounted: Callable[[], None] | None = None,
) -> None:
    """Lock this process up for good.

    Args:
        jail: What was prepared.
        limits: What the process may use.
        scratch: The private folder; with namespaces, where it will be mounted.
        parent_bytes: Address space that it inherited, which is not the student's.
        mounted: Called once the folder is, if it is; nothing can be sent any more afterwards.

    Raises:
        OSError: If the system refuses a step; the process must end then.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    os.umask(0o077)
    os.setsid()  # kill(0) reaches the process group, and namespaces do not stop it
    if jail.flat:
        jail_calls.die_with_parent()
    else:
        _enter_namespaces(limits, scratch)
        if mounted is not None:
            mounted()
    _settle(scratch)
    jail_calls.hide_memory()
    _limit(jail, limits, parent_bytes)
    jail_calls.refuse_new_privileges()
    _restrict_files(jail, scratch)
    if jail.flat:
        jail_calls.load_filter(jail_filter.build_signals_to(os.getpid()))
    jail_calls.load_filter(jail.program)


def _enter_namespaces(limits: Limits, scratch: str) -> None:
    jail_calls.unshare(
        jail_calls.CLONE_NEWNS
        | jail_calls.CLONE_NEWIPC
        | jail_calls.CLONE_NEWUTS
        | jail_calls.CLONE_NEWNET
    )
    quiet = jail_calls.MS_NOSUID | jail_calls.MS_NODEV | jail_calls.MS_NOEXEC
    jail_calls.mount("none", "/", None, jail_calls.MS_REC | jail_calls.MS_PRIVATE)
    size = (limits.scratch_mib << 20) + SEEN * resource.getpagesize()
    files = limits.scratch_files + SEEN + 1  # the folder itself counts
    room = f"mode=700,size={size},nr_inodes={files}"
    jail_calls.mount("scratch", scratch, "tmpfs", quiet, room)
    jail_calls.mount("proc", "/proc", "proc", quiet, "subset=pid,hidepid=2")
    outside_uid, outside_gid = os.getuid(), os.getgid()
    jail_calls.unshare(jail_calls.CLONE_NEWUSER)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{INSIDE_ID} {outside_uid} 1"),
        ("gid_map", f"{INSIDE_ID} {outside_gid} 1"),
    ):
        Path("/proc/self", name).write_text(text, encoding="ascii")
    jail_calls.drop_capabilities()


def _settle(scratch: str) -> None:
    """Make the private folder the place where all kinds of code look for one."""
    os.chdir(scratch)
    os.environ["HOME"] = os.environ["TMPDIR"] = scratch
    tempfile.tempdir = scratch


def _limit(jail: Jail, limits: Limits, parent_bytes: int) -> None:
    space_bytes = parent_bytes + (limits.memory_mib << 20)
    table = {
        resource.RLIMIT_AS: space_bytes,
        resource.RLIMIT_CPU: limits.cpu_time_s,
        resource.RLIMIT_FSIZE: (limits.scratch_mib << 20) + SEEN * resource.getpagesize(),
        resource.RLIMIT_NOFILE: limits.open_files + SEEN,
        resource.RLIMIT_STACK: STACK_BYTES,
        resource.RLIMIT_CORE: 0,
    }
    if jail.nodes:
        # CUDA reserves addresses for all memory that there is; the judge and the control group
        # count what is used.
        del table[resource.RLIMIT_AS]
    if not jail.flat:
        # Counted in the jail's own user namespace. Without one it would count every process
        # of the user, so there the threads are watched from outside instead.
        table[resource.RLIMIT_NPROC] = limits.threads + SEEN
    for kind, value in table.items():
        hard = resource.getrlimit(kind)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (bound, bound))


def _restrict_files(jail: Jail, scratch: str) -> None:
    if jail.landlock_abi == 0:
        return
    with Ruleset(scoped=Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL) as rules:
        for path in jail.readable:
            rules.allow_path(path, _READ if Path(path).is_dir() else AccessFS.READ_FILE)
        for device in _DEVICES:
            if Path(device).exists():
                rules.allow_path(device, _USE)
        for node in jail.nodes:
            rules.allow_path(node, _USE | AccessFS.IOCTL_DEV)
        if jail.nodes:
            rules.allow_path(_SELF, _READ)
            rules.allow_path(_THREADS, _READ | AccessFS.WRITE_FILE | AccessFS.TRUNCATE)
        rules.allow_path(scratch, _MAKE if jail.flat else _CHANGE)
        rules.restrict()
