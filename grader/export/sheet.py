"""Somebody else's table of comma-separated values, in which single cells are changed.

The `csv` module forgets how a cell was written (quotes, spaces, line ends). Here each cell keeps
its own text, so that a table in which one column was filled differs in that column alone.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError

LIMIT_BYTES = 64 * 2**20
DELIMITERS = ",;\t"
_MEND = "Export it once more and do not save it from a spreadsheet in between."
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(slots=True)
class _Row:
    """One row: its cells as they are written, its line end, and the line it begins in."""

    cells: list[str]
    end: str
    line: int


class Sheet:
    """A table whose first row names its columns."""

    def __init__(self, text: str, where: str) -> None:
        """Take a table apart.

        Args:
            text: What the file holds.
            where: Its name, for messages.

        Raises:
            UsageError: If a quote is never closed, or there is no first row.
        """
        self.where = where
        mark = _BYTE_ORDER_MARK if text.startswith(_BYTE_ORDER_MARK) else ""
        self._mark = mark
        body = text.removeprefix(mark)
        first = body.split("\n", 1)[0]
        self._delimiter = max(DELIMITERS, key=first.count)
        self._rows = self._parse(body)
        if not self._rows:
            raise UsageError(where, "the table is empty.", _MEND)

    @property
    def text(self) -> str:
        """The whole table, every cell that was not set as it was."""
        rows = (self._delimiter.join(row.cells) + row.end for row in self._rows)
        return self._mark + "".join(rows)

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns, without spaces around them."""
        return tuple(_value(cell).strip() for cell in self._rows[0].cells)

    def __len__(self) -> int:
        """Count the rows below the header."""
        return len(self._rows) - 1

    def column(self, name: str) -> int | None:
        """Find a column by its name, in any case; None if there is none.

        Raises:
            UsageError: If it stands there twice.
        """
        names = [title.casefold() for title in self.header]
        if Counter(names)[name.casefold()] > 1:
            what = f"the column {name} stands there twice."
            raise UsageError(f"{self.where}:1", what, "Name it by its number in parentheses.")
        return names.index(name.casefold()) if name.casefold() in names else None

    def line(self, row: int) -> int:
        """Tell the line in which a row below the header begins, counted from 1."""
        return self._rows[row + 1].line

    def get(self, row: int, column: int | None) -> str:
        """Read a cell; empty if its row is shorter, or if there is no such column.

        Args:
            row: Counted from 0 below the header.
            column: Counted from 0.
        """
        cells = self._rows[row + 1].cells
        return _value(cells[column]) if column is not None and column < len(cells) else ""

    def put(self, row: int, column: int, value: str) -> None:
        """Write a cell, in quotes if it had some or needs them.

        Args:
            row: Counted from 0 below the header.
            column: Counted from 0.
            value: The new text.
        """
        cells = self._rows[row + 1].cells
        cells += [""] * (column + 1 - len(cells))
        special = re.search(f'["\r\n{self._delimiter}]', value) is not None
        quoted = special or cells[column].startswith('"')
        cells[column] = '"' + value.replace('"', '""') + '"' if quoted else value

    def _parse(self, text: str) -> list[_Row]:
        separator = re.escape(self._delimiter)
        cell = re.compile(
            rf'(?:"(?:[^"]|"")*+"[^{separator}\r\n]*|(?!")[^{separator}\r\n]*)'
            rf"({separator}|\r\n|\n|\r|\Z)"
        )
        rows: list[_Row] = []
        cells: list[str] = []
        place, line, begun = 0, 1, 1
        while place < len(text) or cells:
            match = cell.match(text, place)
            if match is None:
                what = "a quote is opened here and never closed."
                raise UsageError(f"{self.where}:{line}", what, _MEND)
            written = match.group()
            end = match.group(1)
            cells.append(written.removesuffix(end) if end else written)
            place = match.end()
            line += written.count("\n") or written.count("\r")
            if end != self._delimiter:
                rows.append(_Row(cells, end, begun))
                cells, begun = [], line
        return rows


def read_sheet(path: Path) -> Sheet:
    """Read a table that another system wrote.

    Args:
        path: The file.

    Raises:
        UsageError: If it cannot be read, is too large, not UTF-8, or no table.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(LIMIT_BYTES + 1)
    except OSError as error:
        what = f"the file cannot be read ({error.strerror})."
        raise UsageError(str(path), what, "Name the file that you exported.") from None
    if len(raw) > LIMIT_BYTES:
        raise UsageError(str(path), "the file is larger than any gradebook.", _MEND)
    try:
        return Sheet(raw.decode("utf-8"), str(path))
    except UnicodeDecodeError:
        raise UsageError(str(path), "the file is not UTF-8 text.", _MEND) from None


def _value(written: str) -> str:
    """Give what a cell says, as the `csv` module reads it."""
    if not written.startswith('"'):
        return written
    inside, _, after = written[1:].rpartition('"')
    return inside.replace('""', '"') + after
