"""Cloning a class: real repositories, over a path and over HTTP, with nothing of theirs at work."""

from __future__ import annotations

import base64
import functools
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from grader.batch.repositories import Address
from grader.commands import cloning
from grader.commands.cloning import clone_all
from grader.errors import UsageError

AUTOGRADE = str(Path(sys.executable).with_name("autograde"))
TOKEN = "github_pat_planted0123456789"


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """A folder of bare repositories: `our-class/ada` and `our-class/bob`, nobody else's."""
    work = tmp_path / "pushed"
    work.mkdir()
    (work / "softmax.py").write_text("x = 1\n", "utf-8")
    who = ["-c", "user.name=ada", "-c", "user.email=ada@example.edu"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], [*who, "commit", "-q", "-m", "x"]):
        subprocess.run(["git", *words], cwd=work, check=True)
    for name in ("ada", "bob"):
        bare = tmp_path / "server" / "our-class" / f"{name}.git"
        subprocess.run(["git", "clone", "-q", "--bare", str(work), str(bare)], check=True)
        subprocess.run(["git", "update-server-info"], cwd=bare, check=True)
    return tmp_path / "server"


def test_a_class_is_cloned_and_who_cannot_be_is_named(server: Path, tmp_path: Path) -> None:
    """The rest goes on, and the exit code is 1."""
    listed = tmp_path / "class.txt"
    listed.write_text("our-class/ada\nour-class/nobody\nour-class/bob\n", "utf-8")
    done = subprocess.run(
        [AUTOGRADE, "clone", str(listed), "--server", str(server), "--into", "hand-ins"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "2 cloned, 1 failed.\n")
    assert done.stderr.startswith("our-class/nobody: cannot be cloned: ")
    found = sorted(path.name for path in (tmp_path / "hand-ins").iterdir())
    assert found == ["ada", "bob"]
    assert (tmp_path / "hand-ins" / "ada" / "softmax.py").read_text("utf-8") == "x = 1\n"


@pytest.mark.parametrize(
    ("limit", "most", "words"),
    [("MOST_MIB", 1, "more than 1 MiB"), ("MOST_FILES", 200, "more than 200 files")],
)
def test_a_repository_that_is_too_large_is_given_up(
    server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int, words: str
) -> None:
    """What git packs into a few kilobytes too; nothing of it stays, and the next one is cloned."""
    large = tmp_path / "large"
    subprocess.run(["git", "clone", "-q", str(server / "our-class/ada.git"), large], check=True)
    (large / "zeros").write_bytes(bytes(3 << 20))
    for number in range(300):
        (large / f"empty{number}").touch()
    who = ["-c", "user.name=ada", "-c", "user.email=ada@example.edu"]
    for work in (["add", "-A"], [*who, "commit", "-q", "-m", "x"], ["push", "-q"]):
        subprocess.run(["git", *work], cwd=large, check=True)
    monkeypatch.setattr(cloning, limit, most)
    class_ = [Address("ada", "our-class/ada"), Address("bob", "our-class/bob")]
    (_, problem), (_, none) = clone_all(class_, tmp_path / "hand-ins", str(server), "")
    assert words in problem
    assert none == ""
    assert [path.name for path in (tmp_path / "hand-ins").iterdir()] == ["bob"]


def test_a_folder_that_holds_something_is_left_alone(server: Path, tmp_path: Path) -> None:
    """Hand-ins of two weeks are never mixed."""
    (tmp_path / "hand-ins").mkdir()
    (tmp_path / "hand-ins" / "mine").write_text("", "utf-8")
    with pytest.raises(UsageError, match="not empty"):
        list(clone_all([Address("ada", "our-class/ada")], tmp_path / "hand-ins", str(server), ""))


@pytest.fixture
def guarded(server: Path) -> Iterator[str]:
    """The same repositories over HTTP, for whoever shows the token."""
    wanted = "basic " + base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.headers.get("Authorization") == wanted:
                super().do_GET()
            else:
                self.send_error(401)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    handler = functools.partial(Handler, directory=str(server))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listening.server_address[1]}"
        finally:
            listening.shutdown()


def test_the_token_opens_the_door_and_stays_outside(guarded: str, tmp_path: Path) -> None:
    """It stands in no file of the clone and in no message; without it there is no clone."""
    address = Address("ada", "our-class/ada.git")
    gone = Address("gone", f"our-class/{TOKEN}")
    opened = dict(clone_all([address, gone], tmp_path / "with", guarded, TOKEN))
    assert opened[address] == ""
    assert opened[gone]
    assert TOKEN not in opened[gone]
    files = [path for path in (tmp_path / "with").rglob("*") if path.is_file()]
    assert len(files) > 5
    secrets = (TOKEN.encode(), base64.b64encode(f"x-access-token:{TOKEN}".encode()))
    assert not [path for path in files if any(word in path.read_bytes() for word in secrets)]
    assert dict(clone_all([address], tmp_path / "without", guarded, ""))[address]
    assert list((tmp_path / "without").iterdir()) == []


def test_no_hook_of_the_teacher_s_own_settings_runs(
    server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook that is meant for the teacher's work must not meet a stranger's."""
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "post-checkout").write_text(f"#!/bin/sh\ntouch {tmp_path}/hooked\n", "utf-8")
    (hooks / "post-checkout").chmod(0o755)
    settings = tmp_path / "gitconfig"
    settings.write_text(f"[core]\n\thooksPath = {hooks}\n", "utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    plain = ["git", "clone", "-q", str(server / "our-class" / "ada.git"), str(tmp_path / "plain")]
    subprocess.run(plain, env=dict(os.environ), check=True)
    assert (tmp_path / "hooked").exists()
    (tmp_path / "hooked").unlink()
    address = Address("ada", "our-class/ada")
    assert dict(clone_all([address], tmp_path / "hand-ins", str(server), "")) == {address: ""}
    assert not (tmp_path / "hooked").exists()
