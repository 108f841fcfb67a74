"""The sentences of a report: true about what ran, what is hidden and what is final."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction

from grader.model import (
    Confidence,
    Diagnosis,
    ExerciseGrade,
    Grade,
    HandInStatus,
    Outcome,
    Verdict,
    Visibility,
)
from grader.report.language import Say
from grader.report.numbers import moment_text, percent_text, points_text, seconds_text
from grader.report.words import SIGNS, words_of

COMMIT_DIGITS = 10


def standing(grade: Grade, say: Say) -> tuple[str, str]:
    """Say whether the score is final, in a word and a sentence or two."""
    if grade.score is None:
        return say("standing.open"), say("standing.open.detail")
    if not grade.complete:
        return say("standing.provisional"), say("standing.provisional.detail")
    if grade.public_only:
        rest = sum((e.exercise.points for e in grade.exercises), Fraction(0)) - grade.max_score
        if rest > 0:
            detail = say("standing.self_check.worth", points=points_phrase(rest, say))
        else:
            detail = say("standing.self_check.detail")
        return say("standing.self_check"), detail
    if all(e.hand_in.status is not HandInStatus.SUBMITTED for e in grade.exercises):
        return say("standing.nothing"), say("standing.nothing.detail")
    return _standing_of_a_whole_run(grade, say)


def _standing_of_a_whole_run(grade: Grade, say: Say) -> tuple[str, str]:
    hidden = sum(
        1
        for exercise in grade.exercises
        for verdict in exercise.verdicts
        if verdict.test.visibility is Visibility.HIDDEN
    )
    counted = (
        say.number("standing.counted.hidden", hidden) if hidden else say("standing.counted.all")
    )
    if grade.isolation.level == 0:
        detail = say("standing.unprotected.detail", counted=counted)
        return say("standing.unprotected"), detail
    left_out = sum((e.exercise.points - e.max_score for e in grade.exercises), Fraction(0))
    if left_out > 0:
        points = points_phrase(left_out, say)
        detail = say("standing.no_training.detail", counted=counted, points=points)
        return say("standing.no_training"), detail
    return say("standing.final"), counted


def summary(grade: Grade, verdicts: list[Verdict], say: Say) -> str:
    """Say how many tests passed, without ever calling a part the whole."""
    ran = any(e.hand_in.status is HandInStatus.SUBMITTED for e in grade.exercises)
    if not ran or not verdicts:
        return ""
    total = len(verdicts)
    passed = sum(1 for v in verdicts if v.outcome is Outcome.PASSED)
    if grade.public_only:
        return say.number("summary.public", total, passed=passed)
    hidden = [v for v in verdicts if v.test.visibility is Visibility.HIDDEN]
    if passed == total and grade.complete:
        among = say("summary.hidden.included" if hidden else "summary.hidden.none")
        return say.number("summary.all", total, hidden=among)
    if not hidden:
        return say.number("summary.some", total, passed=passed)
    hidden_passed = sum(1 for v in hidden if v.outcome is Outcome.PASSED)
    return say.number(
        "summary.some.hidden",
        total,
        passed=passed,
        hidden=len(hidden),
        hidden_passed=hidden_passed,
    )


def rest(grade: Grade, say: Say) -> tuple[str, str]:
    """Say what there is to do for a student who has nothing to mend."""
    if grade.score is None:
        kind = "self_check" if grade.public_only else "graded"
        return say("rest.fault"), say(f"rest.fault.{kind}")
    outcomes = {v.outcome for exercise in grade.exercises for v in exercise.verdicts}
    if not grade.complete or outcomes != {Outcome.PASSED}:
        key = "rest.so_far"
    elif grade.public_only:
        key = "rest.public"
    else:
        key = "rest.done"
    return say(key), say(f"{key}.detail")


def state(grade: ExerciseGrade, whole: Grade, say: Say) -> str:
    """Say in a word or two how an exercise stands."""
    if grade.hand_in.status is not HandInStatus.SUBMITTED:
        return say(f"hand_in.{grade.hand_in.status.value}")
    if grade.score is None:
        return say("standing.open")
    if not grade.verdicts:
        return say("state.no_public")
    if grade.score == grade.max_score:
        return say("state.all_public" if whole.public_only else "state.full")
    return say("state.passed" if grade.passed else "state.not_yet")


def problem(grade: ExerciseGrade, say: Say) -> str:
    """Say why there is nothing to show but zeros, or nothing at all."""
    hand_in, exercise = grade.hand_in, grade.exercise
    if hand_in.status is HandInStatus.NOT_SUBMITTED:
        return say("problem.missing", file=f"{exercise.id}/{exercise.module}.py")
    if hand_in.status is HandInStatus.UNREADABLE:
        return hand_in.problem or say("problem.unreadable")
    return say("problem.fault") if grade.score is None else ""


def diagnosis(found: Diagnosis, say: Say) -> str:
    """Say why a task failed, no surer than it is."""
    match found.confidence:
        case Confidence.EXACT:
            return say("diagnosis.exact", label=_ended(found.label, say))
        case Confidence.LIKELY:
            return say("diagnosis.likely", label=_ended(found.label, say))
        case Confidence.RELATION:
            return say.spoken("relation", found.label)
        case Confidence.UNNAMED:
            return ""


def _ended(label: str, say: Say) -> str:
    """End a label of the catalogue as a sentence ends."""
    return label if label.endswith((".", "!", "?", "。")) else label + say("stop")


def pass_line(grade: ExerciseGrade, say: Say) -> str:
    """Say from where an exercise counts as passed, unless that is everything."""
    share = grade.exercise.pass_fraction
    if share == 1 or grade.max_score == 0:
        return ""
    return say("pass_line", percent=percent_text(share, decimals=0))


def tally(verdicts: tuple[Verdict, ...], say: Say) -> str:
    """Count the outcomes of one exercise, in words."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    parts = [
        say("tally.part", count=counts[outcome], word=words_of(outcome, say).word.lower())
        for outcome in SIGNS
        if counts[outcome]
    ]
    return say("tally.joint").join(parts)


