"""What there is to judge of a class, and who waits for which verdicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.batch.intake import Pick
from grader.batch.journal import Journal
from grader.batch.judging import Job
from grader.batch.keys import verdict_key
from grader.batch.people import Member
from grader.batch.plan import folder_names
from grader.batch.texts import Texts
from grader.errors import UsageError
from grader.model import Exercise

JUDGED = "it was judged before"
OUTDATED = "it was judged under something that has changed since"
NEVER = "it was never judged"


@dataclass(frozen=True, slots=True)
class Again:
    """One hand-in that is to be judged again.

    Attributes:
        owner: Key of the person or group.
        origin: Where it was read.
        exercise_id: Which exercise of it.
        why: In words.
    """

    owner: str
    origin: str
    exercise_id: str
    why: str


class Work:
    """The hand-ins of a class by the place of their verdicts, and what every member waits for.

    A hand-in of a group is judged once, and several members wait for it. Settling one looks at
    nobody else, so that the time for a class grows with its size and not with its square.
    """

    def __init__(
        self,
        journal: Journal,
        exercises: Sequence[Exercise],
        members: Sequence[Member],
        texts: Texts,
        digests: dict[str, str],
        level: int,
    ) -> None:
        """Look nothing up yet.

        Args:
            journal: Held by this run.
            exercises: Those asked for, in course order.
            members: The people.
            texts: What they handed in.
            digests: What each exercise is judged with (`keys.exercise_digest`), by its id.
            level: Isolation below which earlier verdicts do not count.
        """
        self._journal = journal
        self.members = members
        self.texts = texts
        self._level = level
        self._order = {exercise.id: number for number, exercise in enumerate(exercises)}
        self.digests = digests
        owners = {pick.owner for member in members for pick in picks_of(member)}
        self.folders = folder_names(owners | {member.person.key for member in members})
        """Name of the folder of each person and group, by key."""
        # By the text of their paths: a class has ten thousands, and an object takes four times as
        # much.
        self._picks: dict[str, Pick] = {}
        self._paths: dict[str, tuple[str, ...]] = {}
        self._waiting: dict[str, tuple[Member, ...]] = {}
        for member in members:
            own = {str(self.path(pick)): pick for pick in picks_of(member)}
            self._paths[member.person.key] = tuple(own)
            for path in own:
                self._waiting[path] = (*self._waiting.get(path, ()), member)
            self._picks |= own
        self._known: dict[str, bool] = {}

    def path(self, pick: Pick) -> Path:
        """Give the place of the verdicts on a hand-in."""
        key = verdict_key(self.digests[pick.exercise.id], pick.hand_in)
        return self._journal.path(self.folders[pick.owner], pick.exercise.id, key)

    def tasks(self) -> list[tuple[Job, ...]]:
        """List what is left to judge, by attempt and in course order."""
        groups: dict[tuple[str, str], list[Job]] = defaultdict(list)
        for path, pick in self._picks.items():
            if not self._is_settled(path):
                job = Job(pick.submission, pick.exercise, path, self.texts)
                groups[pick.owner, pick.submission.origin].append(job)
        return [
            tuple(sorted(jobs, key=lambda job: self._order[job.exercise.id]))
            for jobs in groups.values()
        ]

    def settle(self, paths: Iterable[Path]) -> list[Member]:
        """Take note that verdicts are there, and give those who were waiting for them."""
        return self._settle(map(str, paths))

    def _settle(self, paths: Iterable[str]) -> list[Member]:
        settled = list(paths)
        self._known.update(dict.fromkeys(settled, True))
        found = {m.person.key: m for path in settled for m in self._waiting.get(path, ())}
        return list(found.values())

    def catch_up(self) -> None:
        """Settle what became durable while nobody listened any more, as after Ctrl-C."""
        self._settle([p for p in self._picks if not self._known.get(p) and self._is_kept(p)])

    def _is_settled(self, path: str) -> bool:
        """Tell whether verdicts are there; they are read when somebody is about to use them."""
        if path not in self._known:
            self._known[path] = self._is_kept(path)
        return self._known[path]

    def _is_kept(self, path: str) -> bool:
        return self._journal.recall(Path(path), self._level) is not None

    def is_complete(self, member: Member) -> bool:
        """Tell whether everything that somebody handed in is judged, and there is something."""
        return bool(member.picks) and all(map(self._is_settled, self._paths[member.person.key]))

    def again(self, exercises: Collection[str]) -> list[Again]:
        """Tell what judging some exercises again would judge; nothing is changed.

        Args:
            exercises: Their ids.

        Returns:
            Each hand-in once, by owner.

        Raises:
            UsageError: If something else would have to be judged with them.
        """
        found = []
        for path, pick in self._picks.items():
            name = pick.exercise.id
            if self._is_settled(path):
                why = JUDGED
            elif Path(path).parent.is_dir():
                why = OUTDATED
            else:
                why = NEVER
            if name in exercises:
                found.append(Again(pick.owner, pick.submission.origin, name, why))
            elif why is not JUDGED:
                what = f"a hand-in for {name} would have to be judged, too: {why}."
                what_now = f"Name it with -e {name}, or run `autograde batch` first."
                raise UsageError(pick.owner, what, what_now)
        return sorted(found, key=lambda one: (one.exercise_id, one.owner, one.origin))

    def set_aside(self, exercises: Collection[str]) -> None:
        """Make the verdicts on some exercises count no more; they are kept beside the new ones.

        Raises:
            UsageError: If they cannot be moved.
        """
        for path in sorted(filter(self._is_settled, self._picks)):
            if self._picks[path].exercise.id in exercises:
                self._journal.set_aside(Path(path))
                self._known[path] = False


def picks_of(member: Member) -> list[Pick]:
    """Give everything of one person that may count."""
    return [pick for found in member.picks for pick in found]
