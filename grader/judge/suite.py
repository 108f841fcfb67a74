"""From collected pytest items to `TestCase`s: the list of tests, known before any student code.

@pytest.mark.task("softmax")             required
@pytest.mark.points(1)                   per item, default 1
@pytest.mark.hint("Look at the ...")     optional
@pytest.mark.depends_on("test_shape")    optional, names of test functions before this one
@pytest.mark.timeout_s(20)               optional
@pytest.mark.fresh_cell                  optional
@pytest.mark.in_place                    optional: arguments changed by the student's code are
                                         changed in the test too
@pytest.mark.visibility("hidden")        optional, default by folder
@pytest.mark.training("mlp-dropout")     the test trains by this recipe (see `training.py`); a
                                         public one only briefly, as a probe worth 0 points
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import CourseError
from grader.model import Exercise, TestCase, Visibility

if TYPE_CHECKING:
    import pytest

MARKERS = (
    "task(name): the task of exercise.yml that the test examines",
    "points(number): what one item is worth",
    "hint(text): what to look at when it fails",
    "depends_on(*names): test functions of the same exercise that must pass first",
    "timeout_s(seconds): wall time of this test",
    "fresh_cell: run it in a cell of its own",
    "in_place: tensor arguments that the student's code changes are changed in the test too",
    "visibility(kind): public or hidden",
    "training(recipe): it trains by this recipe",
)
MAX_DECIMALS = 3


def suites_of(exercise: Exercise, *, public_only: bool) -> tuple[Path, ...]:
    """Return the suite files of an exercise, public tests first.

    Raises:
        CourseError: If a suite that should be there is missing.
    """
    wanted = [exercise.public_suite]
    if not public_only:
        wanted.append(exercise.hidden_suite)
    for path in wanted:
        if not path.is_file():
            what_now = "Write it, or take the exercise out of autograde.yml."
            raise CourseError(str(path), "the suite is missing", what_now)
    return tuple(wanted)


def cases_of(
    exercise: Exercise,
    items: Sequence[pytest.Function],
    *,
    public_only: bool,
    probes: bool = False,
) -> tuple[tuple[TestCase, pytest.Function], ...]:
    """Read the marks of one exercise's items, in suite order.

    Args:
        exercise: Whose suites they come from.
        items: Its collected items.
        public_only: True for a self-check, which runs public tests and checks no sums.
        probes: Whether the public tests that train briefly are among them.

    Returns:
        Each case with its item.

    Raises:
        CourseError: If a mark is missing or wrong, or the points of a task do not add up.
    """
    counts: Counter[str] = Counter()
    pairs: list[tuple[TestCase, pytest.Function]] = []
    for item in items:
        counts[item.nodeid.split("[")[0]] += 1
        pairs.append((_case(exercise, item, counts[item.nodeid.split("[")[0]]), item))
    _check_dependencies([case for case, _ in pairs], [item for _, item in pairs])
    pairs = [pair for pair in pairs if probes or not pair[0].is_probe]
    if public_only:
        return tuple(p for p in pairs if p[0].visibility is Visibility.PUBLIC)
    _check_points(exercise, [case for case, _ in pairs])
    return tuple(pairs)


def _case(exercise: Exercise, item: pytest.Function, ordinal: int) -> TestCase:
    where = _where(item)
    task = _argument(item, "task", str, where)
    if task is None:
        raise CourseError(where, "the test names no task", 'Add @pytest.mark.task("...").')
    if task not in {known.name for known in exercise.tasks}:
        names = ", ".join(known.name for known in exercise.tasks)
        raise CourseError(where, f"exercise.yml has no task {task!r}", f"Its tasks are {names}.")
    title = (item.function.__doc__ or "").strip().split("\n")[0]
    if not title:
        what_now = "Its first line is what the student reads."
        raise CourseError(where, "the test has no docstring", what_now)
    public = item.path.parent == exercise.assignment_dir
    default = Visibility.PUBLIC if public else Visibility.HIDDEN
    visibility = Visibility(_argument(item, "visibility", str, where) or default)
    name = item.nodeid.split("::", 1)[1].split("[")[0]
    callspec = getattr(item, "callspec", None)
    if callspec is not None:
        # A parameter's id is made from its value, which a hidden test does not show.
        label = callspec.id if visibility is Visibility.PUBLIC else str(ordinal)
        name, title = f"{name}[{label}]", f"{title.rstrip('.')} ({label})"
    depends = item.get_closest_marker("depends_on")
    case = TestCase(
        id=f"{item.path.name}::{name}",
        exercise_id=exercise.id,
        task=task,
        title=title,
        points=_points(item, where),
        visibility=visibility,
        hint=_argument(item, "hint", str, where) or "",
        depends_on=tuple(depends.args) if depends else (),
        fresh_cell=item.get_closest_marker("fresh_cell") is not None,
        timeout_s=_argument(item, "timeout_s", (int, float), where),
        training=_recipe(item, where),
    )
    if case.is_probe and case.points:
        what_now = "Give it 0 points; the hidden test with the same recipe is the grade."
        raise CourseError(where, "a public test that trains is a probe", what_now)
    return case


def _recipe(item: pytest.Function, where: str) -> str:
    name: str = _argument(item, "training", str, where) or ""
    if name:
        from grader.judge.recipes import RECIPES

        if name not in RECIPES:
            what_now = f"There are {', '.join(RECIPES)}."
            raise CourseError(where, f"no training recipe is called {name!r}", what_now)
    return name


def _where(item: pytest.Function) -> str:
    return f"{item.path}:{item.function.__code__.co_firstlineno}"


def _argument(item: pytest.Function, mark: str, kind: Any, where: str) -> Any:
    found = item.get_closest_marker(mark)
    if found is None:
        return None
    if len(found.args) != 1 or found.kwargs or not isinstance(found.args[0], kind):
        usage = next(text for text in MARKERS if text.startswith(mark))
        raise CourseError(where, f"the mark {mark} is not used as it should", usage)
    return found.args[0]


def _points(item: pytest.Function, where: str) -> Fraction:
    value = _argument(item, "points", (int, float), where)
    points = Decimal(str(1 if value is None else value))
    exponent = points.as_tuple().exponent
    if points < 0 or not isinstance(exponent, int) or -exponent > MAX_DECIMALS:
        what_now = f"Use a number of at least 0 with at most {MAX_DECIMALS} decimals."
        raise CourseError(where, f"{value} points cannot be given", what_now)
    return Fraction(points)


def function_name(case: TestCase) -> str:
    """Return the bare name of a case's test function."""
    return case.id.rsplit("::", 1)[1].split("[", 1)[0]


def _check_dependencies(cases: Sequence[TestCase], items: Sequence[pytest.Function]) -> None:
    seen: set[str] = set()
    for case, item in zip(cases, items, strict=True):
        for name in case.depends_on:
            if name not in seen:
                what_now = "Name a test function that stands before this one."
                raise CourseError(
                    _where(item), f"depends on {name!r}, which is not there", what_now
                )
        seen.add(function_name(case))


def _check_points(exercise: Exercise, cases: Sequence[TestCase]) -> None:
    for task in exercise.tasks:
        total = sum((case.points for case in cases if case.task == task.name), Fraction())
        if total != task.points:
            raise CourseError(
                f"{exercise.assignment_dir / 'exercise.yml'}: task {task.name}",
                f"its tests add up to {float(total):g} points, "
                f"not the {float(task.points):g} declared",
                f"Change `points`, or the marks in {exercise.hidden_suite} "
                f"and {exercise.public_suite}.",
            )
