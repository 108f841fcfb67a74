"""What each person is to be given in another system's gradebook, and in which of its rows."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from grader.errors import UsageError
from grader.model import ClassRow, HandInStatus, Person
from grader.points import points_number

_CENTS = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Mark:
    """One person's points.

    Attributes:
        person: Who.
        points: What was earned.
        out_of: What could be earned.
    """

    person: Person
    points: Fraction
    out_of: Fraction


@dataclass(frozen=True, slots=True)
class Claim:
    """A row of a gradebook, and by what it can be known whose it is.

    Attributes:
        row: Its number.
        logins: Usernames, numbers and addresses, the surest first.
        name: Full name; may be empty.
    """

    row: int
    logins: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of a gradebook.

    Attributes:
        filled: Keys of the people whose cell was written.
        left: (key, why) of those who were graded and have no cell.
    """

    filled: tuple[str, ...]
    left: tuple[tuple[str, str], ...]


def marks(rows: Sequence[ClassRow], exercise_id: str = "") -> tuple[Mark, ...]:
    """List what is to be given.

    Args:
        rows: One per person.
        exercise_id: Of one exercise; empty for the total.

    Returns:
        One mark for each person who handed in and whose grade is settled. Who handed in nothing
        gets none, unless a person decided on points: a zero is such a decision.
    """
    found = []
    for row in rows:
        standing, grade = row.standing, row.grade
        if standing is None:
            continue
        if not exercise_id:
            if standing.points is not None:
                found.append(Mark(row.person, standing.points, standing.max_points))
            continue
        exercises = grade.exercises if grade is not None else ()
        absent = {
            e.exercise.id for e in exercises if e.hand_in.status is HandInStatus.NOT_SUBMITTED
        }
        for counted in standing.exercises:
            if counted.exercise_id != exercise_id or counted.points is None:
                continue
            if counted.is_overridden or exercise_id not in absent:
                found.append(Mark(row.person, counted.points, counted.max_points))
    return tuple(found)


def points_text(mark: Mark, most: str, where: str, *, scale: bool) -> str:
    """Write the points of a mark for a column with a maximum of its own.

    Args:
        mark: The mark.
        most: What the other system says could be earned; empty if it says nothing.
        where: Of that, for messages.
        scale: Whether points may be scaled to it; they then have two decimals.

    Raises:
        UsageError: If the maxima differ and nobody asked for scaling.
    """
    wanted = number_of(most)
    if wanted is None or mark.out_of in {wanted, 0}:
        return str(points_number(mark.points))
    if not scale:
        ours = points_number(mark.out_of)
        what = f"the column is out of {most.strip()} points, the results are out of {ours}."
        raise UsageError(where, what, "Change one of the two, or scale the points with --scale.")
    share = mark.points / mark.out_of * wanted
    exact = Decimal(share.numerator) / Decimal(share.denominator)
    text = str(exact.quantize(_CENTS, ROUND_HALF_UP))
    return text.rstrip("0").rstrip(".")


def number_of(text: str) -> Fraction | None:
    """Read a number with a decimal point or comma; None if it is none."""
    plain = text.strip().replace(",", ".")
    whole, point, part = plain.partition(".")
    if not whole.isascii() or not whole.isdigit():
        return None
    if point and part and not (part.isascii() and part.isdigit()):
        return None
    return Fraction(plain.rstrip("."))


def assign(
    claims: Sequence[Claim], given: Sequence[Mark]
) -> tuple[dict[int, Mark], tuple[tuple[str, str], ...]]:
    """Find the row of each person.

    Logins come first; a full name counts only for rows and people that no login joins, and
    only if it names one of each. A mark in the wrong row is worse than one that is missing.

    Args:
        claims: The rows.
        given: The marks.

    Returns:
        Row number to mark, and (key, why) of each person without a row.
    """
    found: dict[int, Mark] = {}
    why: dict[str, str] = {}
    by_login = _unique(given, lambda m: (m.person.key, m.person.email))
    _join(claims, by_login, lambda claim: claim.logins, found, why)
    taken = {mark.person.key for mark in found.values()} | set(why)
    rest = [claim for claim in claims if claim.row not in found]
    nameless = [mark for mark in given if mark.person.key not in taken]
    by_name = _unique(nameless, lambda m: (m.person.name, m.person.key))
    _join(rest, by_name, lambda claim: (claim.name,), found, why)
    placed = {mark.person.key for mark in found.values()}
    left = tuple(
        (m.person.key, why.get(m.person.key, "no row has this username, address or name"))
        for m in given
        if m.person.key not in placed
    )
    return found, left


def _unique(given: Sequence[Mark], names: Callable[[Mark], tuple[str, ...]]) -> dict[str, Mark]:
    pairs = [(name, mark) for mark in given for name in {_same(n) for n in names(mark)} if name]
    counts = Counter(name for name, _ in pairs)
    return {name: mark for name, mark in pairs if counts[name] == 1}


def _join(
    claims: Sequence[Claim],
    index: dict[str, Mark],
    names: Callable[[Claim], tuple[str, ...]],
    found: dict[int, Mark],
    why: dict[str, str],
) -> None:
    rows: dict[str, list[int]] = defaultdict(list)
    known: dict[str, Mark] = {}
    for claim in claims:
        mark = next((index[_same(n)] for n in names(claim) if n and _same(n) in index), None)
        if mark is not None:
            rows[mark.person.key].append(claim.row)
            known[mark.person.key] = mark
    for key, own in rows.items():
        if len(own) == 1:
            found[own[0]] = known[key]
        else:
            why[key] = f"{len(own)} rows could be meant"


def _same(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
