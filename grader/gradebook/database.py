"""Where the gradebook is, how it is opened, and what its errors mean to a person.

One process writes at a time, in both databases: SQLite by its own lock (BEGIN IMMEDIATE; the
write-ahead log lets others read meanwhile), PostgreSQL by an advisory lock. A reader sees the
gradebook as it was when it began to read. Passwords are never shown.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from grader.errors import GradebookError, UsageError
from grader.gradebook.migrations import MIGRATIONS, check_version, migrate, version_of
from grader.gradebook.tables import VERSIONS

FILE_NAME = "gradebook.sqlite"
WAIT_S = 10
"""How long a process waits for another that is writing, or for a server to answer."""
_LOCK_KEY = 0x61757467
"""Of the advisory lock: `autg`. Any other program's would do no harm but to wait."""
_POSTGRES = ("postgresql", "postgres", "postgresql+psycopg")
_WRITES = "autograde_writes"


def address_of(text_or_folder: str | Path) -> URL:
    """Tell which database is meant.

    Args:
        text_or_folder: A URL (`postgresql://...`, `sqlite:///...`), or the folder whose
            `gradebook.sqlite` it is.

    Raises:
        UsageError: If it is no URL of a database that can be used. It does not repeat the URL,
            in which there may be a password.
    """
    if isinstance(text_or_folder, Path):
        return URL.create("sqlite", database=str(text_or_folder / FILE_NAME))
    what_now = "Write postgresql://user@host/database or sqlite:///path/to/file.sqlite."
    try:
        url = make_url(text_or_folder)
    except (ArgumentError, ValueError):
        what = "this is not the URL of a database (it is not repeated here)."
        raise UsageError("gradebook", what, what_now) from None
    if url.drivername in _POSTGRES:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername == "sqlite" and url.database not in {None, "", ":memory:"}:
        return url
    what = f"a gradebook cannot be kept in {url.drivername}."
    raise UsageError("gradebook", what, what_now)


def shown(url: URL) -> str:
    """Name a database without its password: the file, or server and database."""
    if url.drivername == "sqlite":
        return str(url.database)
    return f"postgresql://{url.host or url.query.get('host', '')}/{url.database or ''}"


class Database:
    """One open database, with the newest schema."""

    def __init__(self, url: URL, *, create: bool) -> None:
        """Open it, and bring its schema up to date.

        Args:
            url: Which database.
            create: Whether it is made if there is none.

        Raises:
            UsageError: If there is none, or it cannot be used.
            GradebookError: If it cannot be reached or is locked.
        """
        self.where = shown(url)
        if url.drivername == "sqlite" and not create and not Path(str(url.database)).is_file():
            what = "there is no gradebook here."
            what_now = "Name the folder that `autograde batch --out` wrote with --from."
            raise UsageError(self.where, what, what_now)
        with self._told():
            self._engine = _engine(url)
        try:
            self._prepare(create=create)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one moment of the database.

        Raises:
            GradebookError: If it cannot be reached.
        """
        options = {} if self._is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with self._told(), self._engine.connect() as plain:
            connection = plain.execution_options(**options)
            with connection.begin():
                yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection that is the only writer; all of its changes come about, or none.

        Raises:
            UsageError: If the file cannot be written.
            GradebookError: If another process does not stop writing, or it cannot be reached.
        """
        with self._told(), self._engine.connect() as plain:
            connection = plain.execution_options(**{_WRITES: True})
            with connection.begin():
                if not self._is_sqlite:
                    connection.execute(text(f"SET LOCAL lock_timeout = '{WAIT_S}s'"))
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})"))
                yield connection

    @property
    def _is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    def _prepare(self, *, create: bool) -> None:
        with self.reading() as connection:
            known = inspect(connection).has_table(VERSIONS.name)
            version = version_of(connection) if known else 0
        if version == 0 and not create:
            what = "this is not a gradebook."
            what_now = "Name the folder that `autograde batch --out` wrote with --from."
            raise UsageError(self.where, what, what_now)
        check_version(version, self.where)
        if version < len(MIGRATIONS):
            with self.writing() as connection:
                migrate(connection, self.where)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what a driver raises into a sentence."""
        try:
            yield
        except ModuleNotFoundError as error:
            what = f"PostgreSQL needs the package {error.name}, which is not installed."
            raise UsageError(self.where, what, "pip install 'autograde[postgres]'") from None
        except (SQLAlchemyError, NoSuchModuleError) as error:
            raise _explained(self.where, error) from None


def _engine(url: URL) -> Engine:
    if url.drivername != "sqlite":
        connect = {"connect_timeout": WAIT_S, "application_name": "autograde"}
        # A connection rests for a night of judging, and a server or a router may end it meanwhile.
        return create_engine(url, connect_args=connect, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": WAIT_S})

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        cursor = connection.cursor()
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


_FULL = ("database or disk is full",)
_LOCKED = ("database is locked", "lock timeout")
_FILE = ("unable to open database file", "readonly database", "disk i/o error")
_FOREIGN = ("file is not a database", "malformed")


def _explained(where: str, error: SQLAlchemyError) -> UsageError | GradebookError:
    """Say what went wrong; of what the driver says only the first line, without a password."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    said = str(cause).strip().partition("\n")[0]
    low = said.lower()
    if any(sign in low for sign in _LOCKED):
        what = f"another process has been writing to it for {WAIT_S} s."
        return GradebookError(where, what, "Try again when it has ended.")
    if any(sign in low for sign in _FULL):
        what_now = "Free some space; what stood there before is intact."
        return UsageError(where, "the disk is full.", what_now)
    if any(sign in low for sign in _FILE):
        what = f"the gradebook cannot be opened or written ({said})."
        return UsageError(where, what, "Make its folder writable, or name another gradebook.")
    if any(sign in low for sign in _FOREIGN):
        return UsageError(where, "this is not a gradebook.", "Name another file.")
    if (isinstance(error, DBAPIError) and error.connection_invalidated) or "connect" in low:
        what = f"the database cannot be reached ({said})."
        return GradebookError(where, what, "Start it, or correct the URL of the gradebook.")
    return GradebookError(where, f"the database refused ({said}).")
