"""A notebook's code cells as one Python text, each line still traceable to its cell.

The JSON is read with limits and cut down to cell types and sources before `nbformat` sees it:
outputs and attachments are megabytes that nobody grades. `nbformat` then upgrades old formats
and validates, and `nbconvert` takes out the cells that their author tagged. Its Python exporter
is not used: it needs IPython to recognise magics and keeps no way back from a line to its cell.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from grader.collect.limits import IntakeLimits, Refused
from grader.collect.magics import clear
from grader.collect.names import shown
from grader.collect.python_file import Problem, Reading, decode, length_problem, syntax_problem
from grader.collect.tags import IGNORE_TAG, drop_ignored, kept_tags
from grader.model import Note

_BROKEN = "this is not a notebook that can be read"


@dataclass(frozen=True, slots=True)
class _Cell:
    number: int
    """Counted from the top of the notebook from 1, cells of text included."""
    source: str


def read_notebook(data: bytes, name: str, limits: IntakeLimits) -> Reading:
    """Read a notebook: its code cells in order, what is IPython's set aside with a note.

    Args:
        data: Its bytes.
        name: What people call it, for messages.
        limits: For the number of cells and the length of their code.
    """
    try:
        raw = _load(data)
        kept, ignored = _upgrade(raw, limits)
        cells = _code_cells(kept)
    except Refused as error:
        return Reading(problem=f"{name}: {error}.")
    if too_long := length_problem("\n".join(cell.source for cell in cells), limits):
        return Reading(problem=f"{name}: {too_long}.")
    notes = _language_notes(raw, name)
    notes += [Note(f"{name}, cell {n}", f"Set aside: tagged {IGNORE_TAG}.") for n in ignored]
    return _join(cells, name, notes)


def _join(cells: Sequence[_Cell], name: str, notes: list[Note]) -> Reading:
    """Put the cells under one another, each of them checked alone.

    An unclosed string must not swallow the cells after it, so that the message names its own.
    What parses cell by cell parses together, because a line end stands between two cells.
    """
    texts: list[str] = []
    starts: list[tuple[int, int]] = []
    line = 1
    for cell in cells:
        where = partial("{}, cell {}, line {}".format, name, cell.number)
        cleared = clear(cell.source)
        notes += [
            Note(where(at), f"`{text}` is not Python and was set aside.")
            for at, text in cleared.aside
        ]
        if problem := syntax_problem(cleared.source, where):
            return Reading(problem=problem, notes=tuple(notes))
        texts.append(cleared.source)
        starts.append((line, cell.number))
        line += cleared.source.count("\n") + 1
    if not any(text.strip() for text in texts):
        problem = f"{name}: the notebook holds no code."
        return Reading(problem=problem, empty=True, notes=tuple(notes))
    return Reading("\n".join(texts), notes=tuple(notes), cell_of_line=tuple(starts))


def _load(data: bytes) -> dict[str, Any]:
    """Read JSON strictly: one meaning for every key, no nesting beyond the interpreter's stack."""
    text = decode(data)
    if isinstance(text, Problem):
        raise Refused(f"{_BROKEN}; {text.words}")
    if not text.strip():
        raise Refused("the file is empty")
    try:
        raw = json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise Refused(f"{_BROKEN}; line {error.lineno}: {shown(error.msg)}") from error
    except RecursionError as error:
        raise Refused(f"{_BROKEN}; it is nested too deeply") from error
    except ValueError as error:  # a number of thousands of digits
        raise Refused(f"{_BROKEN}; it holds a number that is too long") from error
    if not isinstance(raw, dict) or "nbformat" not in raw:
        raise Refused(f"{_BROKEN}; it does not say which notebook format it has")
    return raw


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise Refused(f"{_BROKEN}; the same key stands twice in one place")
    return result


