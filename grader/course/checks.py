"""What the gate can tell about an exercise without grading anything."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Iterator

from grader.course.catalogue import read_alternatives, read_catalogue
from grader.course.explain import near_miss
from grader.course.findings import Problem
from grader.course.leaks import find_leaks, secrets_of
from grader.course.markers import parse_module
from grader.course.stub import SOURCE_LIMIT_BYTES, drift
from grader.course.survivors import read_survivors
from grader.course.yamlpos import read_text
from grader.errors import CourseError
from grader.model import Exercise

MIN_ALTERNATIVES = 2
_OFFERED = frozenset({"torch", "torchvision", "numpy"})
"""Packages that a student's file may import beside the standard library."""


def static_problems(exercise: Exercise) -> list[Problem]:
    """Run every check that needs no grader.

    Each check stands alone: one that cannot read its file is a problem and not the end.
    """
    checks: list[Callable[[Exercise], Iterable[Problem]]] = [
        _missing_files,
        _drift,
        _reference,
        _alternatives,
        _mistakes,
        _secrets,
        _survivors,
    ]
    found: list[Problem] = []
    for check in checks:
        try:
            found += check(exercise)
        except CourseError as error:
            found.append(Problem(error.where, error.what, error.what_now))
    return list(dict.fromkeys(found))  # an unreadable reference stops several checks


def _missing_files(exercise: Exercise) -> Iterator[Problem]:
    for path in (
        exercise.assignment_dir / "README.md",
        exercise.public_suite,
        exercise.hidden_suite,
        exercise.solution_dir / "mistakes.py",
    ):
        if not path.is_file():
            yield Problem(str(path), "the file is missing.", "Write it.")


def _drift(exercise: Exercise) -> Iterator[Problem]:
    for line in drift(exercise):
        where, _, what = line.partition(": ")
        yield Problem(where, what)


def _reference(exercise: Exercise) -> Iterator[Problem]:
    """Hold the reference to the names that the tasks promise and to what students may import."""
    source = read_text(exercise.reference, SOURCE_LIMIT_BYTES)
    tree = parse_module(source, exercise.reference)
    names = {getattr(node, "name", "") for node in tree.body}
    for task in exercise.tasks:
        for name in task.defines:
            if name not in names:
                where = str(exercise.assignment_dir / "exercise.yml")
                what = f"the reference defines no `{name}`, which answers the task {task.name}."
                yield Problem(where, what, near_miss(name, names) or "Correct `defines`.")
    optional = _optional(tree)
    for node in ast.walk(tree):
        for package in _packages(node):
            known = package in _OFFERED or package in sys.stdlib_module_names
            if not known and node not in optional:
                where = f"{exercise.reference}:{getattr(node, 'lineno', 1)}"
                what = f"students have no package `{package}`."
                yield Problem(where, what, "Use torch, torchvision, numpy or what Python brings.")


def _optional(tree: ast.Module) -> set[ast.AST]:
    """Gather what stands in a `try` that does without a package that is missing."""
    return {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.Try)
        and any("ImportError" in ast.unparse(found.type) for found in node.handlers if found.type)
        for statement in node.body
        for inner in ast.walk(statement)
    }


def _packages(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [(node.module or "").partition(".")[0]]
    return []


def _alternatives(exercise: Exercise) -> Iterator[Problem]:
    found = read_alternatives(exercise)
    if len(found) < MIN_ALTERNATIVES:
        where = str(exercise.solution_dir / "alternatives")
        what = f"{len(found)} alternative right answers; an exercise has two at least."
        yield Problem(where, what, "Write one with loops, einsum or torch.nn.")


def _mistakes(exercise: Exercise) -> Iterator[Problem]:
    path = exercise.solution_dir / "mistakes.py"
    if path.is_file() and not read_catalogue(exercise):
        yield Problem(str(path), "the catalogue is empty.", "Mark an entry with `@mistake`.")


def _secrets(exercise: Exercise) -> Iterator[Problem]:
    """Search everything that is handed out."""
    folder = exercise.assignment_dir
    files = {
        f"{exercise.id}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    for leak in find_leaks(files, secrets_of([exercise])):
        where, _, what = leak.partition(": ")
        yield Problem(f"assignments/{where}", what, "Students would read it; take it out.")


def _survivors(exercise: Exercise) -> Iterator[Problem]:
    read_survivors(exercise)
    return iter(())
