"""Stub and notebook follow from the reference alone."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from grader.course import load_course
from grader.course.stub import drift, notebook_text, stub_text, write_stub
from grader.errors import CourseError
from grader.model import Exercise


@pytest.fixture
def exercise(root: Path) -> Exercise:
    """Give the small course's only exercise."""
    return load_course(root).exercises[0]


def test_every_region_becomes_an_error_that_names_exercise_and_function(
    exercise: Exercise,
) -> None:
    """Docstrings stay, solutions and markers go, the indentation fits."""
    stub = stub_text(exercise)
    ast.parse(stub)
    assert '    raise NotImplementedError("03-06-softmax: softmax")\n' in stub
    assert '        raise NotImplementedError("03-06-softmax: Accumulator.add")\n' in stub
    assert "row: (q,), the logits." in stub
    assert "exponentials" not in stub
    assert "SOLUTION" not in stub
    namespace: dict[str, Any] = {}
    exec(stub, namespace)
    with pytest.raises(NotImplementedError, match="03-06-softmax: softmax"):
        namespace["softmax"]([1.0])


def test_the_notebook_holds_the_stub_one_definition_a_cell(exercise: Exercise) -> None:
    """Joined in order, its code is the stub without the docstring of the module."""
    notebook = nbformat.reads(notebook_text(exercise), as_version=4)
    nbformat.validate(notebook)
    assert [(cell.cell_type, cell.id) for cell in notebook.cells] == [
        ("markdown", "about"),
        ("code", "setup"),
        ("code", "softmax"),
        ("code", "Accumulator"),
    ]
    assert notebook.metadata.kernelspec.name == "python3"
    words = notebook.cells[0].source
    assert "# Softmax regression from scratch" in words
    assert "Softmax regression, piece by piece." in words
    assert "autograde check 03-06-softmax" in words
    code = "\n\n".join(cell.source for cell in notebook.cells[1:])
    stub = ast.parse(stub_text(exercise))
    assert ast.dump(ast.parse(code)) == ast.dump(ast.Module(stub.body[1:], []))


def test_comments_and_decorators_stay_with_their_definition(exercise: Exercise) -> None:
    """And statements between two definitions have a cell of their own."""
    text = exercise.reference.read_text(encoding="utf-8")
    text = text.replace("class Accumulator:", "LATER = 2\n\n\n# Counts.\n@str\nclass Accumulator:")
    exercise.reference.write_text(text, encoding="utf-8")
    cells = nbformat.reads(notebook_text(exercise), as_version=4).cells
    assert [cell.id for cell in cells] == ["about", "setup", "softmax", "setup-2", "Accumulator"]
    assert cells[3].source == "LATER = 2"
    assert cells[4].source.startswith("# Counts.\n@str\nclass Accumulator:")


def test_generating_twice_gives_the_same_bytes(exercise: Exercise) -> None:
    """Cell ids are names, not random."""
    assert notebook_text(exercise) == notebook_text(exercise)


def test_what_was_just_written_has_not_drifted(exercise: Exercise) -> None:
    """Missing files are named until they are written."""
    assert len(drift(exercise)) == 2
    assert "autograde release --stubs" in drift(exercise)[0]
    write_stub(exercise)
    assert drift(exercise) == []


def test_a_changed_reference_or_stub_is_drift_with_its_line(exercise: Exercise) -> None:
    """A notebook is held to the reference like the stub."""
    write_stub(exercise)
    text = exercise.reference.read_text(encoding="utf-8")
    exercise.reference.write_text(text.replace("(q,)", "(q, 1)"), encoding="utf-8")
    stub, notebook = drift(exercise)
    assert stub.startswith(f"{exercise.stub}:14: ")
    assert notebook.startswith(str(exercise.stub.with_suffix(".ipynb")))


def test_a_solution_alone_may_change_without_drift(exercise: Exercise) -> None:
    """Students see nothing of it."""
    write_stub(exercise)
    text = exercise.reference.read_text(encoding="utf-8")
    exercise.reference.write_text(text.replace("total", "the_sum"), encoding="utf-8")
    assert drift(exercise) == []


def test_a_reference_without_markers_is_refused(exercise: Exercise) -> None:
    """Otherwise its stub would be the solution."""
    text = exercise.reference.read_text(encoding="utf-8")
    exercise.reference.write_text(text.replace("### ", "# - "), encoding="utf-8")
    with pytest.raises(CourseError, match="nothing is marked"):
        stub_text(exercise)


def test_the_notebook_is_plain_json(exercise: Exercise) -> None:
    """Nothing but nbformat 4.5, ending in one newline."""
    text = notebook_text(exercise)
    assert json.loads(text)["nbformat_minor"] == 5
    assert text.endswith("}\n")
