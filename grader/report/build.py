"""From a grade to what a person is shown of it: order and length are decided here."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from grader.model import ExerciseGrade, Grade, HandInStatus, Note, Verdict, Visibility
from grader.report import wording
from grader.report.numbers import percent_text, points_text, seconds_text
from grader.report.stored import as_stored
from grader.report.tests_view import TEXT_CEILING, TestViews
from grader.report.text import clean_text
from grader.report.urgent import Urgent, most_urgent
from grader.report.view import (
    BarView,
    ExerciseView,
    FilterView,
    GradeView,
    NextView,
    NoteView,
    TaskView,
)
from grader.report.words import OUTCOMES, level_text

NOTE_LIMIT = 20
"""Notes shown of one hand-in."""


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
    urgent = most_urgent(grade)
    make = TestViews(verdicts, urgent.verdict if urgent else None)
    exercises = tuple(
        _exercise_view(index, exercise, grade, make)
        for index, exercise in enumerate(grade.exercises, start=1)
    )
    standing, detail = wording.standing(grade)
    rest_title, rest_detail = wording.rest(grade)
    return GradeView(
        title=exercises[0].title if len(exercises) == 1 else "Your exercises",
        owner=grade.submission.owner,
        bar=_bar(grade.score, grade.max_score),
        standing=standing,
        standing_detail=detail,
        summary=wording.summary(grade, verdicts),
        is_fault=grade.score is None,
        next=None if urgent is None else _next_view(urgent, exercises, make),
        rest_title=rest_title,
        rest_detail=rest_detail,
        exercises=exercises,
        notes=_notes(grade.submission.notes),
        filters=_filters(verdicts),
        facts=_facts(grade),
    )


def _exercise_view(index: int, grade: ExerciseGrade, whole: Grade, make: TestViews) -> ExerciseView:
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
        state=wording.state(grade, whole),
        problem=wording.problem(grade),
        bar=_bar(grade.score, grade.max_score, exercise.pass_fraction),
        pass_line=wording.pass_line(grade),
        tally=wording.tally(grade.verdicts),
        tasks=tasks,
        notes=_notes((*hand_in.notes, *grade.notes)),
        command=wording.command(exercise.id),
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


def _next_view(urgent: Urgent, exercises: tuple[ExerciseView, ...], make: TestViews) -> NextView:
    """Say what to mend first, and what mending it is worth."""
    exercise = exercises[urgent.exercise_index]
    name = "" if urgent.verdict is None else urgent.verdict.test.task
    return NextView(
        exercise=exercise,
        task=next((task.title for task in exercise.tasks if task.name == name), ""),
        test=None if urgent.verdict is None else make(urgent.verdict),
        worth=wording.points_phrase(urgent.worth),
        others=wording.others(urgent.others),
    )


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
