"""The key of a verdict changes with what the verdict depends on, and with nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.batch.keys import exercise_digest, verdict_key
from grader.course import load_course
from grader.model import Course, Exercise, HandIn, HandInStatus, Limits, TrainingMode
from tests.grader.conftest import write_course

HAND_IN = HandIn("01-01-demo", HandInStatus.SUBMITTED, "demo.py", "x = 1\n", "aa")


def digest(exercise: Exercise) -> str:
    """Hash an exercise as a class is usually judged with it."""
    return exercise_digest(exercise, TrainingMode.JUDGE)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course that a test may change."""
    return write_course(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "assignments/01-01-demo/test_public.py",
        "solutions/01-01-demo/demo.py",
        "tests/hidden/01-01-demo/test_demo.py",
    ],
)
def test_a_changed_file_changes_its_exercise_alone(course: Course, name: str) -> None:
    """Suites and reference."""
    before = [digest(exercise) for exercise in course.exercises]
    with (course.root / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    after = [digest(exercise) for exercise in course.exercises]
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_a_new_driver_and_other_limits_change_it(course: Course) -> None:
    """Both decide what a test sees."""
    demo = course.exercises[0]
    before = digest(demo)
    assert digest(replace(demo, limits=Limits(wall_time_s=99))) != before
    (demo.hidden_dir / "driver.py").write_text("", "utf-8")
    assert digest(demo) != before


def test_what_is_left_out_changes_it(course: Course) -> None:
    """Verdicts without training or hidden tests are no verdicts with them."""
    demo = course.exercises[0]
    found = {
        exercise_digest(demo, training, public_only=public_only)
        for training in (TrainingMode.JUDGE, TrainingMode.OFF)
        for public_only in (False, True)
    }
    assert len(found) == 4


def test_another_card_changes_it(course: Course) -> None:
    """A threshold belongs to a class of device, and so does a verdict."""
    demo = course.exercises[0]
    assert exercise_digest(demo, TrainingMode.JUDGE, device="A card") != digest(demo)


def test_points_change_nothing(course: Course) -> None:
    """Neither in exercise.yml nor in a mark; what a task asks for does."""
    demo = course.exercises[0]
    before = digest(demo)
    for path, old, new in (
        (demo.assignment_dir / "exercise.yml", "points: 4", "points: 4.5"),
        (demo.assignment_dir / "exercise.yml", "points: 6", "points: 6.5"),
        (demo.hidden_suite, "points(2)", "points(2.5)"),
    ):
        path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    again = load_course(course.root).exercises[0]
    assert again.points != demo.points
    assert digest(again) == before
    file = demo.assignment_dir / "exercise.yml"
    file.write_text(file.read_text("utf-8").replace("torch.add", "torch.sub"), "utf-8")
    assert digest(load_course(course.root).exercises[0]) != before


def test_what_only_people_read_changes_nothing(course: Course) -> None:
    """Nor what only the gate of the exercise needs, nor what Python leaves behind."""
    demo = course.exercises[0]
    before = digest(demo)
    (demo.assignment_dir / "README.md").write_text("other", "utf-8")
    for name in ("alternatives/one.py", "__pycache__/x.pyc"):
        (demo.solution_dir / name).parent.mkdir()
        (demo.solution_dir / name).write_text("", "utf-8")
    assert digest(demo) == before


def test_the_hand_in_is_part_of_the_key() -> None:
    """Its bytes, its kind, and whether it could be read."""
    keys = {
        verdict_key("d", HAND_IN),
        verdict_key("e", HAND_IN),
        verdict_key("d", replace(HAND_IN, sha256="bb")),
        verdict_key("d", replace(HAND_IN, path="demo.ipynb")),
        verdict_key("d", replace(HAND_IN, status=HandInStatus.UNREADABLE, problem="no")),
        verdict_key("d", replace(HAND_IN, exercise_id="01-02-more")),
    }
    assert len(keys) == 6
    assert verdict_key("d", HAND_IN) in keys
