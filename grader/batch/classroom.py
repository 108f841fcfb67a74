"""One run over a class: who is finished, what counts, what is written."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import __version__, report
from grader.batch import attention, book, pages
from grader.batch.ahead import in_children
from grader.batch.counting import MISSING, NOT_GRADED, count, flags_of
from grader.batch.intake import Pick
from grader.batch.journal import RESULTS, Journal
from grader.batch.judging import Finished
from grader.batch.people import Member
from grader.batch.plan import Trouble
from grader.batch.progress import counted
from grader.batch.work import Work, picks_of
from grader.batch.worth import points_in, worth_now
from grader.errors import AutogradeError
from grader.gradebook import Gradebook, Recorded
from grader.insight import Overview, Survey
from grader.model import (
    AttemptResult,
    ClassRow,
    Course,
    Exercise,
    Grade,
    HandInStatus,
    Standing,
)


@dataclass(frozen=True, slots=True)
class _Result:
    """What becomes of one person whose hand-ins are all judged.

    Attributes:
        key: Of the person.
        grade: What the page shows; None if it has to wait until it is known which attempt counts.
        recorded: For the gradebook.
    """

    key: str
    grade: Grade | None
    recorded: list[Recorded]


class Classroom:
    """Everything that is known of one class while it is graded."""

    def __init__(
        self,
        journal: Journal,
        course: Course,
        exercises: Sequence[Exercise],
        troubles: Sequence[Trouble],
        work: Work,
        say: report.Say,
        processes: int = 1,
    ) -> None:
        """Write nothing yet.

        Args:
            journal: Held by this run.
            course: Whose rules say what counts.
            exercises: Those asked for, in course order.
            troubles: What could not be read.
            work: The people, what of theirs was judged before, and what is left.
            say: Says it in the language of the pages.
            processes: How many may draw pages beside this one.

        Raises:
            CourseError: If a file of an exercise cannot be read.
        """
        self._journal = journal
        self._course = course
        self._exercises = tuple(exercises)
        self._members = tuple(work.members)
        self._troubles = list(troubles)
        self._points = {e.id: points_in(e) for e in exercises}
        self._work = work
        self._say = say
        self._processes = processes
        self._open: dict[Path, Grade] = {}
        self._survey = Survey()
        self._graded: dict[str, Grade] = {}
        self._recorded: dict[str, list[Recorded]] = {}
        self._rows: tuple[ClassRow, ...] = ()
        self._failed: list[Trouble] = []

    def settle(self, finished: Finished) -> None:
        """Take note of a task and write the pages of everybody who is finished by it.

        Raises:
            UsageError: If they cannot be written.
        """
        self._open |= finished.open
        for result in self._results(self._work.settle(job.path for job in finished.jobs)):
            self._finish(result, is_drawn=False)

    def begin(self) -> None:
        """Write the class with nobody graded, and the pages of those who need no judging.

        Raises:
            UsageError: If they cannot be written.
        """
        self._write_book()
        self._finish_others()

    def end(self, gradebook: Gradebook) -> None:
        """Work out what counts, and write what follows from it.

        That is: the gradebook, `class.json`, `needs-a-person.txt`, and the pages of those of whom
        something else counts than what the tests earned, or of whose attempts one was chosen.

        Args:
            gradebook: What was judged goes in, what people decided comes out.

        Raises:
            UsageError: If they cannot be written.
            GradebookError: If the gradebook cannot be used now.
        """
        self._work.catch_up()
        self._finish_others()
        ids = [exercise.id for exercise in self._exercises]
        people = [member.person for member in self._members]
        recorded = [found for own in self._recorded.values() for found in own]
        gradebook.record(people, recorded, ids, f"autograde {__version__}")
        keys = {person.key for person in people}
        standings = count(self._course, gradebook.snapshot(), keys, ids)
        finished = [m for m in self._members if m.person.key in self._recorded]
        for member in counted(finished, "pages brought up to date"):
            self._publish(member, standings[member.person.key])
        self._rows = tuple(self._row(m, standings.get(m.person.key)) for m in self._members)
        self._write_book()
        attention.write(self._journal.folder, self.open_lines, self.trouble_lines)
        if not self._open and all(self._work.is_complete(m) for m in self._members if m.picks):
            self._journal.end_regrade(ids)

    @property
    def rows(self) -> tuple[ClassRow, ...]:
        """One row per person, in the order of the gradebook; of nobody's grade before the end.

        Verdicts are left out, but for those that a fault of ours leaves open.
        """
        return self._rows or tuple(self._row(member, None) for member in self._members)

    @property
    def overview(self) -> Overview:
        """What all results tell together."""
        ids = [exercise.id for exercise in self._exercises]
        return self._survey.overview(self.rows, counted(ids, "exercises compared"))

    @property
    def attempts(self) -> dict[str, int]:
        """How often each person handed in what could be read, by key."""
        return {m.person.key: len(m.attempts) for m in self._members if m.attempts}

    @property
    def open_lines(self) -> list[str]:
        """What our side failed on, one line each."""
        ours = [trouble for trouble in self._troubles if trouble.is_ours]
        return attention.open_lines(self.rows) + [t.line for t in (*ours, *self._failed)]

    @property
    def trouble_lines(self) -> list[str]:
        """What cannot be read as it was handed in, one line each."""
        return [trouble.line for trouble in self._troubles if not trouble.is_ours]

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
                self._work.folders[row.person.key],
                row.flags,
                row.standing,
                graded=row.grade is not None,
            )
            for row in self.rows
        ]
        book.write_book(self._journal.folder, ids, people)

    def _finish_others(self) -> None:
        """Finish everybody whose verdicts are all there and who was not finished before."""
        others = [m for m in self._members if m.person.key not in self._recorded]
        results = self._results(counted(others, "results looked at"))
        for result, done in in_children(results, self._draw, self._processes):
            self._finish(result, is_drawn=done is not None)

    def _results(self, members: Iterable[Member]) -> Iterator[_Result]:
        """Read the results of those for whom everything is judged.

        Where several attempts may count, the page has to wait until it is known which one does.
        """
        for member in members:
            if not self._work.is_complete(member):
                continue
            key = member.person.key
            grades = {self._key(pick): (pick, self._grade_of(pick)) for pick in picks_of(member)}
            recorded = [
                Recorded(_result(key, name, pick, grade), pick.owner, pick.submission)
                for name, (pick, grade) in grades.items()
            ]
            grade = None if _has_choice(member) else pages.merge(list(grades.values()), key)
            yield _Result(key, grade, recorded)

    def _draw(self, result: _Result) -> bytes:
        """Write the page of one result, of which nothing else comes back."""
        if result.grade is not None:
            pages.write(self._folder(result.key), result.grade, self._say)
        return b""

    def _finish(self, result: _Result, *, is_drawn: bool) -> None:
        """Take note of one result, whose page is written now if it was not."""
        key = result.key
        if result.grade is not None:
            with self._drawing(key):
                if not is_drawn:
                    self._draw(result)
                self._graded[key] = self._survey.look(key, result.grade)
        # Last: who is interrupted before it is finished once more at the end.
        self._recorded[key] = result.recorded

    def _publish(self, member: Member, standing: Standing) -> None:
        """Write the page of somebody of whom it is known what counts, if it is not as it must be.

        Verdicts are read once more for it: those of a whole class would fill the memory.
        """
        key, picks = member.person.key, picks_of(member)
        folder = self._folder(key)
        if _has_choice(member):
            by_key = {self._key(pick): pick for pick in picks}
            picks = [by_key[exercise.key] for exercise in standing.exercises if exercise.key]
        elif key not in self._graded or not pages.has_more_to_say(folder, standing):
            return
        with self._drawing(key):
            grade = pages.merge([(pick, self._grade_of(pick)) for pick in picks], key)
            pages.write(folder, grade, self._say)
            pages.say_what_counts(folder, grade, self._say, standing)
            self._graded[key] = self._survey.look(key, grade)

    @contextlib.contextmanager
    def _drawing(self, key: str) -> Iterator[None]:
        """Take note of whose page could not be drawn, and go on."""
        try:
            yield
        except AutogradeError:
            raise
        except Exception as error:  # noqa: BLE001 - one page must not end the batch
            what = f"the page could not be written ({type(error).__name__}: {error})"
            self._failed.append(Trouble(key, what))

    def _folder(self, key: str) -> Path:
        return self._journal.folder / RESULTS / self._work.folders[key]

    def _grade_of(self, pick: Pick) -> Grade:
        path = self._work.path(pick)
        found = self._open.get(path) or self._journal.recall(path, 0)
        if found is None:
            raise AutogradeError(str(path), "these verdicts have vanished.", "Run it again.")
        exercise = pick.exercise
        return worth_now(found, exercise, self._points[exercise.id])

    def _key(self, pick: Pick) -> str:
        """Name a pick by where its verdicts are kept, below the folder of the batch."""
        return self._work.path(pick).relative_to(self._journal.folder).as_posix()


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
