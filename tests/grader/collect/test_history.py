"""Every version of an exercise's file, wherever in the repository somebody put it."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from grader.collect import History, IntakeLimits, read_history
from grader.errors import SubmissionError
from grader.model import Counted, Exercise, HandIn, HandInStatus

NAME = "03-06-softmax"
STUB = b"raise NotImplementedError\n"
LIMITS = IntakeLimits(git_timeout_s=300)


class Repository:
    """A student's repository, one minute older with each commit."""

    def __init__(self, root: Path, exercise: Exercise) -> None:
        self.root = root
        self.exercise = exercise
        self._minute = 0
        root.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> None:
        who = {f"GIT_{role}_{what}": "octo" for role in ("AUTHOR", "COMMITTER")
               for what in ("NAME", "EMAIL")}  # fmt: skip
        moment = f"2026-10-01T12:{self._minute:02}:00+00:00"
        dates = {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
        subprocess.run(["git", *arguments], cwd=self.root, env=os.environ | who | dates, check=True)

    def commit(self, name: str, data: bytes) -> None:
        """Commit one file, as the only one."""
        self._minute += 1
        for old in self.root.rglob("softmax.*"):
            old.unlink()
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_bytes(data)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x")

    def read(self, data: bytes, counted: Counted = Counted.COMMITS) -> History:
        """Read the history with this file checked out."""
        hand_in = HandIn(NAME, HandInStatus.SUBMITTED, "softmax.py", sha256=_hash(data))
        given = {_hash(STUB)}
        pairs = [(self.exercise, hand_in)]
        return read_history(self.root, pairs, given, counted, LIMITS)[NAME]


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _files(history: History) -> list[set[str]]:
    return [set(version.files) for version in history.versions]


@pytest.fixture
def repository(tmp_path: Path, kit: SimpleNamespace) -> Repository:
    """A repository with the stub in it."""
    made = Repository(tmp_path / "work", kit.SOFTMAX)
    made.commit(f"assignments/{NAME}/softmax.py", STUB)
    return made


def test_versions_are_found_wherever_the_file_stands(repository: Repository) -> None:
    """Moving or renaming it starts no new count; the stub is nobody's version."""
    repository.commit(f"assignments/{NAME}/softmax.py", b"a = 1\n")
    repository.commit("softmax.py", b"a = 1\n")
    repository.commit(f"{NAME}/softmax.ipynb", b"{}\n")
    history = repository.read(b"{}\n")
    assert _files(history) == [set(), {_hash(b"a = 1\n")}, {_hash(b"a = 1\n")}, {_hash(b"{}\n")}]
    assert history.head == history.versions[-1]
    assert history.head.at.isoformat() == "2026-10-01T12:04:00+00:00"


def test_one_commit_is_one_version(repository: Repository) -> None:
    """Two files that change places would have two graded for the price of one."""
    flat, inside = repository.root / "softmax.py", f"assignments/{NAME}/softmax.py"
    for first, second in ((b"a = 1\n", b"a = 2\n"), (b"a = 2\n", b"a = 1\n")):
        (repository.root / inside).write_bytes(first)
        flat.write_bytes(second)
        repository.git("add", "-A")
        repository.git("commit", "-q", "-m", "x")
    history = repository.read(b"a = 2\n")
    assert _files(history) == [set(), {_hash(b"a = 1\n")}, {_hash(b"a = 2\n")}]


def test_other_branches_count_too(repository: Repository) -> None:
    """Whoever starts a branch anew has used no fewer attempts."""
    repository.git("switch", "-q", "-c", "try")
    repository.commit("softmax.py", b"a = 1\n")
    repository.git("switch", "-q", "main")
    repository.commit("softmax.py", b"a = 2\n")
    history = repository.read(b"a = 2\n")
    assert _files(history) == [set(), {_hash(b"a = 1\n")}, {_hash(b"a = 2\n")}]


def test_only_tagged_commits_count_where_tags_are_counted(repository: Repository) -> None:
    """And what is checked out, whether it bears a tag or not."""
    repository.commit("softmax.py", b"a = 1\n")
    repository.commit("softmax.py", b"a = 2\n")
    repository.git("tag", "-a", "-m", "x", "submit/2026-10-01T12-03-00Z-abc")
    repository.git("tag", "other")
    repository.commit("softmax.py", b"a = 3\n")
    history = repository.read(b"a = 3\n", Counted.SUBMIT_TAGS)
    assert _files(history) == [{_hash(b"a = 2\n")}, {_hash(b"a = 3\n")}]


def test_what_was_changed_since_the_commit_is_a_version(repository: Repository) -> None:
    """At the time of the commit, which is the newest that is known."""
    repository.commit("softmax.py", b"a = 1\n")
    history = repository.read(b"a = 5\n")
    assert set(history.head.files) == {_hash(b"a = 5\n")}
    assert history.versions[-1] == history.head


def test_half_a_history_is_no_history(repository: Repository, tmp_path: Path) -> None:
    """A shallow checkout would show one attempt for ever; git says what to do."""
    repository.commit("softmax.py", b"a = 1\n")
    repository.commit("softmax.py", b"a = 2\n")
    shallow = tmp_path / "shallow"
    source = f"file://{repository.root}"
    subprocess.run(["git", "clone", "-q", "--depth=1", source, str(shallow)], check=True)
    hand_in = HandIn(NAME, HandInStatus.SUBMITTED, "softmax.py", sha256=_hash(b"a = 2\n"))
    pairs = [(repository.exercise, hand_in)]
    for root in (shallow, tmp_path):
        with pytest.raises(SubmissionError, match="fetch-depth: 0"):
            read_history(root, pairs, (), Counted.COMMITS, LIMITS)


def test_commits_that_are_not_looked_at_are_not_taken_for_none(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flood of newer branches must not wipe the count."""
    monkeypatch.setattr("grader.collect.history.COMMIT_LIMIT", 1)
    repository.git("switch", "-q", "-c", "flood")
    repository.commit("softmax.py", b"a = 1\n")
    repository.git("switch", "-q", "main")
    with pytest.raises(SubmissionError, match="cannot be counted"):
        repository.read(STUB)
