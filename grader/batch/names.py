"""Names of folders and files from which the systems' layouts are recognised."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from grader.batch.moments import is_moment, read_moment

# Name, number and kind come first because a name may itself hold underscores.
_MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?"
)
_EXCHANGE = re.compile(
    r"(?P<student>.+)\+(?P<assignment>[^+]+)"
    # The zone may be an offset, with a plus of its own.
    r"\+(?P<moment>\d{4}-\d\d-\d\d[ _T][^+]+?(?:[ _]\+\d\d(?::?\d\d)?)?)(?:\+(?P<random>.*))?"
)
# Half characters stand for bytes that are no UTF-8 (PEP 383); the percent sign is escaped where
# it would be read as one of them.
_NOT_TEXT = re.compile(r"[\ud800-\udfff]|%(?=(?:25)*(?:[89a-f][0-9a-f]|ud[89a-f][0-9a-f]{2}))")
_FIRST_BYTE, _LAST_BYTE = 0xDC80, 0xDCFF
_IGNORED = frozenset(
    {
        "__macosx", "thumbs.db", "desktop.ini", "roster.csv", "students.csv", "scores.csv",
        "grades.csv", "classroom_roster.csv", "result.json", "results.json", "scores.json",
        "timestamp.txt", "gradebook.db",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MoodleName:
    """`Full Name_123_assignsubmission_file_softmax.py`, taken apart.

    Attributes:
        name: Full name, or `Participant` with blind marking.
        number: The participant's number.
        kind: The plugin: `file`, `onlinetext`.
        file: What the student called the file; empty for a folder.
    """

    name: str
    number: str
    kind: str
    file: str


@dataclass(frozen=True, slots=True)
class ExchangeName:
    """`student+assignment+timestamp+random`, taken apart.

    Attributes:
        student: Username.
        assignment: What the exchange calls it.
        received_at: The time; None if its zone is not known.
    """

    student: str
    assignment: str
    received_at: datetime | None


def moodle_name(name: str) -> MoodleName | None:
    """Take apart a name of Moodle's submissions archive; None if it is none."""
    match = _MOODLE.fullmatch(name)
    if match is None:
        return None
    return MoodleName(match["name"], match["number"], match["kind"], match["file"] or "")


def exchange_name(name: str) -> ExchangeName | None:
    """Take apart a name of the exchange's inbound folder; None if it is none."""
    match = _EXCHANGE.fullmatch(name)
    if match is None:
        return None
    if not is_moment(match["moment"]):
        return None
    return ExchangeName(match["student"], match["assignment"], read_moment(match["moment"]))


def is_ignored(name: str) -> bool:
    """Tell whether a name is known to be no hand-in: rosters, results, hidden files."""
    return name.startswith((".", "~")) or name.casefold() in _IGNORED


def without_prefix(repository: str, assignment: str) -> str:
    """Give the login in `assignment-login`; the whole name if it is built otherwise."""
    prefix = f"{assignment}-"
    if assignment and repository.startswith(prefix) and len(repository) > len(prefix):
        return repository[len(prefix) :]
    return repository


def as_text(name: str) -> str:
    """Write bytes of a name that are no UTF-8 as `%e9`, so that it can be stored and shown.

    No two names become the same text, and any other name stays what it is, unless it holds such
    an escape itself.
    """
    return _NOT_TEXT.sub(_escaped, name)


def _escaped(match: re.Match[str]) -> str:
    if match.group() == "%":
        return "%25"
    code = ord(match.group())
    if _FIRST_BYTE <= code <= _LAST_BYTE:
        return f"%{code & 0xFF:02x}"
    return f"%u{code:04x}"
