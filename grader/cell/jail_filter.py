"""The system calls that a jail refuses, as a seccomp program.

A list of what is refused, because a list of what is allowed breaks with every new glibc and
torch; where a call takes commands (`ioctl`, `fcntl`, `prctl`) the commands are a list of what
is allowed. Built once in the warm process, loaded in each jail with one call.

A number that the kernel reads as 32 bits is compared as 32 bits: a comparison of the whole
register could be dodged by setting the upper half.
"""

from __future__ import annotations

import errno

from seccompy import Action, ArgCmp, CmpOp, Filter, bpf
from seccompy.syscalls import AUDIT_ARCH_X86_64, audit_arch, syscall_nr

_WORD = 0xFFFFFFFF
_CLONE_THREAD = 0x00010000
_O_ACCMODE = 0o3
_O_TRUNC = 0o1000
_O_TMPFILE = 0o20000000
_X32_NUMBERS = 0x40000000
_TRUNCATE_ABI = 3
"""The Landlock version from which truncation is one of its rights."""

NETWORK = """
    socket socketpair connect bind listen accept accept4 sendto recvfrom sendmsg recvmsg sendmmsg
    recvmmsg setsockopt getsockopt getsockname getpeername shutdown
"""
PROGRAMS = "fork vfork execve execveat"
OTHER_PROCESSES = """
    ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp pidfd_open
    pidfd_getfd pidfd_send_signal tkill rt_sigqueueinfo rt_tgsigqueueinfo sched_setaffinity
    sched_setscheduler sched_setattr sched_setparam setpriority ioprio_set migrate_pages move_pages
"""
NAMESPACES = """
    unshare setns mount umount2 pivot_root chroot move_mount open_tree open_tree_attr fsopen
    fsconfig fsmount fspick mount_setattr
"""
KERNEL = """
    keyctl add_key request_key bpf perf_event_open userfaultfd io_uring_setup io_uring_enter
    io_uring_register io_setup personality seccomp vmsplice init_module finit_module delete_module
    kexec_load kexec_file_load reboot swapon swapoff acct quotactl quotactl_fd syslog settimeofday
    clock_settime adjtimex clock_adjtime sethostname setdomainname vhangup nfsservctl
    lookup_dcookie iopl ioperm modify_ldt uselib ustat sysfs _sysctl
"""
MEMORY_OUT_OF_SIGHT = """
    memfd_create memfd_secret shmget shmat shmctl shmdt semget semop semctl semtimedop msgget
    msgsnd msgrcv msgctl mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr
"""
SHARED_FILES = """
    open_by_handle_at name_to_handle_at inotify_init inotify_init1 inotify_add_watch
    fanotify_init fanotify_mark flock cachestat sync syncfs
"""
FILE_ATTRIBUTES = """
    chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes futimesat utimensat
    setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat
    file_setattr mknod mknodat
"""
"""What Landlock does not govern; where the user owns files, it could be done to these."""

IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: questions, and flags of own files."""
FCNTLS = (0, 1, 2, 3, 4, 1030, 1032)
"""F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC, F_GETPIPE_SZ: no locks."""
CARD_IOCTLS = ((0x4600, 0xFF00), (0, 0xFFFFFF00), (0x30000000, 0xFFFFFFFC))
"""What NVIDIA's driver is told on its nodes, as value and mask: the kind F, and two ranges of its
unified memory. Landlock keeps all of them away from other devices."""
_AF_UNIX, _SOCK_SEQPACKET, _SOCKET_KIND = 1, 5, 0xF
PRCTLS = (3, 15, 16, 21, 23, 29, 30, 38, 39, 0x53564D41)
"""Questions, the names of threads and mappings, timer slack, and refusing new privileges."""


def build(*, flat: bool, landlock_abi: int, card: bool = False) -> bytes:
    """Return the program for a jail.

    Args:
        flat: Whether the jail has no namespaces, so that it sees the files of others.
        landlock_abi: Landlock's version; 0 if the kernel has none.
        card: Whether the jail may speak to the driver of a graphics card.
    """
    program = Filter()
    if card:
        _open_card(program)
    groups = [
        NETWORK, PROGRAMS, OTHER_PROCESSES, NAMESPACES, KERNEL, MEMORY_OUT_OF_SIGHT, SHARED_FILES,
    ]  # fmt: skip
    if flat:
        groups.append(FILE_ATTRIBUTES)
    for name in " ".join(groups).split():
        if _exists(name):
            program.errno(name, errno.EPERM)
    # glibc falls back to clone, whose flags a filter can see; clone3 hides them in memory.
    program.errno("clone3", errno.ENOSYS)
    program.errno("clone", errno.EPERM, args=[_masked(0, 0, _CLONE_THREAD)])
    program.errno("prlimit64", errno.EPERM, args=[ArgCmp(0, CmpOp.NE, 0)])
    for name, commands in (("ioctl", IOCTLS), ("fcntl", FCNTLS)):
        _allow_only(program, name, 1, commands)
    _allow_only(program, "prctl", 0, PRCTLS)
    if flat:
        _keep_files_in_sight(program, landlock_abi)
    return _refuse_x32() + program.program


def build_signals_to(pid: int) -> bytes:
    """Return a second program, after which only the process itself can be sent signals."""
    program = Filter()
    for name in ("kill", "tgkill"):
        program.errno(name, errno.EPERM, args=[ArgCmp(0, CmpOp.NE, pid)])
    return program.program


def _masked(position: int, value: int, mask: int) -> ArgCmp:
    return ArgCmp(position, CmpOp.MASKED_EQ, value, mask)


def _allow_only(program: Filter, name: str, position: int, commands: tuple[int, ...]) -> None:
    for command in commands:
        program.allow(name, args=[_masked(position, command, _WORD)])
    program.errno(name, errno.EPERM)


def _open_card(program: Filter) -> None:
    """Allow what CUDA does not start without.

    It also wants a local socket to listen at, for debuggers. Nobody can call there: connecting
    and accepting stay refused.
    """
    for value, mask in CARD_IOCTLS:
        program.allow("ioctl", args=[_masked(1, value, mask)])
    local = _masked(0, _AF_UNIX, _WORD)
    program.allow("socket", args=[local, _masked(1, _SOCK_SEQPACKET, _SOCKET_KIND)])
    program.allow("bind")
    program.allow("listen")


def _keep_files_in_sight(program: Filter, landlock_abi: int) -> None:
    """Refuse files without a name, whose size nobody can tell, and truncating when reading."""
    for name, position in (("open", 1), ("openat", 2)):
        if not _exists(name):
            continue
        nameless = _masked(position, _O_TMPFILE, _O_TMPFILE)
        program.errno(name, errno.EOPNOTSUPP, args=[nameless])
        if landlock_abi < _TRUNCATE_ABI:
            # Opening for writing is a right in every version, this odd pair is not.
            odd = _masked(position, _O_TRUNC, _O_TRUNC | _O_ACCMODE)
            program.errno(name, errno.EACCES, args=[odd])
    if landlock_abi < _TRUNCATE_ABI:
        program.errno("truncate", errno.EPERM)
    program.errno("openat2", errno.ENOSYS)  # it hides its flags in memory


def _exists(name: str) -> bool:
    try:
        syscall_nr(name)
    except ValueError:  # aarch64 never had the older ones
        return False
    return True


def _refuse_x32() -> bytes:
    """Return instructions that kill on a number of the x32 table, which no rule would match."""
    if audit_arch() != AUDIT_ARCH_X86_64:
        return b""
    return bpf.assemble(
        [
            bpf.Load(0),
            bpf.Jump(bpf.BPF_JGEQ, _X32_NUMBERS, None, "native"),
            bpf.Ret(Action.KILL_PROCESS),
        ],
        {"native": 3},
    )
