"""Canvas: one column of the instructor's own gradebook export, filled.

The file is never invented. Canvas takes a column for a new assignment if its title or number
does not fit, and a row for another student if its ID does not; so every other cell stays as
Canvas wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.errors import UsageError
from grader.export.marks import Claim, Filled, Mark, assign, points_text
from grader.export.sheet import Sheet

_LOGINS = ("SIS Login ID", "SIS User ID", "Integration ID")
_EXCUSED = "EX"
_READ_ONLY = "(read only)"
_POINTS_POSSIBLE = "points possible"
_NUMBER = re.compile(r"\((\d+)\)$")


def fill_canvas(sheet: Sheet, given: Sequence[Mark], column: str, *, scale: bool) -> Filled:
    """Write points into one column of a Canvas gradebook.

    Args:
        sheet: The export; it is changed.
        given: The marks.
        column: Title or number of the assignment; empty if there is only one.
        scale: Whether points may be scaled to the assignment's.

    Returns:
        Whose cells were written. Those of excused students are left alone.

    Raises:
        UsageError: If it is no such export, the assignment is not there, or its points differ.
    """
    if sheet.column("ID") is None or sheet.column("Section") is None:
        what = "this is no gradebook of Canvas: it has no columns ID and Section."
        raise UsageError(sheet.where, what, "In Canvas: Grades, Export, Export Entire Gradebook.")
    most_row = next((r for r in range(len(sheet)) if _is_points_row(sheet, r)), None)
    place = _find_column(sheet, column, most_row)
    most = "" if most_row is None else sheet.get(most_row, place)
    found, left = assign(_claims(sheet), given)
    excused = {r for r in found if sheet.get(r, place).strip().upper() == _EXCUSED}
    where = f"{sheet.where}:{sheet.line(most_row) if most_row is not None else 1}"
    for row, mark in found.items():
        if row not in excused:
            sheet.put(row, place, points_text(mark, most, where, scale=scale))
    filled = tuple(mark.person.key for row, mark in found.items() if row not in excused)
    kept = tuple((found[row].person.key, "the student is excused there") for row in excused)
    return Filled(filled, left + kept)


def _is_points_row(sheet: Sheet, row: int) -> bool:
    return _POINTS_POSSIBLE in sheet.get(row, 0).casefold()


def _claims(sheet: Sheet) -> list[Claim]:
    identifier = sheet.column("ID")
    logins = [sheet.column(name) for name in _LOGINS]
    whole, last, first = map(sheet.column, ("Student", "LastName", "FirstName"))
    found = []
    for row in range(len(sheet)):
        if not sheet.get(row, identifier).strip():
            continue  # points possible, manual posting: no student
        name = sheet.get(row, whole) or f"{sheet.get(row, last)}, {sheet.get(row, first)}"
        surname, comma, given_name = name.partition(",")
        name = f"{given_name.strip()} {surname.strip()}" if comma else name
        found.append(Claim(row, tuple(sheet.get(row, c).strip() for c in logins), name))
    return found


def _find_column(sheet: Sheet, wanted: str, most_row: int | None) -> int:
    begin = (sheet.column("Section") or 0) + 1
    columns = [
        place
        for place, title in enumerate(sheet.header)
        if place >= begin
        and _NUMBER.search(title)
        and (most_row is None or sheet.get(most_row, place).strip() != _READ_ONLY)
    ]
    titles = {place: sheet.header[place] for place in columns}
    fits = [place for place in columns if _fits(titles[place], wanted)]
    if len(fits) == 1:
        return fits[0]
    there = "; ".join(titles.values())[:500] or "none"
    if not wanted:
        what = f"it has {len(columns)} assignments: {there}."
        raise UsageError(sheet.where, what, "Name one with --column, by its title or number.")
    what = f"{len(fits) or 'no'} assignments are called {wanted!r}; there is: {there}."
    raise UsageError(sheet.where, what, "Name one with --column, by its title or number.")


def _fits(title: str, wanted: str) -> bool:
    number = _NUMBER.search(title)
    plain = _NUMBER.sub("", title).strip()
    return not wanted or wanted in {title, plain, number[1] if number else None}
