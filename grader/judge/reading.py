"""Reading a student's text without running it: what its definitions are, and what they use.

The text is a stranger's: each statement is walked once, so that the time grows with its length
and not with its square.
"""

from __future__ import annotations

import ast
import functools
import sys
import warnings
from collections.abc import Iterable, Iterator

from grader.model import Task

ROOM = 1000
"""Frames that the judge may stand deeper than the process that read the hand-in."""


@functools.lru_cache(maxsize=1)
def parsed(source: str) -> ast.Module:
    """Parse a text that was parsed before, by a process whose stack was less deep than this one's.

    How deep a text may be nested depends on what is left of the recursion limit. What the parser
    gives up on is an empty module.
    """
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + ROOM)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError, SystemError):
        return ast.Module(body=[], type_ignores=[])
    finally:
        sys.setrecursionlimit(limit)


def reachable(tree: ast.Module, starts: tuple[str, ...]) -> Iterator[ast.stmt]:
    """Yield the top-level statements that define the starts or what these use."""
    defined: dict[str, list[ast.stmt]] = {}
    for statement in tree.body:
        for name in set(_defined_names(statement)):
            defined.setdefault(name, []).append(statement)
    waiting, seen = list(starts), set(starts)
    walked: set[int] = set()
    while waiting:
        for statement in defined.get(waiting.pop(), ()):
            if id(statement) in walked:
                continue
            walked.add(id(statement))
            yield statement
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and node.id not in seen:
                    seen.add(node.id)
                    waiting.append(node.id)


def used_tasks(source: str, task: Task, tasks: Iterable[Task]) -> frozenset[str]:
    """Return which other tasks the code of a task uses, by name, directly or through others."""
    reached = {
        name
        for statement in reachable(parsed(source), task.defines)
        for name in _defined_names(statement)
    }
    others = (other for other in tasks if other.name != task.name)
    return frozenset(other.name for other in others if not reached.isdisjoint(other.defines))


def _defined_names(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield statement.name
    elif not isinstance(statement, (ast.Import, ast.ImportFrom)):
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id
