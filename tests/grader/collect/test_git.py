"""Commit and commit time, and what a hostile repository cannot make git do."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from grader.collect.git import commit_of
from grader.collect.limits import IntakeLimits
from grader.errors import AutogradeError

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
LIMITS = IntakeLimits()
FILES = {"softmax.py": b"x = 1\n"}


def git(root: Path, *arguments: str) -> str:
    """Run git as the student would."""
    identity = {"NAME": "Alice", "EMAIL": "alice@example.org", "DATE": "2026-10-01T12:00:00+02:00"}
    environment = {"PATH": os.environ["PATH"], "HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1"}
    for who in ("AUTHOR", "COMMITTER"):
        environment.update({f"GIT_{who}_{key}": value for key, value in identity.items()})
    done = subprocess.run(
        ["git", "-C", root, *arguments], env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one committed file."""
    root = tmp_path / "repo"
    root.mkdir()
    git(root, "init", "-q")
    (root / "softmax.py").write_bytes(b"x = 1\n")
    git(root, "add", "softmax.py")
    git(root, "commit", "-q", "-m", "Softmax")
    return root


def test_a_clean_file_has_commit_and_time(root: Path) -> None:
    """The time is the commit's, in UTC."""
    commit = commit_of(root, FILES, LIMITS)
    assert commit is not None
    assert commit.id == git(root, "rev-parse", "HEAD")
    assert commit.committed_at.isoformat() == "2026-10-01T10:00:00+00:00"
    assert commit.clean


def test_nobody_is_asked_where_there_is_no_repository(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A class has thousands of folders; one below a repository is part of it."""
    inner = root / "inner"
    inner.mkdir()
    assert commit_of(inner, FILES, LIMITS) is None  # git says that no file of it is committed
    monkeypatch.setattr("grader.collect.git.ask", lambda *_: pytest.fail("git was asked"))
    assert commit_of(tmp_path, FILES, LIMITS) is None
    with pytest.raises(pytest.fail.Exception):
        commit_of(inner, FILES, LIMITS)


@pytest.mark.parametrize(
    ("files", "clean"),
    [
        ({"softmax.py": b"x = 1\r\n"}, True),
        ({"softmax.py": b"x = 2\n"}, False),
        ({"softmax.py": b"x = 1\n", "new.py": b""}, False),
        ({"softmax.py": b"x = 1\n", "new\n.py": b""}, False),
    ],
)
def test_clean_means_the_bytes_that_were_read(
    root: Path, files: dict[str, bytes], clean: bool
) -> None:
    """Line ends of Windows are the same file; a changed or a new file is not committed."""
    commit = commit_of(root, files, LIMITS)
    assert commit is not None
    assert commit.clean is clean


def test_a_folder_inside_a_repository_is_asked_for_its_own_names(root: Path) -> None:
    """Names are below the folder that was handed in."""
    (root / "a").mkdir()
    (root / "a" / "vocab.py").write_bytes(b"v\n")
    git(root, "add", "a")
    git(root, "commit", "-q", "-m", "Vocab")
    commit = commit_of(root / "a", {"vocab.py": b"v\n"}, LIMITS)
    assert commit is not None
    assert commit.clean


def test_somebody_elses_repository_around_the_folder_does_not_count(root: Path) -> None:
    """Hand-ins collected inside the course's repository are no part of it."""
    (root / "submissions" / "bob").mkdir(parents=True)
    assert commit_of(root / "submissions" / "bob", FILES, LIMITS) is None


def test_no_repository_and_no_commit_are_no_error(tmp_path: Path) -> None:
    """There is nothing to say then."""
    assert commit_of(tmp_path, FILES, LIMITS) is None
    git(tmp_path, "init", "-q")
    assert commit_of(tmp_path, FILES, LIMITS) is None


def test_a_machine_without_git_is_no_error(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest file then says when."""
    monkeypatch.setenv("PATH", str(root))
    assert commit_of(root, FILES, LIMITS) is None


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may chown")
def test_a_repository_of_another_user_is_read(root: Path) -> None:
    """An instructor's account is not the students'."""
    for path in (root, *root.rglob("*")):
        os.chown(path, 65534, 65534)
    assert commit_of(root, FILES, LIMITS) is not None


def test_variables_of_a_surrounding_git_are_not_obeyed(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A grader started by a hook looks at the hand-in, not at the hook's repository."""
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other"))
    assert commit_of(root, FILES, LIMITS) is not None


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENOMEM, errno.EAGAIN])
def test_a_machine_that_cannot_start_git_makes_nobody_late(
    root: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """The time of the clone would count instead of the commit's."""

    def failing(*_arguments: object, **_options: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(subprocess, "run", failing)
    with pytest.raises(AutogradeError, match=os.strerror(number).lower()) as caught:
        commit_of(root, FILES, LIMITS)
    assert caught.value.exit_code == 3


def test_a_broken_repository_is_no_error(root: Path) -> None:
    """A head that leads nowhere, or a configuration that cannot be read."""
    (root / ".git" / "HEAD").write_text("ref: refs/heads/none\n")
    assert commit_of(root, FILES, LIMITS) is None
    (root / ".git" / "HEAD").write_bytes(b"\0\xff")
    assert commit_of(root, FILES, LIMITS) is None
    (root / ".git" / "config").write_bytes(b"[[[\0")
    assert commit_of(root, FILES, LIMITS) is None


def test_the_repository_cannot_have_a_program_run(root: Path) -> None:
    """Every setting that names a program is there, and none of them is started."""
    ran = root.parent / "ran"
    program = root.parent / "program"
    program.write_text(f"#!/bin/sh\ntouch {ran}\ncat\n")
    program.chmod(0o755)
    hooks = root / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-index-change", "reference-transaction", "post-checkout", "pre-auto-gc"):
        shutil.copy(program, hooks / hook)
    settings = {
        "core.fsmonitor": program,
        "core.sshCommand": program,
        "core.pager": program,
        "core.askPass": program,
        "core.alternateRefsCommand": program,
        "core.hooksPath": hooks,
        "pager.rev-list": program,
        "pager.cat-file": program,
        "alias.rev-list": f"!{program}",
        "alias.cat-file": f"!{program}",
        "log.showSignature": "true",
        "gpg.program": program,
        "diff.external": program,
        "credential.helper": f"!{program}",
        "filter.evil.clean": program,
        "filter.evil.smudge": program,
        "filter.evil.process": program,
        "diff.evil.textconv": program,
        "protocol.ext.allow": "always",
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": f"ext::{program}",
    }
    for key, value in settings.items():
        git(root, "config", key, str(value))
    (root / ".gitattributes").write_text("* filter=evil diff=evil\n")
    assert commit_of(root, FILES, LIMITS) is not None
    assert not ran.exists()
    # Objects that are missing would be fetched from the remote, which is a program here.
    blob = git(root, "rev-parse", "HEAD:softmax.py")
    tree = git(root, "rev-parse", "HEAD^{tree}")
    for missing in (blob, tree):
        (root / ".git" / "objects" / missing[:2] / missing[2:]).unlink()
        commit_of(root, FILES, LIMITS)
        assert not ran.exists()


def test_a_configuration_that_never_ends_costs_the_time_limit_only(root: Path) -> None:
    """A FIFO in the place of a file that git reads is given up."""
    fifo = root.parent / "fifo"
    os.mkfifo(fifo)
    git(root, "config", "include.path", str(fifo))
    assert commit_of(root, FILES, IntakeLimits(git_timeout_s=1)) is None
