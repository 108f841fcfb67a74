"""The page of a class: drawn at the end of a run, and again from what the run stored.

    DIR/class.html        the page
    DIR/class-page.json   what it shows beyond the results: pairs, due dates, attempts

Texts of hand-ins are at hand only while the run lasts, so that pairs are found once and kept.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec

from grader import report
from grader.batch.ahead import each_in_children
from grader.batch.journal import RESULTS
from grader.batch.plan import folder_names
from grader.batch.texts import Texts
from grader.errors import UsageError
from grader.insight import Document, Overview, Pair, Side, SourceLine, similar_pairs, survey
from grader.model import ClassRow, Course, HandIn, HandInStatus
from grader.report.text import clean_line

PAGE_NAME, FILE_NAME = "class.html", "class-page.json"
SCHEMA = "autograde/class-page/v1"
_LIMIT_BYTES = 64 * 2**20
_LINE_LIMIT = 200

Text = Annotated[str, msgspec.Meta(max_length=1000)]
Count = Annotated[int, msgspec.Meta(ge=0)]


class LineRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """One line of a hand-in: number (0 for lines left out), text, whether it is in both."""

    number: Count
    text: Text
    is_shared: bool


class SideRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of two hand-ins, by the keys of whoever handed it in."""

    people: tuple[Text, ...]
    lines: tuple[LineRecord, ...]


class PairRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two hand-ins that are alike."""

    exercise: Text
    share: Annotated[float, msgspec.Meta(ge=0, le=1)]
    tokens: Count
    equal: bool
    sides: tuple[SideRecord, SideRecord]


class PageRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the page of a class shows beyond the results."""

    schema: Text
    title: Text
    due: dict[str, datetime]
    attempts: dict[str, Count]
    pairs: tuple[PairRecord, ...]


def look_at(
    found: Overview,
    rows: Sequence[ClassRow],
    course: Course,
    exercises: Sequence[str],
    attempts: Mapping[str, int],
    texts: Texts,
    processes: int = 1,
) -> Overview:
    """Add to what results tell what only the run knows, the texts of its hand-ins among it.

    Args:
        found: What all results tell together.
        rows: One per person, fresh from the run; verdicts are not looked at.
        course: For its title, due dates and what was handed out.
        exercises: Ids of those asked for, in course order.
        attempts: By key of a person how often they handed in.
        texts: What they handed in.
        processes: How many may compare them beside this one.
    """
    each = partial(each_in_children, side_by_side=processes)
    asked = [exercise for exercise in course.exercises if exercise.id in exercises]
    given = {e.id: _texts([e.stub, e.reference]) for e in asked}
    return replace(
        found,
        title=course.title,
        due={name: due for name, due in course.due.items() if name in exercises},
        attempts=attempts,
        pairs=similar_pairs(_documents(rows, texts), given, each),
        compared=True,
    )


def look_again(rows: Iterable[ClassRow], exercises: Sequence[str], folder: Path) -> Overview:
    """Look at a class from what a run stored.

    Args:
        rows: One per person, read back.
        exercises: Ids, in course order.
        folder: What `autograde batch --out` wrote; one of an earlier version lacks the pairs.

    Raises:
        UsageError: If a file in it is damaged.
    """
    found = survey(rows, exercises)
    record = _read(folder / FILE_NAME)
    if record is None:
        return found
    numbers = {facts.person.key: n for n, facts in enumerate(found.people)}
    return replace(
        found,
        title=record.title,
        due={name: due.astimezone(UTC) for name, due in record.due.items()},
        attempts=record.attempts,
        pairs=tuple(_pair(pair, numbers) for pair in record.pairs if _is_known(pair, numbers)),
        compared=True,
    )


