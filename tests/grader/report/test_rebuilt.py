"""The nouns of stored results; that all of a result comes back is tested with `stored.py`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from grader.model import Grade
from grader.report import read_result, write_result
from tests.grader.report import grades


def _stored(grade: Grade, path: Path) -> Grade:
    write_result(grade, path)
    return read_result(path)


def test_results_of_a_class_share_their_tests_and_tasks(tmp_path: Path) -> None:
    """They are most of what a result holds, and a class of thousands is held at once."""
    first, second = (
        _stored(grades.EVERY_KIND["failing"], tmp_path / name) for name in ("1.json", "2.json")
    )
    for one, other in zip(first.exercises, second.exercises, strict=True):
        assert all(a.test is b.test for a, b in zip(one.verdicts, other.verdicts, strict=True))
        assert all(a.task is b.task for a, b in zip(one.tasks, other.tasks, strict=True))


def test_a_test_that_is_worth_something_else_is_another(tmp_path: Path) -> None:
    """Nothing is shared that differs."""
    grade = grades.EVERY_KIND["failing"]
    (exercise, *others) = grade.exercises
    (verdict, *verdicts) = exercise.verdicts
    changed = replace(verdict, test=replace(verdict.test, hint="Look elsewhere."))
    exercise = replace(exercise, verdicts=(changed, *verdicts))
    first = _stored(grade, tmp_path / "1.json")
    second = _stored(replace(grade, exercises=(exercise, *others)), tmp_path / "2.json")
    assert first.exercises[0].verdicts[0].test.hint == verdict.test.hint
    assert second.exercises[0].verdicts[0].test.hint == "Look elsewhere."
