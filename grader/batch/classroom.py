"""One run over a class: what is left to judge, who is finished, what is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from grader import report, score
from grader.batch import book
from grader.batch.engine import Finished, Job
from grader.batch.intake import Pick, join
from grader.batch.journal import RESULTS, Journal
from grader.batch.keys import exercise_digest, verdict_key
from grader.batch.people import Member
from grader.batch.plan import Trouble, folder_names
from grader.errors import AutogradeError
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
        picks = [pick for member in members for found in member.picks for pick in found]
        owners = {member.person.key for member in members} | {pick.owner for pick in picks}
        self._folders = folder_names(owners)
        self._open: dict[Path, Grade] = {}
        self._graded: dict[str, Grade] = {}
        self._results: dict[str, list[AttemptResult]] = {}
        self._failed: list[Trouble] = []
        jobs = {self._path(pick): pick for pick in picks}
        self._settled = {path for path in jobs if journal.recall(path, level) is not None}
        self._jobs = {path: pick for path, pick in jobs.items() if path not in self._settled}

    def tasks(self) -> list[tuple[Job, ...]]:
        """List what is left to judge, by attempt and in course order."""
        order = {exercise.id: number for number, exercise in enumerate(self._exercises)}
        groups: dict[tuple[str, str], list[Job]] = defaultdict(list)
        for path, pick in self._jobs.items():
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

    def end(self) -> None:
        """Write what concerns the whole class: `class.json` and `needs-a-person.txt`.

        Raises:
            UsageError: If they cannot be written.
        """
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
        """One row per person, in the order of the gradebook."""
        results = [result for found in self._results.values() for result in found]
        ids = [exercise.id for exercise in self._exercises]
        standings = score.standings(self._course, results, exercises=ids)
        return tuple(
            ClassRow(
                member.person,
                self._graded.get(member.person.key),
                self._flags(member, standings.get(member.person.key)),
                standings.get(member.person.key),
            )
            for member in self._members
        )

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
            if exercise.score is None
        ]
        return lines + [trouble.line for trouble in self._failed]

    @property
    def trouble_lines(self) -> list[str]:
        """What could not be read, one line each."""
        return [trouble.line for trouble in self._troubles]

    def _flags(self, member: Member, standing: Standing | None) -> tuple[str, ...]:
        flags = list(member.flags)
        grade = self._graded.get(member.person.key)
        if grade is None:
            return (*flags, *([book.NOT_GRADED] if member.picks else []))
        flags += [
            f"missing:{e.exercise.id}"
            for e in grade.exercises
            if e.hand_in.status is HandInStatus.NOT_SUBMITTED
        ]
        if standing is not None:
            flags += [f"dropped:{e.exercise_id}" for e in standing.exercises if e.is_dropped]
        return (*flags, *([book.NEEDS_A_PERSON] if grade.score is None else []))

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
        """Write the result and the page of somebody of whom everything is judged."""
        paths = {self._path(pick) for picks in member.picks for pick in picks}
        if not paths or not paths <= self._settled:
            return
        try:
            self._publish(member)
        except AutogradeError:
            raise
        except Exception as error:  # noqa: BLE001 - one page must not end the batch
            what = f"the page could not be written ({type(error).__name__}: {error})"
            self._failed.append(Trouble(member.person.key, what))

    def _publish(self, member: Member) -> None:
        found = {
            self._key(pick): (pick, self._grade_of(self._path(pick)))
            for picks in member.picks
            for pick in picks
        }
        key = member.person.key
        results = [_result(key, name, pick, grade) for name, (pick, grade) in found.items()]
        standing = score.standings(self._course, results)[key]
        chosen = [found[exercise.key] for exercise in standing.exercises]
        newest = max((grade for _, grade in chosen), key=lambda grade: grade.graded_at)
        weakest = min((grade.isolation for _, grade in chosen), key=lambda found: found.level)
        grade = score.grade_submission(
            join([pick for pick, _ in chosen], key),
            [grade.exercises[0] for _, grade in chosen],
            isolation=weakest,
            environment=newest.environment,
            graded_at=newest.graded_at,
        )
        folder = self._journal.folder / RESULTS / self._folders[key]
        text = report.result_text(grade)
        page = folder / "report.html"
        if not page.is_file() or _text_of(folder / "result.json") != text:
            report.write_text(page, report.render_html(grade))
            report.write_text(folder / "result.json", text)
        self._graded[key] = grade
        self._results[key] = results

    def _grade_of(self, path: Path) -> Grade:
        found = self._open.get(path) or self._journal.recall(path, 0)
        if found is None:
            raise AutogradeError(str(path), "these verdicts have vanished.", "Run it again.")
        return found

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


def _why_open(exercise: ExerciseGrade) -> str:
    """Say in a sentence what our side failed with."""
    faults = [v.message for v in exercise.verdicts if v.outcome is Outcome.GRADER_FAULT]
    notes = [note.text for note in exercise.notes]
    return next(filter(None, [*faults, *notes]), "the judge failed.")


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
