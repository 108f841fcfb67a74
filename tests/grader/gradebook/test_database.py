"""Opening a gradebook: what can go wrong says where, what, what now."""

from __future__ import annotations

import sqlite3
from fractions import Fraction
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url, text

from grader.errors import AutogradeError, GradebookError, UsageError
from grader.gradebook import FILE_NAME, Gradebook, Recorded, address_of, database, shown
from grader.model import AttemptResult, HandInStatus, Person, Submission
from tests.grader.gradebook.test_store import DUE


def _record(gradebook: Gradebook) -> None:
    result = AttemptResult(
        "ada", "x", "k", HandInStatus.SUBMITTED, DUE, Fraction(1), Fraction(6)
    )  # fmt: skip
    submission = Submission("0" * 64, "ada", "class/ada", DUE, ())
    gradebook.record([Person("ada")], [Recorded(result, "ada", submission)], ["x"], "bo")


@pytest.mark.parametrize(
    "written",
    [
        "",
        "gradebook",
        "mysql://u:secret@h/d",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://h:port/d",
    ],
)
def test_what_is_no_url_of_a_gradebook_is_refused(written: str) -> None:
    """And a password in it is not repeated."""
    with pytest.raises(UsageError) as caught:
        address_of(written)
    assert "postgresql://user@host/database" in caught.value.what_now
    assert "secret" not in str(caught.value)


def test_a_password_is_never_shown() -> None:
    """Server and database are."""
    assert shown(address_of("postgresql://bo:secret@db.example/fall")) == (
        "postgresql://db.example/fall"
    )


def test_a_folder_holds_its_gradebook(tmp_path: Path) -> None:
    """In one file, which is not made by looking for it."""
    with pytest.raises(UsageError, match="there is no gradebook here"):
        Gradebook(address_of(tmp_path))
    assert list(tmp_path.iterdir()) == []
    with Gradebook(address_of(tmp_path), create=True) as gradebook:
        assert gradebook.where == str(tmp_path / FILE_NAME)
    with sqlite3.connect(tmp_path / FILE_NAME) as plain:
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    plain.close()


@pytest.mark.parametrize("content", [b"not a database, but long enough to look like one " * 30])
def test_a_damaged_file_is_told(tmp_path: Path, content: bytes) -> None:
    """It is named, and stays as it is."""
    path = tmp_path / FILE_NAME
    path.write_bytes(content)
    with pytest.raises(UsageError, match="this is not a gradebook") as caught:
        Gradebook(address_of(tmp_path), create=True)
    assert caught.value.where == str(path)
    assert path.read_bytes() == content


def test_a_file_damaged_inside_is_told(tmp_path: Path) -> None:
    """A sound head over broken pages is no reason for a traceback."""
    path = tmp_path / FILE_NAME
    with Gradebook(address_of(tmp_path), create=True) as gradebook:
        _record(gradebook)
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * (len(content) - 100))
    with pytest.raises(UsageError, match="this is not a gradebook"):
        Gradebook(address_of(tmp_path)).snapshot()


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """It may be read all the same."""
    with Gradebook(address_of(tmp_path), create=True) as gradebook:
        _record(gradebook)
    url = make_url(f"sqlite:///file:{tmp_path / FILE_NAME}?mode=ro&uri=true")
    with Gradebook(url, create=True) as gradebook:
        assert len(gradebook.snapshot().attempts) == 1
        with pytest.raises(UsageError, match="cannot be opened or written") as caught:
            gradebook.override("ada", "x", Fraction(1), "bo", "typo")
    assert "writable" in caught.value.what_now


def test_a_place_where_no_file_can_be_is_told(tmp_path: Path) -> None:
    """A file in the place of a folder."""
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be opened or written"):
        Gradebook(address_of(tmp_path / "file"), create=True)


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    """And nothing is changed."""
    with Gradebook(address_of(tmp_path), create=True) as gradebook:
        _record(gradebook)
        with gradebook._database.reading() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
        people = [Person(f"somebody-{n}", "x" * 500) for n in range(100)]
        with pytest.raises(UsageError, match="the disk is full"):
            gradebook.record(people, [], [], "bo")
        assert set(gradebook.snapshot().people) == {"ada"}


def test_a_gradebook_that_another_process_writes_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writing waits for it, and says so when it has waited long enough."""
    monkeypatch.setattr(database, "WAIT_S", 0.1)
    with Gradebook(address_of(tmp_path), create=True) as gradebook:
        _record(gradebook)
    other = sqlite3.connect(tmp_path / FILE_NAME)
    other.execute("BEGIN IMMEDIATE")
    with Gradebook(address_of(tmp_path)) as gradebook:
        assert len(gradebook.snapshot().attempts) == 1
        with pytest.raises(GradebookError, match="another process has been writing") as caught:
            gradebook.override("ada", "x", Fraction(1), "bo", "typo")
    other.close()
    assert caught.value.exit_code == 3


def test_a_locked_postgresql_gradebook_is_told(
    postgres: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the lock that every writer takes."""
    monkeypatch.setattr(database, "WAIT_S", 1)
    with Gradebook(postgres, create=True) as gradebook, Gradebook(postgres) as other:
        with other._database.writing():
            assert gradebook.snapshot().attempts == ()
            with pytest.raises(GradebookError, match="another process has been writing"):
                _record(gradebook)
        _record(gradebook)
        assert len(other.snapshot().attempts) == 1


def test_a_connection_that_was_ended_meanwhile_costs_nothing(postgres: URL) -> None:
    """A class is judged for hours between reading decisions and keeping results."""
    with Gradebook(postgres, create=True) as gradebook:
        assert gradebook.snapshot().attempts == ()
        _end_connections(postgres)
        _record(gradebook)
        _end_connections(postgres)
        assert len(gradebook.snapshot().attempts) == 1


def _end_connections(url: URL) -> None:
    """End what rests, as a restarted server or `idle_session_timeout` does."""
    engine = create_engine(url)
    ended = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
    ours = "WHERE application_name = 'autograde' AND state = 'idle'"
    with engine.connect() as connection:
        assert list(connection.scalars(text(f"{ended} {ours}"))) == [True]
    engine.dispose()


def test_a_server_that_is_away_is_told(tmp_path: Path) -> None:
    """It is our trouble (exit code 3), and the password is not repeated."""
    away = address_of(f"postgresql://bo:secret@/fall?host={tmp_path}")
    with pytest.raises(GradebookError, match="the database cannot be reached") as caught:
        Gradebook(away, create=True)
    assert "secret" not in str(caught.value)


def test_a_database_that_is_missing_on_the_server_is_told(postgres_server: URL) -> None:
    """What the server says is repeated."""
    with pytest.raises(AutogradeError, match='database "spring" does not exist'):
        Gradebook(postgres_server.set(database="spring"), create=True)


def test_postgresql_without_its_driver_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is an extra."""
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(UsageError) as caught:
        Gradebook(address_of("postgresql://bo@h/d"), create=True)
    assert caught.value.what_now == "pip install 'autograde[postgres]'"
