"""`class.json`: who is in the class and whose result stands where.

It is what `autograde export` and every page about the class starts from. It is written before
anything is judged, with nobody graded, and again at the end; so a killed run never passes old
results off as new ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import msgspec

from grader import report, score
from grader.batch.journal import RESULTS
from grader.errors import UsageError
from grader.model import ClassRow, ExerciseStanding, Person, Standing

FILE_NAME = "class.json"
SCHEMA = "autograde/class/v1"
_LIMIT_BYTES = 64 * 2**20

Text = Annotated[str, msgspec.Meta(max_length=1000)]


Points = Annotated[str, msgspec.Meta(pattern=r"^\d{1,9}(/[1-9]\d{0,9})?$")]


class Counted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What counts for one exercise; the fields are those of `ExerciseStanding`."""

    exercise: Text
    key: Text
    raw: Points | None
    points: Points | None
    max_points: Points
    days_late: int
    grace_days: int
    is_extended: bool
    is_overridden: bool
    is_dropped: bool


class Total(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What counts for one person; points are exact (`17/2`)."""

    exercises: tuple[Counted, ...]
    points: Points | None
    max_points: Points


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
        standing: What counts; None if nothing was graded or decided on.
    """

    key: Text
    name: Text
    email: Text
    section: Text
    github_id: Text
    folder: Text
    graded: bool
    flags: tuple[Text, ...]
    standing: Total | None = None


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


def entry(
    person: Person, folder: str, flags: Sequence[str], standing: Standing | None, *, graded: bool
) -> Entry:
    """Make the entry of one person."""
    total = None if standing is None else total_of(standing)
    return Entry(
        person.key, person.name, person.email, person.section, person.github_id,
        folder, graded, tuple(flags), total,
    )  # fmt: skip


def total_of(standing: Standing) -> Total:
    """Give what counts for one person, to be stored."""
    exercises = tuple(
        Counted(
            e.exercise_id, e.key, _text(e.raw), _text(e.points), str(e.max_points), e.days_late,
            e.grace_days, e.is_extended, e.is_overridden, e.is_dropped,
        )
        for e in standing.exercises
    )  # fmt: skip
    return Total(exercises, _text(standing.points), str(standing.max_points))


def standing_of(found: Total) -> Standing:
    """Give what counts for one person, as it was stored."""
    exercises = tuple(
        ExerciseStanding(
            e.exercise, e.key, _fraction(e.raw), _fraction(e.points), Fraction(e.max_points),
            e.days_late, e.grace_days, e.is_extended, e.is_overridden, e.is_dropped,
        )
        for e in found.exercises
    )  # fmt: skip
    return Standing(exercises, _fraction(found.points), Fraction(found.max_points))


def _text(points: Fraction | None) -> str | None:
    return None if points is None else str(points)


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def write_book(folder: Path, exercises: Sequence[str], people: Sequence[Entry]) -> None:
    """Write `class.json`.

    Raises:
        UsageError: If it cannot be written.
    """
    data = msgspec.to_builtins(Book(SCHEMA, tuple(exercises), tuple(people)))
    report.write_text(folder / FILE_NAME, report.text_of(data))


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
        return ids, (
            ClassRow(Person(grade.submission.owner), grade, (), score.raw_standing(grade)),
        )
    book = read_book(folder / FILE_NAME)
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
    people = read_book(folder / FILE_NAME).people
    return {p.key: folder / RESULTS / Path(p.folder).name for p in people if p.graded}


def standing_at(folder: Path) -> Standing | None:
    """Tell what counts of the result in a folder; None if it is not part of a class.

    Args:
        folder: Of one person, below `results/`.

    Raises:
        UsageError: If the class that it is part of is damaged.
    """
    place = folder.resolve()
    path = place.parents[1] / FILE_NAME if place.parent.name == RESULTS else None
    if path is None or not path.is_file():
        return None
    found = (e.standing for e in read_book(path).people if e.folder == place.name and e.graded)
    total = next(found, None)
    return None if total is None else standing_of(total)


def _row(folder: Path, found: Entry) -> ClassRow:
    person = Person(found.key, found.name, found.email, found.section, found.github_id)
    standing = None if found.standing is None else standing_of(found.standing)
    if not found.graded:
        return ClassRow(person, None, found.flags, standing)
    grade = report.read_result(folder / RESULTS / Path(found.folder).name)
    # A class of an earlier version has no rules: what was earned is what counts.
    return ClassRow(person, grade, found.flags, standing or score.raw_standing(grade))


def read_book(path: Path) -> Book:
    """Read `class.json`.

    Raises:
        UsageError: If it is missing, damaged, or of another version.
    """
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
