"""Cloning the repositories of a class: whole, with nothing of theirs at work and no token left."""

from __future__ import annotations

import base64
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.batch.repositories import Address
from grader.errors import UsageError
from grader.report.text import clean_line

TIMEOUT_S = 120
MOST_MIB, MOST_FILES = 1024, 100_000
"""Of one repository, its history included: one student must not fill the disk of a class."""
WATCH_INTERVAL_S = 0.2
_SAID_BYTES = 1 << 16
_SETTINGS = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "filter.lfs.required": "false",
    "filter.lfs.smudge": "",
}


def clone_all(
    addresses: Iterable[Address], into: Path, server: str, token: str
) -> Iterator[tuple[Address, str]]:
    """Clone each repository into a folder that bears its key.

    Args:
        addresses: Whose is which.
        into: A folder that is empty or missing.
        server: What stands before `/owner/name`: an address, or a path.
        token: For an `https` server; empty for what git knows by itself. It is told to git in
            its environment, so it stands in no address, no file and no list of processes.

    Yields:
        Each address with what went wrong, in one line; an empty one if nothing did.

    Raises:
        UsageError: If the folder holds something.
    """
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise UsageError(str(into), "the folder is not empty.", "Name one that is.")
    into.mkdir(parents=True, exist_ok=True)
    environment = _environment(server, token)
    for address in addresses:
        problem = _clone(f"{server}/{address.repository}", into / address.key, environment)
        yield address, clean_line(problem.replace(token, "***") if token else problem, 200)


def _clone(source: str, folder: Path, environment: dict[str, str]) -> str:
    """Clone one repository, and give it up as soon as it becomes too large.

    Returns:
        What went wrong, in one line; empty if nothing did.
    """
    command = ["git", "clone", "--quiet", "--no-recurse-submodules", "--", source, str(folder)]
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,  # its helpers end with it
            )
        except OSError as error:
            what = f"git cannot be run ({error.strerror})"
            raise UsageError("clone", what, "Install git.") from None
        try:
            problem = _watched(process, folder)
        finally:
            _end(process)
        if not problem and process.returncode:
            said.seek(0)
            lines = said.read(_SAID_BYTES).decode("utf-8", "replace").strip().splitlines()
            problem = lines[-1] if lines else "git said nothing"
    if problem:
        shutil.rmtree(folder, ignore_errors=True)
    return problem


def _watched(process: subprocess.Popen[bytes], folder: Path) -> str:
    """Wait until git has ended, or say why it may not go on."""
    ends_s = time.monotonic() + TIMEOUT_S
    while True:
        has_ended = process.poll() is not None
        if found := _excess(folder):
            return found
        if has_ended:
            return ""
        if time.monotonic() >= ends_s:
            return f"it took more than {TIMEOUT_S} s"
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(WATCH_INTERVAL_S)


def _excess(folder: Path) -> str:
    """Say of what a folder holds too much; empty if of nothing."""
    size_bytes = files = 0
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    files += 1
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(Path(entry.path))
                    else:
                        size_bytes += entry.stat(follow_symlinks=False).st_size
        except OSError:  # git has renamed or removed it meanwhile
            continue
        if size_bytes > MOST_MIB << 20:
            return f"it holds more than {MOST_MIB} MiB"
        if files > MOST_FILES:
            return f"it holds more than {MOST_FILES} files"
    return ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """End git and what it started, if it has not ended by itself."""
    if process.poll() is None:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


def _environment(server: str, token: str) -> dict[str, str]:
    settings = dict(_SETTINGS)
    if token and server.startswith(("https://", "http://")):
        secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        settings[f"http.{server}/.extraheader"] = f"AUTHORIZATION: basic {secret}"
    own = {"GIT_TERMINAL_PROMPT": "0", "GIT_LFS_SKIP_SMUDGE": "1", "LC_ALL": "C"}
    own["GIT_CONFIG_COUNT"] = str(len(settings))
    for number, (key, value) in enumerate(settings.items()):
        own |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    hidden = ("GH_TOKEN", "GITHUB_TOKEN")
    return {name: text for name, text in os.environ.items() if name not in hidden} | own
