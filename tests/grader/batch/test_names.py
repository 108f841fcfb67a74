"""Names of folders and files, as the systems write them."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch.names import as_text, exchange_name, is_ignored, moodle_name, without_prefix


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


@pytest.mark.parametrize(
    ("moment", "received_at"),
    [
        ("2026-10-01 14:32:05.5 +0200", datetime(2026, 10, 1, 12, 32, 5, 500000, tzinfo=UTC)),
        ("2026-10-01 14:32:05.5 +08", datetime(2026, 10, 1, 6, 32, 5, 500000, tzinfo=UTC)),
        ("2026-10-01 14:32:05 CEST", datetime(2026, 10, 1, 12, 32, 5, tzinfo=UTC)),
        ("2026-10-01 14:32:05 CST", None),
    ],
)
def test_a_zone_of_the_exchange_is_no_part_of_a_name(
    moment: str, received_at: datetime | None
) -> None:
    """Neither an offset with a plus of its own, nor one that is not known."""
    for name in (f"ada+hw1+{moment}+Zm9v", f"ada+hw1+{moment}"):
        found = exchange_name(name)
        assert found is not None
        assert (found.student, found.assignment) == ("ada", "hw1")
        assert found.received_at == received_at


@pytest.mark.parametrize("name", ["ada", "Jérôme", "100%", "a%20b", "%C3%A9", "王伟", "", "\\xe9"])
def test_a_name_that_is_text_stays_what_it_is(name: str) -> None:
    """Rosters write it like that, too."""
    assert as_text(name) == name


NAMES = st.one_of(
    st.binary(max_size=30).map(os.fsdecode),
    st.lists(st.sampled_from([*"%25e9ud8a", "\udce9", "\ud8a2", "%25", "%e9"])).map("".join),
    st.text(st.characters(), max_size=30),
)


@given(NAMES)
def test_every_name_becomes_a_text_of_its_own(name: str) -> None:
    """It can be stored, and tells which name it was."""
    text = as_text(name)
    assert text.encode().decode() == text
    back = re.sub(
        r"%((?:25)*)([89a-f][0-9a-f]|ud[89a-f][0-9a-f]{2})", lambda found: _before(*found.groups()),
        text,
    )  # fmt: skip
    assert back == name


def _before(quoted: str, code: str) -> str:
    """Undo one escape."""
    if quoted:
        return f"%{quoted[2:]}{code}"
    return chr(int(code[1:], 16) if code[0] == "u" else 0xDC00 + int(code, 16))
