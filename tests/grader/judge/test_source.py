"""Text as text: definitions with all that they need, and code without its docstrings."""

from __future__ import annotations

from pathlib import Path

from grader.judge.source import closure, imports, without_docstrings

FIRST = '''"""Models."""

from __future__ import annotations

import math

from grader.judge.loop import step

SCALE: float = 2.0


@staticmethod
def helper(x):
    return math.sqrt(x) * SCALE


class Base:
    pass


class Model(Base):
    def run(self, x):
        return step(helper(x))


class Other:
    """Nobody needs it."""
'''
SECOND = '''from __future__ import annotations

import torch


def step(x):
    """Take one."""
    return x + 1
'''


def _files(folder: Path) -> tuple[Path, Path]:
    for name, text in (("first.py", FIRST), ("second.py", SECOND)):
        (folder / name).write_text(text, "utf-8")
    return folder / "first.py", folder / "second.py"


def test_a_definition_comes_with_all_that_it_needs(tmp_path: Path) -> None:
    """Bases, helpers, their decorators and constants come, from every file; nothing else does."""
    text = closure(_files(tmp_path), ("Model",))

    names = ("SCALE", "@staticmethod", "def helper", "class Base", "class Model", "def step")
    places = [text.index(name) for name in names]
    assert places == sorted(places)
    assert "Other" not in text
    assert "import" not in text
    compile(text, "text", "exec")


def test_imports_come_once_and_the_future_first(tmp_path: Path) -> None:
    """Those of one package can be left out, because nobody has it where the text goes."""
    assert imports(_files(tmp_path), but="grader") == [
        "from __future__ import annotations",
        "import math",
        "import torch",
    ]


def test_a_better_sentence_changes_nothing() -> None:
    """Docstrings go, whatever they are quoted with; other texts stay."""
    told = without_docstrings(SECOND.encode())

    assert told == without_docstrings(SECOND.replace("Take one", "Take two").encode())
    assert told != without_docstrings(SECOND.replace("x + 1", "x + 2").encode())
    assert b"Take" not in told
    assert without_docstrings(b"x = 'a text'\n") == b"x = 'a text'\n"


def test_what_is_no_python_comes_back_whole() -> None:
    """Whoever runs it says what is wrong."""
    assert without_docstrings(b"def (:\n") == b"def (:\n"
