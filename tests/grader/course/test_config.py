"""Course files are read exactly, and what is wrong in them is pointed at."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.collect.limits import IntakeLimits
from grader.course import load_course
from grader.course.config import read_course_file, read_exercise, show_points
from grader.course.explain import validate
from grader.course.shape import CourseFile, ExerciseFile, IntakeFile, LimitsFile
from grader.course.yamlpos import parse_document
from grader.errors import CourseError
from grader.model import Forbidden, Limits

NAME = "03-06-softmax"


def _broken(root: Path, old: str, new: str) -> CourseError:
    """Change the exercise's file in one spot and give the error that reading it raises."""
    path = root / "assignments" / NAME / "exercise.yml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(CourseError) as caught:
        read_exercise(root, NAME, Limits())
    return caught.value


def test_an_exercise_is_read_as_written(root: Path) -> None:
    """Points are exact, limits lie over the defaults, a task defines its own name."""
    exercise = read_exercise(root, NAME, Limits(memory_mib=512))
    softmax, accumulator = exercise.tasks
    assert exercise.points == 4
    assert softmax.points == Fraction(5, 2)
    assert softmax.defines == ("softmax",)
    assert accumulator.defines == ("Accumulator",)
    assert softmax.forbidden == Forbidden(("torch.softmax", "Tensor.softmax"), ("aten::_softmax",))
    assert exercise.limits == Limits(wall_time_s=2.5, memory_mib=512)
    assert exercise.reference == root / "solutions" / NAME / "softmax.py"
    assert exercise.hidden_suite == root / "tests/hidden" / NAME / "test_softmax.py"
    assert exercise.pass_fraction == 1


@pytest.mark.parametrize(
    ("old", "new", "place", "what", "what_now"),
    [
        ("module: softmax", "modul: softmax", ":3:1", "`modul` is unknown", "`module`"),
        ("    title: Softmax of", "    titel: Softmax of", ":8:5", "`titel`", "`title`"),
        ("wall_time_s", "wall_time", ":5:10", "`wall_time` is unknown", "`wall_time_s`"),
        ("title: Softmax regression from scratch\n", "", ":1:1", "`title` is missing", "Add"),
        ('"3.6"', "3.6", ":2:10", "must be text, not `3.6`", "quotes"),
        ('"3.6"', '"3.7"', ":2:10", "does not belong to the folder", "03-07-"),
        ('"3.6"', '"3.6.1"', ":2:10", "must be a section", ""),
        ("points: 4", "points: 5", ":4:9", "add up to 4, not the 5 declared", "points: 4"),
        ("points: 4", "points: 3.5", ":4:9", "worth 4 to 20", ""),
        ("points: 4", "points: 20.001", ":4:9", "worth 4 to 20", ""),
        ("points: 4", "points: true", ":4:9", "must be a number", ""),
        ("points: 2.5", "points: 2.5001", ":9:13", "three decimals", ""),
        ("points: 2.5", "points: 1e-4", ":9:13", "three decimals", ""),
        ("points: 2.5", "points: 0", ":9:13", "more than 0", ""),
        ("points: 2.5", 'points: "2.5"', ":9:13", "must be a number", ""),
        ("2.5}", "fast}", ":5:23", "must be a number, not `fast`", ""),
        ("2.5}", "-1}", ":5:23", "greater than 0", ""),
        ("2.5}", "true}", ":5:23", "must be a number, not `true`", ""),
        ("[Accumulator]", "Accumulator", ":16:14", "must be a list, not `Accumulator`", ""),
        ("[Accumulator]", "[]", ":16:14", "`defines` is empty", ""),
        ("[Accumulator]", "[A, A]", ":16:18", "stands here twice", ""),
        ("[Accumulator]", "[a-b]", ":16:15", "item 1 of `defines` must be a Python name", ""),
        ("  accumulator:", "  accu mulator:", ":13:3", "must be a Python name", ""),
        ("aten::_softmax", "softmax", ":12:19", "dispatcher operator", ""),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    root: Path, old: str, new: str, place: str, what: str, what_now: str
) -> None:
    """One mistake in the file gives one sentence at its line and column."""
    error = _broken(root, old, new)
    assert error.where == str(root / "assignments" / NAME / "exercise.yml") + place
    assert what in error.what
    assert what_now in error.what_now


def test_an_exercise_without_tasks_is_refused() -> None:
    """Neither an empty map nor nothing at all counts as tasks."""
    head = 'title: A\nsection: "3.6"\nmodule: a\npoints: 4\n'
    for written, what in [("tasks: {}", "is empty"), ("tasks:", "not nothing")]:
        with pytest.raises(CourseError, match=what):
            validate(ExerciseFile, parse_document(f"{head}{written}\n", Path("exercise.yml")))


def test_the_first_mistake_of_a_file_is_the_one_that_is_named(root: Path) -> None:
    """Two mistakes are told in reading order, whatever order they are found in."""
    path = root / "assignments" / NAME / "exercise.yml"
    text = path.read_text(encoding="utf-8").replace("1.5", "none").replace("module", "modula")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match=r"exercise\.yml:3:1: the key `modula`"):
        read_exercise(root, NAME, Limits())


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('due: {a: "2026-10-01T23:59:00"}', "time with its zone"),
        ("due: {a: tomorrow}", "time with its zone"),
        ('due: {a: "0001-01-01T00:00:00+23:59"}', "time with its zone"),
        ("sandbox: {min_level: 1}", "0, 2 or 3"),
        ("exercises: []", "is empty"),
        ("exercises: [3]", "item 1 of `exercises` must be text"),
    ],
)
def test_a_course_file_is_held_to_its_form(tmp_path: Path, line: str, what: str) -> None:
    """Times bear a zone; a level is one that exists."""
    path = tmp_path / "autograde.yml"
    path.write_text(f"title: A\n{line}\n", encoding="utf-8")
    with pytest.raises(CourseError, match=what):
        read_course_file(path)


