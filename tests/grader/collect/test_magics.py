"""What only IPython understands."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.collect.magics import clear


@pytest.mark.parametrize(
    ("line", "stands_in"),
    [
        ("%matplotlib inline", "pass"),
        ("    %time f()", "    pass"),
        ("!pip install d2l", "pass"),
        ("!!ls", "pass"),
        ("?torch.softmax", "pass"),
        ("torch.softmax?", "pass"),
        ("softmax??", "pass"),
        ("files = !ls", "files = None"),
        ("a, b = %timeit -o f()", "a, b = None"),
        ("!echo \"it's", "pass"),
    ],
)
def test_a_line_of_ipython_is_replaced_and_noted(line: str, stands_in: str) -> None:
    """The line keeps its number and its indentation."""
    cell = f"if True:\n    x = 1\n{line}\ny = 2" if line[0] != " " else f"if True:\n{line}\ny = 2"
    cleared = clear(cell)
    assert cleared.source == cell.replace(line, stands_in)
    assert [text for _, text in cleared.aside] == [line.strip()]
    ast.parse(cleared.source)


def test_the_number_of_a_line_set_aside_counts_in_the_cell() -> None:
    """The note can say where."""
    assert clear("x = 1\n\n%time y = 2\n").aside == ((3, "%time y = 2"),)


@pytest.mark.parametrize(
    "cell",
    [
        "x = (a\n     % b)",
        "x = a \\\n% b",
        '"""\n!not a command\n%nor a magic\n"""',
        "'''what is\nthis?\n'''",
        "x = 7 % 3",
        "y = a != b",
        "# why?",
        "",
        "\n\n",
    ],
)
def test_python_is_left_as_it_is(cell: str) -> None:
    """A cell that parses is nobody's magic."""
    assert clear(cell).source == cell
    assert clear(cell).aside == ()


def test_strings_beside_a_magic_are_left_as_they_are() -> None:
    """In a cell that has a magic, other lines that only look like one are kept."""
    cell = '%pip install d2l\ntext = """\n%kept\nit\'s kept?\n"""\nx = (5\n% 3)\n!ls'
    cleared = clear(cell)
    assert [number for number, _ in cleared.aside] == [1, 8]
    assert ast.literal_eval(ast.parse(cleared.source).body[1].value) == "\n%kept\nit's kept?\n"


def test_a_continued_command_is_set_aside_whole() -> None:
    """A backslash carries a shell command on to the next line."""
    cleared = clear("!pip install \\\n  d2l \\\n  torch\nx = 1")
    assert cleared.source == "pass\n\n\nx = 1"
    assert len(cleared.aside) == 1


@pytest.mark.parametrize("magic", ["%%time", "%%capture out", "%%prun"])
def test_a_cell_magic_around_python_leaves_the_python(magic: str) -> None:
    """Timing a definition still defines."""
    assert clear(f"{magic}\ndef f():\n    %pdb\n    return 1").source == (
        "\ndef f():\n    pass\n    return 1"
    )


@pytest.mark.parametrize("magic", ["%%bash", "%%html", "%%writefile a.py", "%%timeit", "%%unknown"])
def test_any_other_cell_magic_sets_the_cell_aside(magic: str) -> None:
    """Its body is another language, or another scope."""
    cleared = clear(f"\n{magic}\necho 'x\nls")
    assert cleared.source.strip() == ""
    assert cleared.source.count("\n") == 3
    assert cleared.aside == ((2, magic),)


def test_an_ordinary_syntax_error_is_left_for_the_message() -> None:
    """Nothing of the student's own is set aside."""
    assert clear("def f(:\n    return 1").source == "def f(:\n    return 1"


LINES = st.sampled_from(
    ["%m", "!ls", "x?", "?x", "x = 1", "'", '"', '"""', "'''", "(", ")", "\\", "#'", " %a", "y=!l"]
)


@given(st.lists(LINES | st.text(alphabet="%!?'\"()\\#x =\n", max_size=8)).map("\n".join))
def test_a_cell_keeps_its_number_of_lines(cell: str) -> None:
    """Whatever is set aside, line numbers still mean the same lines."""
    cleared = clear(cell)
    assert cleared.source.count("\n") == cell.count("\n")
    assert all(1 <= number <= cell.count("\n") + 1 for number, _ in cleared.aside)
