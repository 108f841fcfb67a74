"""Folder names for owners, and troubles on one line."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from grader.batch.plan import Trouble, folder_names

ANY_KEYS = st.lists(st.text(min_size=1, max_size=40), max_size=8)


def test_plain_keys_are_their_own_folders() -> None:
    """People find themselves."""
    assert folder_names(["ada", "b.o-b_2"]) == {"ada": "ada", "b.o-b_2": "b.o-b_2"}


def test_odd_keys_keep_what_can_be_kept() -> None:
    """Spaces, accents, slashes and names of devices get a piece of their hash."""
    names = folder_names(["Jürgen Müller_12", "../../etc", "CON", "李"])
    assert names["Jürgen Müller_12"].startswith("Jurgen-Muller-12-")
    assert names["../../etc"].startswith("etc-")
    assert names["CON"].startswith("CON-")
    assert names["李"].startswith("student-")


@given(ANY_KEYS)
def test_no_two_owners_share_a_folder(keys: list[str]) -> None:
    """Not even where case does not count, and no name leaves its place."""
    names = folder_names(keys)
    folded = [name.casefold() for name in names.values()]
    assert len(set(folded)) == len(set(keys))
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+@-]*", name) for name in names.values())


@given(st.text(), st.text())
def test_a_trouble_is_one_line(where: str, what: str) -> None:
    """Whatever a file is called."""
    assert len(Trouble(where, what).line.splitlines()) <= 1
