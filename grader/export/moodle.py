"""Moodle: the grading worksheet, filled, and pages as a zip of feedback files.

Column names are in the language of the site, so those that differ from English can be named.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence

from grader.errors import UsageError
from grader.export.marks import Claim, Filled, Mark, assign, points_text
from grader.export.sheet import Sheet
from grader.model import Person

HEADERS = {
    "identifier": "Identifier",
    "name": "Full name",
    "username": "Username",
    "number": "ID number",
    "email": "Email address",
    "grade": "Grade",
    "maximum": "Maximum Grade",
    "changeable": "Grade can be changed",
    "modified": "Last modified (grade)",
}
"""What a column is for, and what it is called on an English site."""
REQUIRED = ("identifier", "grade", "modified")
PAGE = "report.html"
_PARTICIPANT = re.compile(r"(\d+)\s*$")
_KEY = re.compile(r"_(\d+)\Z")
_NO = "no"
_UNSAFE = re.compile(r'[\x00-\x1f\x7f_/\\:*?"<>|]+')
_EPOCH = (1980, 1, 1, 0, 0, 0)


def fill_moodle(
    sheet: Sheet, given: Sequence[Mark], headers: Mapping[str, str], *, scale: bool
) -> Filled:
    """Write points into the column of grades of a worksheet.

    Args:
        sheet: The worksheet; it is changed.
        given: The marks.
        headers: Column names that differ from `HEADERS`.
        scale: Whether points may be scaled to the maximum that the worksheet names.

    Returns:
        Whose cells were written. Grades that Moodle would not change are left alone.

    Raises:
        UsageError: If a column is missing, or the points are out of another maximum.
    """
    places = _places(sheet, headers)
    grade = places["grade"]
    if grade is None:  # `_places` has refused that; mypy does not know
        raise UsageError(sheet.where, "there is no column of grades.", "")
    found, left = assign(_claims(sheet, places, given), given)
    filled, kept = [], []
    for row, mark in found.items():
        if sheet.get(row, places["changeable"]).strip().casefold() == _NO:
            kept.append((mark.person.key, "Moodle does not let this grade be changed"))
            continue
        where = f"{sheet.where}:{sheet.line(row)}"
        most = sheet.get(row, places["maximum"])
        sheet.put(row, grade, points_text(mark, most, where, scale=scale))
        filled.append(mark.person.key)
    return Filled(tuple(filled), left + tuple(kept))


def feedback_zip(
    sheet: Sheet, given: Sequence[Mark], headers: Mapping[str, str], pages: Mapping[str, bytes]
) -> tuple[bytes, Filled]:
    """Pack pages so that Moodle hands each to its student.

    Moodle takes a folder's name apart at its underscores: the second part has to be the number
    of the participant. The same marks and pages give the same bytes.

    Args:
        sheet: The worksheet, which knows everybody's number.
        given: The marks, for the people.
        headers: Column names that differ from `HEADERS`.
        pages: The page of each person by key.

    Returns:
        The archive, and whose pages are in it.

    Raises:
        UsageError: If a column is missing.
    """
    places = _places(sheet, headers)
    found, left = assign(_claims(sheet, places, given), given)
    packed, without = [], []
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for row, mark in sorted(found.items()):
            number = _PARTICIPANT.search(sheet.get(row, places["identifier"]))
            page = pages.get(mark.person.key)
            if number is None or page is None:
                lacks = "page" if number else "number in the worksheet"
                without.append((mark.person.key, f"there is no {lacks}"))
                continue
            name = _UNSAFE.sub(" ", sheet.get(row, places["name"])).strip(" .") or "Participant"
            path = f"{name}_{number[1]}_assignsubmission_file/{PAGE}"
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, page)
            packed.append(mark.person.key)
    return out.getvalue(), Filled(tuple(packed), left + tuple(without))


def _places(sheet: Sheet, headers: Mapping[str, str]) -> dict[str, int | None]:
    names = HEADERS | dict(headers)
    places = {role: sheet.column(name) for role, name in names.items()}
    missing = [role for role in REQUIRED if places[role] is None]
    missing += [role for role in headers if places[role] is None and role not in missing]
    if missing:
        role = missing[0]
        what = f"there is no column {names[role]!r}; there is: {'; '.join(sheet.header)[:500]}."
        what_now = f"If it is called otherwise on your site, add --header '{role}=ITS NAME'."
        raise UsageError(f"{sheet.where}:1", what, what_now)
    return places


def _keys_by_number(given: Sequence[Mark]) -> dict[str, str]:
    """Find the people who are known by a participant's number, which is nobody else's.

    Without a roster a key is what Moodle called the folder: `Full Name_123456`. A username of a
    roster may end in digits too, and they are no number of Moodle's.
    """
    numbers = {
        person.key: number[1]
        for person in (mark.person for mark in given)
        if (number := _KEY.search(person.key))
        and person == Person(f"{person.name}_{number[1]}", person.name)
    }
    counts = Counter(numbers.values())
    return {number: key for key, number in numbers.items() if counts[number] == 1}


def _claims(sheet: Sheet, places: Mapping[str, int | None], given: Sequence[Mark]) -> list[Claim]:
    keys = _keys_by_number(given)
    found = []
    for row in range(len(sheet)):
        number = _PARTICIPANT.search(sheet.get(row, places["identifier"]))
        own = keys.get(number[1], "") if number else ""
        logins = [sheet.get(row, places[role]) for role in ("username", "number", "email")]
        found.append(Claim(row, (own, *(text.strip() for text in logins)),
                           sheet.get(row, places["name"])))  # fmt: skip
    return found
