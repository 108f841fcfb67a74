"""Forbidden shortcuts, found by reading: which names a task's code uses.

The student's text is parsed, never run. Starting from the definitions that answer a task, the
functions and classes of the same file that they use are followed, so that a shortcut in one
task does not count against another. Reading can be fooled (`getattr`, `exec`); the operators
that the cell reports are a second, equally honest but equally fallible witness. What decides
is whether the answers are right.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from grader.model import Task

METHOD_PREFIX = "Tensor."
ROOM = 1000
"""Frames that the judge may stand deeper than the process that read the hand-in."""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One use of a forbidden name."""

    name: str
    line: int


def find_shortcuts(source: str, task: Task) -> tuple[Shortcut, ...]:
    """Return where the code of a task uses a name that the task rules out.

    Args:
        source: The student's text, already known to parse.
        task: The task, with its forbidden names.

    Returns:
        One entry per use, in the order of the lines.
    """
    if not task.forbidden.names:
        return ()
    tree = _parsed(source)
    aliases = _aliases(tree)
    found: set[Shortcut] = set()
    for node in _reachable(tree, task.defines):
        found |= set(_uses(node, aliases, frozenset(task.forbidden.names)))
    return tuple(sorted(found, key=lambda shortcut: (shortcut.line, shortcut.name)))


def _parsed(source: str) -> ast.Module:
    """Parse a text that was parsed before, by a process whose stack was less deep than this one's.

    How deep a text may be nested depends on what is left of the recursion limit.
    """
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + ROOM)
    try:
        return ast.parse(source)
    finally:
        sys.setrecursionlimit(limit)


def _aliases(tree: ast.Module) -> dict[str, str]:
    """Map each imported local name to the dotted name that it stands for."""
    aliases: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for item in node.names:
                root = item.name if item.asname else item.name.split(".")[0]
                aliases[item.asname or root] = root
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for item in node.names:
                aliases[item.asname or item.name] = f"{node.module}.{item.name}"
    return aliases


def _reachable(tree: ast.Module, starts: tuple[str, ...]) -> Iterator[ast.stmt]:
    """Yield the top-level statements that define the starts or what these use."""
    defined: dict[str, list[ast.stmt]] = {}
    for statement in tree.body:
        for name in _defined_names(statement):
            defined.setdefault(name, []).append(statement)
    waiting, seen = list(starts), set(starts)
    while waiting:
        for statement in defined.get(waiting.pop(), ()):
            yield statement
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and node.id not in seen:
                    seen.add(node.id)
                    waiting.append(node.id)


def _defined_names(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield statement.name
    elif not isinstance(statement, (ast.Import, ast.ImportFrom)):
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id


def _uses(
    statement: ast.stmt, aliases: dict[str, str], forbidden: frozenset[str]
) -> Iterator[Shortcut]:
    methods = {
        name.removeprefix(METHOD_PREFIX) for name in forbidden if name.startswith(METHOD_PREFIX)
    }
    for node in ast.walk(statement):
        if isinstance(node, (ast.Name, ast.Attribute)):
            dotted = _dotted(node, aliases)
            if dotted in forbidden:
                yield Shortcut(dotted, node.lineno)
            elif isinstance(node, ast.Attribute) and node.attr in methods:
                base = _dotted(node.value, aliases)
                # `X.softmax` on a value is the method; `helpers.softmax` on a module is not.
                if base is None or base.split(".")[0] not in aliases.values():
                    yield Shortcut(METHOD_PREFIX + node.attr, node.lineno)


def _dotted(node: ast.expr, aliases: dict[str, str]) -> str | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    parts.append(aliases.get(node.id, node.id))
    return ".".join(reversed(parts))
