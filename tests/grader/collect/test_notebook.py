"""Notebooks to Python text."""

from __future__ import annotations

import ast
import json
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.collect.limits import IntakeLimits
from grader.collect.notebook import read_notebook
from grader.collect.python_file import Reading

LIMITS = IntakeLimits()


def read(text: str, limits: IntakeLimits = LIMITS) -> Reading:
    """Read a notebook that people call n.ipynb."""
    return read_notebook(text.encode("utf-8", "surrogatepass"), "n.ipynb", limits)


def markdown(text: str) -> dict[str, object]:
    """Make a cell of words."""
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def code(source: object, **more: object) -> dict[str, object]:
    """Make a code cell."""
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 1}
    return {**cell, "source": source, **more}


def test_code_cells_are_joined_in_order(kit: SimpleNamespace) -> None:
    """Each cell starts on a line of its own, and its number counts all cells."""
    cells = [markdown("# Title"), code("x = 1\ny = 2"), markdown("words"), code("z = 3")]
    reading = read(kit.notebook(cells=cells))
    assert reading.source == "x = 1\ny = 2\nz = 3"
    assert reading.cell_of_line == ((1, 2), (3, 4))
    assert reading.notes == ()


def test_sources_may_be_lists_of_lines(kit: SimpleNamespace) -> None:
    """Both spellings of the format are read, and line ends of Windows too."""
    assert read(kit.notebook(cells=[code(["x = 1\r\n", "y = 2"])])).source == "x = 1\ny = 2"


def test_outputs_attachments_and_raw_cells_are_dropped(kit: SimpleNamespace) -> None:
    """What a notebook shows is not what it says, however wrong it is."""
    output = {"output_type": "nonsense", "data": {"image/png": "x" * 300_000}}
    cells = [
        {"cell_type": "raw", "metadata": {}, "source": "import os"},
        {"cell_type": "markdown", "metadata": {}, "source": "", "attachments": {"a": 7}},
        code("x = 1", outputs=[output]),
    ]
    assert read(kit.notebook(cells=cells)).source == "x = 1"


def test_a_notebook_without_ids_and_metadata_is_read(kit: SimpleNamespace) -> None:
    """Editors leave out what the format asks for; the code is there all the same."""
    assert read(kit.notebook(cells=[{"cell_type": "code", "source": "x = 1"}])).source == "x = 1"


def test_the_old_format_is_upgraded() -> None:
    """Format 3 has worksheets, and calls the source input."""
    cells = [
        {"cell_type": "heading", "level": 1, "source": "Title", "metadata": {}},
        {"cell_type": "code", "input": ["x = 1\n", "y = 2"], "language": "python", "outputs": []},
    ]
    book = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
    reading = read(json.dumps(book))
    assert reading.source == "x = 1\ny = 2"
    assert reading.cell_of_line == ((1, 2),)


def test_magics_are_set_aside_with_a_note(kit: SimpleNamespace) -> None:
    """The note names the cell and the line."""
    reading = read(kit.notebook("import torch", "x = 1\n!pip install d2l"))
    assert reading.source == "import torch\nx = 1\npass"
    assert [note.where for note in reading.notes] == ["n.ipynb, cell 2, line 2"]
    assert "!pip install d2l" in reading.notes[0].text


def test_a_syntax_error_names_its_cell(kit: SimpleNamespace) -> None:
    """Line numbers count in the cell, as the student sees them."""
    cells = [code("x = 1"), markdown("words"), code("y = 2\nz = (")]
    assert read(kit.notebook(cells=cells)).problem == (
        "n.ipynb, cell 3, line 2: '(' was never closed: z = ("
    )


def test_an_unclosed_string_does_not_swallow_the_next_cell(kit: SimpleNamespace) -> None:
    """Two halves of a string in two cells are two mistakes, not one string."""
    problem = read(kit.notebook('x = """a', 'b"""')).problem
    assert problem.startswith("n.ipynb, cell 1, line 1: unterminated triple-quoted string")


def test_a_line_that_ends_in_a_backslash_does_not_join_cells(kit: SimpleNamespace) -> None:
    """A cell is parsed alone."""
    assert "cell 1" in read(kit.notebook("x = 1 + \\", "2")).problem


@pytest.mark.parametrize(
    "cells", [[], [markdown("words")], [code("")], [code(" \n")], [code("%%bash\nls")]]
)
def test_a_notebook_without_code_is_empty(
    kit: SimpleNamespace, cells: list[dict[str, object]]
) -> None:
    """Words are not an answer."""
    reading = read(kit.notebook(cells=cells))
    assert reading.problem == "n.ipynb: the notebook holds no code."
    assert reading.empty


