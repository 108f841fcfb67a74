"""YAML read as plain data, with the place of every value.

A file of the course is small and written by hand, so the reader takes the plain part of YAML
only: maps with text keys, lists and scalars. Tags, anchors, aliases, several documents and
deep nesting are refused, which also closes every known way to blow a small file up. Scalars
follow YAML 1.2: `1e-3` is a number, `no` and `on` are words, `3.10` keeps its digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self, TypeAlias

import yaml

from grader.errors import CourseError

LIMIT_BYTES = 64 * 1024
"""The longest hand-written file seen has 6 kB."""
LIMIT_DEPTH = 12

YamlValue: TypeAlias = "bool | int | float | str | list[YamlValue] | dict[str, YamlValue] | None"
Place: TypeAlias = tuple[int, int]
"""Line and column, both from 1."""
Trail: TypeAlias = tuple[str | int, ...]
"""Keys and list positions that lead to a value."""

_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?([0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18})([eE][-+]?[0-9]{1,2})?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]")
_TOO_DEEP = ("this is nested too deeply.", "Flatten it.")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class WrittenFloat(float):
    """A number with a fraction or an exponent that remembers how it was written."""

    text: str

    def __new__(cls, text: str) -> Self:
        """Read `text`, which `_FLOAT` has accepted."""
        number = super().__new__(cls, text)
        number.text = text
        return number


@dataclass(frozen=True)
class Document:
    """One file's data and where each part of it stands.

    Attributes:
        path: The file, as messages name it.
        data: Plain data; the top of the file.
        values: Place of each value.
        keys: Place of each key of a map.
    """

    path: Path
    data: YamlValue
    values: dict[Trail, Place] = field(default_factory=dict)
    keys: dict[Trail, Place] = field(default_factory=dict)

    def error(
        self, trail: Trail, what: str, what_now: str = "", *, key: bool = False
    ) -> CourseError:
        """Build the error for one value.

        Args:
            trail: Which value; if it does not exist, its nearest existing parent is named.
            what: What is wrong there.
            what_now: What to change.
            key: True to point at the key and not at its value.
        """
        line, column = self.place(trail, key=key)
        return CourseError(f"{self.path}:{line}:{column}", what, what_now)

    def place(self, trail: Trail, *, key: bool = False) -> Place:
        """Give the place of a value, of its key, or of its nearest existing parent."""
        if key and trail in self.keys:
            return self.keys[trail]
        while trail and trail not in self.values:
            trail = trail[:-1]
        return self.values.get(trail, (1, 1))


def read_document(path: Path) -> Document:
    """Read one YAML file of the course.

    Args:
        path: The file.

    Raises:
        CourseError: If it is missing, too long, empty, not UTF-8 or not plain YAML.
    """
    return parse_document(read_text(path), path)


def read_text(path: Path, limit_bytes: int = LIMIT_BYTES) -> str:
    """Read a UTF-8 file of the course that may not be longer than `limit_bytes`.

    Raises:
        CourseError: If it is missing, no plain file, too long or not UTF-8.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(limit_bytes + 1)
    except FileNotFoundError:
        raise CourseError(str(path), "the file is missing.", "Create it.") from None
    except OSError as error:
        what = f"the file cannot be read ({error.strerror})."
        raise CourseError(str(path), what, "Put a readable plain file there.") from None
    if len(raw) > limit_bytes:
        what = f"the file is longer than {limit_bytes} bytes."
        raise CourseError(str(path), what, "Shorten it.")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = len(before) - (before.rfind(b"\n") + 1) + 1
        what = f"byte 0x{raw[error.start]:02x} is not UTF-8."
        where = f"{path}:{line}:{column}"
        raise CourseError(where, what, "Save the file as UTF-8.") from None


