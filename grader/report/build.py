"""From a grade to what a person is shown of it: wording, order and length are decided here."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from itertools import count

from grader.model import ExerciseGrade, Grade, HandInStatus, Note, Outcome, Verdict, Visibility
from grader.report.compare import comparison_view
from grader.report.numbers import percent_text, points_text, seconds_text
from grader.report.stored import as_stored
from grader.report.text import clean_text
from grader.report.urgent import NOTHING_TO_MEND, Urgent, most_urgent
from grader.report.view import (
    BarView,
    ExerciseView,
    FilterView,
    FrameView,
    GradeView,
    NextView,
    NoteView,
    TaskView,
    TestView,
)
from grader.report.words import HAND_INS, OUTCOMES, level_text

FRAME_LIMIT = 6
"""Frames of a traceback that are shown: the last ones."""
NOTE_LIMIT = 20
"""Notes shown of one hand-in."""
OUTPUT_BUDGET, MESSAGE_BUDGET = 12_000, 20_000
"""Characters on one page, shared by the tests that printed or did not pass."""
TEXT_FLOOR, OUTPUT_CEILING, TEXT_CEILING = 200, 4_000, 1_500
"""Characters that one test is shown at least and at most."""
NBSP = "\u00a0"


def build_view(grade: Grade) -> GradeView:
    """Decide what is shown of a grade.

    All texts are clean, because the view is made from what a stored result would hold.

    Args:
        grade: The grade of one submission, fresh or read back.

    Returns:
        The page's content, in the order in which it is read.
    """
    grade = as_stored(grade)
    verdicts = [verdict for exercise in grade.exercises for verdict in exercise.verdicts]
    make = _TestViews(verdicts)
    exercises = tuple(
        _exercise_view(index, exercise, grade, make)
        for index, exercise in enumerate(grade.exercises, start=1)
    )
    urgent = most_urgent(grade)
    standing, detail = _standing(grade)
    rest_title, rest_detail = _rest(grade)
    return GradeView(
        title=exercises[0].title if len(exercises) == 1 else "Your exercises",
        owner=grade.submission.owner,
        bar=_bar(grade.score, grade.max_score),
        standing=standing,
        standing_detail=detail,
        summary=_summary(grade, verdicts),
        is_fault=grade.score is None,
        next=None if urgent is None else _next_view(urgent, exercises, make),
        rest_title=rest_title,
        rest_detail=rest_detail,
        exercises=exercises,
        notes=_notes(grade.submission.notes),
        filters=_filters(verdicts),
        facts=_facts(grade),
    )


class _TestViews:
    """Makes the view of each test once, sharing the page's room for text among them."""

    def __init__(self, verdicts: list[Verdict]) -> None:
        """Divide the room: many failing tests get less of it each than a single one."""
        self._numbers = count(1)
        self._made: dict[tuple[str, str], TestView] = {}
        broken = [verdict for verdict in verdicts if verdict.outcome is not Outcome.PASSED]
        printed = sum(1 for verdict in broken if verdict.output)
        self._tables = sum(1 for verdict in broken if verdict.comparison)
        self._output_limit = _share(OUTPUT_BUDGET, printed, OUTPUT_CEILING)
        self._message_limit = _share(MESSAGE_BUDGET, len(broken), TEXT_CEILING)

    def __call__(self, verdict: Verdict) -> TestView:
        """Make the view of one test, or find it again."""
        key = (verdict.test.exercise_id, verdict.test.id)
        if key not in self._made:
            self._made[key] = self._make(verdict)
        return self._made[key]

    def _make(self, verdict: Verdict) -> TestView:
        """Choose what is shown; a hidden test shows neither values nor output."""
        test, words = verdict.test, OUTCOMES[verdict.outcome]
        passed = verdict.outcome is Outcome.PASSED
        public = test.visibility is Visibility.PUBLIC
        earned = "?" if verdict.points is None else points_text(verdict.points)
        shown = public and not passed
        message = verdict.message or words.meaning
        return TestView(
            anchor=f"t{next(self._numbers)}",
            id=test.id,
            words=words,
            title=test.title,
            points=f"{earned}/{points_text(test.points)}",
            is_hidden=not public,
            message="" if passed else clean_text(message, self._message_limit),
            hint="" if verdict.outcome in NOTHING_TO_MEND else clean_text(test.hint, TEXT_CEILING),
            comparison=comparison_view(verdict.comparison, self._tables)
            if shown and verdict.comparison
            else None,
            frames=()
            if passed
            else tuple(
                FrameView(
                    place=f"{frame.path}:{frame.line}",
                    function=frame.function,
                    text=frame.text.strip(),
                )
                for frame in verdict.frames[-FRAME_LIMIT:]
            ),
            output=clean_text(verdict.output.rstrip("\r\n"), self._output_limit) if shown else "",
            duration=seconds_text(round(verdict.duration_s, 3)),
        )


