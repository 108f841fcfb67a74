"""What changed since the last attempt is told of tests that both attempts tell something about."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from grader.model import Grade, HandIn, HandInStatus, Outcome, Verdict
from grader.report import Say, print_grade, read_result, render_html, write_result
from grader.report.build import CHANGE_LIMIT, build_view
from grader.report.changes import changes
from tests.grader.report import grades

OUTCOMES = st.lists(
    st.sampled_from(list(Outcome)), min_size=len(grades.SUITE), max_size=len(grades.SUITE)
)
EARLIER = datetime(2026, 2, 27, 9, 5, tzinfo=UTC)


def attempt(outcomes: list[Outcome]) -> Grade:
    """An attempt at the whole suite."""
    pairs = zip(grades.SUITE, outcomes, strict=True)
    return grades.grade([Verdict(test, outcome) for test, outcome in pairs])


def changed() -> tuple[Grade, Grade]:
    """Two attempts: the sum over rows was mended, and the share of right predictions broke."""
    before = replace(grades.EVERY_KIND["failing"], graded_at=EARLIER)
    verdicts = {v.test.id: v for v in grades.all_passed()}
    verdicts[grades.TIES.id] = Verdict(grades.TIES, Outcome.FAILED, "No.")
    verdicts[grades.LOSS_HIDDEN.id] = Verdict(grades.LOSS_HIDDEN, Outcome.TIMEOUT)
    return before, grades.grade([verdicts[test.id] for test in grades.SUITE])


@given(OUTCOMES, OUTCOMES)
def test_backwards_what_was_fixed_is_broken(one: list[Outcome], other: list[Outcome]) -> None:
    """The two directions mirror each other, and the score moves only with them."""
    there, back = changes(attempt(one), attempt(other)), changes(attempt(other), attempt(one))
    assert [v.test.id for v in there.fixed] == [v.test.id for v in back.broken]
    assert [v.test.id for v in there.broken] == [v.test.id for v in back.fixed]
    assert there.compared == back.compared
    assert all(v.outcome is Outcome.PASSED for v in there.fixed)
    assert all(v.outcome is not Outcome.PASSED for v in there.broken)


@given(OUTCOMES)
def test_the_same_attempt_twice_changes_nothing(outcomes: list[Outcome]) -> None:
    """Neither fixed nor broken."""
    found = changes(attempt(outcomes), attempt(outcomes))
    assert (found.fixed, found.broken) == ((), ())


def test_what_did_not_run_or_met_our_fault_is_neither() -> None:
    """Nothing is known about it, so nothing has changed."""
    passed = attempt([Outcome.PASSED] * len(grades.SUITE))
    for unknown in (Outcome.NOT_RUN, Outcome.GRADER_FAULT):
        other = attempt([unknown] * len(grades.SUITE))
        assert changes(passed, other).compared == changes(other, passed).compared == 0


def test_a_file_that_was_missing_and_came_later_is_progress() -> None:
    """Its tests could not pass before, and that was the student's to mend."""
    missing = grades.grade(
        grades.not_run(), found=HandIn("03-06-softmax", HandInStatus.NOT_SUBMITTED)
    )
    assert len(changes(missing, grades.EVERY_KIND["full_marks"]).fixed) == len(grades.SUITE)


def test_tests_of_only_one_attempt_are_left_out() -> None:
    """A self-check and a full grading share the public tests."""
    found = changes(grades.EVERY_KIND["self_check"], grades.EVERY_KIND["full_marks"])
    assert found.compared == 5
    assert len(found.fixed) == 4


def test_page_and_terminal_name_what_changed() -> None:
    """The counts, the date of the other attempt, and each test by its line."""
    before, after = changed()
    html = render_html(after, since=before)
    file = io.StringIO()
    print_grade(after, Console(file=file, width=100), since=before)
    for text in (html, file.getvalue()):
        assert "Since 2026-02-27 09:05 UTC: 5 fixed, 1 broken." in text
    assert 'Broken</strong> <a href="#t9">Of equal scores the first class wins.</a>' in html
    assert 'Fixed</strong> <a href="#t2">Each row of the result sums to 1.</a>' in html
    assert "  Fixed  Each row of the result sums to 1." in file.getvalue()
    assert "  Broken  Of equal scores the first class wins." in file.getvalue()
    assert "Since" not in render_html(after)


def test_attempts_without_a_common_test_say_so() -> None:
    """No claim that nothing was fixed."""
    shown = build_view(grades.EVERY_KIND["full_marks"], Say(), grades.EVERY_KIND["interrupted"])
    assert shown.changes is not None
    assert "no test in common" in shown.changes.summary
    assert shown.changes.parts == ()


def test_of_many_changes_the_first_are_named_and_the_rest_counted() -> None:
    """A page stays readable after a rewrite."""
    suite = [grades.case(f"test_{i}", f"Fact {i}.") for i in range(CHANGE_LIMIT + 7)]
    before = grades.grade([Verdict(test, Outcome.FAILED) for test in suite])
    after = grades.grade([Verdict(test, Outcome.PASSED) for test in suite])
    shown = build_view(after, Say(), before)
    assert shown.changes is not None
    (part,) = shown.changes.parts
    assert (len(part.tests), part.more) == (CHANGE_LIMIT, "7 more")


def test_stored_attempts_compare_like_fresh_ones(tmp_path: Path) -> None:
    """`--since` reads a file; the page is the same."""
    folder = tmp_path
    before, after = changed()
    write_result(before, folder / "old.json")
    write_result(after, folder / "new.json")
    stored = render_html(read_result(folder / "new.json"), since=read_result(folder / "old.json"))
    assert stored == render_html(after, since=before)