def points_phrase(points: Fraction, say: Say) -> str:
    """Write `1 point` or `3 points`."""
    return say(f"points.{'one' if points == 1 else 'many'}", points=points_text(points))


def others(count: int, say: Say) -> str:
    """Say how many further tests mending this one can bring."""
    return say.number("others", count) if count else ""


def command(exercise_id: str) -> str:
    """Write the command that runs the public tests of an exercise again."""
    return f"autograde check {_short(exercise_id)}"


def again(grade: ExerciseGrade, whole: Grade, say: Say) -> tuple[tuple[str, str], ...]:
    """Write who can repeat an exercise with which command; its seed draws the same inputs."""
    if not grade.seed:
        return ((say("again.you"), command(grade.exercise.id)),)
    seed = f"--seed {grade.seed}"
    yours = (say("again.you"), f"{command(grade.exercise.id)} {seed}")
    if whole.public_only:
        return (yours,)
    teachers = f"autograde grade HAND-IN -e {_short(grade.exercise.id)} {seed}"
    return (yours, (say("again.teacher"), teachers))


def place(grade: ExerciseGrade, verdict: Verdict) -> str:
    """Say where to look: the student's own line if one is known, or else the file."""
    if verdict.frames:
        return verdict.frames[-1].place
    return grade.hand_in.path.rpartition("/")[2]


def meta(grade: Grade, before: Grade | None, say: Say) -> str:
    """Say on one line when and how it was graded, and how much better than before."""
    submission = grade.submission
    parts = [
        say("meta.handed_in", moment=moment_text(submission.received_at)),
        say("meta.commit", commit=submission.commit[:COMMIT_DIGITS]) if submission.commit else "",
        say(
            "meta.graded",
            moment=moment_text(grade.graded_at),
            seconds=seconds_text(round(sum(e.duration_s for e in grade.exercises), 1)),
        ),
        say("meta.gain", points=gain(before, grade)) if before and gain(before, grade) else "",
    ]
    return " · ".join(filter(None, parts))


def gain(before: Grade, after: Grade) -> str:
    """Write the points won or lost since an attempt; empty if the two cannot be compared."""
    if before.score is None or after.score is None or before.max_score != after.max_score:
        return ""
    won = after.score - before.score
    return f"{'-' if won < 0 else '+'}{points_text(abs(won))}"


def _short(exercise_id: str) -> str:
    """Leave the section out of an exercise's name, as one types it."""
    return re.sub(r"^[0-9-]+(?=.)", "", exercise_id)
