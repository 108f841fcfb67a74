"""What to mend first: what stops most, then what is worth most."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from grader.model import Grade, HandIn, HandInStatus, Outcome, Verdict
from grader.report.urgent import Urgent, most_urgent
from tests.grader.report import grades

FAILED, PASSED, SKIPPED = Outcome.FAILED, Outcome.PASSED, Outcome.SKIPPED


def urgent(grade: Grade) -> Urgent:
    """What is most urgent in a grade that has something to mend."""
    found = most_urgent(grade)
    assert found is not None
    return found


def test_what_is_worth_most_comes_first() -> None:
    """A hidden test of two points before a public one of one."""
    verdicts = [Verdict(grades.ROWS, FAILED, "a"), Verdict(grades.LARGE, FAILED, "b")]
    found = urgent(grades.grade(verdicts))
    assert found.verdict is not None
    assert (found.verdict.test, found.worth) == (grades.LARGE, Fraction(2))


def test_of_equal_worth_the_public_test_comes_first() -> None:
    """It shows its values, so it is more use."""
    hidden = replace(grades.LARGE, points=Fraction(1))
    found = urgent(grades.grade([Verdict(hidden, FAILED, "a"), Verdict(grades.ROWS, FAILED, "b")]))
    assert found.verdict is not None
    assert found.verdict.test == grades.ROWS


def test_a_test_that_others_wait_for_comes_before_worth() -> None:
    """The first broken contract; what waits for it is part of its worth."""
    verdicts = [
        Verdict(replace(grades.LARGE, points=Fraction(5)), FAILED, "a"),
        Verdict(grades.NLL, FAILED, "b"),
        Verdict(grades.MEAN, SKIPPED, "c"),
    ]
    found = urgent(grades.grade(verdicts))
    assert found.verdict is not None
    assert found.verdict.test == grades.NLL
    assert (found.worth, found.others) == (Fraction(2), 1)


def test_tests_that_end_alike_are_one_cause() -> None:
    """A missing name that stops three tests is worth all of them."""
    verdicts = [
        Verdict(grades.LARGE, FAILED, "nan"),
        *(Verdict(t, Outcome.ERROR, "no log") for t in (grades.ROWS, grades.NLL, grades.MEAN)),
    ]
    found = urgent(grades.grade(verdicts))
    assert found.verdict is not None
    assert found.verdict.test == grades.ROWS
    assert (found.worth, found.others) == (Fraction(3), 2)


def test_tests_that_ran_out_of_time_are_one_cause_however_much_they_had() -> None:
    """The first of them had all of its time, and its message says so."""
    late = [
        Verdict(grades.ROWS, Outcome.TIMEOUT, "Your code did not finish within 10 seconds."),
        *(
            Verdict(t, Outcome.TIMEOUT, "Your code did not finish within 0.3 seconds; less.")
            for t in (grades.NLL, grades.MEAN)
        ),
    ]
    found = urgent(grades.grade(late))
    assert found.verdict is late[0]
    assert (found.worth, found.others) == (Fraction(3), 2)


def test_what_cannot_be_read_comes_before_everything() -> None:
    """Nothing else of that exercise can be mended before."""
    unreadable = HandIn("10-02-gru", HandInStatus.UNREADABLE, problem="no")
    more = ((grades.exercise("10-02-gru"), unreadable, grades.not_run()),)
    found = urgent(grades.grade(grades.some_failed(), more=more))
    assert (found.exercise_index, found.verdict, found.worth) == (1, None, Fraction(12))


def test_what_was_not_handed_in_comes_last() -> None:
    """It is worth most, but a wrong answer is nearer to being right."""
    absent = HandIn("10-02-gru", HandInStatus.NOT_SUBMITTED)
    more = ((grades.exercise("10-02-gru"), absent, grades.not_run()),)
    assert urgent(grades.grade(grades.some_failed(), more=more)).exercise_index == 0
    assert urgent(grades.grade(grades.all_passed(), more=more)).exercise_index == 1


def test_nothing_is_asked_for_where_only_we_failed() -> None:
    """Passed, not run and our own faults are nothing to mend."""
    assert most_urgent(grades.EVERY_KIND["full_marks"]) is None
    assert most_urgent(grades.EVERY_KIND["fault"]) is None
    assert most_urgent(grades.EVERY_KIND["interrupted"]) is None
