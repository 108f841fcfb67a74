"""Python text as text: what a definition needs, and what of it computes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path


@cache
def closure(files: Sequence[Path], names: Sequence[str]) -> str:
    """Return the definitions of some names and of everything that they refer to.

    Args:
        files: Where definitions at the top level are looked for; no name stands in two of them.
        names: What is needed.

    Returns:
        The definitions as they stand, in the order of the files, without any import.
    """
    definitions = _definitions(files)
    needed: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in definitions and name not in needed:
            needed.add(name)
            waiting += _names(definitions[name])
    return "\n\n\n".join(text for name, text in definitions.items() if name in needed) + "\n"


def imports(files: Iterable[Path], *, but: str) -> list[str]:
    """Return the imports at the top of some files, each once, those of the future first.

    Args:
        files: The files.
        but: A package whose imports are left out.
    """
    found: dict[str, None] = {}
    for path in files:
        source = path.read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                text = ast.get_source_segment(source, node) or ""
                if not text.startswith(f"from {but}"):
                    found[text] = None
    return sorted(found, key=lambda text: "__future__" not in text)


def without_docstrings(source: bytes) -> bytes:
    """Return a text without its docstrings, so that a better sentence changes no hash.

    One that is no Python comes back whole: whoever runs it says what is wrong.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return source
    lines = source.splitlines(keepends=True)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    texts = [
        node.body[0]
        for node in ast.walk(tree)
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None
    ]
    for text in sorted(texts, key=lambda found: found.lineno, reverse=True):
        first, last = text.lineno - 1, (text.end_lineno or text.lineno) - 1
        rest = lines[last][text.end_col_offset :]
        lines[first : last + 1] = [lines[first][: text.col_offset] + rest]
    return b"".join(lines)


def _definitions(files: Iterable[Path]) -> dict[str, str]:
    """Return the text of every definition at the top level, by name."""
    found = {}
    for path in files:
        source = path.read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            match node:
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    pass
                case (
                    ast.Assign(targets=[ast.Name(id=name)])
                    | ast.AnnAssign(target=ast.Name(id=name))
                ):
                    pass
                case _:
                    continue
            # A decorator stands outside of what a definition's own lines are.
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            lines = source.splitlines()[first - 1 : node.end_lineno]
            found[name] = "\n".join(lines)
    return found


def _names(text: str) -> list[str]:
    return [node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)]