def _upgrade(raw: Mapping[str, Any], limits: IntakeLimits) -> tuple[list[Any], list[int]]:
    """Hand the bare cells to nbformat and take them back in format 4, validated.

    Returns:
        The cells that count, and the numbers of those that a tag took out.
    """
    import nbformat

    bare = json.dumps(_bare(raw, limits))
    logger = logging.getLogger("traitlets")
    was, logger.disabled = logger.disabled, True  # nbformat logs what it also reports
    errors: dict[str, Exception] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = nbformat.reads(  # type: ignore[no-untyped-call]
                bare, as_version=4, capture_validation_error=errors
            )
    except (nbformat.ValidationError, TypeError) as error:
        raise Refused(_BROKEN) from error
    finally:
        logger.disabled = was
    if errors:
        raise Refused(f"{_BROKEN}; a cell is not in the notebook's format")
    return drop_ignored(book)


def _bare(raw: Mapping[str, Any], limits: IntakeLimits) -> dict[str, Any]:
    """Copy kind and source of every cell, and nothing else."""
    major = raw["nbformat"]
    if major == 4:  # noqa: PLR2004 -- the format's own number
        cells = _objects(raw, "cells")
        code: dict[str, Any] = {"execution_count": None}
        bare = [_bare_cell(n, cell, "source", code) for n, cell in enumerate(cells, start=1)]
        result = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": bare}
    elif major == 3:  # noqa: PLR2004
        cells = [cell for sheet in _objects(raw, "worksheets") for cell in _objects(sheet, "cells")]
        code = {"collapsed": False}
        bare = [_bare_cell(n, cell, "input", code) for n, cell in enumerate(cells, start=1)]
        sheets = [{"cells": bare, "metadata": {}}]
        meta = {"name": ""}
        result = {"nbformat": 3, "nbformat_minor": 0, "metadata": meta, "worksheets": sheets}
    else:
        raise Refused(f"{_BROKEN}; only the notebook formats 3 and 4 are")
    if len(cells) > limits.notebook_cells:
        raise Refused(f"the notebook has {len(cells)} cells; {limits.notebook_cells} are allowed")
    return result


def _bare_cell(
    number: int, cell: Mapping[str, Any], code_key: str, code: Mapping[str, Any]
) -> dict[str, Any]:
    kind = cell.get("cell_type")
    if kind != "code":
        # Only counted: what it says, and in which of the formats' dozen ways, is nothing to us.
        metadata = {"number": number, "tags": []}
        return {"cell_type": "raw", "metadata": metadata, "source": ""}
    metadata = {"number": number, "tags": kept_tags(cell)}
    extra = {"language": "python"} if code_key == "input" else {}
    source = cell.get(code_key, "")
    bare = {"cell_type": kind, "metadata": metadata, "outputs": [], code_key: source}
    return {**bare, **code, **extra}


def _objects(holder: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    items = holder.get(key)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Refused(f"{_BROKEN}; its {key} are not a list of {key}")
    return items


def _code_cells(cells: Sequence[Mapping[str, Any]]) -> list[_Cell]:
    texts = [
        (cell["metadata"]["number"], cell["source"].replace("\r\n", "\n").replace("\r", "\n"))
        for cell in cells
        if cell["cell_type"] == "code"
    ]
    for number, text in texts:
        if "\0" in text:
            raise Refused(f"there is a NUL byte in cell {number}")
    return [_Cell(number, text) for number, text in texts]


def _language_notes(raw: Mapping[str, Any], name: str) -> list[Note]:
    """Notice a kernel of another language; its code is read as Python all the same."""
    metadata = raw.get("metadata")
    for key, field in (("kernelspec", "language"), ("language_info", "name")):
        part = metadata.get(key) if isinstance(metadata, dict) else None
        language = part.get(field) if isinstance(part, dict) else None
        if isinstance(language, str) and not language.lower().startswith(("python", "ipython")):
            said = f"The notebook says that its language is {shown(language, 30)}."
            return [Note(name, f"{said} It was read as Python.")]
    return []
