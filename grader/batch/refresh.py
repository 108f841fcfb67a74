"""After a decision: what was written about a class is brought up to date, judging nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import msgspec

from grader import report
from grader.batch import book, pages
from grader.batch.counting import NOT_GRADED, count, flags_of
from grader.batch.intake import Pick
from grader.batch.journal import RESULTS, Journal
from grader.batch.worth import points_in, worth_now
from grader.errors import CourseError, UsageError
from grader.gradebook import Snapshot
from grader.model import AttemptResult, Course, Exercise, Grade, Standing

_AGAIN = "Run the same `autograde batch` again; it repeats nothing that is graded."


def refresh(journal: Journal, course: Course, found: Snapshot, say: report.Say) -> None:
    """Write `class.json` again, and the pages of those of whom something else counts now.

    Args:
        journal: The folder of the class, held by this process.
        course: Whose rules say what counts.
        found: The gradebook.
        say: Says it in the language of the pages.

    Raises:
        UsageError: If the folder is damaged, lacks verdicts, or is of another gradebook; also if
            points were changed and the class was not graded since.
    """
    stored = book.read_book(journal.folder / book.FILE_NAME)
    keys = {entry.key for entry in stored.people}
    standings = count(course, found, keys, stored.exercises)
    attempts = {(a.person, a.exercise_id, a.key): a for a in found.attempts}
    try:
        exercises = {e.id: (e, points_in(e)) for e in course.exercises if e.id in stored.exercises}
        class_ = _Class(journal, attempts, exercises, say)
        people = [class_.renew(entry, standings.get(entry.key)) for entry in stored.people]
    except CourseError as error:  # what is left to do is said as of any other reason
        raise UsageError(error.where, error.what, error.what_now) from error
    book.write_book(journal.folder, stored.exercises, people)


@dataclass(frozen=True, slots=True)
class _Class:
    """The class while it is brought up to date."""

    journal: Journal
    attempts: Mapping[tuple[str, str, str], AttemptResult]
    exercises: Mapping[str, tuple[Exercise, Mapping[str, Mapping[str, Fraction]]]]
    say: report.Say

    def renew(self, entry: book.Entry, standing: Standing | None) -> book.Entry:
        """Give the entry of one person as it is now, and write the page if it is another."""
        if NOT_GRADED in entry.flags:
            return entry
        if entry.graded:
            before = None if entry.standing is None else book.standing_of(entry.standing)
            now = {} if standing is None else _keys(standing)
            gone = set() if before is None else _keys(before).keys() - now.keys()
            if standing is None or gone or "" in now.values():
                what = f"the gradebook lacks attempts of {entry.key}."
                raise UsageError(str(self.journal.folder), what, _AGAIN)
            if before != standing:
                grade = pages.merge(self._parts(entry.key, standing), entry.key)
                folder = self.journal.folder / RESULTS / Path(entry.folder).name
                pages.write(folder, grade, self.say)
                pages.say_what_counts(folder, grade, self.say, standing)
        total = None if standing is None else book.total_of(standing)
        flags = flags_of(entry.flags, standing)
        return msgspec.structs.replace(entry, flags=flags, standing=total)

    def _parts(self, person: str, standing: Standing) -> list[tuple[Pick, Grade]]:
        """Read the verdicts on what counts now, with the points that their tests are worth now."""
        parts = []
        for counted in standing.exercises:
            path = self.journal.folder / counted.key
            grade = self.journal.recall(path, 0)
            if grade is None:
                raise UsageError(str(path), "these verdicts have vanished.", _AGAIN)
            grade = worth_now(grade, *self.exercises[counted.exercise_id])
            attempt = self.attempts[person, counted.exercise_id, counted.key]
            if (grade.score, grade.max_score) != (attempt.points, attempt.max_points):
                # Page and gradebook would disagree: the class is to be graded by these points.
                what = f"the points of {counted.exercise_id} were changed after this was graded."
                raise UsageError(str(path), what, _AGAIN)
            # The same bytes may have been handed in twice; the gradebook knows when these were.
            submission = replace(grade.submission, received_at=attempt.received_at)
            parts.append((Pick(submission, grade.exercises[0].exercise, person), grade))
        return parts


def _keys(standing: Standing) -> dict[str, str]:
    return {exercise.exercise_id: exercise.key for exercise in standing.exercises}
