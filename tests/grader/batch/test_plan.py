"""Folder names for owners, and troubles on one line."""

from __future__ import annotations

import random
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


@given(ANY_KEYS, st.integers(0, 3), st.randoms(use_true_random=False))
def test_keys_that_read_like_names_of_others_share_no_folder(
    keys: list[str], rounds: int, draw: random.Random
) -> None:
    """Whoever is called as somebody else's folder is, and in whatever order they come."""
    for _ in range(rounds):
        keys = [*keys, *folder_names(keys).values()]
    names = folder_names(keys)
    folded = [name.casefold() for name in names.values()]
    assert len(set(folded)) == len(set(keys))
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+@-]*", name) for name in names.values())
    draw.shuffle(keys)
    assert folder_names(keys) == names


def test_who_reads_like_the_name_of_another_gives_way() -> None:
    """The other keeps the folder that was there before."""
    (before,) = folder_names(["José"]).values()
    names = folder_names(["José", before, "ada"])
    assert (names["José"], names["ada"]) == (before, "ada")
    assert names[before].startswith(f"{before}-")


@given(ANY_KEYS)
def test_without_a_clash_a_name_depends_on_nobody_else(keys: list[str]) -> None:
    """Results of a class stay where they are when somebody joins it."""
    alone = {key: name for one in keys for key, name in folder_names([one]).items()}
    different = len({name.casefold() for name in alone.values()}) == len(alone)
    if different and len({key.casefold() for key in alone}) == len(alone):
        assert folder_names(keys) == alone


@given(st.text(), st.text())
def test_a_trouble_is_one_line(where: str, what: str) -> None:
    """Whatever a file is called."""
    assert len(Trouble(where, what).line.splitlines()) <= 1
