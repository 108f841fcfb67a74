"""Cloning the repositories of a class: whole, with nothing of theirs at work and no token left."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.batch.repositories import Address
from grader.errors import UsageError
from grader.report.text import clean_line

TIMEOUT_S = 120
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
    command = ["git", "clone", "--quiet", "--no-recurse-submodules", "--", source, str(folder)]
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        problem = f"it took more than {TIMEOUT_S} s"
    except OSError as error:
        raise UsageError("clone", f"git cannot be run ({error.strerror})", "Install git.") from None
    else:
        if done.returncode == 0:
            return ""
        problem = (done.stderr.strip().splitlines() or ["git said nothing"])[-1]
    shutil.rmtree(folder, ignore_errors=True)
    return problem


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
