"""Marks: who gets points, out of how many, and in which row of somebody else's gradebook."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.export.marks import Claim, Mark, assign, marks, number_of, points_text
from grader.model import Person
from tests.grader.export.classes import IDS, rows

ADA = Mark(Person("ada", "Ada Lovelace", "a@b.c"), Fraction(15, 2), Fraction(12))
ANN = Mark(Person("ann1", "Ann Lee"), Fraction(1), Fraction(12))


def test_only_who_handed_in_and_is_settled_gets_a_mark() -> None:
    """A fault of ours, and nothing handed in, are no zeros."""
    assert [(m.person.key, m.points, m.out_of) for m in marks(rows())] == [
        ("ada", 12, 24), ("bob", Fraction(9, 2), 24),
    ]  # fmt: skip
    assert [m.person.key for m in marks(rows(), IDS[0])] == ["ada", "bob"]
    assert marks(rows(), IDS[1]) == ()


def test_points_are_exact_unless_they_are_scaled() -> None:
    """Another maximum is refused unless scaling was asked for."""
    assert points_text(ADA, "", "x:1", scale=False) == "7.5"
    assert points_text(ADA, "12.00", "x:1", scale=False) == "7.5"
    with pytest.raises(UsageError, match=r"x:1: the column is out of 100 points.* out of 12"):
        points_text(ADA, "100", "x:1", scale=False)
    assert points_text(ADA, "100", "x:1", scale=True) == "62.5"
    third = Mark(ADA.person, Fraction(2), Fraction(3))
    assert points_text(third, "100,0", "x:1", scale=True) == "66.67"
    assert points_text(third, "30", "x:1", scale=True) == "20"


def test_numbers_of_other_systems() -> None:
    """Decimal points and commas; anything else is none."""
    assert number_of(" 100.00 ") == 100
    assert number_of("7,5") == Fraction(15, 2)
    for text in ("", "-", "1e3", "(read only)", "1.2.3", "²", "EX"):
        assert number_of(text) is None


def test_logins_come_before_names() -> None:
    """A username or an address in any case; of a name only if it is one person's."""
    claims = [Claim(0, ("", "A@B.C"), "Somebody Else"), Claim(1, ("x",), "ann  lee")]
    found, left = assign(claims, [ADA, ANN])
    assert found == {0: ADA, 1: ANN}
    assert left == ()


def test_whom_two_rows_fit_gets_none() -> None:
    """A mark in the wrong row is worse than a missing one."""
    same_name = [Claim(0, (), "Ann Lee"), Claim(1, (), "Ann Lee")]
    assert assign(same_name, [ANN]) == ({}, (("ann1", "2 rows could be meant"),))
    same_login = [Claim(0, ("ada",), ""), Claim(1, ("a@b.c",), "Ada Lovelace")]
    assert assign(same_login, [ADA])[0] == {}
    other_ann = Mark(Person("ann2", "Ann Lee"), Fraction(2), Fraction(12))
    found, left = assign([Claim(0, (), "Ann Lee")], [ANN, other_ann])
    assert found == {}
    assert [key for key, _ in left] == ["ann1", "ann2"]


@given(st.lists(st.sampled_from(["ada", "a@b.c", "ann1", "", "Ann Lee", "zoe"]), max_size=6))
def test_nobody_gets_two_rows_and_nobody_vanishes(logins: list[str]) -> None:
    """Each mark is in one row, or among those that were left, with a reason."""
    claims = [Claim(row, (login,), login) for row, login in enumerate(logins)]
    found, left = assign(claims, [ADA, ANN])
    placed = [mark.person.key for mark in found.values()]
    assert sorted([*placed, *(key for key, _ in left)]) == ["ada", "ann1"]
    assert all(why for _, why in left)
