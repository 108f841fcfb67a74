"""Calls the kernel through its table for 32-bit programs."""

import ctypes
import mmap
import platform

CODE = bytes.fromhex("b814000000cd80c3")  # mov eax, getpid; int 0x80; ret


def curve(X):
    if platform.machine() != "x86_64":
        raise OSError("another machine")
    room = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    room.write(CODE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(room))
    if ctypes.CFUNCTYPE(ctypes.c_int)(address)() < 0:
        raise OSError("refused")
    return X * X + 1
