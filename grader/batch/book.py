"""`class.json`: who is in the class and whose result stands where.

It is what `autograde export` and every page about the class starts from. It is written before
anything is judged, with nobody graded, and again at the end; so a killed run never passes old
results off as new ones.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec

from grader import report
from grader.batch.journal import RESULTS
from grader.errors import UsageError
from grader.model import ClassRow, Person

FILE_NAME = "class.json"
SCHEMA = "autograde/class/v1"
NEEDS_A_PERSON = "needs_a_person"
NOT_GRADED = "not_graded"
_LIMIT_BYTES = 64 * 2**20

Text = Annotated[str, msgspec.Meta(max_length=1000)]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One person.

    Attributes:
        key: Username or what the layout says.
        name: Full name.
        email: E-mail address.
        section: Group of the class.
        github_id: Number of the GitHub account.
        folder: Below `results/`.
        graded: Whether the result there is of this run.
        flags: What the gradebook says beside the points.
    """

    key: Text
    name: Text
    email: Text
    section: Text
    github_id: Text
    folder: Text
    graded: bool
    flags: tuple[Text, ...]


class Book(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole class.

    Attributes:
        schema: Always `SCHEMA`.
        exercises: Ids of those asked for, in course order.
        people: In the order of the gradebook.
    """

    schema: Text
    exercises: tuple[Text, ...]
    people: tuple[Entry, ...]


def entry(person: Person, folder: str, flags: Sequence[str], *, graded: bool) -> Entry:
    """Make the entry of one person."""
    return Entry(
        person.key, person.name, person.email, person.section, person.github_id,
        folder, graded, tuple(flags),
    )  # fmt: skip


def write_book(folder: Path, exercises: Sequence[str], people: Sequence[Entry]) -> None:
    """Write `class.json`.

    Raises:
        UsageError: If it cannot be written.
    """
    data = msgspec.to_builtins(Book(SCHEMA, tuple(exercises), tuple(people)))
    text = json.dumps(data, indent=1, ensure_ascii=False)
    report.write_text(folder / FILE_NAME, text + "\n")


def read_rows(folder: Path) -> tuple[tuple[str, ...], tuple[ClassRow, ...]]:
    """Read a class and its results back.

    Args:
        folder: What `autograde batch --out` wrote, or a folder with one `result.json`.

    Returns:
        The exercises' ids and one row per person.

    Raises:
        UsageError: If it is neither, or a file in it is damaged.
    """
    if not (folder / FILE_NAME).is_file() and (folder / "result.json").is_file():
        grade = report.read_result(folder)
        ids = tuple(exercise.exercise.id for exercise in grade.exercises)
        return ids, (ClassRow(Person(grade.submission.owner), grade),)
    book = _read_book(folder / FILE_NAME)
    return book.exercises, tuple(_row(folder, found) for found in book.people)


def read_places(folder: Path) -> dict[str, Path]:
    """Give the folder of each person who was graded, by key.

    Args:
        folder: What `autograde batch --out` wrote, or a folder with one `result.json`.

    Raises:
        UsageError: If it is neither, or a file in it is damaged.
    """
    if not (folder / FILE_NAME).is_file() and (folder / "result.json").is_file():
        return {report.read_result(folder).submission.owner: folder}
    people = _read_book(folder / FILE_NAME).people
    return {p.key: folder / RESULTS / Path(p.folder).name for p in people if p.graded}


def _row(folder: Path, found: Entry) -> ClassRow:
    person = Person(found.key, found.name, found.email, found.section, found.github_id)
    if not found.graded:
        return ClassRow(person, None, found.flags)
    grade = report.read_result(folder / RESULTS / Path(found.folder).name)
    return ClassRow(person, grade, found.flags)


def _read_book(path: Path) -> Book:
    what_now = "Name the folder that `autograde batch --out` wrote, or run it again."
    try:
        with path.open("rb") as file:
            raw = file.read(_LIMIT_BYTES)
        book = msgspec.json.decode(raw, type=Book)
    except OSError as error:
        what = f"no class can be read here ({error.strerror})."
        raise UsageError(str(path), what, what_now) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(str(path), f"the file is damaged ({error}).", what_now) from None
    if book.schema != SCHEMA:
        raise UsageError(str(path), "it is of another version of autograde.", what_now)
    return book
