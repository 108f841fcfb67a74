"""Forbidden shortcuts, found by reading: which names a task's code uses.

The student's text is parsed, never run. Starting from the definitions that answer a task, the
functions and classes of the same file that they use are followed, so that a shortcut in one
task does not count against another. Reading can be fooled (`getattr`, `exec`); the operators
that the cell reports are a second, equally honest but equally fallible witness. What decides
is whether the answers are right.

The text is a stranger's: each statement is walked once and no chain of names is followed twice,
so that the time grows with its length and not with its square.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.judge.reading import parsed, reachable
from grader.model import Task

METHOD_PREFIX = "Tensor."


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One use of a forbidden name."""

    name: str
    line: int


def find_shortcuts(source: str, task: Task) -> tuple[Shortcut, ...]:
    """Return where the code of a task uses a name that the task rules out.

    Args:
        source: The student's text. One that does not parse uses nothing: loading it fails.
        task: The task, with its forbidden names.

    Returns:
        One entry per use, in the order of the lines.
    """
    if not task.forbidden.names:
        return ()
    aliases, words = _words(source)
    # Most texts have no word that any forbidden name ends in, and need not be read for it.
    if words.isdisjoint(name.rpartition(".")[2] for name in task.forbidden.names):
        return ()
    names = _Names(aliases, frozenset(task.forbidden.names))
    found: set[Shortcut] = set()
    for node in reachable(parsed(source), task.defines):
        found |= set(names.uses(node))
    return tuple(sorted(found, key=lambda shortcut: (shortcut.line, shortcut.name)))


@functools.lru_cache(maxsize=1)
def _words(source: str) -> tuple[dict[str, str], frozenset[str]]:
    """Map each imported local name to the dotted name that it stands for; and give all names."""
    aliases: dict[str, str] = {}
    words: set[str] = set()
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Name):
            words.add(node.id)
        elif isinstance(node, ast.Attribute):
            words.add(node.attr)
        elif isinstance(node, ast.Import):
            for item in node.names:
                root = item.name if item.asname else item.name.split(".")[0]
                aliases[item.asname or root] = root
                words.update(item.name.split("."))
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for item in node.names:
                aliases[item.asname or item.name] = f"{node.module}.{item.name}"
                words.update((*node.module.split("."), item.name))
    return aliases, frozenset(words)


class _Names:
    """The dotted names of one text, and which of them are forbidden."""

    def __init__(self, aliases: Mapping[str, str], forbidden: frozenset[str]) -> None:
        """Prepare to look at statements."""
        self._aliases = aliases
        self._modules = frozenset(aliases.values())
        self._forbidden = forbidden
        self._methods = {
            name.removeprefix(METHOD_PREFIX) for name in forbidden if name.startswith(METHOD_PREFIX)
        }
        self._most_parts = max(name.count(".") + 1 for name in forbidden)
        self._roots: dict[int, str | None] = {}

    def uses(self, statement: ast.stmt) -> Iterator[Shortcut]:
        """Yield the forbidden names of a statement."""
        for node in ast.walk(statement):
            if isinstance(node, (ast.Name, ast.Attribute)):
                dotted = self._dotted(node)
                if dotted in self._forbidden:
                    yield Shortcut(dotted, node.lineno)
                elif isinstance(node, ast.Attribute) and node.attr in self._methods:
                    root = self._root(node.value)
                    # `X.softmax` on a value is the method; `helpers.softmax` on a module is not.
                    if root is None or root not in self._modules:
                        yield Shortcut(METHOD_PREFIX + node.attr, node.lineno)

    def _dotted(self, node: ast.expr) -> str:
        """Return the name that stands here, empty if it is longer than any forbidden one."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute) and len(parts) < self._most_parts:
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        parts.append(self._aliases.get(node.id, node.id))
        return ".".join(reversed(parts))

    def _root(self, node: ast.expr) -> str | None:
        """Return the first part of a dotted name; None if it does not begin with a name."""
        chain: list[int] = []
        while isinstance(node, ast.Attribute) and id(node) not in self._roots:
            chain.append(id(node))
            node = node.value
        if isinstance(node, ast.Name):
            root: str | None = self._aliases.get(node.id, node.id).split(".", maxsplit=1)[0]
        else:
            root = self._roots.get(id(node))
        self._roots.update(dict.fromkeys(chain, root))
        return root
