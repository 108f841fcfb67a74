"""`roster.csv`: who is in the class, and which hand-in is whose.

Columns are found by the names in the header, in any order and case; `username` must be there,
`first_name`, `last_name`, `email`, `section` and `github_id` may be. Others are passed over.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.errors import UsageError
from grader.model import Person

COLUMNS = ("username", "first_name", "last_name", "email", "section", "github_id")
_LIMIT_BYTES = 16 * 2**20
_MEND = (
    f"Its first line has to name the columns: {', '.join(COLUMNS)}; only username must be there."
)


def read_roster(path: Path) -> tuple[Person, ...]:
    """Read who is in the class.

    Args:
        path: The roster.

    Returns:
        The people in the order of the file.

    Raises:
        UsageError: With the line of what is wrong: no header, a column or a username that
            stands twice, a row without username.
    """
    people: dict[str, tuple[int, Person]] = {}
    for line, row in _rows(path):
        key = row["username"]
        if not key:
            raise UsageError(
                f"{path}:{line}", "the row has no username.", "Write it, or remove the row."
            )
        if key.casefold() in people:
            first = people[key.casefold()][0]
            what = f"the username {key} stands already in line {first}."
            raise UsageError(f"{path}:{line}", what, "Keep one of the two rows.")
        people[key.casefold()] = (line, _person(key, row))
    return tuple(person for _, person in people.values())


def read_scores(path: Path) -> dict[str, tuple[Person, str]]:
    """Read `scores.csv` of a Classroom 50 download.

    Args:
        path: The file.

    Returns:
        Username to the person and the time of the submission as it is written.

    Raises:
        UsageError: If the file has no column `username`.
    """
    return {
        row["username"]: (_person(row["username"], row), row.get("datetime", ""))
        for _, row in _rows(path)
        if row["username"]
    }


class Directory:
    """Finds the person on a roster that a layout speaks of."""

    def __init__(self, roster: Iterable[Person]) -> None:
        """Index the roster by everything that names one person alone."""
        self._known: dict[str, Person] = {}
        people = list(roster)
        columns = zip(*((p.key, p.email, p.github_id, p.name) for p in people), strict=True)
        for column in columns:
            pairs = [(_same(name), p) for name, p in zip(column, people, strict=True) if name]
            counts = Counter(name for name, _ in pairs)
            for name, person in pairs:
                if counts[name] == 1:
                    self._known.setdefault(name, person)

    def find(self, who: Person) -> Person | None:
        """Find somebody by key, then e-mail address, then full name; None if nobody fits."""
        for name in (who.key, who.email, who.name):
            if name and _same(name) in self._known:
                return self._known[_same(name)]
        return None


def _same(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _person(key: str, row: dict[str, str]) -> Person:
    name = f"{row.get('first_name', '')} {row.get('last_name', '')}".strip()
    return Person(key, name, row.get("email", ""), row.get("section", ""), row.get("github_id", ""))


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and known columns of each row that is not empty."""
    text = _text(path)
    header_line = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        _check_header(path, header)
        for row in reader:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if len(cells) > len(header) and any(cells[len(header) :]):
                what = f"the row has {len(cells)} cells, the header {len(header)}."
                raise UsageError(f"{path}:{reader.line_num}", what, "Quote cells that hold commas.")
            yield (
                reader.line_num,
                dict.fromkeys(header, "") | dict(zip(header, cells, strict=False)),
            )
    except csv.Error as error:
        what = f"this is no table of comma-separated values ({error})."
        raise UsageError(f"{path}:{reader.line_num}", what, _MEND) from None


def _check_header(path: Path, header: list[str]) -> None:
    twice = [name for name, count in Counter(filter(None, header)).items() if count > 1]
    if twice:
        what = f"the column {twice[0]} stands there twice."
        raise UsageError(f"{path}:1", what, "Keep one of the two.")
    if "username" not in header:
        there = ", ".join(name for name in header if name)[:200] or "nothing"
        raise UsageError(f"{path}:1", f"there is no column username; there is {there}.", _MEND)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_LIMIT_BYTES + 1)
    except OSError as error:
        what = f"the file cannot be read ({error.strerror})."
        raise UsageError(str(path), what, "Name a roster with --roster.") from None
    if len(raw) > _LIMIT_BYTES:
        raise UsageError(str(path), "the file is larger than any roster.", _MEND)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(str(path), "the file is not UTF-8 text.", "Save it as UTF-8.") from None