def _exercise_view(
    index: int, grade: ExerciseGrade, whole: Grade, make: _TestViews
) -> ExerciseView:
    """Decide what is shown of one exercise."""
    exercise, hand_in = grade.exercise, grade.hand_in
    tasks = tuple(
        TaskView(
            name=task.task.name,
            title=task.task.title,
            bar=_bar(task.score, task.max_score),
            tests=tuple(make(v) for v in grade.verdicts if v.test.task == task.task.name),
        )
        for task in grade.tasks
    )
    file = [("File", hand_in.path), ("SHA-256 of the file", hand_in.sha256)]
    return ExerciseView(
        anchor=f"e{index}",
        id=exercise.id,
        title=exercise.title,
        section=exercise.section,
        is_submitted=hand_in.status is HandInStatus.SUBMITTED,
        state=_state(grade, whole),
        problem=_problem(grade),
        bar=_bar(grade.score, grade.max_score, exercise.pass_fraction),
        pass_line=_pass_line(grade),
        tally=_tally(grade.verdicts),
        tasks=tasks,
        notes=_notes((*hand_in.notes, *grade.notes)),
        command=_command(exercise.id),
        facts=(
            *((name, value) for name, value in file if value),
            ("Seed", str(grade.seed)),
            ("Time", seconds_text(round(grade.duration_s, 3))),
        ),
    )


def _bar(score: Fraction | None, maximum: Fraction, *landmarks: Fraction) -> BarView:
    """Write points out of points; an open score has neither number nor percentage."""
    share = None if score is None or maximum == 0 else score / maximum
    return BarView(
        score="Not counted" if score is None else points_text(score),
        maximum=points_text(maximum),
        percent="" if share is None else percent_text(share, *landmarks),
        is_open=score is None,
        is_empty=maximum == 0,
    )


def _standing(grade: Grade) -> tuple[str, str]:
    """Say whether the score is final, in a word and a sentence or two."""
    if grade.score is None:
        return "Open", (
            "This is not your fault; nothing was counted. Part of the grading failed on our "
            "side, and the score stays open until it has been repeated."
        )
    if not grade.complete:
        return "Provisional", "The run was interrupted; what did not run counts nothing so far."
    if grade.public_only:
        rest = sum((e.exercise.points for e in grade.exercises), Fraction(0)) - grade.max_score
        worth = f", worth {_points_phrase(rest)} more," if rest > 0 else ""
        return "Self-check", (
            f"Only the public tests ran. Hidden tests{worth} count when your work is graded."
        )
    if all(e.hand_in.status is not HandInStatus.SUBMITTED for e in grade.exercises):
        return "Nothing graded", "Nothing that can be graded was handed in, so no test ran."
    hidden = sum(
        1
        for exercise in grade.exercises
        for verdict in exercise.verdicts
        if verdict.test.visibility is Visibility.HIDDEN
    )
    counted = f"{_number(hidden, 'hidden test')} counted too." if hidden else "All tests counted."
    if grade.isolation.level == 0:
        return "Unprotected", f"{counted} It ran without isolation, which is not fit for marks."
    return "Final", counted


def _summary(grade: Grade, verdicts: list[Verdict]) -> str:
    """Say how many tests passed, without ever calling a part the whole."""
    ran = any(e.hand_in.status is HandInStatus.SUBMITTED for e in grade.exercises)
    if not ran or not verdicts:
        return ""
    passed = [v for v in verdicts if v.outcome is Outcome.PASSED]
    if grade.public_only:
        total = _number(len(verdicts), "public test")
        return f"{len(passed)} of {total} passed; hidden tests did not run."
    hidden = [v for v in verdicts if v.test.visibility is Visibility.HIDDEN]
    if len(passed) == len(verdicts) and grade.complete:
        every = "The only test" if len(verdicts) == 1 else f"All {len(verdicts)} tests"
        return f"{every} passed, {'hidden ones included' if hidden else 'none of them hidden'}."
    line = f"{len(passed)} of {_number(len(verdicts), 'test')} passed"
    if hidden:
        hidden_passed = sum(1 for v in hidden if v.outcome is Outcome.PASSED)
        line += f", {hidden_passed} of {len(hidden)} among the hidden ones"
    return line + "."


def _rest(grade: Grade) -> tuple[str, str]:
    """Say what there is to do for a student who has nothing to mend."""
    if grade.score is None and grade.public_only:
        return "Nothing for you to fix", (
            "Run the check again. If it fails the same way, `autograde doctor` tells whether this "
            "machine is fit for it."
        )
    if grade.score is None:
        return "Nothing for you to fix", "Your work is kept, and grading it again is our task."
    if not grade.complete:
        return "Nothing to fix so far", "The tests that ran have passed; the others are to come."
    if grade.public_only:
        return "Nothing to fix in the public tests", (
            "Hidden tests look further: read the README once more, and try inputs of your own."
        )
    return "Nothing left to fix", "Every test that counts has passed."


def _state(grade: ExerciseGrade, whole: Grade) -> str:
    """Say in a word or two how an exercise stands."""
    if grade.hand_in.status is not HandInStatus.SUBMITTED:
        return HAND_INS[grade.hand_in.status]
    if grade.score is None:
        return "Open"
    if not grade.verdicts:
        return "No public test"
    if grade.score == grade.max_score:
        return "All public points" if whole.public_only else "Full marks"
    return "Passed" if grade.passed else "Not yet"


