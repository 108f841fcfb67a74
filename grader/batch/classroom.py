"""One run over a class: what is left to judge, who is finished, what is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import __version__, report
from grader.batch import book, pages
from grader.batch.counting import MISSING, NOT_GRADED, count, flags_of
from grader.batch.engine import Finished, Job
from grader.batch.intake import Pick
from grader.batch.journal import RESULTS, Journal
from grader.batch.keys import exercise_digest, verdict_key
from grader.batch.people import Member
from grader.batch.plan import Trouble, folder_names
from grader.batch.worth import points_in, worth_now
from grader.errors import AutogradeError, UsageError
from grader.gradebook import Gradebook, Recorded
from grader.model import (
    AttemptResult,
    ClassRow,
    Course,
    Exercise,
    ExerciseGrade,
    Grade,
    HandInStatus,
    Outcome,
    Standing,
)

NEEDS_A_PERSON_FILE = "needs-a-person.txt"
_OPEN_TITLE = "The grader failed on these. Nothing was counted; the same command tries them again."
_TROUBLE_TITLE = "These could not be read, or are no hand-ins."
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


class Classroom:
    """Everything that is known of one class while it is graded."""

    def __init__(
        self,
        journal: Journal,
        course: Course,
        exercises: Sequence[Exercise],
        members: Sequence[Member],
        troubles: Sequence[Trouble],
        level: int,
    ) -> None:
        """Look up what was judged before.

        Args:
            journal: Held by this run.
            course: Whose rules say what counts.
            exercises: Those asked for, in course order.
            members: The people.
            troubles: What could not be read.
            level: Isolation below which earlier verdicts do not count.

        Raises:
            CourseError: If a file of an exercise cannot be read.
        """
        self._journal = journal
        self._course = course
        self._exercises = tuple(exercises)
        self._members = tuple(members)
        self._troubles = list(troubles)
        self._digests = {e.id: exercise_digest(e) for e in exercises}
        self._points = {e.id: points_in(e) for e in exercises}
        picks = [pick for member in members for found in member.picks for pick in found]
        owners = {member.person.key for member in members} | {pick.owner for pick in picks}
        self._folders = folder_names(owners)
        self._open: dict[Path, Grade] = {}
        self._graded: dict[str, Grade] = {}
        self._recorded: dict[str, list[Recorded]] = {}
        self._rows: tuple[ClassRow, ...] = ()
        self._failed: list[Trouble] = []
        self._picks = {self._path(pick): pick for pick in picks}
        self._settled = {path for path in self._picks if journal.recall(path, level) is not None}

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
            if path in self._settled:
                why = JUDGED
            elif path.parent.is_dir():
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
        for path in sorted(self._settled):
            if self._picks[path].exercise.id in exercises:
                self._journal.set_aside(path)
                self._settled.discard(path)

    def tasks(self) -> list[tuple[Job, ...]]:
        """List what is left to judge, by attempt and in course order."""
        order = {exercise.id: number for number, exercise in enumerate(self._exercises)}
        groups: dict[tuple[str, str], list[Job]] = defaultdict(list)
        for path, pick in self._picks.items():
            if path not in self._settled:
                job = Job(pick.submission, pick.exercise, path)
                groups[pick.owner, pick.submission.origin].append(job)
        return [tuple(sorted(jobs, key=lambda j: order[j.exercise.id])) for jobs in groups.values()]

    def settle(self, finished: Finished) -> None:
        """Take note of a task and write the pages of everybody who is finished by it.

        Raises:
            UsageError: If they cannot be written.
        """
        self._open |= finished.open
        paths = {job.path for job in finished.jobs}
        self._settled |= paths
        for member in self._members:
            if paths & {self._path(pick) for picks in member.picks for pick in picks}:
                self._finish(member)

    def begin(self) -> None:
        """Write the class with nobody graded, and the pages of those who need no judging.

        Raises:
            UsageError: If they cannot be written.
        """
        self._write_book()
        for member in self._members:
            self._finish(member)

    def end(self, gradebook: Gradebook) -> None:
        """Work out what counts, and write what follows from it.

        That is: the gradebook, the pages of those of whose attempts one had to be chosen,
        `class.json` and `needs-a-person.txt`.

        Args:
            gradebook: What was judged goes in, what people decided comes out.

        Raises:
            UsageError: If they cannot be written.
            GradebookError: If the gradebook cannot be used now.
        """
        ids = [exercise.id for exercise in self._exercises]
        people = [member.person for member in self._members]
        recorded = [found for own in self._recorded.values() for found in own]
        gradebook.record(people, recorded, ids, f"autograde {__version__}")
        keys = {person.key for person in people}
        standings = count(self._course, gradebook.snapshot(), keys, ids)
        for member in self._members:
            if member.person.key in self._recorded and _has_choice(member):
                self._publish(member, standings[member.person.key])
        self._rows = tuple(self._row(m, standings.get(m.person.key)) for m in self._members)
        self._write_book()
        path = self._journal.folder / NEEDS_A_PERSON_FILE
        sections = [(_OPEN_TITLE, self.open_lines), (_TROUBLE_TITLE, self.trouble_lines)]
        text = "\n".join(
            "\n".join([title, *(f"  {line}" for line in lines)]) + "\n"
            for title, lines in sections
            if lines
        )
        if text:
            report.write_text(path, text)
        else:
            path.unlink(missing_ok=True)

    @property
    def rows(self) -> tuple[ClassRow, ...]:
        """One row per person, in the order of the gradebook; of nobody's grade before the end."""
        return self._rows or tuple(self._row(member, None) for member in self._members)

    @property
    def attempts(self) -> dict[str, int]:
        """How often each person handed in what could be read, by key."""
        return {m.person.key: len(m.attempts) for m in self._members if m.attempts}

    @property
    def open_lines(self) -> list[str]:
        """What our side failed on, one line each."""
        lines = [
            Trouble(row.person.key, f"{exercise.exercise.id}: {_why_open(exercise)}").line
            for row in self.rows
            if row.grade is not None
            for exercise in row.grade.exercises
            if exercise.score is None and exercise.exercise.id not in _decided(row)
        ]
        return lines + [trouble.line for trouble in self._failed]

    @property
    def trouble_lines(self) -> list[str]:
        """What could not be read, one line each."""
        return [trouble.line for trouble in self._troubles]

    def _row(self, member: Member, standing: Standing | None) -> ClassRow:
        """Make the row of one person; whoever is not finished has no standing."""
        flags = list(member.flags)
        grade = self._graded.get(member.person.key)
        if grade is not None:
            flags += [
                f"{MISSING}:{e.exercise.id}"
                for e in grade.exercises
                if e.hand_in.status is HandInStatus.NOT_SUBMITTED
            ]
        elif member.picks:
            return ClassRow(member.person, None, (*flags, NOT_GRADED))
        return ClassRow(member.person, grade, flags_of(flags, standing), standing)

    def _write_book(self) -> None:
        ids = [exercise.id for exercise in self._exercises]
        people = [
            book.entry(
                row.person,
                self._folders[row.person.key],
                row.flags,
                row.standing,
                graded=row.grade is not None,
            )
            for row in self.rows
        ]
        book.write_book(self._journal.folder, ids, people)

    def _finish(self, member: Member) -> None:
        """Take note of somebody's results once everything is judged, and write the page.

        Where several attempts may count, that has to wait until it is known which one does.
        """
        picks = [pick for found in member.picks for pick in found]
        if not picks or not {self._path(pick) for pick in picks} <= self._settled:
            return
        grades = {self._key(pick): (pick, self._grade_of(pick)) for pick in picks}
        key = member.person.key
        self._recorded[key] = [
            Recorded(_result(key, name, pick, grade), pick.owner, pick.submission)
            for name, (pick, grade) in grades.items()
        ]
        if not _has_choice(member):
            self._write_page(key, list(grades.values()))

    def _publish(self, member: Member, standing: Standing) -> None:
        """Write the page of somebody of whose attempts these were chosen."""
        picks = {self._key(pick): pick for found in member.picks for pick in found}
        chosen = [picks[exercise.key] for exercise in standing.exercises if exercise.key]
        parts = [(pick, self._grade_of(pick)) for pick in chosen]
        self._write_page(member.person.key, parts)

    def _write_page(self, key: str, parts: Sequence[tuple[Pick, Grade]]) -> None:
        try:
            grade = pages.merge(parts, key)
            pages.write(self._journal.folder / RESULTS / self._folders[key], grade)
        except AutogradeError:
            raise
        except Exception as error:  # noqa: BLE001 - one page must not end the batch
            what = f"the page could not be written ({type(error).__name__}: {error})"
            self._failed.append(Trouble(key, what))
        else:
            self._graded[key] = grade

    def _grade_of(self, pick: Pick) -> Grade:
        path = self._path(pick)
        found = self._open.get(path) or self._journal.recall(path, 0)
        if found is None:
            raise AutogradeError(str(path), "these verdicts have vanished.", "Run it again.")
        exercise = pick.exercise
        return worth_now(found, exercise, self._points[exercise.id])

    def _key(self, pick: Pick) -> str:
        """Name a pick by where its verdicts are kept, below the folder of the batch."""
        return self._path(pick).relative_to(self._journal.folder).as_posix()

    def _path(self, pick: Pick) -> Path:
        key = verdict_key(self._digests[pick.exercise.id], pick.hand_in)
        return self._journal.path(self._folders[pick.owner], pick.exercise.id, key)


def _result(person: str, key: str, pick: Pick, grade: Grade) -> AttemptResult:
    """Tell what one pick is worth to one person."""
    (exercise,) = grade.exercises
    return AttemptResult(
        person,
        pick.exercise.id,
        key,
        pick.hand_in.status,
        pick.submission.received_at,
        exercise.score,
        exercise.max_score,
    )


def _has_choice(member: Member) -> bool:
    """Tell whether several attempts may count for some exercise."""
    return any(len(picks) > 1 for picks in member.picks)


def _decided(row: ClassRow) -> set[str]:
    """Give the exercises whose points a person decided on."""
    exercises = row.standing.exercises if row.standing is not None else ()
    return {exercise.exercise_id for exercise in exercises if exercise.is_overridden}


def _why_open(exercise: ExerciseGrade) -> str:
    """Say in a sentence what our side failed with."""
    faults = [v.message for v in exercise.verdicts if v.outcome is Outcome.GRADER_FAULT]
    notes = [note.text for note in exercise.notes]
    return next(filter(None, [*faults, *notes]), "the judge failed.")
