"""Coverage-guided bytes for the reader of notebooks: text or one sentence, nothing else."""

from __future__ import annotations

import json

import atheris
from common import start

with atheris.instrument_imports(include=["grader.collect"]):
    from grader.collect.limits import IntakeLimits
    from grader.collect.notebook import read_notebook

LIMITS = IntakeLimits(source_kib=4, notebook_cells=40)


def one_input(data: bytes) -> None:
    """Read bytes as a notebook; either there is text or a problem, never both or neither."""
    reading = read_notebook(data, "work.ipynb", LIMITS)
    if bool(reading.source) == bool(reading.problem):
        raise AssertionError(reading)
    if reading.problem.count("\n") or len(reading.problem) > 2000:
        raise AssertionError(reading.problem)
    last = reading.source.count("\n") + 1
    if any(not 0 < line <= last for line, _ in reading.cell_of_line):
        raise AssertionError(reading.cell_of_line)


def seeds() -> list[bytes]:
    """Notebooks of several formats, with magics, tags, attachments and odd sources."""
    code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [
        {**code, "source": ["def f(X):\n", "    return X\n"]},
        {**code, "source": "%matplotlib inline\n!ls\nx = !pwd\nf?\n%%timeit\nf(1)"},
        {**code, "source": "x = 1", "metadata": {"tags": ["ignore"]}},
        {"cell_type": "markdown", "metadata": {}, "source": "# Text"},
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    four = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata}
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}}
    three = [{"cell_type": "code", "input": ["x = 1\n"], "language": "python", "outputs": []}]
    books = [
        {**four, "cells": [{**cell, "id": f"c{n}"} for n, cell in enumerate(cells)]},
        {**four, "nbformat_minor": 0, "cells": cells[:1]},
        {**old, "worksheets": [{"cells": three, "metadata": {}}]},
        {**four, "cells": []},
    ]
    return [json.dumps(book).encode() for book in books] + [b"{}", b"[]", b"\xef\xbb\xbf{}"]


if __name__ == "__main__":
    start(one_input, seeds())
