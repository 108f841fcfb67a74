"""The schema by its steps: the oldest gradebook comes along with all that is in it."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from sqlalchemy import URL, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from grader.errors import UsageError
from grader.gradebook import Gradebook
from grader.gradebook.migrations import MIGRATIONS, migrate, version_of
from grader.gradebook.tables import GROW_ONLY, METADATA
from grader.model import HandInStatus

AT = "'2026-10-01 12:00:00'"
_OLD_ROWS = (
    "INSERT INTO people VALUES ('ada', 'Ada L', 'a@x', '1', '7')",
    (
        "INSERT INTO submissions (owner, origin, sha256, received_at, commit_id) "
        f"VALUES ('ada', 'class/ada', 'ff', {AT}, '')"
    ),
    (
        "INSERT INTO attempts (person, exercise, verdicts, submission, status, received_at, "
        f"may_count) VALUES ('ada', 'x', 'k', 1, 'submitted', {AT}, TRUE)"
    ),
    "INSERT INTO results VALUES (1, '2.5', '6')",
    (
        "INSERT INTO overrides (person, exercise, points, author, at, reason) "
        f"VALUES ('ada', 'x', '4', 'bo', {AT}, 'typo')"
    ),
    (
        "INSERT INTO extensions (person, exercise, due, author, at, reason) "
        f"VALUES ('ada', 'x', {AT}, 'bo', {AT}, 'ill')"
    ),
    (
        'INSERT INTO audit_log (at, author, action, person, exercise, "before", "after", reason) '
        f"VALUES ({AT}, 'bo', 'override', 'ada', 'x', 'none', '4', 'typo')"
    ),
)


def _old(url: URL, version: int) -> None:
    """Make a gradebook as an earlier version left it, with something in every table."""
    engine = create_engine(url)
    with engine.begin() as connection:
        migrate(connection, "here", version)
        for row in _OLD_ROWS:
            connection.execute(text(row))
    engine.dispose()


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_a_gradebook_of_any_age_is_brought_up_to_date(url: URL, version: int) -> None:
    """Nothing in it is lost, and what was decided is still in force."""
    _old(url, version)
    with Gradebook(url) as gradebook:
        found = gradebook.snapshot()
        (event,) = gradebook.history()
    (attempt,) = found.attempts
    assert found.people["ada"].github_id == "7"
    assert (attempt.points, attempt.max_points) == (Fraction(5, 2), 6)
    assert attempt.status is HandInStatus.SUBMITTED
    assert attempt.received_at == datetime(2026, 10, 1, 12, tzinfo=UTC)
    assert found.decisions.overrides == {("ada", "x"): 4}
    assert found.decisions.extensions == {("ada", "x"): attempt.received_at}
    assert (event.author, event.after, event.reason) == ("bo", "4", "typo")
    engine = create_engine(url)
    with engine.connect() as connection:
        assert version_of(connection) == len(MIGRATIONS)
    engine.dispose()


def test_the_steps_make_what_the_tables_say(url: URL) -> None:
    """Names and columns agree, whichever database it is."""
    with Gradebook(url, create=True):
        pass
    engine = create_engine(url)
    with engine.connect() as connection:
        seen = inspect(connection)
        made = {
            name: {c["name"] for c in seen.get_columns(name)} for name in seen.get_table_names()
        }
    engine.dispose()
    assert made == {table.name: {c.name for c in table.c} for table in METADATA.sorted_tables}


def test_a_newer_gradebook_is_refused(url: URL) -> None:
    """With its number, before anything is read or written."""
    newer = len(MIGRATIONS) + 1
    _old(url, len(MIGRATIONS))
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"INSERT INTO autograde_schema VALUES ({newer}, {AT})"))
    engine.dispose()
    with pytest.raises(UsageError, match=f"has schema {newer}, this autograde knows {newer - 1}"):
        Gradebook(url, create=True)


def test_a_database_of_something_else_is_left_alone(url: URL) -> None:
    """Tables of another program are neither used nor added to."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE student (id INTEGER)"))
    with pytest.raises(UsageError, match="not a gradebook"):
        Gradebook(url, create=True)
    with pytest.raises(UsageError, match="not a gradebook"):
        Gradebook(url)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["student"]
    engine.dispose()


REPLACE = {
    "sqlite": "INSERT OR REPLACE INTO {0} SELECT * FROM {0}",
    "postgresql": "TRUNCATE {0}",
}


@pytest.mark.parametrize("table", GROW_ONLY)
def test_history_only_grows(url: URL, table: str) -> None:
    """The database itself refuses to change, remove or replace a line."""
    _old(url, len(MIGRATIONS))
    engine = create_engine(url)
    changes = ("UPDATE {} SET reason = 'better'", "DELETE FROM {}", REPLACE[engine.dialect.name])
    for change in changes:
        with engine.connect() as connection, pytest.raises(DBAPIError, match=f"{table} only grows"):
            connection.execute(text(change.format(table)))
    with engine.connect() as connection:
        assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 1
    engine.dispose()
