"""What the judge sends into the cell to train: loops and models of the grader, not of a suite.

    loop      the same for every recipe
    images    models of images
    text      models of text
    drawn     models of data that are drawn anew in each attempt

`text_of` cuts out what one model needs. So a cell holds nothing else, and the hash of a recipe
does not change when another recipe does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FILES = ("images.py", "text.py", "drawn.py", "loop.py")
ENTRIES = ("begin", "advance", "predict")
"""The functions that the judge calls."""


@cache
def text_of(model: str) -> str:
    """Return the Python text that trains one model.

    Args:
        model: A class of one of the files.

    Returns:
        The imports, and every definition that the class and the loop refer to, as they stand.
    """
    definitions = _definitions()
    needed: set[str] = set()
    waiting = [model, *ENTRIES]
    while waiting:
        name = waiting.pop()
        if name in definitions and name not in needed:
            needed.add(name)
            waiting += _names(definitions[name])
    parts = [text for name, text in definitions.items() if name in needed]
    return "\n\n\n".join(["\n".join(_imports()), *parts]) + "\n"


@cache
def _definitions() -> dict[str, str]:
    """Return the text of every definition at the top level, by name, in the order of `FILES`."""
    found = {}
    for source, node in _statements():
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                pass
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                pass
            case _:
                continue
        found[name] = ast.get_source_segment(source, node) or ""
    return found


def _imports() -> list[str]:
    """Return the imports of all files but those of the package, which no cell can see."""
    found: dict[str, None] = {}
    for source, node in _statements():
        if isinstance(node, ast.Import | ast.ImportFrom):
            text = ast.get_source_segment(source, node) or ""
            if not text.startswith("from grader"):
                found[text] = None
    return sorted(found, key=lambda text: "__future__" not in text)


def _statements() -> Iterator[tuple[str, ast.stmt]]:
    for name in FILES:
        source = (Path(__file__).parent / name).read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            yield source, node


def _names(text: str) -> list[str]:
    return [node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)]
