"""How much of an exercise a file answers: what decides between a module and its notebook."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.collect.python_file import parse
from grader.model import Exercise

UNWRITTEN = "NotImplementedError"


def names_asked(exercise: Exercise) -> frozenset[str]:
    """Give the top-level names that answer the exercise's tasks."""
    return frozenset(name for task in exercise.tasks for name in task.defines)


def names_written(source: str, asked: frozenset[str]) -> frozenset[str]:
    """Find the names that a text defines without leaving a stub in them.

    Args:
        source: Python text that parses.
        asked: The names to look for.

    Returns:
        Those whose last definition at the top level raises no `NotImplementedError`.
    """
    tree = parse(source)
    if isinstance(tree, SyntaxError):
        return frozenset()
    last: dict[str, ast.stmt] = {}
    for statement in tree.body:
        for name in _bound(statement):
            last[name] = statement
    found = asked & last.keys()
    stubs = {n for n, line in enumerate(source.split("\n"), 1) if UNWRITTEN in line}
    return frozenset(name for name in found if not _is_stub(last[name], stubs))


def _bound(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            yield name
        case _:
            pass


def _is_stub(statement: ast.stmt, lines: set[int]) -> bool:
    """Tell whether a statement raises the error, which is named on some lines of the text."""
    last_line = statement.end_lineno or statement.lineno
    if lines.isdisjoint(range(statement.lineno, last_line + 1)):
        return False  # to walk through it takes ten times as long
    for node in ast.walk(statement):
        if isinstance(node, ast.Raise) and node.exc is not None:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if isinstance(raised, ast.Name) and raised.id == UNWRITTEN:
                return True
    return False
