"""The roster: read by header, told apart, refused with the line that is wrong."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch.roster import Directory, read_roster, read_scores
from grader.errors import UsageError
from grader.model import Person

HEADER = "username,first_name,last_name,email,section,github_id\n"


def _roster(folder: Path, text: str) -> Path:
    path = folder / "roster.csv"
    path.write_text(text, "utf-8")
    return path


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    """Order, case, a byte order mark and columns of others do not matter."""
    text = "\ufeffgroup, Email ,USERNAME,last_name\nx,a@b.c,ada,Lovelace\n\n,,,\nx,,bob,\n"
    found = read_roster(_roster(tmp_path, text))
    assert found == (Person("ada", "Lovelace", "a@b.c"), Person("bob"))


def test_semicolons_are_commas(tmp_path: Path) -> None:
    """Spreadsheets in half of Europe write them."""
    text = "username;first_name;last_name\nada;Ada;Lovelace, Countess\n"
    assert read_roster(_roster(tmp_path, text))[0].name == "Ada Lovelace, Countess"


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("", ":1", "no column username"),
        ("name,email\nAda,a@b.c\n", ":1", "there is name, email"),
        ("username,Username\n", ":1", "stands there twice"),
        (HEADER + "ada,A,L,,,\nbob,B,,,,\nADA,,,,,\n", ":4", "already in line 2"),
        (HEADER + ",Ada,,,,\n", ":2", "no username"),
        (HEADER + "ada,A,L,,,,,seven\n", ":2", "8 cells"),
        ('username\n"ada\n', ":2", "no table"),
    ],
)
def test_a_wrong_roster_is_refused_with_its_line(
    tmp_path: Path, text: str, where: str, words: str
) -> None:
    """The message names the file, the line, and what is wrong there."""
    with pytest.raises(UsageError, match=words) as caught:
        read_roster(_roster(tmp_path, text))
    assert caught.value.where.endswith(f"roster.csv{where}")


def test_a_roster_that_is_missing_or_no_text_is_refused(tmp_path: Path) -> None:
    """Both say so."""
    with pytest.raises(UsageError, match="cannot be read"):
        read_roster(tmp_path / "nowhere.csv")
    path = tmp_path / "roster.csv"
    path.write_bytes(HEADER.encode("utf-16"))
    with pytest.raises(UsageError, match="not UTF-8"):
        read_roster(path)


@given(st.text(max_size=80))
def test_any_table_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Nothing but a UsageError is raised."""
    path = tmp_path_factory.mktemp("roster") / "roster.csv"
    path.write_bytes((HEADER + text).encode("utf-8", "surrogatepass"))
    with contextlib.suppress(UsageError):
        read_roster(path)


def test_scores_give_names_and_times(tmp_path: Path) -> None:
    """A download of Classroom 50 says who is who and when the submission came."""
    path = tmp_path / "scores.csv"
    path.write_text("username,first_name,score,datetime\nada,Ada,7,2026-10-01T14:32:05Z\n", "utf-8")
    assert read_scores(path) == {"ada": (Person("ada", "Ada"), "2026-10-01T14:32:05Z")}


def test_people_are_found_by_what_names_them_alone() -> None:
    """Key before address before name; a name that two people bear names neither."""
    ada, bob, bab = (
        Person("ada", "Ada Lovelace", "a@b.c"),
        Person("bob", "Bob Same", "b@b.c"),
        Person("bab", "bob  same", "c@b.c"),
    )
    directory = Directory([ada, bob, bab])
    assert directory.find(Person("ADA")) is ada
    assert directory.find(Person("77", "", "A@b.c")) is ada
    assert directory.find(Person("Ada Lovelace_12", "Ada  Lovelace")) is ada
    assert directory.find(Person("x", "Bob Same")) is None
    assert directory.find(Person("y", "Nobody")) is None
