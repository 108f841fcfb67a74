"""The nouns of the room: what was found before anything of it is graded."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from grader.model import Person

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@-]{0,79}")
# Reserved by Windows with any suffix.
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)
_SLUG_LENGTH = 48
_SUFFIX_LENGTHS = (0, 8, 16, 32, 64)
"""Digits of its hash in a name; more of them only where a shorter name is another's, too."""


class Layout(StrEnum):
    """Whose way of laying hand-ins out in folders it is."""

    GITHUB = "github-classroom"
    CLASSROOM50 = "classroom50"
    MOODLE = "moodle"
    GRADESCOPE = "gradescope"
    NBGRADER = "nbgrader"
    JUPYTERHUB = "jupyterhub"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One thing that somebody handed in: a folder, a repository, a zip or a file.

    Attributes:
        path: Where it stands.
        layout: How it was recognised.
        members: Who handed it in; several people for group work.
        received_at: What the layout says about the time (aware, UTC); None if nothing.
        assignment: What the layout calls the assignment; may be empty.
        file_name: What the student called a single file; empty if `path` has that name.
    """

    path: Path
    layout: Layout
    members: tuple[Person, ...]
    received_at: datetime | None = None
    assignment: str = ""
    file_name: str = ""

    @property
    def owner(self) -> str:
        """The key of whoever handed it in; of a group, all keys together."""
        return "+".join(sorted(person.key for person in self.members))


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that a person has to look at: one line.

    Attributes:
        where: A path, or whose hand-in it is.
        what: What is the matter with it.
        is_ours: Whether our side failed, so that the same command may do better.
    """

    where: str
    what: str
    is_ours: bool = False

    @property
    def line(self) -> str:
        """Both, on one line whatever stands in them."""
        text = " ".join(f"{self.where}: {self.what}".split())
        return "".join(c if unicodedata.category(c)[0] != "C" else "?" for c in text)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a folder holds.

    Attributes:
        attempts: By path.
        troubles: What stands there and is no hand-in that can be read.
    """

    attempts: tuple[Attempt, ...]
    troubles: tuple[Trouble, ...] = ()


def folder_names(owners: Iterable[str]) -> dict[str, str]:
    """Give each owner a folder name that every file system takes, and that stays the same.

    Args:
        owners: Keys of all people and groups of a class.

    Returns:
        Owner to name: the key itself where that is safe, otherwise what is left of it and a
        piece of its hash, also where two keys differ in case alone, or where a key reads like
        the name of another.
    """
    keys = sorted(set(owners))
    alike = Counter(key.casefold() for key in keys)
    sizes = {key: 0 if _is_plain(key) and alike[key.casefold()] == 1 else 1 for key in keys}
    while True:
        names = {key: _folder_name(key, _SUFFIX_LENGTHS[size]) for key, size in sizes.items()}
        sharing = defaultdict(list)
        for key, name in names.items():
            sharing[name.casefold()].append(key)
        clashes = [those for those in sharing.values() if len(those) > 1]
        if not clashes:
            return names
        for those in clashes:
            # The shortest give way. It ends: two whole hashes are never the same.
            shortest = min(sizes[key] for key in those)
            sizes |= {key: shortest + 1 for key in those if sizes[key] == shortest}


def _is_plain(key: str) -> bool:
    return bool(_SAFE.fullmatch(key)) and not _DEVICE.match(key) and not key.endswith(".")


def _folder_name(key: str, suffix_length: int) -> str:
    if not suffix_length:
        return key
    ascii_only = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^A-Za-z0-9]+", "-", ascii_only).strip("-")[:_SLUG_LENGTH]
    suffix = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:suffix_length]
    return f"{slug or 'student'}-{suffix}"
