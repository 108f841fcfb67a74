"""Opens settings of the kernel for writing (and writes nothing)."""

import ctypes
import os

from seccompy import syscall_nr

libc = ctypes.CDLL(None, use_errno=True)


def call(name, *args):
    if libc.syscall(syscall_nr(name), *args) == -1:
        raise OSError(ctypes.get_errno(), name)


def first(*tries):
    problem = OSError("nothing was tried")
    for attempt in tries:
        try:
            return attempt()
        except OSError as error:
            problem = error
    raise problem


def curve(X):
    first(*[
        lambda path=path: os.close(os.open(path, os.O_WRONLY))
        for path in (
            "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/sys/vm/overcommit_memory",
            "/proc/self/uid_map", "/proc/self/oom_score_adj", "/sys/kernel/mm/transparent_hugepage/enabled",
        )
    ])
    return X * X + 1
