"""A course is found from anywhere inside it, and exercises by any part of their names."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from grader.course import load_course, select
from grader.errors import CourseError
from grader.model import Curve, CurveKind, LateRule, Rules

NAME = "03-06-softmax"


def _add(root: Path, name: str, module: str) -> None:
    """Add a copy of the exercise under another name."""
    folder = root / "assignments" / name
    shutil.copytree(root / "assignments" / NAME, folder)
    path = folder / "exercise.yml"
    chapter, section = int(name[:2]), int(name[3:5])
    text = path.read_text(encoding="utf-8").replace("module: softmax", f"module: {module}")
    path.write_text(text.replace('"3.6"', f'"{chapter}.{section}"'), encoding="utf-8")


def test_a_course_is_found_from_a_folder_deep_inside(root: Path) -> None:
    """The command works wherever the author stands."""
    course = load_course(root / "assignments" / NAME)
    assert course.root == root.resolve()
    assert [exercise.id for exercise in course.exercises] == [NAME]
    assert course.exercises[0].limits.memory_mib == 512


def test_a_student_release_without_solutions_loads(root: Path) -> None:
    """Students have neither solutions nor hidden tests."""
    shutil.rmtree(root / "solutions")
    shutil.rmtree(root / "tests")
    assert load_course(root).exercises[0].title == "Softmax regression from scratch"


def test_no_course_is_an_error_that_says_where_it_looked(tmp_path: Path) -> None:
    """The message names the folder."""
    with pytest.raises(CourseError, match=r"autograde\.yml") as caught:
        load_course(tmp_path)
    assert caught.value.where == str(tmp_path.resolve())


@pytest.mark.parametrize(
    ("old", "new", "place", "what", "what_now"),
    [
        ('["*"]', '["03-*", 03-06-softmx]', ":3:21", "called `03-06-softmx`", NAME),
        ("03-06-softmax:", "03-06-sofmax:", ":7:3", "does not have", NAME),
    ],
)
def test_an_exercise_that_does_not_exist_is_named_with_a_near_miss(
    root: Path, old: str, new: str, place: str, what: str, what_now: str
) -> None:
    """In `exercises` and in `due` alike."""
    path = root / "autograde.yml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(CourseError) as caught:
        load_course(root)
    assert caught.value.where == f"{path.resolve()}{place}"
    assert what in caught.value.what
    assert what_now in caught.value.what_now


def test_a_folder_that_is_no_exercise_is_an_error(root: Path) -> None:
    """A misnamed folder would otherwise be left out of the course in silence."""
    (root / "assignments/3-6-softmax").mkdir()
    with pytest.raises(CourseError, match="not the name of an exercise"):
        load_course(root)


def test_a_folder_without_its_file_is_an_error(root: Path) -> None:
    """The same for one whose exercise.yml was forgotten."""
    (root / "assignments/03-07-other").mkdir()
    with pytest.raises(CourseError, match=r"has no exercise\.yml"):
        load_course(root)


@pytest.mark.parametrize(
    "pattern",
    ["softmax", NAME, "3.6", "03-06", f"assignments/{NAME}/", "softmax.py", "03-06-*", "06-soft"],
)
def test_any_unambiguous_part_names_the_exercise(root: Path, pattern: str) -> None:
    """`softmax` is the exercise of that module even where others contain the word."""
    _add(root, "03-07-softmax-concise", "softmax_concise")
    _add(root, "04-02-mlp", "mlp")
    assert [found.id for found in select(load_course(root), [pattern])] == [NAME]


def test_selected_exercises_stand_in_course_order_once_each(root: Path) -> None:
    """However they were asked for; no pattern at all selects all."""
    _add(root, "03-07-softmax-concise", "softmax_concise")
    _add(root, "04-02-mlp", "mlp")
    course = load_course(root)
    found = select(course, ["mlp", "softmax", "03-*"])
    assert [exercise.id for exercise in found] == [NAME, "03-07-softmax-concise", "04-02-mlp"]
    assert select(course, []) == course.exercises


@pytest.mark.parametrize(
    ("pattern", "what", "what_now"),
    [
        ("03", "several exercises", "more of the name"),
        ("softmx", "no exercise answers", "`softmax`"),
        ("zzz", "no exercise answers", "autograde list"),
        ("09-*", "no exercise answers", ""),
        ("", "no exercise answers", ""),
    ],
)
def test_what_names_no_exercise_or_several_is_refused(
    root: Path, pattern: str, what: str, what_now: str
) -> None:
    """An ambiguous part lists what it might mean; an unknown one what is near."""
    _add(root, "03-07-softmax-concise", "softmax_concise")
    with pytest.raises(CourseError) as caught:
        select(load_course(root), [pattern])
    assert what in caught.value.what
    assert what_now in caught.value.what_now


RULES = """\
late: {grace_days: 5, grace_days_per_exercise: 2, percent_per_day: 12.5, cap_percent: 50}
curve:
  03-06-softmax: {scale_to: 3.5}
drop_lowest: 1
"""


def test_rules_are_read_exactly(root: Path) -> None:
    """Percentages and points are fractions; without any rule nothing is taken or given."""
    assert load_course(root).rules == Rules()
    path = root / "autograde.yml"
    path.write_text(path.read_text(encoding="utf-8") + RULES, encoding="utf-8")
    assert load_course(root).rules == Rules(
        LateRule(5, 2, Fraction(25, 2), Fraction(50)),
        {NAME: Curve(CurveKind.SCALE, Fraction(7, 2))},
        1,
    )


@pytest.mark.parametrize(
    ("line", "place", "what"),
    [
        ("late: {percent: 10}", ":8:8", "`percent` is unknown"),
        ("late: {grace_days: -1}", ":8:20", "greater than or equal to 0"),
        ("late: {percent_per_day: 101}", ":8:25", "between 0 and 100"),
        ("late: {percent_per_day: -1}", ":8:25", "between 0 and 100"),
        ("late: {cap_percent: true}", ":8:21", "must be a number"),
        ("late: {cap_percent: 0.0001}", ":8:21", "three decimals"),
        ("curve: {03-06-softmax: {ad: 1}}", ":8:25", "`ad` is unknown"),
        ("curve: {03-06-softmax: {}}", ":8:24", "exactly one of the keys"),
        ("curve: {03-06-softmax: {add: 1, square_root: true}}", ":8:24", "exactly one of the keys"),
        ("curve: {03-06-sofmax: {add: 1}}", ":8:9", "`curve` names the exercise 03-06-sofmax"),
        ("drop_lowest: 1.5", ":8:14", "must be a whole number"),
    ],
)
def test_a_wrong_rule_is_named_with_its_place(root: Path, line: str, place: str, what: str) -> None:
    """A rule that was misread would change everybody's points."""
    path = root / "autograde.yml"
    path.write_text(f"{path.read_text(encoding='utf-8')}{line}\n", encoding="utf-8")
    with pytest.raises(CourseError) as caught:
        load_course(root)
    assert caught.value.where == f"{path.resolve()}{place}"
    assert what in caught.value.what
