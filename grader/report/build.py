"""From a grade to what a person is shown of it: order and length are decided here."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

from grader.model import (
    Diagnosis,
    ExerciseGrade,
    Finding,
    Grade,
    HandInStatus,
    Note,
    Standing,
    Verdict,
    Visibility,
)
from grader.report import wording
from grader.report.changes import changes
from grader.report.compare import FEW_TABLES, comparison_view
from grader.report.counted import counted_text
from grader.report.language import Say
from grader.report.numbers import moment_text, percent_text, points_text, seconds_text
from grader.report.stored import as_stored
from grader.report.tests_view import SLOW_S, TEXT_CEILING, TestViews
from grader.report.text import clean_text
from grader.report.training_view import training_view
from grader.report.urgent import Urgent, most_urgent
from grader.report.view import (
    BarView,
    ChangesView,
    ChangeView,
    DiagnosisView,
    ExerciseView,
    FilterView,
    GradeView,
    NextView,
    NoteView,
    TaskView,
)
from grader.report.words import SIGNS, Filter, Tone, level_text

_GROUPS: tuple[Filter, ...] = ("failed", "error", "waiting", "ours", "passed")
NOTE_LIMIT = 20
"""Notes shown of one hand-in."""
SUBMISSION_DIGITS = 12
CHANGE_LIMIT = 10
"""Tests named as fixed, and as broken, since the last attempt."""


def build_view(
    grade: Grade,
    say: Say,
    since: Grade | None = None,
    counts: Standing | None = None,
    plain: dict[str, Any] | None = None,
) -> GradeView:
    """Decide what is shown of a grade.

    All texts are clean, because the view is made from what a stored result would hold.

    Args:
        grade: The grade of one submission, fresh or read back.
        say: Says it in the reader's language.
        since: The attempt before, to tell what changed.
        counts: What counts of it in a class.
        plain: What `result_dict` gives for it, where that is at hand.

    Returns:
        The page's content, in the order in which it is read.
    """
    grade = say.translated(as_stored(grade, plain))
    verdicts = [verdict for exercise in grade.exercises for verdict in exercise.verdicts]
    urgent = most_urgent(grade)
    make = TestViews(verdicts, urgent.verdict if urgent else None, say)
    exercises = tuple(
        _exercise_view(index, exercise, grade, make, say)
        for index, exercise in enumerate(grade.exercises, start=1)
    )
    standing, detail = wording.standing(grade, say)
    rest_title, rest_detail = wording.rest(grade, say)
    return GradeView(
        title=exercises[0].title if len(exercises) == 1 else say("title.several"),
        owner=grade.submission.owner,
        bar=_bar(say, grade.score, grade.max_score),
        standing=standing,
        standing_detail=detail,
        counts=counted_text(counts, grade, say),
        summary=wording.summary(grade, verdicts, say),
        is_fault=grade.score is None,
        next=None if urgent is None else _next_view(urgent, grade, exercises, make, say),
        rest_title=rest_title,
        rest_detail=rest_detail,
        exercises=exercises,
        notes=_notes(grade.submission.notes, say),
        filters=_filters(verdicts, say),
        facts=_facts(grade, say),
        meta=wording.meta(grade, since, say),
        submission=grade.submission.id[:SUBMISSION_DIGITS],
        trainings=tuple(t for e in exercises for task in e.tasks for t in task.trainings),
        changes=None if since is None else _changes_view(since, grade, make, say),
    )


def _exercise_view(
    index: int, grade: ExerciseGrade, whole: Grade, make: TestViews, say: Say
) -> ExerciseView:
    """Decide what is shown of one exercise."""
    exercise, hand_in = grade.exercise, grade.hand_in
    diagnoses = {found.task: _diagnosis_view(found, say) for found in grade.diagnoses}
    tasks = tuple(
        TaskView(
            name=task.task.name,
            title=task.task.title,
            bar=_bar(say, task.score, task.max_score),
            tests=tuple(make(v) for v in grade.verdicts if v.test.task == task.task.name),
            diagnosis=diagnoses.get(task.task.name),
            trainings=tuple(
                training_view(v, make(v), exercise.title, say)
                for v in grade.verdicts
                if v.test.task == task.task.name and v.training is not None
            ),
        )
        for task in grade.tasks
    )
    file = [(say("fact.file"), hand_in.path), (say("fact.sha256"), hand_in.sha256)]
    return ExerciseView(
        anchor=f"e{index}",
        id=exercise.id,
        title=exercise.title,
        section=exercise.section,
        is_submitted=hand_in.status is HandInStatus.SUBMITTED,
        state=wording.state(grade, whole, say),
        problem=wording.problem(grade, say),
        bar=_bar(say, grade.score, grade.max_score, exercise.pass_fraction),
        pass_line=wording.pass_line(grade, say),
        tally=wording.tally(grade.verdicts, say),
        tasks=tasks,
        notes=_notes((*hand_in.notes, *grade.notes), say),
        command=wording.command(exercise.id),
        again=wording.again(grade, whole, say),
        facts=(
            *((name, value) for name, value in file if value),
            (say("fact.seed"), str(grade.seed)),
            (say("fact.time"), seconds_text(round(grade.duration_s, 3))),
        ),
    )


def _bar(say: Say, score: Fraction | None, maximum: Fraction, *landmarks: Fraction) -> BarView:
    """Write points out of points; an open score has neither number nor percentage."""
    share = None if score is None or maximum == 0 else score / maximum
    return BarView(
        score=say("not_counted") if score is None else points_text(score),
        maximum=points_text(maximum),
        percent="" if share is None else percent_text(share, *landmarks),
        is_open=score is None,
        is_empty=maximum == 0,
    )


def _diagnosis_view(found: Diagnosis, say: Say) -> DiagnosisView:
    """Say why a task failed."""
    return DiagnosisView(
        text=wording.diagnosis(found, say),
        hint=found.hint,
        call=found.call,
        comparison=None
        if found.example is None
        else comparison_view(
            replace(found.example, what=say.spoken("answer", found.example.what)), FEW_TABLES
        ),
    )


def _filters(verdicts: list[Verdict], say: Say) -> tuple[FilterView, ...]:
    """Offer a filter for every group that has a test in it."""
    groups = Counter(SIGNS[verdict.outcome][2] for verdict in verdicts)
    hidden = sum(1 for v in verdicts if v.test.visibility is Visibility.HIDDEN)
    slow = sum(1 for v in verdicts if v.duration_s >= SLOW_S)
    counts = [
        ("all", len(verdicts)),
        *((key, groups[key]) for key in _GROUPS),
        ("hidden", hidden),
        ("slow", slow),
    ]
    return tuple(FilterView(key, say(f"filter.{key}"), n) for key, n in counts if n)


def _next_view(
    urgent: Urgent,
    grade: Grade,
    exercises: tuple[ExerciseView, ...],
    make: TestViews,
    say: Say,
) -> NextView:
    """Say what to mend first, and what mending it is worth."""
    exercise = exercises[urgent.exercise_index]
    name = "" if urgent.verdict is None else urgent.verdict.test.task
    task = next((task for task in exercise.tasks if task.name == name), None)
    return NextView(
        exercise=exercise,
        task="" if task is None else task.title,
        test=None if urgent.verdict is None else make(urgent.verdict),
        worth=wording.points_phrase(urgent.worth, say),
        others=wording.others(urgent.others, say),
        diagnosis=None if task is None else task.diagnosis,
        place=""
        if urgent.verdict is None
        else wording.place(grade.exercises[urgent.exercise_index], urgent.verdict),
    )


def _changes_view(before: Grade, after: Grade, make: TestViews, say: Say) -> ChangesView:
    """Say what changed since the attempt before, naming the tests."""
    found = changes(before, after)
    moment = moment_text(before.graded_at)
    if not found.compared:
        return ChangesView(say("changes.none", moment=moment), ())
    counts = {"fixed": len(found.fixed), "broken": len(found.broken)}
    parts: list[tuple[str, Tone, tuple[Verdict, ...]]] = [
        ("fixed", "good", found.fixed),
        ("broken", "bad", found.broken),
    ]
    return ChangesView(
        summary=say("changes.summary", moment=moment, **counts),
        parts=tuple(
            ChangeView(
                word=say(f"changes.{name}"),
                tone=tone,
                tests=tuple(map(make, verdicts[:CHANGE_LIMIT])),
                more=say("changes.more", count=len(verdicts) - CHANGE_LIMIT)
                if len(verdicts) > CHANGE_LIMIT
                else "",
            )
            for name, tone, verdicts in parts
            if verdicts
        ),
    )


def _facts(grade: Grade, say: Say) -> tuple[tuple[str, str], ...]:
    """List under which conditions the grade came about."""
    isolation = level_text(grade.isolation.level, say)
    if grade.isolation.reason:
        isolation = say("fact.reason", isolation=isolation, reason=grade.isolation.reason)
    submission = grade.submission
    known = [
        (say("fact.graded"), moment_text(grade.graded_at)),
        (say("fact.handed_in"), moment_text(submission.received_at)),
        (say("fact.origin"), submission.origin),
        (say("fact.commit"), submission.commit),
        (say("fact.submission"), submission.id),
        (say("fact.isolation"), isolation),
        (say("fact.probes"), _probes(grade, say)),
        *((k, v) for k, v in sorted(grade.environment.items())),
    ]
    return tuple((name, value) for name, value in known if value)


def _probes(grade: Grade, say: Say) -> str:
    """Count the attacks that were made on cells before anything was graded."""
    probes = grade.isolation.probes
    held = sum(probe.finding is Finding.PASS for probe in probes)
    return say("fact.probes.held", held=held, tried=len(probes)) if probes else ""


def _notes(notes: tuple[Note, ...], say: Say) -> tuple[NoteView, ...]:
    """Clean the notes; more of them than anyone reads are counted."""
    shown = [
        NoteView(note.where, clean_text(note.text, TEXT_CEILING)) for note in notes[:NOTE_LIMIT]
    ]
    if len(notes) > NOTE_LIMIT:
        shown.append(NoteView("", say("notes.more", count=len(notes) - NOTE_LIMIT)))
    return tuple(shown)
