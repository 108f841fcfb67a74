"""Reading `autograde.yml` and `exercise.yml` strictly.

Whatever is wrong is a `CourseError` that names `file:line:column`, says what is wrong there
and what to do. What may stand in the files is defined in `shape.py`.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from grader.course.explain import validate
from grader.course.shape import MAX_POINTS, THOUSANDTHS, CourseFile, ExerciseFile, TaskFile
from grader.course.yamlpos import Document, read_document
from grader.model import Exercise, Forbidden, Limits, Task

COURSE_FILE = "autograde.yml"
EXERCISE_FILE = "exercise.yml"
MIN_POINTS = 4


def read_course_file(path: Path) -> tuple[CourseFile, Document]:
    """Read and check `autograde.yml` by itself.

    Raises:
        CourseError: With the place of what is wrong.
    """
    document = read_document(path)
    return validate(CourseFile, document), document


def read_exercise(root: Path, exercise_id: str, defaults: Limits) -> Exercise:
    """Read `assignments/<id>/exercise.yml` into an exercise.

    Args:
        root: The folder of the course.
        exercise_id: Name of the exercise's folder.
        defaults: Limits where the exercise sets none.

    Raises:
        CourseError: With the place of what is wrong, and for points that do not add up.
    """
    folder = root / "assignments" / exercise_id
    document = read_document(folder / EXERCISE_FILE)
    written = validate(ExerciseFile, document)
    _check_section(written, document, exercise_id)
    _check_points(written, document)
    tasks = tuple(_task(name, task, document) for name, task in written.tasks.items())
    return Exercise(
        id=exercise_id,
        title=written.title,
        section=written.section,
        module=written.module,
        points=written.points,
        tasks=tasks,
        limits=written.limits.over(defaults),
        assignment_dir=folder,
        solution_dir=root / "solutions" / exercise_id,
        hidden_dir=root / "tests" / "hidden" / exercise_id,
        pass_fraction=written.pass_fraction,
    )


def _task(name: str, written: TaskFile, document: Document) -> Task:
    names = written.defines or [name]
    for position, defined in enumerate(names):
        if defined in names[:position]:
            trail = ("tasks", name, "defines", position)
            raise document.error(trail, f"`{defined}` stands here twice.", "Keep one of the two.")
    return Task(
        name=name,
        title=written.title,
        points=written.points,
        defines=tuple(names),
        forbidden=Forbidden(tuple(written.forbid.names), tuple(written.forbid.operators)),
    )


def _check_section(written: ExerciseFile, document: Document, exercise_id: str) -> None:
    """Hold folder name and section together, because the folder sorts the course."""
    chapter, number = (int(part) for part in written.section.split("."))
    if not exercise_id.startswith(f"{chapter:02}-{number:02}-"):
        what = f"section {written.section} does not belong to the folder {exercise_id}."
        what_now = f"Change the section, or the folder to {chapter:02}-{number:02}-..."
        raise document.error(("section",), what, what_now)


def _check_points(written: ExerciseFile, document: Document) -> None:
    if not MIN_POINTS <= written.points <= MAX_POINTS:
        what = f"{show_points(written.points)} points; an exercise is worth 4 to 20."
        raise document.error(("points",), what, "Scale the points of its tasks.")
    total = sum((task.points for task in written.tasks.values()), Fraction(0))
    if total != written.points:
        declared, added = show_points(written.points), show_points(total)
        what = f"the tasks' points add up to {added}, not the {declared} declared."
        raise document.error(("points",), what, f"Write `points: {added}`, or change a task.")


def show_points(points: Fraction) -> str:
    """Write points as a decimal, exactly: `2.5`, never `5/2`."""
    if points.denominator == 1:
        return str(points.numerator)
    thousandths = points * THOUSANDTHS
    if thousandths.denominator != 1:
        return str(points)
    whole, rest = divmod(thousandths.numerator, THOUSANDTHS)
    return f"{whole}.{rest:03}".rstrip("0")