def _problem(grade: ExerciseGrade) -> str:
    """Say why there is nothing to show but zeros, or nothing at all."""
    hand_in = grade.hand_in
    if hand_in.status is HandInStatus.NOT_SUBMITTED:
        return f"No file for this exercise was found; it should be called {_file_name(grade)}."
    if hand_in.status is HandInStatus.UNREADABLE:
        return clean_text(hand_in.problem or "The file cannot be read.")
    if grade.score is None:
        return (
            "This is not your fault; nothing was counted. The grader could not judge "
            "this exercise and leaves its points open."
        )
    return ""


def _file_name(grade: ExerciseGrade) -> str:
    """Name the file that an exercise expects."""
    return f"{grade.exercise.id}/{grade.exercise.module}.py"


def _pass_line(grade: ExerciseGrade) -> str:
    """Say from where an exercise counts as passed, unless that is everything."""
    share = grade.exercise.pass_fraction
    if share == 1 or grade.max_score == 0:
        return ""
    return f"Counts as passed from {percent_text(share, decimals=0)} of the points."


def _tally(verdicts: tuple[Verdict, ...]) -> str:
    """Count the outcomes of one exercise, in words."""
    counts = Counter(OUTCOMES[verdict.outcome].word for verdict in verdicts)
    order = [words.word for words in OUTCOMES.values()]
    return ", ".join(f"{counts[word]} {word.lower()}" for word in order if counts[word])


def _filters(verdicts: list[Verdict]) -> tuple[FilterView, ...]:
    """Offer a filter for every group that has a test in it."""
    groups = Counter(OUTCOMES[verdict.outcome].group for verdict in verdicts)
    hidden = sum(1 for v in verdicts if v.test.visibility is Visibility.HIDDEN)
    labels: dict[str, tuple[str, int]] = {
        "all": ("All", len(verdicts)),
        "failed": ("Failed", groups["failed"]),
        "error": ("Error", groups["error"]),
        "waiting": ("Not run", groups["waiting"]),
        "ours": ("Our fault", groups["ours"]),
        "passed": ("Passed", groups["passed"]),
        "hidden": ("Hidden", hidden),
    }
    return tuple(FilterView(key, label, n) for key, (label, n) in labels.items() if n)


def _next_view(urgent: Urgent, exercises: tuple[ExerciseView, ...], make: _TestViews) -> NextView:
    """Say what to mend first, and what mending it is worth."""
    exercise = exercises[urgent.exercise_index]
    name = "" if urgent.verdict is None else urgent.verdict.test.task
    return NextView(
        exercise=exercise,
        task=next((task.title for task in exercise.tasks if task.name == name), ""),
        test=None if urgent.verdict is None else make(urgent.verdict),
        worth=_points_phrase(urgent.worth),
        others=_others(urgent.others),
    )


def _others(count_of: int) -> str:
    """Say how many further tests mending this one can bring."""
    if count_of == 0:
        return ""
    if count_of == 1:
        return "1 other test ends the same way or waits for this one."
    return f"{count_of} other tests end the same way or wait for this one."


def _facts(grade: Grade) -> tuple[tuple[str, str], ...]:
    """List under which conditions the grade came about."""
    isolation = level_text(grade.isolation.level)
    if grade.isolation.reason:
        isolation += f" ({grade.isolation.reason})"
    submission = grade.submission
    known = [
        ("Graded", f"{grade.graded_at:%Y-%m-%d %H:%M} UTC"),
        ("Handed in", f"{submission.received_at:%Y-%m-%d %H:%M} UTC"),
        ("Read from", submission.origin),
        ("Commit", submission.commit),
        ("Submission", submission.id),
        ("Isolation", isolation),
        *((k, v) for k, v in sorted(grade.environment.items())),
    ]
    return tuple((name, value) for name, value in known if value)


def _notes(notes: tuple[Note, ...]) -> tuple[NoteView, ...]:
    """Clean the notes; more of them than anyone reads are counted."""
    shown = [
        NoteView(note.where, clean_text(note.text, TEXT_CEILING)) for note in notes[:NOTE_LIMIT]
    ]
    if len(notes) > NOTE_LIMIT:
        shown.append(NoteView("", f"{len(notes) - NOTE_LIMIT} more notes are in the result file."))
    return tuple(shown)


def _command(exercise_id: str) -> str:
    """Write the command that runs the public tests of an exercise again."""
    return f"autograde check {re.sub(r'^[0-9-]+(?=.)', '', exercise_id)}"


def _share(budget: int, parts: int, ceiling: int) -> int:
    """Divide the room of a page among the texts that want some."""
    return max(TEXT_FLOOR, min(ceiling, budget // max(1, parts)))


def _points_phrase(points: Fraction) -> str:
    """Write `1 point` or `3 points`."""
    return f"{points_text(points)}{NBSP}{'point' if points == 1 else 'points'}"


def _number(count_of: int, noun: str) -> str:
    """Write `1 test` or `3 tests`."""
    return f"{count_of} {noun}{'' if count_of == 1 else 's'}"
