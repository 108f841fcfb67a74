"""The reviewed list of mutants is read as strictly as the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.course import load_course
from grader.course.survivors import read_survivors, unknown_survivors
from grader.errors import CourseError
from grader.model import Exercise


@pytest.fixture
def exercise(root: Path) -> Exercise:
    """Give the small course's exercise."""
    return load_course(root).exercises[0]


def _write(exercise: Exercise, text: str) -> None:
    (exercise.hidden_dir / "survivors.yml").write_text(text, encoding="utf-8")


def test_entries_are_read_with_their_place(exercise: Exercise) -> None:
    """Without a file there are none."""
    assert read_survivors(exercise) == {}
    _write(exercise, 'survivors:\n  - mutant: "f: a => b"\n    reason: Alike.\n')
    found = read_survivors(exercise)
    assert not found["f: a => b"].equivalent
    assert found["f: a => b"].where.endswith("survivors.yml:2:13")
    (entry, hint), *_ = unknown_survivors(found, ["f: a => bb"])
    assert entry.key == "f: a => b"
    assert hint == "Did you mean `f: a => bb`?"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("survivors:\n  - {mutant: a, reason: b}\n  - {mutant: a, reason: c}\n", "stands already"),
        ("survivors:\n  - {mutant: a}\n", "`reason` is missing"),
        ("survivors:\n  - {mutant: a, reason: ''}\n", "one line"),
        ("survivors:\n  - {mutant: a, reason: b, equivalent: yes}\n", "true or false"),
        ("- {mutant: a, reason: b}\n", "a map of keys"),
    ],
)
def test_a_wrong_entry_is_refused(exercise: Exercise, text: str, what: str) -> None:
    """A reason is not optional."""
    _write(exercise, text)
    with pytest.raises(CourseError, match=what):
        read_survivors(exercise)