def parse_document(text: str, path: Path) -> Document:
    """Read YAML text.

    Args:
        text: The text of the file.
        path: The file, for messages; it is not opened.

    Raises:
        CourseError: With `file:line:column` of the first thing that is not plain YAML.
    """
    text = text.removeprefix("\ufeff")
    bad = _UNPRINTABLE.search(text.replace("\r\n", "\n"))
    if bad:
        raise _at(path, bad.string, bad.start(), f"character {bad.group()!r} may not stand here.")
    document = Document(path, None)
    try:
        data = _Composer(document, yaml.parse(text, Loader=_Loader)).document()
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(path, text, error) from None
    except (yaml.YAMLError, UnicodeError):
        raise CourseError(str(path), "this is not YAML.", "Compare it with another one.") from None
    if data is None:
        raise CourseError(f"{path}:1:1", "the file is empty.", "Write its keys.")
    return Document(path, data, document.values, document.keys)


def _at(path: Path, text: str, index: int, what: str, what_now: str = "Remove it.") -> CourseError:
    """Build an error for one character of the text."""
    line = text.count("\n", 0, index) + 1
    column = index - (text.rfind("\n", 0, index) + 1) + 1
    return CourseError(f"{path}:{line}:{column}", what, what_now)


def _syntax_error(path: Path, text: str, error: yaml.MarkedYAMLError) -> CourseError:
    """Say in words what YAML could not read; a tab has a sentence of its own."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return CourseError(str(path), "this is not YAML.", "Compare it with another one.")
    lines = text.splitlines()
    written = lines[mark.line] if mark.line < len(lines) else ""
    where = f"{path}:{mark.line + 1}:{mark.column + 1}"
    if "\t" in written[: mark.column + 1]:
        where = f"{path}:{mark.line + 1}:{written.index(chr(9)) + 1}"
        return CourseError(where, "a tab stands in the indentation.", "Indent with spaces.")
    problem = error.problem or error.context or "unreadable"
    if "nesting depth" in problem:  # its reader of characters runs ahead and counts on its own
        return CourseError(where, *_TOO_DEEP)
    return CourseError(where, f"this is not YAML ({problem}).", "Compare with the line above.")


class _Composer:
    """Turns the parser's events into plain data, noting places as it goes."""

    def __init__(self, document: Document, events: Iterator[yaml.Event]) -> None:
        self._document = document
        self._events = events

    def document(self) -> YamlValue:
        """Read the only document of the stream; None if there is none or it says nothing."""
        next(self._events)  # the start of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        data = self._value(next(self._events), ())
        next(self._events)  # the end of the document
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise self._error(after, "a second document starts here.", "Remove the `---`.")
        return data

    def _value(self, event: yaml.Event, trail: Trail) -> YamlValue:
        self._refuse_magic(event, trail)
        self._document.values[trail] = _place(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(trail)
        return self._map(trail)

    def _list(self, trail: Trail) -> YamlValue:
        items: list[YamlValue] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, (*trail, len(items))))
        return items

    def _map(self, trail: Trail) -> YamlValue:
        entries: dict[str, YamlValue] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            self._refuse_magic(event, trail)
            key = self._scalar(event) if isinstance(event, yaml.ScalarEvent) else None
            if not isinstance(key, str):
                raise self._error(event, "a key must be text.", "Put it in quotes.")
            inner = (*trail, key)
            if key in entries:
                line = self._document.keys[inner][0]
                what = f"`{key}` stands here a second time (first in line {line})."
                raise self._error(event, what, "Keep one of the two.")
            self._document.keys[inner] = _place(event)
            entries[key] = self._value(next(self._events), inner)
        return entries

    def _scalar(self, event: yaml.ScalarEvent) -> YamlValue:
        text: str = event.value
        if event.style:  # quoted, or a block of text
            return text
        if text in {"", "~", "null"}:
            return None
        if text in {"true", "false"}:
            return text == "true"
        if _INT.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text) and not _LEADING_ZERO.fullmatch(text):
            return WrittenFloat(text)
        return text

    def _refuse_magic(self, event: yaml.Event, trail: Trail) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self._error(event, "anchors and aliases are not read.", "Write the value out.")
        tag = getattr(event, "tag", None)
        if tag:
            raise self._error(event, f"the tag `{tag}` is not read.", "Remove it.")
        if len(trail) > LIMIT_DEPTH:
            raise self._error(event, *_TOO_DEEP)

    def _error(self, event: yaml.Event, what: str, what_now: str) -> CourseError:
        line, column = _place(event)
        return CourseError(f"{self._document.path}:{line}:{column}", what, what_now)


def _place(event: yaml.Event) -> Place:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