def keep(found: Overview, folder: Path) -> None:
    """Write what the page needs beyond the results.

    Raises:
        UsageError: If it cannot be written.
    """
    record = PageRecord(
        schema=SCHEMA,
        title=clean_line(found.title),
        due=dict(sorted(found.due.items())),
        attempts=dict(found.attempts),
        pairs=tuple(_record(pair, found) for pair in found.pairs),
    )
    text = json.dumps(msgspec.to_builtins(record), indent=1, ensure_ascii=False)
    report.write_text(folder / FILE_NAME, text + "\n")


def draw(found: Overview, path: Path, say: report.Say, *, pseudonyms: bool = False) -> None:
    """Write the page of a class; it links to pages of people that stand beside it.

    Args:
        found: The class.
        path: The page.
        say: The language.
        pseudonyms: Whether names, and all that leads to them, are left out.

    Raises:
        UsageError: If it cannot be written.
    """
    names = folder_names(facts.person.key for facts in found.people)
    pages = {
        facts.person.key: f"{RESULTS}/{names[facts.person.key]}/report.html"
        for facts in found.people
        if facts.graded
    }
    report.write_text(path, report.render_class(found, pages, say, pseudonyms=pseudonyms))


def _documents(rows: Sequence[ClassRow], texts: Texts) -> Mapping[str, Sequence[Document]]:
    """Collect the texts by exercise; a group handed its one text in together.

    What two have in common is told by where the verdicts are kept, which are one for a group. Where
    a hand-in was read does not tell: it is a list if other exercises are from other attempts.
    """
    people: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    hand_ins: dict[tuple[str, str, str], HandIn] = {}
    for number, row in enumerate(rows):
        counted = row.standing.exercises if row.standing is not None else ()
        places = {exercise.exercise_id: exercise.key for exercise in counted}
        for hand_in in row.grade.submission.hand_ins if row.grade is not None else ():
            if hand_in.status is HandInStatus.SUBMITTED and row.grade:
                place = places.get(hand_in.exercise_id) or row.grade.submission.origin
                key = hand_in.exercise_id, place, hand_in.sha256
                people[key].append(number)
                hand_ins[key] = hand_in
    found: dict[str, list[Document]] = defaultdict(list)
    for key, numbers in people.items():
        read = partial(texts.text_of, hand_ins[key])
        found[key[0]].append(Document(tuple(numbers), read))
    return found


def _texts(paths: Iterable[Path]) -> list[str]:
    return [path.read_text("utf-8") for path in paths if path.is_file()]


def _record(pair: Pair, found: Overview) -> PairRecord:
    first, second = (
        SideRecord(
            tuple(found.people[n].person.key for n in side.people),
            tuple(
                LineRecord(line.number, clean_line(line.text, _LINE_LIMIT), line.is_shared)
                for line in side.lines
            ),
        )
        for side in pair.sides
    )
    return PairRecord(pair.exercise_id, pair.share, pair.tokens, pair.is_equal, (first, second))


def _pair(record: PairRecord, numbers: Mapping[str, int]) -> Pair:
    first, second = (
        Side(
            tuple(numbers[key] for key in side.people),
            tuple(SourceLine(line.number, line.text, line.is_shared) for line in side.lines),
        )
        for side in record.sides
    )
    return Pair(record.exercise, record.share, record.tokens, record.equal, (first, second))


def _is_known(pair: PairRecord, numbers: Mapping[str, int]) -> bool:
    return all(side.people and numbers.keys() >= {*side.people} for side in pair.sides)


def _read(path: Path) -> PageRecord | None:
    what_now = "Run the same `autograde batch` again; it repeats nothing that is graded."
    try:
        with path.open("rb") as file:
            record = msgspec.json.decode(file.read(_LIMIT_BYTES), type=PageRecord)
    except FileNotFoundError:
        return None
    except OSError as error:
        what = f"the file cannot be read ({error.strerror})."
        raise UsageError(str(path), what, what_now) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(str(path), f"the file is damaged ({error}).", what_now) from None
    if record.schema != SCHEMA:
        raise UsageError(str(path), "it is of another version of autograde.", what_now)
    return record
