"""The list of tests is read from marks, and a wrong mark is told to the author."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import pytest

from grader.errors import CourseError
from grader.judge import plugin, suite
from grader.model import Exercise, Limits, Task, TestCase, Visibility

HEADER = "import pytest\n"
PUBLIC = '''
@pytest.mark.task("f")
@pytest.mark.points(0.5)
@pytest.mark.hint("Look twice.")
def test_seen(student):
    """What everybody may see."""
'''
HIDDEN = '''
@pytest.mark.task("f")
@pytest.mark.points(0.75)
@pytest.mark.depends_on("test_seen")
@pytest.mark.timeout_s(3)
@pytest.mark.fresh_cell
@pytest.mark.parametrize("p", [0.25, 0.875])
def test_unseen(student, p):
    """What nobody may see."""
'''

F = "@pytest.mark.task('f')\n"
Collect = Callable[..., tuple[TestCase, ...]]


@pytest.fixture
def collect(tmp_path: Path) -> Collect:
    """Write two suites of one exercise and return its cases."""

    def run(
        public: str = PUBLIC,
        hidden: str = HIDDEN,
        points: Fraction = Fraction(2),
        *,
        public_only: bool = False,
    ) -> tuple[TestCase, ...]:
        folders = [tmp_path / name for name in ("assignments", "solutions", "hidden")]
        for folder in folders:
            folder.mkdir(exist_ok=True)
        exercise = Exercise(
            "01-01-demo",
            "Demo",
            "1.1",
            "demo",
            points,
            (Task("f", "F", points, ("f",)),),
            Limits(),
            *folders,
        )
        (folders[0] / "test_public.py").write_text(HEADER + textwrap.dedent(PUBLIC), "utf-8")
        (folders[2] / "test_demo.py").write_text(HEADER + textwrap.dedent(hidden), "utf-8")
        found: list[TestCase] = []

        def serve(_: plugin.Plugin, items: Sequence[pytest.Function]) -> None:
            pairs = suite.cases_of(exercise, items, public_only=public_only)
            found.extend(case for case, _ in pairs)

        for name in ("assignments.test_public", "hidden.test_demo"):
            sys.modules.pop(name, None)  # a worker collects once; this process does many times
        plugin.collect(suite.suites_of(exercise, public_only=public_only), tmp_path, serve)
        return tuple(found)

    return run


def test_marks_become_fields(collect: Collect) -> None:
    """Points are exact, folders decide the visibility, docstrings are titles."""
    seen, first, second = collect()
    assert (seen.points, seen.visibility, seen.hint) == (
        Fraction(1, 2),
        Visibility.PUBLIC,
        "Look twice.",
    )
    assert seen.title == "What everybody may see."
    assert (first.depends_on, first.timeout_s, first.fresh_cell) == (("test_seen",), 3, True)
    assert second.visibility is Visibility.HIDDEN


def test_a_hidden_parameter_is_numbered_instead_of_named(collect: Collect) -> None:
    """Pytest makes the id of a parameter from its value, which is an input."""
    _, first, second = collect()
    assert (first.id, second.id) == ("test_demo.py::test_unseen[1]", "test_demo.py::test_unseen[2]")
    assert "0.25" not in first.id + first.title
    assert "0.875" not in second.id + second.title


def test_a_self_check_collects_public_tests_only_and_needs_no_sums(collect: Collect) -> None:
    """A student release has no hidden suite, and its points need not add up."""
    assert [case.title for case in collect(public_only=True)] == ["What everybody may see."]


@pytest.mark.parametrize(
    ("hidden", "words"),
    [
        ("def test_x():\n    'T.'", "names no task"),
        ("@pytest.mark.task('g')\ndef test_x():\n    'T.'", "no task 'g'"),
        ("@pytest.mark.task('f')\ndef test_x(): pass", "no docstring"),
        ("@pytest.mark.task('f', 1)\ndef test_x():\n    'T.'", "mark task"),
        (F + "@pytest.mark.points('1')\ndef test_x():\n    'T.'", "mark points"),
        (F + "@pytest.mark.points(0.0001)\ndef test_x():\n    'T.'", "0.0001 points"),
        (F + "@pytest.mark.points(-1)\ndef test_x():\n    'T.'", "-1 points"),
        (F + "@pytest.mark.depends_on('test_y')\ndef test_x():\n    'T.'", "'test_y'"),
        (F + "@pytest.mark.points(9)\ndef test_x():\n    'T.'", "add up to 9.5 points, not the 2"),
        ("import nothing_of_that_name", "cannot be collected"),
        ("def broken(:", "cannot be collected"),
        ("@pytest.mark.tusk('f')\ndef test_x():\n    'T.'", "cannot be collected"),
    ],
)  # fmt: skip
def test_a_wrong_suite_is_a_course_error_that_names_the_place(
    collect: Collect, hidden: str, words: str
) -> None:
    """An author reads where, what, and what now; no student pays for it."""
    with pytest.raises(CourseError, match=words) as caught:
        collect(hidden=hidden)
    assert caught.value.where


def test_a_missing_suite_is_a_course_error(tmp_path: Path) -> None:
    """Silence earns nothing, so a missing suite is not an empty one."""
    exercise = Exercise(
        "01-01-demo", "", "1.1", "demo", Fraction(1), (), Limits(), tmp_path, tmp_path, tmp_path
    )
    with pytest.raises(CourseError, match="missing"):
        suite.suites_of(exercise, public_only=False)
