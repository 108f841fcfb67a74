"""Reads another process's memory by ptrace, process_vm_readv and pidfd_getfd."""

import ctypes

from seccompy import syscall_nr

libc = ctypes.CDLL(None, use_errno=True)


def call(name, *args):
    return libc.syscall(syscall_nr(name), *args)


def curve(X):
    pid = int("@VICTIM_PID@")
    room = ctypes.create_string_buffer(8)
    pair = (ctypes.c_void_p * 2)(ctypes.addressof(room), 8)
    done = [
        call("ptrace", 16, pid, 0, 0),
        call("pidfd_open", pid, 0),
        call("kcmp", pid, pid, 1, 0, 0),
    ]
    if max(done) < 0:
        raise PermissionError(ctypes.get_errno(), "none of them")
    call("ptrace", 17, pid, 0, 0)
    return X * X + 1
