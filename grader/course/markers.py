"""The regions of a reference that students write themselves.

A region stands between `### BEGIN SOLUTION` and `### END SOLUTION`, inside the body of one
function or method, and holds whole statements. Everything around it goes to the students.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from grader.errors import CourseError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
_ALMOST = re.compile(r"#+\s*(begin|end)\b.*\bsolutions?\b", re.IGNORECASE)
_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Region:
    """One part of a reference that the student writes.

    Attributes:
        first: Line of the begin marker, from 1.
        last: Line of the end marker.
        indent: What stands before both markers.
        qualname: Function or method around it, for instance `Accumulator.add`.
    """

    first: int
    last: int
    indent: str
    qualname: str

    def holds(self, node: ast.stmt) -> bool:
        """Tell whether the whole statement stands inside."""
        return self.first < node.lineno and (node.end_lineno or node.lineno) < self.last


def parse_module(source: str, path: Path) -> ast.Module:
    """Parse a Python file of the course.

    Raises:
        CourseError: With the line of a syntax error.
    """
    try:
        return ast.parse(source)
    except SyntaxError as error:
        where = f"{path}:{error.lineno or 1}:{error.offset or 1}"
        raise CourseError(where, f"this is not Python ({error.msg}).", "Correct it.") from None
    except (ValueError, RecursionError):
        raise CourseError(str(path), "this cannot be parsed as Python.", "Correct it.") from None


def lines_of(source: str) -> list[str]:
    """Split as Python counts lines; `splitlines` would also split at form feeds."""
    return source.replace("\r\n", "\n").split("\n")


def find_regions(source: str, path: Path) -> tuple[Region, ...]:
    """Find the regions of a reference.

    Args:
        source: Its text.
        path: Its file, for messages.

    Raises:
        CourseError: With the line of a marker that is misspelt, unbalanced, nested, outside a
            function, or that cuts a statement in two.
    """
    tree = parse_module(source, path)
    lines = lines_of(source)
    regions = []
    for first, last in _pairs(source, path):
        indent = lines[first - 1].partition("#")[0]
        qualname = _qualname(tree, first)
        if not qualname:
            what = "the markers stand outside the body of a function."
            what_now = "A region replaces statements inside one function or method."
            raise CourseError(f"{path}:{first}", what, what_now)
        region = Region(first, last, indent, qualname)
        _check_statements(tree, region, path)
        regions.append(region)
    return tuple(regions)


def _pairs(source: str, path: Path) -> Iterator[tuple[int, int]]:
    """Pair begin and end markers, line by line."""
    opened = 0
    for line, kind in _markers(source, path):
        where = f"{path}:{line}"
        if kind == BEGIN and opened:
            what = f"a region begins here, but the one of line {opened} has not ended."
            raise CourseError(where, what, f"Write `{END}` before it.")
        if kind == END and not opened:
            what = "a region ends here that never began."
            raise CourseError(where, what, f"Write `{BEGIN}` above it.")
        if kind == END:
            yield opened, line
        opened = line if kind == BEGIN else 0
    if opened:
        what = "this region never ends."
        raise CourseError(f"{path}:{opened}", what, f"Write `{END}` below it.")


def _markers(source: str, path: Path) -> Iterator[tuple[int, str]]:
    """Find the comments that are markers, on lines of their own and spelt exactly."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):  # a parser accepts a few files tokenize does not
        raise CourseError(str(path), "this cannot be read as Python.", "Correct it.") from None
    for token in tokens:
        if token.type != tokenize.COMMENT or not _ALMOST.match(token.string):
            continue
        line, column = token.start
        if token.string not in {BEGIN, END}:
            what = f"`{token.string}` is not a marker."
            raise CourseError(f"{path}:{line}", what, f"Write `{BEGIN}` or `{END}`.")
        if token.line[:column].strip():
            what = "a marker stands behind code."
            raise CourseError(f"{path}:{line}", what, "Put it on a line of its own.")
        yield line, token.string


def _qualname(tree: ast.Module, line: int) -> str:
    """Name the innermost function whose body holds the line; empty if there is none."""
    names: list[str] = []
    inside_function = False
    body: list[ast.stmt] = tree.body
    while True:
        around = next((node for node in _definitions(body) if _reaches(node, line)), None)
        if around is None:
            return ".".join(names) if inside_function else ""
        names.append(around.name)
        inside_function = not isinstance(around, ast.ClassDef)
        body = around.body


def _reaches(node: ast.stmt, line: int) -> bool:
    return node.lineno < line < (node.end_lineno or node.lineno)


def _definitions(body: list[ast.stmt]) -> Iterator[ast.ClassDef | _Function]:
    """Walk the definitions of a body, also those under an `if` or a `with`."""
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
        else:
            inner = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
            yield from _definitions(inner)


def _check_statements(tree: ast.Module, region: Region, path: Path) -> None:
    """Hold a region to whole statements of one block, indented like its marker."""
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not hasattr(node, "body") and _is_cut(node, region):
            what = "a marker cuts this statement in two."
            raise CourseError(f"{path}:{node.lineno}", what, "Enclose whole statements.")
    parts = list(_parts(tree, region))
    where = f"{path}:{region.first}"
    if not parts:
        what = "no statement stands in this region."
        raise CourseError(where, what, "Put the solution between the markers.")
    if len(parts) > 1 or parts[0][0].col_offset != len(region.indent):
        what = "the region does not keep to one block."
        what_now = "Indent both markers like the statements between them."
        raise CourseError(where, what, what_now)


def _is_cut(node: ast.stmt, region: Region) -> bool:
    end = node.end_lineno or node.lineno
    return node.lineno < region.last and end > region.first and not region.holds(node)


def _parts(node: ast.AST, region: Region) -> Iterator[list[ast.stmt]]:
    """Give the statements of each block that the region holds, outermost blocks only."""
    for _, block in ast.iter_fields(node):
        if not isinstance(block, list):
            continue
        held = [child for child in block if isinstance(child, ast.stmt) and region.holds(child)]
        if held:
            yield held
        for child in block:
            if isinstance(child, ast.AST) and child not in held:
                yield from _parts(child, region)
