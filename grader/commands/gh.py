"""Asking GitHub through `gh`, which knows the token: one call at a time, and not too fast.

GitHub slows down whoever writes more than 80 times a minute. So there is a second between two
writes, a refusal is waited out for as long as it says, and when patience ends the rest is left
to the next run, which finds what is there already.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from typing import Any

from grader.errors import AutogradeError, UsageError
from grader.report.text import clean_line

PAUSE_S = 1.0
PATIENCE_S = 900.0
"""For all waiting of one run together."""
_DEFAULT_WAIT_S = 60.0
_TIMEOUT_S = 60
_STATUS = re.compile(r"HTTP/[0-9.]+ ([0-9]{3})")
_SLOW_DOWN = frozenset({403, 429})
_PAUSED = "GitHub asks for a longer pause than this run makes; the next run goes on"
_TOKEN = re.compile(r"\b(gh[a-z]_|github_pat_)\w+")


class Refused(Exception):
    """GitHub did not do it, and why, in one line."""


class OutOfPatience(Refused):
    """GitHub wants to be left alone for longer than this run waits."""


class Gh:
    """Calls of `gh api`."""

    def __init__(self) -> None:
        """Look for `gh`.

        Raises:
            UsageError: If it is not installed.
        """
        if shutil.which("gh") is None:
            what_now = "Install it (https://cli.github.com) and set GH_TOKEN, or `gh auth login`."
            raise UsageError("publish", "the command gh was not found", what_now)
        self._patience_s = PATIENCE_S
        self._wrote_at_s = -PAUSE_S

    def login(self) -> str:
        """Ask under which name we write.

        Raises:
            AutogradeError: If GitHub does not say.
        """
        try:
            data = self.call("POST", "graphql", {"query": "{viewer{login}}"})
            return str(data["data"]["viewer"]["login"])
        except (Refused, KeyError, TypeError) as error:
            what = f"GitHub does not say whose token this is ({error})"
            raise AutogradeError("publish", what, "Set GH_TOKEN, or `gh auth login`.") from None

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask once, and again where GitHub says to come back later.

        Args:
            method: `GET`, `POST` or `PATCH`.
            path: After the host, with its query.
            body: What is sent as JSON.

        Returns:
            What came as JSON.

        Raises:
            Refused: With the reason.
        """
        if self._patience_s < 0:
            raise OutOfPatience(_PAUSED)
        while True:
            if method != "GET":
                time.sleep(max(0.0, self._wrote_at_s + PAUSE_S - time.monotonic()))
                self._wrote_at_s = time.monotonic()
            status, headers, text, complaint = _ask(method, path, body)
            if 0 < status < 300:  # noqa: PLR2004 - as HTTP counts
                try:
                    return json.loads(text)
                except ValueError:
                    raise Refused("the answer is not JSON") from None
            wait_s = _wait_s(status, headers, text)
            if wait_s is None:
                raise Refused(_harmless(complaint or text or "gh said nothing"))
            self._patience_s -= wait_s
            if self._patience_s < 0:
                raise OutOfPatience(_PAUSED)
            time.sleep(wait_s)


def _ask(
    method: str, path: str, body: Mapping[str, Any] | None
) -> tuple[int, dict[str, str], str, str]:
    command = ["gh", "api", "--include", "--method", method, path]
    if body is not None:
        command += ["--input", "-"]  # an argument of more than 128 KiB starts no process
    try:
        done = subprocess.run(
            command,
            input=json.dumps(body).encode() if body is not None else b"",
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 0, {}, "", f"no answer within {_TIMEOUT_S} s"
    head, _, text = done.stdout.decode("utf-8", "replace").replace("\r\n", "\n").partition("\n\n")
    status = _STATUS.match(head)
    lines = (line.partition(":") for line in head.splitlines()[1:])
    headers = {name.strip().casefold(): value.strip() for name, _, value in lines}
    return int(status[1]) if status else 0, headers, text, done.stderr.decode("utf-8", "replace")


def _wait_s(status: int, headers: Mapping[str, str], text: str) -> float | None:
    """Give how long to wait before asking again; None if that would not help."""
    asked = headers.get("retry-after", "")
    if status in _SLOW_DOWN and asked.isdecimal():
        return float(asked)
    is_limit = headers.get("x-ratelimit-remaining") == "0" or "rate limit" in text.casefold()
    return _DEFAULT_WAIT_S if status in _SLOW_DOWN and is_limit else None


def _harmless(text: str) -> str:
    """Make one line of what somebody else said, without anything that looks like a token."""
    return clean_line(_TOKEN.sub("***", text.strip()), 200)
