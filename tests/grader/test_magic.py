"""`%grade` in a notebook that is run for real, in a kernel of its own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from grader import magic
from grader.model import Course
from tests.patience import PATIENCE_S

# What a kernel and its client warn about is theirs.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def run_cells(demo_course: Course) -> Any:
    """Run cells in a fresh kernel beside the exercise's notebook; give the outputs of each."""
    nbclient = pytest.importorskip("nbclient", reason="pip install -e '.[dev]'")
    pytest.importorskip("ipykernel", reason="pip install -e '.[notebook]'")
    import nbformat

    def run(*cells: str, folder: Path | None = None) -> list[list[Any]]:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
        where = folder or demo_course.exercises[0].assignment_dir
        client = nbclient.NotebookClient(
            notebook,
            timeout=PATIENCE_S,
            kernel_name="python3",
            allow_errors=True,
            resources={"metadata": {"path": str(where)}},
        )
        client.execute()
        return [cell.outputs for cell in notebook.cells]

    return run


def html(outputs: list[Any]) -> str:
    """The page that a cell shows."""
    (shown,) = [output for output in outputs if output.output_type == "display_data"]
    return str(shown.data["text/html"])


def words(outputs: list[Any]) -> str:
    """Everything that a cell shows as text."""
    texts = [
        output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs
    ]
    return "".join(map(str, texts))


def test_a_notebook_grades_what_it_has_defined(run_cells: Any) -> None:
    """The cells as they were run last, those before the extension too, but none that failed."""
    outputs = run_cells(
        "import torch",
        "def double(X):\n    raise ValueError('no')",
        "%load_ext grader",
        "%grade demo",
        "1 / 0",
        "def double(X):\n    return X * 2",
        "%grade",
    )
    assert "demo.ipynb, cell 2, line 2" in html(outputs[3])
    assert "demo.ipynb, cell 2, line 2" in words(outputs[3])
    assert "1 of 1 public test passed" in html(outputs[6])
    assert "1 of 1 public test passed" in words(outputs[6])


def test_an_error_is_a_sentence_and_not_a_traceback(run_cells: Any, tmp_path: Path) -> None:
    """A wrong name, no name outside of an exercise's folder, and no course."""
    outputs = run_cells("%load_ext grader\n%grade demx")
    assert "no exercise answers to this" in words(outputs[0])
    assert "Traceback" not in words(outputs[0])
    outputs = run_cells("%load_ext grader\n%grade", folder=tmp_path)
    assert "autograde.yml" in words(outputs[0])


def test_the_extension_can_be_taken_back(run_cells: Any) -> None:
    """And loaded twice without counting cells twice."""
    outputs = run_cells(
        "%load_ext grader", "%reload_ext grader", "%unload_ext grader", "x = 1", "print('alive')"
    )
    assert all(output.output_type != "error" for cell in outputs for output in cell)
    assert "alive" in words(outputs[4])


def test_a_cell_run_twice_stands_where_it_was_run_last() -> None:
    """Numbers are those of the session, and our own magics leave an empty line."""
    import json

    text = magic._notebook({1: "%load_ext grader\na = 1", 2: "b = 2", 4: "b = 2"})
    cells = json.loads(text)["cells"]
    assert [(c["cell_type"], c["source"]) for c in cells] == [
        ("code", "\na = 1"),
        ("markdown", ""),
        ("markdown", ""),
        ("code", "b = 2"),
    ]


def test_the_part_for_a_notebook_reaches_nothing_outside(demo_course: Course) -> None:
    """All of its style is nested below its own class; no script, no id, no address."""
    from grader.report import Say, render_fragment
    from tests.grader.report import grades

    for grade in grades.EVERY_KIND.values():
        fragment = render_fragment(grade, Say("zh"))
        style = fragment[fragment.index("<style>") + 7 : fragment.index("</style>")].strip()
        assert style.startswith(".autograde {")
        assert style.endswith("}")
        assert not re.search(r"^\s*(:root|html|body|@page)\b", style, re.MULTILINE)
        depth, closed = 0, []
        for place, character in enumerate(style):
            depth += {"{": 1, "}": -1}.get(character, 0)
            if depth == 0 and character == "}":
                closed.append(place)
        assert closed == [len(style) - 1]
        assert 'lang="zh-CN"' in fragment
        tags = [re.sub(r'"[^"]*"', '""', tag) for tag in re.findall(r"<[a-z][^<>]*>", fragment)]
        assert not [tag for tag in tags if re.search(r"<script|\s(id|on\w+|src|href)=", tag)]
