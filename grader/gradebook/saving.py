"""What a class handed in and earned goes into the tables; the same again changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from grader.gradebook.audit import GRADED, NOTHING, Event, log, out_of
from grader.gradebook.tables import ATTEMPTS, PEOPLE, RESULTS, SUBMISSIONS
from grader.model import AttemptResult, Person, Submission

_Identity = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One attempt that may count for one person, and the submission that it is part of."""

    result: AttemptResult
    owner: str
    submission: Submission


def save(
    connection: Connection,
    people: Mapping[str, Person],
    attempts: Sequence[Recorded],
    exercises: set[str],
    author: str,
) -> None:
    """Save a class within one transaction (see `Gradebook.record`)."""
    _save_people(connection, people)
    submissions = _save_submissions(connection, attempts)
    _save_attempts(connection, attempts, submissions, exercises, people)
    _save_results(connection, [found.result for found in attempts], author)


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
        was = NOTHING if before is None else out_of(before.points, before.max_points)
        after = out_of(result.points, result.max_points)
        events.append(Event(now, author, GRADED, result.person, result.exercise_id, was, after, ""))
    if new:
        connection.execute(RESULTS.insert(), new)
    for row in changed:
        connection.execute(RESULTS.update().where(RESULTS.c.attempt == row["attempt"]).values(row))
    log(connection, events)
