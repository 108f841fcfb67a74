"""The same hand-in as a notebook and as an archive."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import nbformat

PICTURE = "<script>document.title = 'an output'</script>"
"""An output that its author left in the notebook; nobody must ever see it."""


def as_it_is(folder: Path) -> Path:
    """Hand in the folder."""
    return folder


def as_notebook(folder: Path) -> Path:
    """Write each statement of `target.py` into a cell of its own, with an output beside it."""
    source = (folder / "target.py").read_text("utf-8")
    lines = source.splitlines()
    ends = [statement.end_lineno or 0 for statement in ast.parse(source).body]
    starts = [0, *ends[:-1]]
    output = nbformat.v4.new_output("display_data", {"text/html": PICTURE})
    cells = [nbformat.v4.new_markdown_cell("# My solution")]
    cells += [
        nbformat.v4.new_code_cell("\n".join(lines[start:end]), outputs=[output])
        for start, end in zip(starts, ends, strict=True)
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    (folder / "target.py").unlink()
    nbformat.write(notebook, folder / "target.ipynb")
    return folder


def as_zip(folder: Path) -> Path:
    """Pack the folder, and leave nothing beside the archive."""
    packed = Path(shutil.make_archive(str(folder), "zip", folder.parent, folder.name))
    shutil.rmtree(folder)
    folder.mkdir()
    return Path(shutil.move(packed, folder / "hand-in.zip"))
