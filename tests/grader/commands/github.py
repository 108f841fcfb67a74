"""A GitHub that stands on this machine, and a `gh` that asks it as the real one does."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "github_pat_planted0123456789"
LOGIN = "teacher-bot"

STAND_IN = f"""#!{sys.executable}
import os, sys, urllib.error, urllib.request
words = sys.argv[1:]
assert words[:3] == ["api", "--include", "--method"], words
method, path = words[3:5]
assert words[5:] in ([], ["--input", "-"]), words
data = sys.stdin.buffer.read() if words[5:] else None
url = os.environ["FAKE_GITHUB"] + "/" + path
headers = {{"Authorization": "token " + os.environ["GH_TOKEN"]}}
request = urllib.request.Request(url, data, headers, method=method)
try:
    answer = urllib.request.urlopen(request)
except urllib.error.HTTPError as error:
    answer = error
text = answer.read().decode()
print(f"HTTP/1.1 {{answer.status}} {{answer.reason}}")
for name, value in answer.headers.items():
    print(f"{{name}}: {{value}}")
print()
print(text)
if answer.status >= 300:
    sys.exit(f"gh: {{text}} (HTTP {{answer.status}})")
"""
"""Sends what `gh api` would send; the real one is used where it is installed."""


@dataclass
class GitHub:
    """What GitHub holds, and what it was asked.

    Attributes:
        url: Where it listens.
        asked: Method and path of each request.
        issues: By repository.
        comments: By repository and issue.
        statuses: By repository and commit, newest first.
        answers: Status, headers and text of the next answers to whoever writes.
    """

    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    issues: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    comments: dict[tuple[str, int], list[dict[str, Any]]] = field(default_factory=dict)
    statuses: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    answers: list[tuple[int, dict[str, str], str]] = field(default_factory=list)

    @property
    def written(self) -> list[tuple[str, str]]:
        """What was asked that changes something."""
        return [one for one in self.asked if one[0] != "GET" and one[1] != "graphql"]

    def answer(  # noqa: PLR0911 - one for each call that there is
        self, method: str, target: str, body: dict[str, Any]
    ) -> tuple[int, Any]:
        """Answer one request as GitHub documents it."""
        parts = urlsplit(target)
        path = parts.path.lstrip("/")
        self.asked.append((method, path))
        if path == "graphql":
            assert body == {"query": "{viewer{login}}"}
            return 200, {"data": {"viewer": {"login": LOGIN}}}
        found = re.fullmatch(r"repos/([^/]+/[^/]+)/(.+)", path)
        assert found is not None
        repository, rest = found[1], found[2]
        if repository not in self.issues:
            return 410, {"message": "Issues has been disabled in this repository."}
        us = {"user": {"login": LOGIN}}
        match method, rest.split("/"):
            case "GET", ["issues"]:
                assert parse_qs(parts.query)["creator"] == [LOGIN]
                return 200, self.issues[repository]
            case "POST", ["issues"]:
                self.issues[repository].append({"number": 7, **body, **us})
                return 201, self.issues[repository][-1]
            case "GET", ["issues", number, "comments"]:
                return 200, self.comments.get((repository, int(number)), [])
            case "POST", ["issues", number, "comments"]:
                there = self.comments.setdefault((repository, int(number)), [])
                there.append({"id": 100 + len(there), **body, **us})
                return 201, there[-1]
            case "PATCH", ["issues", "comments", number]:
                every = (one for (where, _), those in self.comments.items()
                         if where == repository for one in those)  # fmt: skip
                one = next(one for one in every if one["id"] == int(number))
                one.update(body)
                return 200, one
            case "GET", ["commits", commit, "statuses"]:
                return 200, self.statuses.get((repository, commit), [])
            case "POST", ["statuses", commit]:
                self.statuses.setdefault((repository, commit), []).insert(0, body)
                return 201, body
        raise AssertionError((method, path))


@contextmanager
def github() -> Iterator[GitHub]:
    """Run one, on a free port of the loopback interface."""
    fake = GitHub()

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            sent = self._read()
            body = json.loads(sent) if sent else {}
            headers: dict[str, str] = {}
            if self.headers.get("Authorization") != f"token {TOKEN}":
                status, data = 401, json.dumps({"message": "Bad credentials"})
            elif self.command != "GET" and fake.answers:
                status, headers, data = fake.answers.pop(0)
            else:
                status, found = fake.answer(self.command, self.path, body)
                data = json.dumps(found)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data.encode())))
            self.end_headers()
            self.wfile.write(data.encode())

        def _read(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        do_GET = do_POST = do_PATCH = _handle  # noqa: N815 - the names that the server looks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        fake.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield fake
        finally:
            server.shutdown()


def stand_in(fake: GitHub, folder: Path, path: str) -> dict[str, str]:
    """Give the environment in which `gh` is the stand-in."""
    (folder / "gh-bin").mkdir()
    script = folder / "gh-bin" / "gh"
    script.write_text(STAND_IN, "utf-8")
    script.chmod(0o755)
    return {"FAKE_GITHUB": fake.url, "GH_TOKEN": TOKEN, "PATH": f"{folder / 'gh-bin'}:{path}"}


def real(fake: GitHub, folder: Path, path: str) -> dict[str, str]:
    """Give the environment in which the real `gh` takes it for a GitHub of developers.

    It speaks plain HTTP to `github.localhost` alone, which a proxy may stand for.
    """
    return {
        "GH_CONFIG_DIR": str(folder / "gh-config"),
        "GH_HOST": "github.localhost",
        "GH_NO_UPDATE_NOTIFIER": "1",
        "GH_TOKEN": TOKEN,
        "HTTP_PROXY": fake.url,
        "NO_PROXY": "",
        "PATH": path,
        "http_proxy": fake.url,
        "no_proxy": "",
    }
