"""Every version of an exercise's file that a repository holds, in the order of its commits.

It is what attempts are counted from. What can be believed of it: that a version was there, and
what came before what. What cannot: times, which the student's own computer wrote, and that
nothing is missing, unless the server forbids to push by force and to delete branches and tags.
All branches and tags are looked at, so a new branch starts no new count. Only places spelled as
`layout.py` spells them are looked at, so what stands elsewhere has to be refused by the caller.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.collect.git import ask, ask_bytes
from grader.collect.layout import places_of
from grader.collect.limits import IntakeLimits
from grader.collect.tree import utc
from grader.errors import SubmissionError
from grader.model import Counted, Exercise, HandIn

COMMIT_LIMIT = 5000
"""Commits that are looked at, the newest ones."""
_CHUNK = 200
_SUFFIXES = (".py", ".ipynb")
_COMMIT = re.compile(r"commit ([0-9a-f]{40}|[0-9a-f]{64})\n([0-9]{1,12})\n")
_BLOB = re.compile(r"blob ([0-9a-f]{40,64}) ([0-9]+)")


@dataclass(frozen=True, slots=True)
class Version:
    """What one commit holds for one exercise.

    Attributes:
        files: SHA-256 of its module and its notebook, without what was handed out.
        at: When it was committed, by the committer's own clock (aware, UTC).
    """

    files: frozenset[str]
    at: datetime


@dataclass(frozen=True, slots=True)
class History:
    """The versions of one exercise's file.

    Attributes:
        versions: One for each commit that counts, oldest first, repeated while nothing changes.
        head: The one that is checked out.
    """

    versions: tuple[Version, ...]
    head: Version


def read_history(
    root: Path,
    exercises: Sequence[tuple[Exercise, HandIn]],
    handed_out: Collection[str],
    counted: Counted,
    limits: IntakeLimits,
) -> dict[str, History]:
    """Ask git for every version of the files of some exercises.

    Args:
        root: The hand-in's folder.
        exercises: Those asked for, each with what was read of it.
        handed_out: SHA-256 of stubs and notebooks as students got them; no version of theirs.
        counted: Which commits count.
        limits: For the time to wait, and the size of a file.

    Returns:
        The history by exercise id.

    Raises:
        SubmissionError: If there is no repository, or only the end of its history.
    """
    whole = ask(root, ["rev-parse", "--is-shallow-repository"], "", limits).strip() == "false"
    heads = _commits(root, ["--max-count=1", "HEAD"], limits)
    if not whole or not heads:
        what = "attempts are counted from the history of the repository, which is not all here."
        raise SubmissionError(str(root), what, "Check it out whole (`fetch-depth: 0`).")
    tagged = ["--no-walk=sorted", "--glob=refs/tags/submit/*", "HEAD"]
    which = tagged if counted is Counted.SUBMIT_TAGS else ["--date-order", "--all", "HEAD"]
    commits = _commits(root, [f"--max-count={COMMIT_LIMIT}", *which], limits)[::-1]
    head = heads[0]
    if head not in commits:  # too many newer ones, or no answer, which must not read as no attempt
        raise _no_answer(root)
    reader = _Reader(root, frozenset(handed_out), limits)
    return {
        exercise.id: _history(reader, commits, head, names_of(exercise), hand_in)
        for exercise, hand_in in exercises
    }


def _history(
    reader: _Reader,
    commits: Sequence[tuple[str, datetime]],
    head: tuple[str, datetime],
    names: Sequence[str],
    hand_in: HandIn,
) -> History:
    found = [
        Version(files, at)
        for (_, at), files in zip(commits, reader.read(commits, names), strict=True)
    ]
    now = found[commits.index(head)]
    if hand_in.sha256 and hand_in.sha256 not in now.files and not reader.is_theirs(hand_in.sha256):
        now = Version(frozenset({hand_in.sha256}), now.at)  # changed since the commit
        found.append(now)
    return History(tuple(found), now)


def names_of(exercise: Exercise) -> list[str]:
    """List where the file of an exercise is looked for in each commit, the first choice first."""
    places = ["/".join([*place, exercise.module]) for place in places_of(exercise, flat=True)]
    return [place + suffix for place in places for suffix in _SUFFIXES]


def _commits(root: Path, arguments: list[str], limits: IntakeLimits) -> list[tuple[str, datetime]]:
    said = ask(root, ["rev-list", "--format=%ct", *arguments], "", limits)
    return [(name, utc(int(seconds))) for name, seconds in _COMMIT.findall(said)]


def _no_answer(root: Path) -> SubmissionError:
    what = "git does not answer for every commit, so attempts cannot be counted."
    return SubmissionError(str(root), what, "Look at it with `git fsck`, or try again.")


class _Reader:
    """Asks for files at commits, and reads each different one once."""

    def __init__(self, root: Path, handed_out: frozenset[str], limits: IntakeLimits) -> None:
        self._root = root
        self._handed_out = handed_out
        self._limits = limits
        self._hashes: dict[str, str] = {}

    def is_theirs(self, sha256: str) -> bool:
        """Tell whether a file is as it was handed out."""
        return sha256 in self._handed_out

    def read(
        self, commits: Sequence[tuple[str, datetime]], names: Sequence[str]
    ) -> Iterator[frozenset[str]]:
        """Give for each commit the hashes of what is read of it, without what was handed out."""
        form = "--batch-check=%(objecttype) %(objectname) %(objectsize)"
        for start in range(0, len(commits), _CHUNK):
            part = commits[start : start + _CHUNK]
            question = "".join(f"{commit}:./{name}\n" for commit, _ in part for name in names)
            answer = ask(self._root, ["cat-file", form], question, self._limits).splitlines()
            if len(answer) != len(part) * len(names):
                raise _no_answer(self._root)
            for at in range(0, len(answer), len(names)):
                yield self._first(answer[at : at + len(names)])

    def _first(self, answer: Sequence[str]) -> frozenset[str]:
        """Read the first place that holds anything: nobody may have two graded for one."""
        for at in range(0, len(answer), len(_SUFFIXES)):
            blobs = [_BLOB.fullmatch(line) for line in answer[at : at + len(_SUFFIXES)]]
            if hashes := {self._hash(blob[1], int(blob[2])) for blob in blobs if blob}:
                return frozenset(hashes - self._handed_out)
        return frozenset()

    def _hash(self, name: str, size: int) -> str:
        if name not in self._hashes:
            data = b""
            if size <= self._limits.notebook_kib * 1024:
                data = ask_bytes(self._root, ["cat-file", "blob", name], "", self._limits)
            readable = len(data) == size
            self._hashes[name] = hashlib.sha256(data).hexdigest() if readable else name
        return self._hashes[name]
