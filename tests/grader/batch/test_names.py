"""Names of folders and files, as the systems write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch.names import exchange_name, is_ignored, moodle_name, without_prefix


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ada Lovelace_123_assignsubmission_file", ("Ada Lovelace", "123", "file", "")),
        ("Ada Lovelace_123_assignsubmission_file_", ("Ada Lovelace", "123", "file", "")),
        ("Ada_L_7_assignsubmission_file_soft_max.py", ("Ada_L", "7", "file", "soft_max.py")),
        ("Participant_9_assignsubmission_onlinetext", ("Participant", "9", "onlinetext", "")),
    ],
)
def test_names_of_moodle_are_taken_apart(name: str, parts: tuple[str, ...]) -> None:
    """Names and files may hold underscores themselves; with blind marking there is no name."""
    found = moodle_name(name)
    assert found is not None
    assert (found.name, found.number, found.kind, found.file) == parts


@pytest.mark.parametrize("name", ["Ada Lovelace", "Ada_assignsubmission_file", "_1_x", ""])
def test_other_names_are_not_moodle(name: str) -> None:
    """Without number and plugin it is a folder like any other."""
    assert moodle_name(name) is None


def test_names_of_the_exchange_are_taken_apart() -> None:
    """A student's name may hold a plus; the random part is younger than the layout."""
    found = exchange_name("a+b+03-06-softmax+2026-10-01 14:32:05.123456 UTC+Zm9v")
    assert found is not None
    assert (found.student, found.assignment) == ("a+b", "03-06-softmax")
    assert found.received_at == datetime(2026, 10, 1, 14, 32, 5, 123456, tzinfo=UTC)
    old = exchange_name("ada+hw1+2026-10-01 14:32:05 UTC")
    assert old is not None
    assert old.student == "ada"


@pytest.mark.parametrize("name", ["a+b", "a+b+c+d", "a+b+2026-99-99 10:00:00 UTC+x"])
def test_a_name_without_a_moment_is_not_of_the_exchange(name: str) -> None:
    """It is a folder like any other."""
    assert exchange_name(name) is None


@given(st.text(max_size=60))
def test_any_name_can_be_looked_at(name: str) -> None:
    """No name raises anything."""
    moodle_name(name)
    exchange_name(name)
    is_ignored(name)


def test_rosters_and_hidden_files_are_no_hand_ins() -> None:
    """They are passed by in silence; everything else is not."""
    assert all(map(is_ignored, [".git", "roster.csv", "Thumbs.db", "__MACOSX", "~lock"]))
    assert not is_ignored("ada")


def test_a_repository_is_its_login_behind_the_assignment() -> None:
    """A repository with another name keeps it."""
    assert without_prefix("hw2-ada-l", "hw2") == "ada-l"
    assert without_prefix("ada", "hw2") == "ada"
    assert without_prefix("hw2-", "hw2") == "hw2-"
