"""A stored result is shown again only where the same run would find the same."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from grader.batch import cache as cache_module
from grader.batch.cache import ResultCache, RunKind
from grader.batch.journal import Journal
from grader.model import Course, Exercise, Grade, HandIn, Isolation, Outcome, TrainingMode, Verdict
from tests.grader.conftest import RIGHT, write_course
from tests.grader.report import grades


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course whose files a test may change."""
    (tmp_path / "course").mkdir()
    return write_course(tmp_path / "course", ("demo",))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A folder that this run holds."""
    with Journal(tmp_path / "cache") as held:
        yield held


def _hand_in(text: str = RIGHT) -> HandIn:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return grades.hand_in(exercise_id="01-01-demo", path="demo.py", source=text, sha256=digest)


def _graded(exercise: Exercise, hand_in: HandIn, outcome: Outcome = Outcome.PASSED) -> Grade:
    case = grades.case("test_double_of_one", "Twice one is two.", exercise.tasks[0])
    verdicts = [Verdict(replace(case, exercise_id=exercise.id), outcome)]
    return replace(
        grades.grade(verdicts, found=hand_in, asked=exercise), isolation=Isolation(2, "no bwrap")
    )


def test_a_result_is_recalled_by_everything_that_it_depends_on(
    course: Course, journal: Journal
) -> None:
    """Another file, suite, kind of run or isolation is judged anew."""
    exercise, hand_in = course.exercises[0], _hand_in()
    kind = RunKind(course, public_only=False, training=TrainingMode.OFF)
    kept = _graded(exercise, hand_in)
    ResultCache(journal, kind).keep(kept)
    found = ResultCache(journal, kind).recall(exercise, hand_in)
    assert found is not None
    assert (found.score, found.graded_at) == (kept.score, kept.graded_at)
    assert found.exercises[0].hand_in.source == RIGHT
    others = [
        replace(kind, public_only=True),
        replace(kind, training=TrainingMode.JUDGE),
        replace(kind, course=replace(course, min_level=3)),
    ]
    assert [ResultCache(journal, other).recall(exercise, hand_in) for other in others] == [None] * 3
    assert ResultCache(journal, kind).recall(exercise, _hand_in("x = 1\n")) is None
    exercise.hidden_suite.write_text("# another suite\n", "utf-8")
    assert ResultCache(journal, kind).recall(exercise, hand_in) is None


def test_a_result_of_another_file_is_not_believed(course: Course, journal: Journal) -> None:
    """Whoever renames it in the folder gains nothing."""
    exercise = course.exercises[0]
    cache = ResultCache(journal, RunKind(course, public_only=False, training=TrainingMode.OFF))
    cache.keep(_graded(exercise, _hand_in()))
    other = _hand_in("x = 1\n")
    (file,) = (journal.folder / "journal").rglob("*.json")
    file.rename(cache._path(exercise, other))
    assert cache.recall(exercise, other) is None
    assert cache.newest(exercise, {other.sha256}) is None


@pytest.mark.parametrize("outcome", [Outcome.NOT_RUN, Outcome.GRADER_FAULT])
def test_what_was_not_judged_to_its_end_is_not_kept(
    course: Course, journal: Journal, outcome: Outcome
) -> None:
    """A run that was ended, or a fault of ours, is no result."""
    exercise, hand_in = course.exercises[0], _hand_in()
    cache = ResultCache(journal, RunKind(course, public_only=False, training=TrainingMode.OFF))
    cache.keep(_graded(exercise, hand_in, outcome))
    assert cache.recall(exercise, hand_in) is None


def test_the_newest_of_some_versions_is_given_and_old_ones_go(
    course: Course, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the time at which they were graded."""
    monkeypatch.setattr(cache_module, "KEPT", 2)
    exercise = course.exercises[0]
    cache = ResultCache(journal, RunKind(course, public_only=False, training=TrainingMode.OFF))
    files = [_hand_in(f"x = {number}\n") for number in range(3)]
    for hour, hand_in in enumerate(files):
        made = _graded(exercise, hand_in)
        cache.keep(replace(made, graded_at=made.graded_at + timedelta(hours=hour)))
        os.utime(cache._path(exercise, hand_in), (hour, hour))
    found = cache.newest(exercise, {files[1].sha256, files[2].sha256})
    assert found is not None
    assert found.exercises[0].hand_in.sha256 == files[2].sha256
    assert cache.newest(exercise, {files[0].sha256}) is None


def test_a_stored_result_is_worth_what_its_tests_are_worth_now(
    course: Course, journal: Journal
) -> None:
    """Changed points run nothing again, so what was stored has to follow them."""
    exercise, hand_in = course.exercises[0], _hand_in()
    cache = ResultCache(journal, RunKind(course, public_only=False, training=TrainingMode.OFF))
    case = grades.case("test_double_of_one", "Twice one is two.", exercise.tasks[0])
    name = f"{exercise.public_suite.name}::test_double_of_one"
    verdict = Verdict(replace(case, id=name, exercise_id=exercise.id), Outcome.PASSED)
    cache.keep(grades.grade([verdict], found=hand_in, asked=exercise))
    suite = exercise.public_suite
    text = suite.read_text("utf-8")
    assert "points(1)" in text
    suite.write_text(text.replace("points(1)", "points(1.5)", 1), "utf-8")
    found = cache.recall(exercise, hand_in)
    assert found is not None
    assert (found.score, found.max_score) == (Fraction(3, 2), Fraction(3, 2))
