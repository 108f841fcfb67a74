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
from grader.gradebook.database import Database
from grader.gradebook.tables import (
    ATTEMPTS,
    AUDIT,
    EXTENSIONS,
    OVERRIDES,
    PEOPLE,
    RESULTS,
    SUBMISSIONS,
    decimal,
)
from grader.model import AttemptResult, Decisions, HandInStatus, Person, Submission

GRADED, OVERRIDDEN, EXTENDED = "graded", "override", "extension"
_NOTHING = "none"
_OPEN = "open"


@dataclass(frozen=True, slots=True)
class Recorded:
    """One attempt that may count for one person, and the submission that it is part of."""

    result: AttemptResult
    owner: str
    submission: Submission


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


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the audit log.

    Attributes:
        at: When (aware, UTC).
        author: Who.
        action: `graded`, `override` or `extension`.
        person: Whose.
        exercise_id: Which exercise.
        before: What was in force until then, in words.
        after: What has been since.
        reason: Why; empty for what was graded.
    """

    at: datetime
    author: str
    action: str
    person: str
    exercise_id: str
    before: str
    after: str
    reason: str


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
            _save_people(connection, persons)
            submissions = _save_submissions(connection, attempts)
            _save_attempts(connection, attempts, submissions, set(exercises), persons)
            _save_results(connection, [found.result for found in attempts], author)

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
        after = _NOTHING if points is None else _words(points)
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
        after = _NOTHING if due is None else _words(due)
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
            before = _words(known.get((person, exercise)))
            # The clock is asked inside the transaction: the log is in order of time.
            event = Event(
                datetime.now(UTC), row["author"], action, person, exercise, before, after,
                row["reason"],
            )  # fmt: skip
            connection.execute(table.insert(), row | {"at": event.at})
            _log(connection, [event])
        return event


def _log(connection: Connection, events: Sequence[Event]) -> None:
    if events:
        rows = [
            {
                "at": e.at, "author": e.author, "action": e.action, "person": e.person,
                "exercise": e.exercise_id, "before": e.before, "after": e.after,
                "reason": e.reason,
            }
            for e in events
        ]  # fmt: skip
        connection.execute(AUDIT.insert(), rows)


def _save_people(connection: Connection, people: Mapping[str, Person]) -> None:
    known = {row.person: Person(*row) for row in connection.execute(select(PEOPLE))}
    new = [p for key, p in people.items() if key not in known]
    changed = [p for key, p in people.items() if known.get(key, p) != p]
    if new:
        connection.execute(PEOPLE.insert(), [_person_row(person) for person in new])
    for person in changed:
        connection.execute(
            PEOPLE.update().where(PEOPLE.c.person == person.key).values(_person_row(person))
        )


def _person_row(person: Person) -> dict[str, str]:
    return {
        "person": person.key, "name": person.name, "email": person.email,
        "section": person.section, "github_id": person.github_id,
    }  # fmt: skip


_Identity = tuple[str, str, str]


def _identity(found: Recorded) -> _Identity:
    return found.owner, found.submission.origin, found.submission.id


def _save_submissions(connection: Connection, attempts: Sequence[Recorded]) -> dict[_Identity, int]:
    """Add submissions that are new; give the row of each."""
    wanted = {_identity(found): found.submission for found in attempts}
    known = _submissions(connection)
    rows = [
        {
            "owner": owner, "origin": origin, "sha256": sha256, "commit_id": submission.commit,
            "received_at": submission.received_at,
        }
        for (owner, origin, sha256), submission in wanted.items()
        if (owner, origin, sha256) not in known
    ]  # fmt: skip
    if rows:
        connection.execute(SUBMISSIONS.insert(), rows)
        known = _submissions(connection)
    return known


def _submissions(connection: Connection) -> dict[_Identity, int]:
    c = SUBMISSIONS.c
    rows = connection.execute(select(c.owner, c.origin, c.sha256, c.id))
    return {(row.owner, row.origin, row.sha256): row.id for row in rows}


def _save_attempts(
    connection: Connection,
    attempts: Sequence[Recorded],
    submissions: Mapping[_Identity, int],
    exercises: set[str],
    people: Mapping[str, Person],
) -> None:
    """Add attempts that are new, and say of each whether it may count."""
    known = {
        (row.person, row.exercise, row.verdicts): row._asdict()
        for row in connection.execute(select(ATTEMPTS))
    }
    new, changed = [], []
    for found in attempts:
        result = found.result
        row = {
            "person": result.person, "exercise": result.exercise_id, "verdicts": result.key,
            "submission": submissions[_identity(found)], "status": result.status.value,
            "received_at": result.received_at, "may_count": True,
        }  # fmt: skip
        before = known.pop((result.person, result.exercise_id, result.key), None)
        if before is None:
            new.append(row)
        elif before != row | {"id": before["id"]}:
            changed.append(row | {"id": before["id"]})
    for (person, exercise, _), before in known.items():
        if before["may_count"] and exercise in exercises and person in people:
            changed.append(before | {"may_count": False})
    if new:
        connection.execute(ATTEMPTS.insert(), new)
    for row in changed:
        connection.execute(ATTEMPTS.update().where(ATTEMPTS.c.id == row["id"]).values(row))


def _save_results(connection: Connection, results: Sequence[AttemptResult], author: str) -> None:
    """Save points, and note in the audit log what is new or another than before."""
    c = ATTEMPTS.c
    ids = {
        (row.person, row.exercise, row.verdicts): row.id
        for row in connection.execute(select(c.person, c.exercise, c.verdicts, c.id))
    }
    known = {row.attempt: row for row in connection.execute(select(RESULTS))}
    now = datetime.now(UTC)
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    events: list[Event] = []
    for result in results:
        attempt = ids[result.person, result.exercise_id, result.key]
        row = {
            "attempt": attempt,
            "points": result.points,
            "max_points": result.max_points,
        }
        before = known.get(attempt)
        if before is not None and before._asdict() == row:
            continue
        (new if before is None else changed).append(row)
        was = _NOTHING if before is None else _out_of(before.points, before.max_points)
        after = _out_of(result.points, result.max_points)
        events.append(Event(now, author, GRADED, result.person, result.exercise_id, was, after, ""))
    if new:
        connection.execute(RESULTS.insert(), new)
    for row in changed:
        connection.execute(RESULTS.update().where(RESULTS.c.attempt == row["attempt"]).values(row))
    _log(connection, events)


def _in_force(connection: Connection, table: Table, value: Any) -> dict[tuple[str, str], Any]:
    """Give the newest decision of each person and exercise, unless it was taken back."""
    newest = select(func.max(table.c.id)).group_by(table.c.person, table.c.exercise)
    rows = connection.execute(
        select(table.c.person, table.c.exercise, value.label("value")).where(
            table.c.id.in_(newest), value.is_not(None)
        )
    )
    return {(row.person, row.exercise): row.value for row in rows}


def _words(value: Fraction | datetime | None) -> str:
    """Write points or a moment for the audit log."""
    if value is None:
        return _NOTHING
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return decimal(value)


def _out_of(points: Fraction | None, max_points: Fraction) -> str:
    return f"{_OPEN if points is None else _words(points)} of {_words(max_points)}"
