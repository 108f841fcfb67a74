"""Whose hand-in is whose, and what is to be graded for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from grader.batch.intake import Pick, Policy, choose
from grader.batch.names import as_text
from grader.batch.plan import Attempt, Plan, Trouble
from grader.batch.roster import Directory
from grader.model import Course, Exercise, Person, Submission

NOT_SUBMITTED = "not_submitted"
UNREADABLE = "unreadable"
NOT_ON_ROSTER = "not_on_roster"
GROUP = "group"
LATE = "late"


@dataclass(slots=True)
class Member:
    """One person of the class.

    Attributes:
        person: Who.
        attempts: Owner and submission of each attempt that could be read.
        flags: What the gradebook says beside the points.
        picks: What may count, for each exercise; empty if nothing was handed in.
    """

    person: Person
    attempts: list[tuple[str, Submission]] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    picks: list[tuple[Pick, ...]] = field(default_factory=list)

    def flag(self, word: str) -> None:
        """Add a flag once."""
        if word not in self.flags:
            self.flags.append(word)


def on_roster(plan: Plan, roster: Sequence[Person]) -> Plan:
    """Call everybody by the name on the roster.

    A username names one person. A full name or an e-mail address may be that of a namesake, or
    be written by anybody, so it is believed only where nobody else is found to be the same person.

    Args:
        plan: What was found.
        roster: Who is in the class; may be empty.

    Returns:
        The same attempts; who was found and cannot be told apart is a trouble.
    """
    found = dict.fromkeys(person for attempt in plan.attempts for person in attempt.members)
    known, troubles = _join(found, roster)
    attempts = []
    for attempt in plan.attempts:
        members = tuple(known.get(person, person) for person in attempt.members)
        attempts.append(replace(attempt, members=tuple(dict.fromkeys(members))))
    return replace(plan, attempts=tuple(attempts), troubles=(*plan.troubles, *troubles))


def _join(
    found: Iterable[Person], roster: Sequence[Person]
) -> tuple[dict[Person, Person], list[Trouble]]:
    """Tell who of those found is who on the roster, and who cannot be told apart."""
    directory = Directory(roster)
    by_username = Directory(Person(p.key, github_id=p.github_id) for p in roster)
    people = {person.key: person for person in roster}
    known: dict[Person, Person] = {}
    claims: dict[str, list[Person]] = defaultdict(list)
    for person in found:
        if sure := by_username.find(Person(person.key)):
            known[person] = people[sure.key]
        elif claimed := directory.find(person):
            claims[claimed.key].append(person)
    taken = {person.key for person in known.values()}
    troubles = []
    for username, claiming in claims.items():
        keys = sorted({person.key for person in claiming})
        if len(keys) == 1 and username not in taken:
            known |= dict.fromkeys(claiming, people[username])
            continue
        what = (
            f"by name or e-mail address this may be {username} on the roster, and so may others, "
            "so it was joined to nobody there. Rename it to the username of whoever it is from."
        )
        troubles.append(Trouble(", ".join(keys), what))
    return known, troubles


def without_others(plan: Plan, course: Course, asked: Sequence[Exercise]) -> Plan:
    """Leave out the attempts whose layout says that they answer an exercise not asked for."""
    others = {e.id for e in course.exercises} - {e.id for e in asked}
    attempts = tuple(a for a in plan.attempts if a.assignment not in others)
    return replace(plan, attempts=attempts)


def gather(
    read: Sequence[tuple[Attempt, Submission | Trouble]],
    roster: Sequence[Person],
    course: Course,
    exercises: Sequence[Exercise],
    policy: Policy,
    extensions: Mapping[tuple[str, str], datetime] = MappingProxyType({}),
) -> tuple[list[Member], list[Trouble]]:
    """Choose what counts for each person.

    Args:
        read: Each attempt, by the names on the roster, with what was read of it.
        roster: Who is in the class; may be empty.
        course: For due dates.
        exercises: Those asked for.
        policy: Which of several attempts counts.
        extensions: Due dates of single people, by key and exercise id.

    Returns:
        The people, first those on the roster in its order and then the others by key; and
        what could not be read. Nothing counts yet for those of whom our side failed to read
        something.
    """
    members = {person.key: Member(person) for person in roster}
    for person in sorted((p for a, _ in read for p in a.members), key=lambda p: p.key):
        if person.key not in members:
            members[person.key] = Member(person)
            if roster:
                members[person.key].flag(NOT_ON_ROSTER)
    troubles = []
    for attempt, found in read:
        if isinstance(found, Trouble):
            troubles.append(found)
        for person in attempt.members:
            member = members[person.key]
            if len(attempt.members) > 1:
                member.flag(GROUP)
            if isinstance(found, Trouble):
                member.flag(UNREADABLE)
            else:
                member.attempts.append((attempt.owner, _storable(found)))
    _leave_open(members, read)
    for member in members.values():
        key = member.person.key
        own = {e.id: extensions.get((key, e.id), course.due.get(e.id)) for e in exercises}
        _choose(member, exercises, policy, own)
    return list(members.values()), troubles


def _leave_open(
    members: Mapping[str, Member], read: Sequence[tuple[Attempt, Submission | Trouble]]
) -> None:
    """Let nothing count yet for those of whom our side failed to read something.

    It may be what counts, or all that there is for some exercise, which is not missing then.
    """
    for attempt, found in read:
        if isinstance(found, Trouble) and found.is_ours:
            for person in attempt.members:
                members[person.key].attempts.clear()


def _storable(found: Submission) -> Submission:
    """Write a path that is no UTF-8 so that the gradebook and the judges can take it."""
    return replace(found, origin=as_text(found.origin))


def _choose(
    member: Member,
    exercises: Sequence[Exercise],
    policy: Policy,
    due: Mapping[str, datetime | None],
) -> None:
    if not member.attempts:
        if UNREADABLE not in member.flags:
            member.flag(NOT_SUBMITTED)
        return
    for exercise in exercises:
        picks = choose(member.attempts, exercise, policy, due[exercise.id])
        member.picks.append(picks)
        if any(pick.is_late for pick in picks):
            member.flag(f"{LATE}:{exercise.id}")
