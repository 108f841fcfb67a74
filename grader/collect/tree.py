"""Folders, opened part by part without following a link.

A folder may change while it is read (a home on a shared server does). So each part of a name is
opened relative to the folder before it, `O_NOFOLLOW`, and what was opened is asked what it is:
there is no moment between a check and its use. Windows has no such calls; there every part is
looked at before the file is opened.

What the system says no to is told apart. A link, a folder in the place of a file, a name that has
vanished: that is how the hand-in is, and is part of what is graded. Everything else is ours, be it
a failing disk, a server that is away, too many open files or a missing permission, and ends the
reading of this hand-in with an error: a person or a second try mends it, a zero would not.
"""

from __future__ import annotations

import errno
import itertools
import os
import stat
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from grader.collect.limits import IntakeLimits, Refused, in_words
from grader.collect.names import shown
from grader.errors import AutogradeError, SubmissionError

_BY_HANDLE = os.open in os.supports_dir_fd and os.scandir in os.supports_fd
_FILE = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a FIFO would otherwise wait for somebody to write
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_FOLDER = _FILE | getattr(os, "O_DIRECTORY", 0)
_REPARSE_POINT = 0x400  # Windows: links, junctions and their like
_LINK = frozenset({errno.ELOOP, errno.EMLINK})
_ODD = frozenset({errno.ENXIO, errno.ENOTDIR, errno.EISDIR, errno.EOPNOTSUPP})  # or a socket
_THEIRS = _LINK | _ODD | {errno.ENOENT, errno.ENAMETOOLONG}
# Not EACCES and EPERM: git and zips carry no permission that keeps us out, so it is this machine
# that does; and whoever closes their own files on a shared disk gains a look by a person, no more.


class Kind(StrEnum):
    """What a name in a folder stands for, as shown to people."""

    FILE = "a file"
    FOLDER = "a folder"
    LINK = "a link"
    OTHER = "neither a file nor a folder"


@dataclass(frozen=True, slots=True)
class FileBytes:
    """One file, read once: its bytes and when they were last changed (aware, UTC)."""

    data: bytes
    modified_at: datetime


class Tree(Protocol):
    """A hand-in that holds files: a folder or an archive."""

    def entries(self, folder: str) -> Mapping[str, Kind]:
        """List one folder (`""` for the top): name to kind."""

    def read(self, name: str, limit: int) -> FileBytes:
        """Read one file of at most `limit` bytes.

        Raises:
            Refused: If it cannot be read; the other files still can.
            SubmissionError: If that makes the whole hand-in unreadable.
            AutogradeError: If it is this machine that fails to read it.
        """


class FolderTree:
    """A folder on disk. The folder itself is the user's word; inside, no link is followed."""

    def __init__(self, root: Path, limits: IntakeLimits) -> None:
        """Read nothing yet."""
        self._root = root
        self._limits = limits

    def entries(self, folder: str) -> Mapping[str, Kind]:
        """List one folder; one that is a link, or none at all, counts as empty.

        Raises:
            SubmissionError: If it holds more names than anybody's hand-in.
            AutogradeError: If it is this machine that fails to list it.
        """
        most = self._limits.folder_entries
        try:
            with ExitStack() as stack:
                scan = stack.enter_context(os.scandir(self._open(folder, stack, _FOLDER)))
                found = {item.name: _kind(item) for item in itertools.islice(scan, most + 1)}
        except Refused:
            return {}
        except OSError as error:
            if is_ours(error):
                raise cannot_read(self._root / folder, error) from error
            return {}
        if len(found) > most:
            where = shown(str(self._root / folder))
            what_now = "Hand in the exercises without data and installed packages."
            raise SubmissionError(where, f"the folder holds more than {most} names.", what_now)
        return found

    def read(self, name: str, limit: int) -> FileBytes:
        """Read one regular file inside the folder.

        Raises:
            Refused: If it is a link, no regular file, too large, or has vanished.
            AutogradeError: If it is this machine that fails to read it.
        """
        with ExitStack() as stack:
            try:
                handle = self._open(name, stack, _FILE)
                if not isinstance(handle, int):
                    handle = os.open(handle, _FILE)
                    stack.callback(os.close, handle)
                return _read_regular(handle, limit)
            except OSError as error:
                if is_ours(error):
                    raise cannot_read(self._root / name, error) from error
                raise Refused(_reason(error)) from error

    def _open(self, name: str, stack: ExitStack, flags: int) -> int | Path:
        """Open a name inside the folder, or on Windows return its path, each part checked."""
        parts = [part for part in name.split("/") if part]
        if not _BY_HANDLE:
            return _checked(self._root, parts)
        first = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
        handle = os.open(self._root, first)
        stack.callback(os.close, handle)
        for depth, part in enumerate(parts, start=1):
            handle = os.open(part, flags if depth == len(parts) else _FOLDER, dir_fd=handle)
            stack.callback(os.close, handle)
        return handle


def _read_regular(handle: int, limit: int) -> FileBytes:
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        raise Refused("is not a regular file")
    if status.st_size > limit:
        raise Refused(f"has more than {in_words(limit)}")
    pieces = bytearray()
    # One byte more than allowed, whatever the size just read: the file may still grow.
    while len(pieces) <= limit and (piece := os.read(handle, limit + 1 - len(pieces))):
        pieces += piece
    if len(pieces) > limit:
        raise Refused(f"grew beyond {in_words(limit)} while it was read")
    return FileBytes(bytes(pieces), utc(status.st_mtime))


def utc(seconds: float) -> datetime:
    """Turn seconds since 1970 into an aware time; one that no calendar holds becomes 1970."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return datetime.fromtimestamp(0, UTC)


def is_ours(error: OSError) -> bool:
    """Tell whether this machine failed, and not what was handed in."""
    return error.errno not in _THEIRS


def cannot_read(path: Path, error: OSError) -> AutogradeError:
    """Make the error for what this machine failed to read."""
    what = f"this machine fails to read it ({_said(error)})."
    what_now = "Mend the disk or the permissions, and run the same command again."
    return AutogradeError(shown(str(path)), what, what_now)


def _checked(root: Path, parts: list[str]) -> Path:
    path = root
    for part in parts:
        path /= part
        status = path.lstat()
        attributes = getattr(status, "st_file_attributes", 0)
        if stat.S_ISLNK(status.st_mode) or attributes & _REPARSE_POINT:
            raise Refused("is a link, and links are not followed")
    return path


def _kind(entry: os.DirEntry[str]) -> Kind:
    if entry.is_symlink():
        return Kind.LINK
    if entry.is_dir(follow_symlinks=False):
        return Kind.FOLDER
    return Kind.FILE if entry.is_file(follow_symlinks=False) else Kind.OTHER


def _reason(error: OSError) -> str:
    if error.errno in _LINK:
        return "is a link, and links are not followed"
    if error.errno in _ODD:
        return "is not a regular file"
    return f"cannot be read ({_said(error)})"


def _said(error: OSError) -> str:
    return os.strerror(error.errno or errno.EIO).lower()
