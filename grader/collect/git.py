"""Commit and commit time of a hand-in that lies in a git repository.

The repository is a stranger's too, and git obeys its configuration: filters, monitors, hooks,
signature programs, remote helpers. So only plumbing is asked that starts none of them
(`rev-list`, `cat-file`), without the user's settings and with every transport forbidden, and
cleanliness is found by hashing the bytes that were read rather than by `git status`.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.collect.limits import IntakeLimits
from grader.collect.tree import cannot_read, utc

_SHA1_HEX = 40
_HEAD = re.compile(r"commit ([0-9a-f]{40}|[0-9a-f]{64})\n([0-9]{1,12})\n")
_NO_GIT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.ENOEXEC})
_SETTINGS = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "safe.directory=*",
    "protocol.allow=never",
)


@dataclass(frozen=True, slots=True)
class Commit:
    """What git says about the files that were read.

    Attributes:
        id: Of the commit that is checked out.
        committed_at: When (aware, UTC).
        clean: True if every file is, byte for byte or but for its line ends, the committed one.
    """

    id: str
    committed_at: datetime
    clean: bool


def commit_of(root: Path, files: Mapping[str, bytes], limits: IntakeLimits) -> Commit | None:
    """Ask git for the commit that holds the files.

    Args:
        root: The hand-in's folder.
        files: Name below `root` to bytes, as they were read.
        limits: For the time to wait.

    Returns:
        None if there is no git, no repository, no commit, or none of the files is part of it
        (the folder then only lies inside somebody else's repository).

    Raises:
        AutogradeError: If git is there and this machine fails to start it. Without its answer the
            time of a file would count, which for a clone is that of cloning: too late, maybe.
    """
    place = root.resolve()
    if not any((folder / ".git").exists() for folder in (place, *place.parents)):
        return None  # a class has thousands of folders, and asking about each takes its time
    head = ask(root, ["rev-list", "--max-count=1", "--format=%ct", "HEAD"], "", limits)
    said = _HEAD.fullmatch(head)
    if said is None:
        return None
    names = [name for name in files if "\n" not in name]
    question = "".join(f"{said[1]}:./{name}\n" for name in names)
    answer = ask(root, ["cat-file", "--batch-check=%(objecttype) %(objectname)"], question, limits)
    lines = answer.splitlines()
    if len(lines) != len(names):
        return None
    committed = [line.removeprefix("blob ") if line.startswith("blob ") else "" for line in lines]
    if not any(committed):
        return None
    pairs = zip(names, committed, strict=True)
    clean = len(names) == len(files) and all(_is_blob(files[name], blob) for name, blob in pairs)
    return Commit(said[1], utc(int(said[2])), clean)


def _is_blob(data: bytes, blob: str) -> bool:
    # A working copy on Windows has CRLF where the commit has LF.
    return blob in {_blob_id(data, blob), _blob_id(data.replace(b"\r\n", b"\n"), blob)}


def _blob_id(data: bytes, like: str) -> str:
    """Name the bytes as git does, with the hash that the repository uses."""
    content = b"blob %d\0" % len(data) + data
    if len(like) == _SHA1_HEX:
        return hashlib.sha1(content, usedforsecurity=False).hexdigest()
    return hashlib.sha256(content).hexdigest()


def ask(root: Path, arguments: list[str], question: str, limits: IntakeLimits) -> str:
    """Put one question to git in ASCII; see `ask_bytes`."""
    return ask_bytes(root, arguments, question, limits).decode("ascii", "replace")


def ask_bytes(root: Path, arguments: list[str], question: str, limits: IntakeLimits) -> bytes:
    """Put one question to git; whatever goes wrong in it, the answer is empty.

    Raises:
        AutogradeError: If git is there and this machine fails to start it.
    """
    command = ["git", "--no-pager", "--no-replace-objects", "-C", str(root)]
    for setting in _SETTINGS:
        command += ["-c", setting]
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "GIT_ALLOW_PROTOCOL": "",  # a partial clone would fetch what it lacks
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }
    if root_drive := os.environ.get("SYSTEMROOT"):  # Windows starts nothing without it
        environment["SYSTEMROOT"] = root_drive
    try:
        done = subprocess.run(
            [*command, *arguments],
            input=question.encode("utf-8", "surrogateescape"),
            capture_output=True,
            check=False,
            timeout=limits.git_timeout_s,
            env=environment,
        )
    except (ValueError, subprocess.SubprocessError):
        return b""
    except OSError as error:
        if error.errno in _NO_GIT:
            return b""
        raise cannot_read(root, error) from error
    return done.stdout if done.returncode == 0 else b""
