"""Bytes of a Python file to Python text, checked without being compiled or run.

The check is `ast.parse` alone. CPython's compiler must never see a stranger's text in a process
of ours: `"[" * 90 + "x" + " for x in x]" * 90`, one kilobyte, ends the interpreters 3.12 and 3.13
with a segmentation fault, and 30,000 empty classes take 3.11 more than ten seconds. What only
the compiler finds (`return` outside a function) is found in the cell.
"""

from __future__ import annotations

import ast
import codecs
import functools
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass

from grader.collect.limits import IntakeLimits, in_words
from grader.collect.names import shown
from grader.model import Note

_ALONE = threading.Lock()
"""Threads that parse at once disturb each other's count of depth (cpython issue 106905)."""
_TOO_DEEP = "the code is nested too deeply to be read"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file says.

    Attributes:
        source: Python text with LF line ends; empty if there is a problem.
        problem: Why it cannot be graded, one sentence for the student; empty otherwise.
        empty: True if the problem is that nothing was written.
        notes: What was set aside.
        cell_of_line: For a notebook: (first line in `source`, cell number), ascending.
    """

    source: str = ""
    problem: str = ""
    empty: bool = False
    notes: tuple[Note, ...] = ()
    cell_of_line: tuple[tuple[int, int], ...] = ()


def read_python(data: bytes, name: str, limits: IntakeLimits) -> Reading:
    """Read a Python file.

    Args:
        data: Its bytes.
        name: What people call it, for messages.
        limits: For the length of the text.
    """
    text = decode(data)
    if isinstance(text, Problem):
        return Reading(problem=f"{name}{text.at}: {text.words}.")
    if not text.strip():
        return Reading(problem=f"{name}: the file is empty.", empty=True)
    if too_long := length_problem(text, limits):
        return Reading(problem=f"{name}: {too_long}.")
    problem = syntax_problem(text, lambda line: f"{name}:{line}")
    return Reading(problem=problem) if problem else Reading(source=text)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a text, and where (`:3` or nothing)."""

    at: str
    words: str


def decode(data: bytes) -> str | Problem:
    """Turn bytes into text with LF line ends, a byte order mark dropped."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Problem("", "the file is saved as UTF-16; save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        byte = f"byte {column} of the line (0x{data[error.start]:02x}) is not UTF-8"
        return Problem(f":{line}", f"{byte}; save the file as UTF-8")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return Problem(f":{line}", "there is a NUL byte, so this is not a text file")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def length_problem(text: str, limits: IntakeLimits) -> str:
    """Say that a text is longer than the parser may be given; empty if it is not."""
    most = limits.source_kib * 1024
    if len(text.encode("utf-8", "surrogatepass")) <= most:
        return ""
    return f"there are more than {in_words(most)} of code"


@functools.lru_cache(1)
def parse(source: str) -> ast.Module | SyntaxError:
    """Parse a text no longer than the limit; whatever the parser does, a value comes back.

    The last one is kept: a text is looked at for mistakes, and then for what it defines.
    """
    try:
        with _ALONE, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape is the student's matter
            return ast.parse(source)
    except SyntaxError as error:
        return error
    except (RecursionError, MemoryError, SystemError):  # SystemError: cpython issue 106905
        return SyntaxError(_TOO_DEEP)
    except ValueError:  # a lone surrogate, which JSON can carry
        return SyntaxError("there is a character that no encoding can hold")


def syntax_problem(source: str, where: Callable[[int], str]) -> str:
    """Parse a text and describe what is wrong with it.

    Args:
        source: Python text, not longer than the limit.
        where: What people call a line of it.

    Returns:
        One sentence with place, reason and the line's text; empty if it parses.
    """
    error = parse(source)
    if not isinstance(error, SyntaxError):
        return ""
    reason = shown(error.msg)
    lines = source.split("\n")
    line = min(error.lineno or 0, len(lines))
    if line < 1:
        return f"{where(1)}: {reason}."
    text = shown(lines[line - 1].strip())
    return f"{where(line)}: {reason}" + (f": {text}" if text else ".")
