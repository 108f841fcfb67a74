"""One exercise of a hand-in, and the choice between a module and its notebook."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from grader.collect.hand_in import Collected, collect_exercise
from grader.collect.layout import find
from grader.collect.limits import IntakeLimits
from grader.collect.tree import FolderTree
from grader.model import HandIn, HandInStatus

Write = Callable[[dict[str, str]], Path]
Collect = Callable[[dict[str, str]], HandIn]


@pytest.fixture
def collect(kit: SimpleNamespace, hand_in: Write) -> Collect:
    """Write files and read them for the exercise on softmax."""

    def run(files: dict[str, str]) -> HandIn:
        return read(kit, hand_in(files)).hand_in

    return run


def read(kit: SimpleNamespace, root: Path) -> Collected:
    """Read a folder for the exercise on softmax."""
    limits = IntakeLimits()
    tree = FolderTree(root, limits)
    found = find(tree, [kit.SOFTMAX], "alice").get("03-06-softmax")
    return collect_exercise(kit.SOFTMAX, found, tree, limits)


def test_a_module_is_handed_on_with_the_hash_of_its_bytes(
    collect: Collect, kit: SimpleNamespace
) -> None:
    """The text has plain line ends; the hash is of what was handed in."""
    text = kit.FILLED.replace("\n", "\r\n")
    hand_in = collect({"softmax.py": text})
    assert hand_in.status is HandInStatus.SUBMITTED
    assert hand_in.source == kit.FILLED
    assert hand_in.sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert (hand_in.path, hand_in.problem, hand_in.notes) == ("softmax.py", "", ())


def test_a_notebook_alone_is_graded(collect: Collect, kit: SimpleNamespace) -> None:
    """It keeps its map from lines to cells."""
    hand_in = collect({"softmax.ipynb": kit.notebook("x = 1", kit.FILLED)})
    assert hand_in.status is HandInStatus.SUBMITTED
    assert hand_in.cell_of_line == ((1, 1), (2, 2))


def test_nothing_handed_in_is_no_error(collect: Collect) -> None:
    """A missing exercise is a status."""
    assert collect({"README.md": "hello"}) == HandIn("03-06-softmax", HandInStatus.NOT_SUBMITTED)


# What is written in each of the two, which one is graded, and whether a note says so.
PAIRS = [
    ("FILLED", "STUB", "softmax.py", False),
    ("STUB", "FILLED", "softmax.ipynb", True),
    ("STUB", "STUB", "softmax.py", False),
    ("FILLED", "FILLED", "softmax.py", True),
    ("HALF", "FILLED", "softmax.ipynb", True),
    ("HALF", "STUB", "softmax.py", False),
    ("HALF", "HALF", "softmax.py", True),
    ("FILLED", "HALF", "softmax.py", True),
    ("FILLED", "SCRATCH", "softmax.py", True),
    ("HALF", "SCRATCH", "softmax.py", False),
    ("EMPTY", "FILLED", "softmax.ipynb", True),
    ("EMPTY", "STUB", "softmax.py", False),
    ("BROKEN", "STUB", "softmax.py", False),
    ("BROKEN", "FILLED", "softmax.ipynb", True),
    ("STUB", "BROKEN", "softmax.ipynb", True),
    ("HALF", "BROKEN", "softmax.py", True),
    ("BROKEN", "BROKEN", "softmax.py", True),
]


@pytest.mark.parametrize(("module", "book", "graded", "noted"), PAIRS)
def test_of_a_pair_the_one_that_answers_more_is_graded(
    collect: Collect, kit: SimpleNamespace, module: str, book: str, graded: str, noted: bool
) -> None:
    """The module wins a tie, and a note names the other one if there is anything in it."""
    texts = {**vars(kit), "EMPTY": "", "BROKEN": "def softmax(X:\n", "SCRATCH": "print(1)\n"}
    hand_in = collect({"softmax.py": texts[module], "softmax.ipynb": kit.notebook(texts[book])})
    assert hand_in.path == graded
    readable = texts[module if graded == "softmax.py" else book] not in {"", "def softmax(X:\n"}
    assert hand_in.status is (HandInStatus.SUBMITTED if readable else HandInStatus.UNREADABLE)
    other = {"softmax.py": "softmax.ipynb", "softmax.ipynb": "softmax.py"}[graded]
    assert [note.where for note in hand_in.notes] == [other] * noted


def test_a_problem_makes_the_exercise_unreadable(collect: Collect) -> None:
    """No text is handed on, but the hash is."""
    hand_in = collect({"softmax.py": "def f(:\n"})
    assert hand_in.status is HandInStatus.UNREADABLE
    assert hand_in.problem.startswith("softmax.py:1: ")
    assert hand_in.source == ""
    assert hand_in.sha256


def test_a_large_file_is_not_read(collect: Collect) -> None:
    """The sentence says how large it may be."""
    hand_in = collect({"softmax.py": "#" * (128 * 1024 + 1)})
    assert hand_in.problem == "softmax.py has more than 128 KiB."
    assert hand_in.sha256 == ""


def test_a_link_is_unreadable_and_its_target_untouched(
    kit: SimpleNamespace, tmp_path: Path
) -> None:
    """Whether the file, its folder, or only the notebook is a link."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "softmax.py").write_text(kit.FILLED)
    for name, target in (("softmax.py", "secret/softmax.py"), ("03-06-softmax", "secret")):
        root = tmp_path / f"of {name}"
        root.mkdir()
        (root / name).symlink_to(tmp_path / target)
        hand_in = read(kit, root).hand_in
        assert hand_in.status is HandInStatus.UNREADABLE
        assert hand_in.problem == f"{name} is a link, and only plain files are read."
        assert (hand_in.source, hand_in.sha256) == ("", "")
    root = tmp_path / "pair"
    root.mkdir()
    (root / "softmax.py").write_text(kit.STUB)
    (root / "softmax.ipynb").symlink_to(tmp_path / "secret" / "softmax.py")
    hand_in = read(kit, root).hand_in
    assert hand_in.path == "softmax.py"
    assert [note.where for note in hand_in.notes] == ["softmax.ipynb"]


def test_an_unreadable_notebook_does_not_spoil_a_full_module(
    collect: Collect, kit: SimpleNamespace
) -> None:
    """Where nothing can answer more, the notebook hardly matters."""
    book = "x" * (16 * 1024 * 1024 + 1)
    hand_in = collect({"softmax.py": kit.FILLED, "softmax.ipynb": book})
    assert (hand_in.path, hand_in.status) == ("softmax.py", HandInStatus.SUBMITTED)
