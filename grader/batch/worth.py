"""What tests are worth, kept apart from what they find: changed points judge nothing again.

Points stand in `exercise.yml` and in marks of the suites. They are left out of what a verdict
depends on, and put to the verdicts when these are read back.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from grader import score
from grader.errors import CourseError
from grader.model import Exercise, ExerciseGrade, Grade, Verdict

_MARK = "points"
_DEFAULT = Fraction(1)
_THOUSANDTHS = 1000


@dataclass(frozen=True, slots=True)
class Suite:
    """One file of tests.

    Attributes:
        rest: Its bytes, with every number of points blanked out.
        points: What each test function is worth; None if marks stand where they are not found
            without running the file, so that the whole of it decides.
    """

    rest: bytes
    points: Mapping[str, Fraction] | None


def read_suite(content: bytes) -> Suite:
    """Tell points from the rest of a file of tests.

    Args:
        content: Python text.
    """
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError):
        return Suite(content, None)
    points: dict[str, Fraction] = {}
    numbers: list[ast.Constant] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            own = [n for n in map(_number, node.decorator_list) if n is not None]
            numbers += own
            points[node.name] = Fraction(Decimal(str(own[0].value))) if own else _DEFAULT
    marks = sum(isinstance(n, ast.Attribute) and n.attr == _MARK for n in ast.walk(tree))
    if marks != len(numbers):
        return Suite(content, None)
    return Suite(_without(content, numbers), points)


def _number(decorator: ast.expr) -> ast.Constant | None:
    """Give the number in `@pytest.mark.points(2)`; None for any other decorator."""
    match decorator:
        case ast.Call(
            func=ast.Attribute(value=ast.Attribute(attr="mark"), attr="points"),
            args=[ast.Constant(value=int() | float() as value) as number],
            keywords=[],
        ) if not isinstance(value, bool) and math.isfinite(value):
            return number
    return None


def _without(content: bytes, numbers: Iterable[ast.Constant]) -> bytes:
    lines = content.splitlines(keepends=True)
    for number in sorted(numbers, key=lambda n: (n.lineno, n.col_offset), reverse=True):
        line = lines[number.lineno - 1]
        lines[number.lineno - 1] = line[: number.col_offset] + line[number.end_col_offset :]
    return b"".join(lines)


def points_in(exercise: Exercise) -> dict[str, Mapping[str, Fraction]]:
    """Read what the tests of an exercise are worth now.

    Args:
        exercise: The exercise.

    Returns:
        By name of the file and of the function; without files of which only running them tells.

    Raises:
        CourseError: If a file cannot be read.
    """
    found = {}
    for path in (exercise.public_suite, exercise.hidden_suite):
        if path.is_file():
            points = read_suite(bytes_of(path)).points
            if points is not None:
                found[path.name] = points
    return found


def worth_now(
    grade: Grade, exercise: Exercise, points: Mapping[str, Mapping[str, Fraction]]
) -> Grade:
    """Give a stored grade the points that its tests are worth now.

    Args:
        grade: Of one exercise, read back.
        exercise: The same, as it is now.
        points: Of its tests (`points_in`).

    Raises:
        CourseError: If the tests of a task do not add up to its points; where some were left out,
            if they add up to more.
    """
    (old,) = grade.exercises
    verdicts = [_worth(verdict, points) for verdict in old.verdicts]
    tasks = {task.name: task.points for task in exercise.tasks}
    same_tasks = {found.task.name: found.task.points for found in old.tasks} == tasks
    same_pass = old.exercise.pass_fraction == exercise.pass_fraction
    if tuple(verdicts) == old.verdicts and same_tasks and same_pass:
        return grade
    new = score.grade_exercise(
        exercise, old.hand_in, verdicts, seed=old.seed, duration_s=old.duration_s, notes=old.notes
    )  # fmt: skip
    _check_sums(old, new)
    new = replace(new, diagnoses=old.diagnoses)
    return replace(
        score.grade_submission(
            grade.submission, [new], isolation=grade.isolation, environment=grade.environment,
            graded_at=grade.graded_at,
        ),
        complete=grade.complete,
    )  # fmt: skip


def _worth(verdict: Verdict, points: Mapping[str, Mapping[str, Fraction]]) -> Verdict:
    file, _, name = verdict.test.id.partition("::")
    worth = points.get(file, {}).get(name.partition("[")[0])
    was = verdict.test.points
    if worth is None or worth == was:
        return verdict
    earned = verdict.earned
    if earned is not None:
        share = earned / was if was else Fraction(0)
        earned = Fraction(math.floor(share * worth * _THOUSANDTHS), _THOUSANDTHS) or None
    return replace(verdict, test=replace(verdict.test, points=worth), earned=earned)


def _check_sums(old: ExerciseGrade, new: ExerciseGrade) -> None:
    partial = {found.task.name for found in old.tasks if found.max_score < found.task.points}
    for found in new.tasks:
        task, total = found.task, found.max_score
        if total > task.points or (total < task.points and task.name not in partial):
            where = f"{new.exercise.assignment_dir / 'exercise.yml'}: task {task.name}"
            declared = f"not the {float(task.points):g} declared."
            what = f"its tests add up to {float(total):g} points, {declared}"
            raise CourseError(where, what, "Change `points`, or the marks of its tests.")


def bytes_of(path: Path) -> bytes:
    """Read a file of an exercise.

    Raises:
        CourseError: If it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        what = f"the file cannot be read ({error.strerror})."
        raise CourseError(str(path), what, "Make it readable.") from None