@pytest.mark.parametrize(
    ("metadata", "noted"),
    [
        ({"kernelspec": {"language": "R"}}, True),
        ({"language_info": {"name": "julia"}}, True),
        ({"kernelspec": {"language": "python"}, "language_info": {"name": "ipython"}}, False),
        ({"kernelspec": 7}, False),
        (7, False),
    ],
)
def test_another_kernel_is_noted(kit: SimpleNamespace, metadata: object, noted: bool) -> None:
    """The code is read as Python all the same."""
    reading = read(kit.notebook("x = 1", metadata=metadata))
    assert reading.source == "x = 1"
    assert bool(reading.notes) == noted


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("x = 1", "line 1"),
        ("[]", "does not say"),
        ("{}", "does not say"),
        ('{"nbformat": 2}', "formats 3 and 4"),
        ('{"nbformat": "4"}', "formats 3 and 4"),
        ('{"nbformat": 4}', "not a list"),
        ('{"nbformat": 4, "cells": 7}', "not a list"),
        ('{"nbformat": 4, "cells": [7]}', "not a list"),
        ('{"nbformat": 3, "worksheets": [{}]}', "not a list"),
        ('{"nbformat": 4, "cells": [{"cell_type": "code", "source": 7}]}', "notebook"),
        ('{"nbformat": 4, "cells": [{"cell_type": "code", "source": [7]}]}', "notebook"),
        ('{"nbformat": 4, "nbformat": 3, "cells": []}', "twice"),
        ('{"nbformat": ' + "9" * 5000 + "}", "too long"),
        ("[" * 200_000, "nested too deeply"),
        ('{"nbformat": 4, "metadata": ' + '{"a":' * 100_000, "nested too deeply"),
        ("\ufeff{", "line 1"),
    ],
)
def test_what_is_no_notebook_is_said_to_be_none(text: str, reason: str) -> None:
    """The reason is one sentence."""
    reading = read(text)
    assert reason in reading.problem
    assert not reading.source


def test_a_lone_surrogate_is_a_problem_of_its_cell(kit: SimpleNamespace) -> None:
    """JSON can carry half a character; Python cannot."""
    assert "n.ipynb, cell 1" in read(kit.notebook("x = '\ud800'")).problem


def test_a_nul_byte_is_a_problem_of_its_cell(kit: SimpleNamespace) -> None:
    """JSON can carry it escaped."""
    assert "NUL byte in cell 1" in read(kit.notebook("x = '\0'")).problem


def test_cells_and_code_are_limited(kit: SimpleNamespace) -> None:
    """Too many cells, or too much code, is refused."""
    assert (
        "3 cells; 2 are allowed"
        in read(kit.notebook("x", "y", "z"), IntakeLimits(notebook_cells=2)).problem
    )
    text = "#" * 600
    assert (
        "more than 1 KiB of code"
        in read(kit.notebook(text, text), IntakeLimits(source_kib=1)).problem
    )


def test_nothing_is_logged(kit: SimpleNamespace, caplog: pytest.LogCaptureFixture) -> None:
    """The notebook library's own complaints stay out of the terminal."""
    read(kit.notebook(cells=[code(7)]))
    assert caplog.records == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
CELLS = st.lists(
    JSON
    | st.fixed_dictionaries(
        {},
        optional={
            "cell_type": st.sampled_from(["code", "markdown", "raw", "?"]) | JSON,
            "source": JSON,
            "input": JSON,
            "metadata": JSON,
        },
    ),
    max_size=4,
)


@given(st.sampled_from([3, 4]), CELLS, JSON)
def test_no_notebook_raises(version: int, cells: list[object], metadata: object) -> None:
    """Whatever the cells are, there is a text or a problem."""
    book = {"nbformat": version, "cells": cells, "worksheets": [{"cells": cells}]}
    reading = read(json.dumps({**book, "metadata": metadata}))
    assert bool(reading.source) != bool(reading.problem)


@given(st.binary(max_size=100) | st.text(max_size=50).map(lambda text: text.encode()))
def test_no_bytes_raise(data: bytes) -> None:
    """Whatever is called a notebook is read or described."""
    assert read_notebook(data, "n.ipynb", LIMITS).problem


@given(st.lists(st.sampled_from(["x = 1", "%m\ny = 2", "\n\nz = 3\n", "# words", ""]), min_size=1))
def test_every_line_leads_back_to_its_cell(kit: SimpleNamespace, cells: list[str]) -> None:
    """The map from lines to cells covers the text, in order."""
    reading = read(kit.notebook(*cells))
    if reading.problem:
        assert not any(cells)
        return
    ast.parse(reading.source)
    lines = reading.source.split("\n")
    starts = [first for first, _ in reading.cell_of_line]
    for (first, number), end in zip(
        reading.cell_of_line, [*starts[1:], len(lines) + 1], strict=True
    ):
        there = lines[first - 1 : end - 1]
        assert there == ["pass" if line == "%m" else line for line in cells[number - 1].split("\n")]
