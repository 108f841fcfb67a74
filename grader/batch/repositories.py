"""Which repository is whose: a list of repositories, or a roster and a pattern of names.

octo-org/hw1-ada           one a line; the part after the slash is the key of its owner
roster.csv + octo-org/hw1-{username}
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.batch.roster import read_roster
from grader.errors import UsageError

_GAP = "{username}"
_LIMIT_BYTES = 4 * 2**20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}/[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody pushes to.

    Attributes:
        key: The username, or the name of the repository; also the name of its folder.
        repository: `owner/name`.
    """

    key: str
    repository: str


def read_addresses(path: Path, pattern: str) -> tuple[Address, ...]:
    """Read whose repository is which.

    Args:
        path: A roster if there is a pattern, else a list.
        pattern: `owner/name` with `{username}` in it; empty for a list.

    Returns:
        In the order of the file, each key once.

    Raises:
        UsageError: With the line of what is no name of a repository, or stands twice.
    """
    found: dict[str, Address] = {}
    for where, key, repository in _from_roster(path, pattern) if pattern else _from_list(path):
        if not _NAME.fullmatch(repository) or repository.endswith(".git"):
            what = f"{repository[:120]!r} is no name of a repository."
            raise UsageError(where, what, "Write owner/name, without an address before it.")
        if key.casefold() in found:
            other = found[key.casefold()].repository
            raise UsageError(where, f"{repository} and {other} are both {key}.", "Keep one.")
        found[key.casefold()] = Address(key, repository)
    if not found:
        raise UsageError(str(path), "no repository is listed.", "Write owner/name, one a line.")
    return tuple(found.values())


def _from_roster(path: Path, pattern: str) -> Iterator[tuple[str, str, str]]:
    if pattern.count(_GAP) != 1:
        what_now = f"Write for instance my-org/hw1-{_GAP}."
        raise UsageError("--repository", f"{pattern!r} has no single {_GAP}", what_now)
    for person in read_roster(path):
        yield f"{path}: {person.key}", person.key, pattern.replace(_GAP, person.key)


def _from_list(path: Path) -> Iterator[tuple[str, str, str]]:
    try:
        with path.open("rb") as file:
            text = file.read(_LIMIT_BYTES).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        what_now = "Write a file with owner/name, one a line; a roster wants --repository."
        raise UsageError(str(path), "no list can be read here.", what_now) from None
    for number, line in enumerate(text.splitlines(), start=1):
        repository = line.partition("#")[0].strip()
        if repository:
            yield f"{path}:{number}", repository.rpartition("/")[2], repository
