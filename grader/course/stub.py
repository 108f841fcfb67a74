"""From the reference to what students get: the stub, and the same as a notebook.

Both are written by `autograde release --stubs`, committed, and held to the reference by
`drift`, so that a changed reference cannot leave an old stub behind.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from typing import Any

from grader.course.markers import Region, find_regions, lines_of, parse_module
from grader.course.yamlpos import read_text
from grader.errors import CourseError
from grader.model import Exercise

SOURCE_LIMIT_BYTES = 256 * 1024
REMEDY = "autograde release --stubs"


def stub_text(exercise: Exercise) -> str:
    """Generate the stub: each region of the reference becomes a `NotImplementedError`.

    Args:
        exercise: Whose reference is read.

    Raises:
        CourseError: If the reference is missing, not Python or wrongly marked.
    """
    source = read_text(exercise.reference, SOURCE_LIMIT_BYTES)
    regions = find_regions(source, exercise.reference)
    if not regions:
        what = "nothing is marked as solution."
        what_now = "Put ### BEGIN SOLUTION and ### END SOLUTION around what students write."
        raise CourseError(str(exercise.reference), what, what_now)
    text = cut_regions(source, regions, exercise.id)
    parse_module(text, exercise.reference)
    return text


def cut_regions(source: str, regions: tuple[Region, ...], exercise_id: str) -> str:
    """Put a `NotImplementedError` in place of each region."""
    lines = lines_of(source)
    for region in reversed(regions):
        message = f'raise NotImplementedError("{exercise_id}: {region.qualname}")'
        lines[region.first - 1 : region.last] = [region.indent + message]
    return "\n".join(lines).rstrip("\n") + "\n"


def notebook_text(exercise: Exercise) -> str:
    """Generate the notebook: a cell of words, then one cell for each definition of the stub.

    The text depends on the reference and the exercise alone, cell ids included.

    Raises:
        CourseError: As `stub_text`.
    """
    import nbformat

    nodes: Any = nbformat.v4  # nbformat's makers carry no types
    write: Any = nbformat.writes
    stub = stub_text(exercise)
    docstring, blocks = _blocks(stub, parse_module(stub, exercise.reference))
    cells = [nodes.new_markdown_cell(_introduction(exercise, docstring), id="about")]
    cells += [nodes.new_code_cell(text, id=name) for name, text in blocks]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = nodes.new_notebook(
        cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}}
    )
    notebook.nbformat_minor = 5  # the first with cell ids
    nbformat.validate(notebook)
    return str(write(notebook, version=nbformat.NO_CONVERT)).rstrip("\n") + "\n"


def write_stub(exercise: Exercise) -> None:
    """Write stub and notebook into `assignments/`.

    Raises:
        CourseError: As `stub_text`; then nothing is written.
    """
    texts = {exercise.stub: stub_text(exercise)}
    texts[exercise.stub.with_suffix(".ipynb")] = notebook_text(exercise)
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")


def drift(exercise: Exercise) -> list[str]:
    """Compare stub and notebook in `assignments/` with what the reference gives.

    Returns:
        One sentence for each file that differs or is missing; empty if all is well.

    Raises:
        CourseError: As `stub_text`.
    """
    expected = {exercise.stub: stub_text(exercise)}
    expected[exercise.stub.with_suffix(".ipynb")] = notebook_text(exercise)
    found = []
    for path, text in expected.items():
        if not path.is_file():
            found.append(f"{path}: the file is missing; `{REMEDY}` writes it.")
            continue
        present = path.read_bytes().decode("utf-8", errors="replace")
        if present != text:
            line = _first_difference(present, text)
            found.append(f"{path}:{line}: differs from the reference; `{REMEDY}` writes it anew.")
    return found


def _first_difference(present: str, expected: str) -> int:
    pairs = itertools.zip_longest(present.splitlines(), expected.splitlines())
    return next((line for line, (left, right) in enumerate(pairs, 1) if left != right), 1)


def _introduction(exercise: Exercise, docstring: str) -> str:
    about = f"{docstring}\n\n" if docstring else ""
    return (
        f"# {exercise.title}\n\n"
        f"{about}"
        "README.md says what to build. Write your code where a cell raises "
        "`NotImplementedError`, keep the names, save, and check your work in a terminal:\n\n"
        f"    autograde check {exercise.id}\n\n"
        f"Hand in this notebook or `{exercise.module}.py`, not both."
    )


def _blocks(stub: str, tree: ast.Module) -> tuple[str, list[tuple[str, str]]]:
    """Split the stub at its top-level definitions.

    Returns:
        The module's docstring, and the cells as (id, text).
    """
    lines = lines_of(stub)
    starts = {line: name for line, name in _starts(tree, lines) if name != "docstring"}
    docstring = ast.get_docstring(tree) or ""
    first = (tree.body[0].end_lineno or 1) if docstring else 0
    cuts = sorted({first, *starts, len(lines)})
    cells: list[tuple[str, str]] = []
    for begin, end in itertools.pairwise(cuts):
        text = "\n".join(lines[begin:end]).strip("\n")
        if text.strip():
            name = _cell_id(starts.get(begin, "setup"), {"about", *(known for known, _ in cells)})
            cells.append((name, text.rstrip()))
    return docstring, cells


def _starts(tree: ast.Module, lines: list[str]) -> Iterator[tuple[int, str]]:
    """Give the line (from 0) where each cell begins, with its name.

    A definition takes the comments right above it along; what stands between two
    definitions is a cell of its own.
    """
    before_is_definition = True
    for position, node in enumerate(tree.body):
        is_definition = isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if position == 0 and ast.get_docstring(tree):
            yield 0, "docstring"
        elif is_definition or before_is_definition:
            decorators = getattr(node, "decorator_list", [])
            line = min([node.lineno, *(entry.lineno for entry in decorators)]) - 1
            while line > 0 and lines[line - 1].startswith("#"):
                line -= 1
            yield line, getattr(node, "name", "setup")
        before_is_definition = is_definition or (position == 0 and bool(ast.get_docstring(tree)))


def _cell_id(name: str, taken: set[str]) -> str:
    """Make an id that nbformat takes (1 to 64 letters, digits, - and _) and none bears yet."""
    base = re.sub(r"[^A-Za-z0-9_-]", "-", name)[:56]
    names = itertools.chain([base], (f"{base}-{number}" for number in itertools.count(2)))
    return next(candidate for candidate in names if candidate not in taken)
