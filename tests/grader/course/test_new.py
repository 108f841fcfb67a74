"""A new exercise is whole from the start, and says what is still to be written."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

from grader.course import load_course
from grader.course.catalogue import read_alternatives, read_catalogue
from grader.course.checks import static_problems
from grader.course.new import new_exercise
from grader.course.stub import stub_text
from grader.errors import CourseError

NAME = "04-99-moving-average"


def test_a_new_exercise_loads_at_once(root: Path) -> None:
    """With one task of four points, a section from its name, two alternatives, a mistake."""
    created = new_exercise(load_course(root), NAME)
    assert all(path.is_file() for path in created)
    assert len(created) == 10
    exercise = load_course(root).exercises[1]
    assert (exercise.id, exercise.section, exercise.points) == (NAME, "4.99", 4)
    assert exercise.title == "Moving average"
    assert exercise.tasks[0].defines == ("moving_average",)
    assert len(read_alternatives(exercise)) == 2
    assert len(read_catalogue(exercise)) == 1
    assert 'NotImplementedError("04-99-moving-average: moving_average")' in stub_text(exercise)


def test_only_what_takes_an_author_is_missing(root: Path) -> None:
    """Every file is there, stub and notebook fit, nothing leaks."""
    new_exercise(load_course(root), NAME)
    assert static_problems(load_course(root).exercises[1]) == []


def test_each_part_says_politely_what_to_write(root: Path) -> None:
    """Every file with code is Python, and holds a TODO or an error that names the file."""
    created = new_exercise(load_course(root), NAME)
    for path in created:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            ast.parse(text)
            assert "NotImplementedError(" in text or f"{path.name}: write this test" in text
        assert "{{" not in text
        assert text.endswith("\n")


def test_an_exercise_that_the_course_does_not_list_is_told(root: Path) -> None:
    """Its author has to add it to autograde.yml."""
    path = root / "autograde.yml"
    text = path.read_text(encoding="utf-8").replace('["*"]', '["03-*"]')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match="does not take 04-99-moving-average") as caught:
        new_exercise(load_course(root), NAME)
    assert caught.value.where == f"{path.resolve()}:3:12"


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("demo", "not the name of an exercise"),
        ("4-99-demo", "not the name of an exercise"),
        ("04-99-Demo", "not the name of an exercise"),
        ("04-99-../../x", "not the name of an exercise"),
        ("04-99-demo\n", "not the name of an exercise"),
        ("04-99-random", "would hide"),
        ("04-99-torch", "would hide"),
        ("04-99-lambda", "would hide"),
        ("03-06-softmax", "belongs to 03-06-softmax already"),
        ("04-99-softmax", "belongs to 03-06-softmax already"),
    ],
)
def test_a_name_that_cannot_be_used_is_refused(root: Path, name: str, what: str) -> None:
    """Before anything is written."""
    before = sorted(root.rglob("*"))
    with pytest.raises(CourseError, match=what):
        new_exercise(load_course(root), name)
    assert sorted(root.rglob("*")) == before


@pytest.mark.parametrize("tree", ["assignments", "solutions", "tests/hidden"])
def test_an_existing_folder_in_any_tree_is_left_alone(root: Path, tree: str) -> None:
    """Somebody may have begun there."""
    course = load_course(root)
    (root / tree / NAME).mkdir()
    with pytest.raises(CourseError, match="exists already"):
        new_exercise(course, NAME)
    assert list((root / tree / NAME).iterdir()) == []


def test_a_student_repository_gets_no_new_exercise(root: Path) -> None:
    """It has no place for a solution."""
    shutil.rmtree(root / "solutions")
    with pytest.raises(CourseError, match="student repository"):
        new_exercise(load_course(root), NAME)
