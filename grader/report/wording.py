"""The sentences of a report: true about what ran, what is hidden and what is final."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction

from grader.model import ExerciseGrade, Grade, HandInStatus, Outcome, Verdict, Visibility
from grader.report.numbers import percent_text, points_text
from grader.report.words import HAND_INS, OUTCOMES

NBSP = "\u00a0"


def standing(grade: Grade) -> tuple[str, str]:
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
        worth = f", worth {points_phrase(rest)} more," if rest > 0 else ""
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


def summary(grade: Grade, verdicts: list[Verdict]) -> str:
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


def rest(grade: Grade) -> tuple[str, str]:
    """Say what there is to do for a student who has nothing to mend."""
    if grade.score is None and grade.public_only:
        return "Nothing for you to fix", (
            "Run the check again. If it fails the same way, `autograde doctor` tells whether this "
            "machine is fit for it."
        )
    if grade.score is None:
        return "Nothing for you to fix", "Your work is kept, and grading it again is our task."
    outcomes = {v.outcome for exercise in grade.exercises for v in exercise.verdicts}
    if not grade.complete or outcomes != {Outcome.PASSED}:
        return "Nothing to fix so far", "No test that ran has failed, but not every test ran."
    if grade.public_only:
        return "Nothing to fix in the public tests", (
            "Hidden tests look further: read the README once more, and try inputs of your own."
        )
    return "Nothing left to fix", "Every test that counts has passed."


def state(grade: ExerciseGrade, whole: Grade) -> str:
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


def problem(grade: ExerciseGrade) -> str:
    """Say why there is nothing to show but zeros, or nothing at all."""
    hand_in = grade.hand_in
    if hand_in.status is HandInStatus.NOT_SUBMITTED:
        return f"No file for this exercise was found; it should be called {_file_name(grade)}."
    if hand_in.status is HandInStatus.UNREADABLE:
        return hand_in.problem or "The file cannot be read."
    if grade.score is None:
        return (
            "This is not your fault; nothing was counted. The grader could not judge "
            "this exercise and leaves its points open."
        )
    return ""


def _file_name(grade: ExerciseGrade) -> str:
    """Name the file that an exercise expects."""
    return f"{grade.exercise.id}/{grade.exercise.module}.py"


def pass_line(grade: ExerciseGrade) -> str:
    """Say from where an exercise counts as passed, unless that is everything."""
    share = grade.exercise.pass_fraction
    if share == 1 or grade.max_score == 0:
        return ""
    return f"Counts as passed from {percent_text(share, decimals=0)} of the points."


def tally(verdicts: tuple[Verdict, ...]) -> str:
    """Count the outcomes of one exercise, in words."""
    counts = Counter(OUTCOMES[verdict.outcome].word for verdict in verdicts)
    order = [words.word for words in OUTCOMES.values()]
    return ", ".join(f"{counts[word]} {word.lower()}" for word in order if counts[word])


def points_phrase(points: Fraction) -> str:
    """Write `1 point` or `3 points`."""
    return f"{points_text(points)}{NBSP}{'point' if points == 1 else 'points'}"


def _number(count_of: int, noun: str) -> str:
    """Write `1 test` or `3 tests`."""
    return f"{count_of} {noun}{'' if count_of == 1 else 's'}"


def others(count_of: int) -> str:
    """Say how many further tests mending this one can bring."""
    if count_of == 0:
        return ""
    if count_of == 1:
        return "1 other test ends the same way or waits for this one."
    return f"{count_of} other tests end the same way or wait for this one."


def command(exercise_id: str) -> str:
    """Write the command that runs the public tests of an exercise again."""
    return f"autograde check {re.sub(r'^[0-9-]+(?=.)', '', exercise_id)}"
