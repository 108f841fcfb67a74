"""What is written to the gradebook and read from it.

A change and its line in the audit log are one transaction. Decisions are never edited: the
newest of a person and an exercise is in force, and taking one back is a new line, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from types import TracebackType
from typing import Any, Self

from sqlalchemy import URL, Connection, Table, func, select

from grader.errors import UsageError
from grader.gradebook.audit import EXTENDED, NOTHING, OVERRIDDEN, Event, log, words
from grader.gradebook.database import Database
from grader.gradebook.saving import Recorded, save
from grader.gradebook.tables import ATTEMPTS, AUDIT, EXTENSIONS, OVERRIDES, PEOPLE, RESULTS
from grader.model import AttemptResult, Decisions, HandInStatus, Person


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The gradebook at one moment.

    Attributes:
        people: By key.
        attempts: Those that may count.
        decisions: Those in force.
    """

    people: Mapping[str, Person]
    attempts: tuple[AttemptResult, ...]
    decisions: Decisions


class Gradebook:
    """An open gradebook. Use it in a `with` statement."""

    def __init__(self, url: URL, *, create: bool = False) -> None:
        """Open it; see `Database` for what is raised.

        Args:
            url: Which database.
            create: Whether it is made if there is none.
        """
        self._database = Database(url, create=create)

    def __enter__(self) -> Self:
        """Return the gradebook."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self._database.close()

    @property
    def where(self) -> str:
        """The database, as messages name it."""
        return self._database.where

    def record(
        self,
        people: Iterable[Person],
        attempts: Sequence[Recorded],
        exercises: Iterable[str],
        author: str,
    ) -> None:
        """Record what a class handed in and what it is worth; the same again changes nothing.

        Args:
            people: Everybody of the class.
            attempts: All that may count. What else is on record for these people and exercises
                stays there, and counts no more.
            exercises: Which exercises the attempts are complete for.
            author: Who runs this.
        """
        persons = {person.key: person for person in people}
        with self._database.writing() as connection:
            save(connection, persons, attempts, set(exercises), author)

    def snapshot(self) -> Snapshot:
        """Read everything that counts."""
        with self._database.reading() as connection:
            people = {row.person: Person(*row) for row in connection.execute(select(PEOPLE))}
            overrides = _in_force(connection, OVERRIDES, OVERRIDES.c.points)
            extensions = _in_force(connection, EXTENSIONS, EXTENSIONS.c.due)
            rows = connection.execute(
                select(ATTEMPTS, RESULTS.c.points, RESULTS.c.max_points)
                .join(RESULTS, RESULTS.c.attempt == ATTEMPTS.c.id)
                .where(ATTEMPTS.c.may_count)
                .order_by(ATTEMPTS.c.person, ATTEMPTS.c.exercise, ATTEMPTS.c.verdicts)
            ).all()
        attempts = tuple(
            AttemptResult(
                row.person,
                row.exercise,
                row.verdicts,
                HandInStatus(row.status),
                row.received_at,
                row.points,
                row.max_points,
            )
            for row in rows
        )
        return Snapshot(people, attempts, Decisions(overrides, extensions))

    def override(
        self, person: str, exercise_id: str, points: Fraction | None, author: str, reason: str
    ) -> Event:
        """Decide what one exercise of one person is worth.

        Args:
            person: Key of the person.
            exercise_id: Which exercise.
            points: What counts from now on; None to take an earlier decision back.
            author: Who decides.
            reason: Why.

        Returns:
            The line that was added to the audit log.

        Raises:
            UsageError: If the person is not in the gradebook.
        """
        after = NOTHING if points is None else words(points)
        row = {"person": person, "exercise": exercise_id, "author": author, "reason": reason}
        return self._decide(OVERRIDES, OVERRIDDEN, row | {"points": points}, after)

    def extend(
        self, person: str, exercise_id: str, due: datetime | None, author: str, reason: str
    ) -> Event:
        """Give one person a due date of their own.

        Args:
            person: Key of the person.
            exercise_id: Which exercise.
            due: The date (aware); None to take an earlier one back.
            author: Who decides.
            reason: Why.

        Returns:
            The line that was added to the audit log.

        Raises:
            UsageError: If the person is not in the gradebook.
        """
        after = NOTHING if due is None else words(due)
        row = {"person": person, "exercise": exercise_id, "author": author, "reason": reason}
        return self._decide(EXTENSIONS, EXTENDED, row | {"due": due}, after)

    def history(
        self, people: Sequence[str] = (), exercises: Sequence[str] = ()
    ) -> tuple[Event, ...]:
        """Read the audit log, oldest first.

        Args:
            people: Only of these; all by default.
            exercises: Only of these; all by default.
        """
        wanted = select(AUDIT).order_by(AUDIT.c.id)
        if people:
            wanted = wanted.where(AUDIT.c.person.in_(people))
        if exercises:
            wanted = wanted.where(AUDIT.c.exercise.in_(exercises))
        with self._database.reading() as connection:
            return tuple(Event(*row[1:]) for row in connection.execute(wanted))

    def _decide(self, table: Table, action: str, row: dict[str, Any], after: str) -> Event:
        value = "points" if table is OVERRIDES else "due"
        with self._database.writing() as connection:
            person, exercise = row["person"], row["exercise"]
            found = connection.execute(select(PEOPLE.c.person)).scalars().all()
            if person not in found:
                what = f"there is nobody called {person} in the gradebook."
                what_now = "`autograde gradebook show` lists everybody."
                raise UsageError(self.where, what, what_now)
            known = _in_force(connection, table, table.c[value])
            before = words(known.get((person, exercise)))
            # The clock is asked inside the transaction: the log is in order of time.
            event = Event(
                datetime.now(UTC), row["author"], action, person, exercise, before, after,
                row["reason"],
            )  # fmt: skip
            connection.execute(table.insert(), row | {"at": event.at})
            log(connection, [event])
        return event


def _in_force(connection: Connection, table: Table, value: Any) -> dict[tuple[str, str], Any]:
    """Give the newest decision of each person and exercise, unless it was taken back."""
    newest = select(func.max(table.c.id)).group_by(table.c.person, table.c.exercise)
    rows = connection.execute(
        select(table.c.person, table.c.exercise, value.label("value")).where(
            table.c.id.in_(newest), value.is_not(None)
        )
    )
    return {(row.person, row.exercise): row.value for row in rows}
