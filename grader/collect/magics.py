"""Lines of a notebook cell that are IPython's and not Python's, set aside line for line.

Every line of a cell keeps its number. A magic, a shell escape or a question becomes `pass` (or
`name = None`, where its result was assigned), so that a block that holds nothing else stays a
block. A cell that is Python as it stands is never touched: `% b` may continue a formula, and a
docstring may hold anything.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from grader.collect.names import shown
from grader.collect.python_file import parse

# Cell magics whose body is ordinary Python of the notebook's own names.
_TRANSPARENT = frozenset({"capture", "prun", "time"})
_CELL_MAGIC = re.compile(r"%%(\w+)")
_ESCAPE = re.compile(r"(?P<indent>\s*)(?:%{1,2}[A-Za-z_]|!|\?)")
_ASSIGNED = re.compile(r"(?P<target>\s*[A-Za-z_][\w.,\s]*=)\s*(?:%[A-Za-z_]|!)")
_QUESTION = re.compile(r"(?P<indent>\s*)[A-Za-z_][\w.]*\s*\?{1,2}\s*(?:#.*)?$")
_QUOTE = re.compile(r"'''|\"\"\"|'|\"")


@dataclass(frozen=True, slots=True)
class Cleared:
    """A cell without IPython's lines.

    Attributes:
        source: Python (or what the student took for it), with as many lines as the cell.
        aside: (line number in the cell, text) of each line set aside, as shown to people.
    """

    source: str
    aside: tuple[tuple[int, str], ...] = ()


def clear(cell: str) -> Cleared:
    """Set aside what only IPython understands.

    Args:
        cell: The text of one code cell, with LF line ends, not longer than the limit.
    """
    lines = cell.split("\n")
    first = next((index for index, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return Cleared(cell)
    aside: list[tuple[int, str]] = []
    if magic := _CELL_MAGIC.match(lines[first]):
        aside.append((first + 1, shown(lines[first].strip())))
        lines[first] = ""
        if magic[1] not in _TRANSPARENT:
            return Cleared("\n" * (len(lines) - 1), tuple(aside))
    elif isinstance(parse(cell), ast.Module):
        return Cleared(cell)
    for index in _logical_starts(lines):
        replaced = _replacement(lines[index])
        if replaced is None:
            continue
        aside.append((index + 1, shown(lines[index].strip())))
        last = index
        while lines[last].endswith("\\") and last + 1 < len(lines):
            last += 1
        lines[index : last + 1] = [replaced] + [""] * (last - index)
    return Cleared("\n".join(lines), tuple(aside))


def _replacement(line: str) -> str | None:
    """Give the Python that stands in for IPython's line, or None if the line is Python."""
    if match := _ESCAPE.match(line) or _QUESTION.match(line):
        return match["indent"] + "pass"
    if match := _ASSIGNED.match(line):
        return match["target"] + " None"
    return None


def _logical_starts(lines: list[str]) -> Iterator[int]:
    """Yield the lines that start a statement: in no string, no bracket, no continued line.

    The caller may replace lines from the one yielded on before it asks for the next.
    """
    depth, quote, continued = 0, "", False
    for index in range(len(lines)):
        if not (depth or quote or continued):
            yield index
        depth, quote, continued = _after(lines[index], depth, quote)


def _after(line: str, depth: int, quote: str) -> tuple[int, str, bool]:
    """Follow brackets and strings through one line."""
    position = 0
    while position < len(line):
        character = line[position]
        if character == "\\":
            position += 2
        elif quote:
            ended = line.startswith(quote, position)
            position += len(quote) if ended else 1
            quote = "" if ended else quote
        elif opened := _QUOTE.match(line, position):
            quote = opened[0]
            position = opened.end()
        elif character == "#":
            break
        else:
            depth = max(0, depth + (character in "([{") - (character in ")]}"))
            position += 1
    continued = position > len(line)  # a backslash was the last character
    if len(quote) == 1 and not continued:
        quote = ""  # an unclosed short string ends with its line, and is a syntax error
    return depth, quote, continued
