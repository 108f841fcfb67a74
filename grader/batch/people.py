"""Whose hand-in is whose, and what is to be graded for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from grader.batch.intake import Pick, Policy, choose
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

    Args:
        plan: What was found.
        roster: Who is in the class; may be empty.
    """
    directory = Directory(roster)
    attempts = []
    for attempt in plan.attempts:
        members = tuple(directory.find(person) or person for person in attempt.members)
        attempts.append(replace(attempt, members=tuple(dict.fromkeys(members))))
    return replace(plan, attempts=tuple(attempts))


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
        what could not be read.
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
                member.attempts.append((attempt.owner, found))
    for member in members.values():
        key = member.person.key
        own = {e.id: extensions.get((key, e.id), course.due.get(e.id)) for e in exercises}
        _choose(member, exercises, policy, own)
    return list(members.values()), troubles


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