def test_due_times_are_kept_in_utc(root: Path) -> None:
    """Two hours east of Greenwich, 23:59 is 21:59."""
    written, _ = read_course_file(root / "autograde.yml")
    assert written.due == {NAME: datetime(2026, 10, 1, 21, 59, tzinfo=UTC)}


def test_every_limit_of_a_cell_can_be_written() -> None:
    """A limit added to the model must be writable in the file, and no other.

    The share of a graphics card is the recipe's: cells of other tests have none.
    """
    known = {field.name for field in dataclasses.fields(Limits)} - {"gpu_memory_mib"}
    assert set(LimitsFile.model_fields) == known


def test_every_bound_on_a_hand_in_can_be_written(root: Path) -> None:
    """The names are those of the room that reads hand-ins."""
    assert set(IntakeFile.model_fields) == {item.name for item in dataclasses.fields(IntakeLimits)}
    path = root / "autograde.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}intake: {{source_kib: 64}}\n", encoding="utf-8")
    assert load_course(root).intake == {"source_kib": 64}


@given(st.integers(min_value=1, max_value=20_000))
def test_points_are_read_and_shown_exactly(thousandths: int) -> None:
    """What is written with three decimals comes back to the last digit."""
    points = Fraction(thousandths, 1000)
    text = f"{thousandths // 1000}.{thousandths % 1000:03}"
    head = 'title: A\nsection: "3.6"\nmodule: a\n'
    task = f"tasks: {{a: {{title: A, points: {text}}}}}\n"
    written = validate(ExerciseFile, parse_document(f"{head}points: {text}\n{task}", Path("e.yml")))
    assert written.points == written.tasks["a"].points == points
    assert Fraction(show_points(points)) == points


_LINES = st.lists(
    st.sampled_from(
        """
title: A
section: "3.6"
module: a
points: 4
tasks:
  a:
  - b
    title: B
    points: 4
    points: [1]
limits: {wall_time_s: 1e-3}
due: {a: 1}
sandbox:
  min_level: 2
exercises: [a, 1]
x: ~
intake: 1
""".splitlines()
    ),
    max_size=10,
)


@given(st.text(max_size=200) | _LINES.map("\n".join))
def test_any_file_is_read_or_refused_in_words(text: str) -> None:
    """No text at all brings anything but a CourseError out of the reader."""
    for model in (ExerciseFile, CourseFile):
        try:
            validate(model, parse_document(text, Path("some.yml")))
        except CourseError as error:
            where, what = error.where, error.what
        else:
            continue
        assert where.startswith("some.yml")
        assert what.endswith(".")
