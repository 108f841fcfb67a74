"""The words of the page: true about what ran, what is hidden and what is final."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model import Finding, Outcome, Probe, Verdict
from grader.report import result_text
from grader.report.build import build_view
from grader.report.compare import MOST_TABLES
from grader.report.language import TAGS, Say
from grader.report.view import GradeView, TestView
from grader.report.words import words_of
from tests.grader.report import grades


def view(kind: str) -> GradeView:
    """What is shown of one kind of grade."""
    return build_view(grades.EVERY_KIND[kind], Say())


def listed(shown: GradeView) -> list[TestView]:
    """All tests of a page."""
    return [t for e in shown.exercises for task in e.tasks for t in task.tests]


@given(
    st.lists(st.sampled_from(list(Outcome)), min_size=9, max_size=9), st.booleans(), st.booleans()
)
def test_all_passed_is_said_only_when_all_passed(
    outcomes: list[Outcome], complete: bool, public_only: bool
) -> None:
    """Never while a test failed, did not run, or was hidden from the run."""
    verdicts = [Verdict(t, o) for t, o in zip(grades.SUITE, outcomes, strict=True)]
    shown = build_view(grades.grade(verdicts, complete=complete, public_only=public_only), Say())
    everything = complete and not public_only and set(outcomes) == {Outcome.PASSED}
    assert ("All 9 tests passed" in shown.summary) == everything
    assert (shown.rest_title == "Nothing left to fix") == everything


@pytest.mark.parametrize(
    ("kind", "standing", "sentence"),
    [
        ("full_marks", "Final", "4 hidden tests counted too."),
        ("failing", "Final", "4 hidden tests counted too."),
        ("self_check", "Self-check", "Hidden tests, worth 7.5 points more, count"),
        ("fault", "Open", "This is not your fault; nothing was counted."),
        ("unreadable", "Nothing graded", "no test ran"),
        ("not_submitted", "Nothing graded", "no test ran"),
        ("interrupted", "Provisional", "The run was interrupted"),
        ("unprotected", "Unprotected", "without isolation, which is not fit for marks"),
    ],
)
def test_the_standing_says_whether_the_score_is_final(
    kind: str, standing: str, sentence: str
) -> None:
    """One word and one sentence, first on the page."""
    shown = view(kind)
    assert shown.standing == standing
    assert sentence in shown.standing_detail.replace("\u00a0", " ")


def test_how_the_isolation_was_tried_is_counted() -> None:
    """Probes of the session stand in the result without what was seen, and are counted."""
    probes = (Probe("One.", Finding.PASS, "/home/ada"), Probe("Two.", Finding.NOT_ENFORCED))
    grade = grades.EVERY_KIND["failing"]
    grade = replace(grade, isolation=replace(grade.isolation, probes=probes))
    facts = dict(build_view(grade, Say()).facts)
    assert facts["Isolation, tested"].startswith("1 of 2 attempts")
    assert "/home/ada" not in result_text(grade)
    assert "Isolation, tested" not in dict(view("failing").facts)


def test_an_open_score_shows_no_number() -> None:
    """Neither points nor percentage, for the exercise and for the whole."""
    shown = view("fault")
    for bar in (shown.bar, shown.exercises[0].bar):
        assert (bar.score, bar.percent, bar.is_open) == ("Not counted", "", True)
    assert shown.is_fault


def test_hidden_tests_are_named_with_hint_and_message_alone() -> None:
    """The line and the advice are for the student, the values are not."""
    leaky = Verdict(
        grades.LARGE,
        Outcome.FAILED,
        "nan where numbers were expected",
        comparison=grades.COLUMN_SUMS,
        output="0.1192",
    )
    (test,) = listed(build_view(grades.grade([leaky]), Say()))
    assert (test.title, test.hint) == (grades.LARGE.title, grades.LARGE.hint)
    assert (test.comparison, test.output) == (None, "")


def test_a_passed_test_shows_its_line_and_nothing_else() -> None:
    """What was printed on the way is of no interest."""
    verdict = Verdict(grades.ROWS, Outcome.PASSED, output="printed")
    (test,) = listed(build_view(grades.grade([verdict]), Say()))
    assert (test.message, test.hint, test.output, test.points) == ("", "", "", "1/1")


def test_every_outcome_has_its_words() -> None:
    """Symbols and words are distinct, so that colour is never needed."""
    for language in TAGS:
        words = [words_of(outcome, Say(language)) for outcome in Outcome]
        assert len({w.symbol for w in words}) == len(Outcome)
        assert len({w.word for w in words}) == len(Outcome)


def test_filters_offer_only_what_there_is() -> None:
    """A filter that finds nothing is not offered."""
    counts = {f.key: f.count for f in view("failing").filters}
    assert counts == {"all": 9, "failed": 3, "error": 2, "waiting": 1, "passed": 3, "hidden": 4}


def test_a_share_below_the_pass_mark_never_reads_as_the_mark() -> None:
    """Eleven of twelve is below 0.917, although 91.7 would be the rounded number."""
    asked = grades.exercise(pass_fraction=Fraction(917, 1000))
    verdicts = [
        Verdict(t, Outcome.FAILED if t is grades.SHAPE else Outcome.PASSED) for t in grades.SUITE
    ]
    exercise = build_view(grades.grade(verdicts, asked=asked), Say()).exercises[0]
    assert (exercise.bar.percent, exercise.state) == ("91.67\u00a0%", "Not yet")


def test_the_command_names_the_exercise_as_people_do() -> None:
    """Without the section's digits, which nobody types."""
    commands = [e.command for e in view("several").exercises]
    assert commands == [
        "autograde check softmax",
        "autograde check batch-norm",
        "autograde check gru",
    ]


def test_a_self_check_counts_hidden_points_as_outstanding() -> None:
    """The public tests passed; the page says that more is to come."""
    shown = view("self_check_passed")
    assert shown.summary == "5 of 5 public tests passed; hidden tests did not run."
    assert shown.next is None
    assert "public" in shown.rest_title


def test_many_broken_tests_share_the_room_of_a_page() -> None:
    """Sixty tests that print a megabyte each fill what a few may fill, and say what is missing."""
    suite = [grades.case(f"test_{i}", "It prints.") for i in range(60)]
    verdicts = [
        Verdict(t, Outcome.FAILED, "m" * 9_000, grades.COLUMN_SUMS, output="o" * 1_000_000)
        for t in suite
    ]
    shown = listed(build_view(grades.grade(verdicts), Say()))
    assert sum(len(t.output) for t in shown) <= 8_000
    assert sum(1 for t in shown if t.comparison) == MOST_TABLES
    assert all("autograde check softmax" in t.message for t in shown if not t.comparison)


def test_what_to_fix_next_keeps_its_table() -> None:
    """Among many broken tests the first to mend is served first."""
    suite = [grades.case(f"test_{i}", "It fails.", points=Fraction(i + 1)) for i in range(30)]
    verdicts = [Verdict(t, Outcome.FAILED, t.id, grades.COLUMN_SUMS, output="o") for t in suite]
    shown = build_view(grades.grade(verdicts), Say())
    assert shown.next is not None
    assert shown.next.test is not None
    assert shown.next.test.id == suite[-1].id
    assert shown.next.test.comparison is not None
