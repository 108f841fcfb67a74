"""What can be told about an exercise without grading is told."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course import load_course
from grader.course.checks import static_problems
from grader.course.stub import write_stub
from grader.model import Exercise


@pytest.fixture
def exercise(root: Path) -> Exercise:
    """Give the small course's exercise with a fresh stub."""
    found = load_course(root).exercises[0]
    write_stub(found)
    return found


def _texts(exercise: Exercise) -> list[str]:
    return [f"{found.where}: {found.what} {found.what_now}" for found in static_problems(exercise)]


def test_a_complete_exercise_has_no_problems(exercise: Exercise) -> None:
    """The small course is one."""
    assert _texts(exercise) == []


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (lambda e: (e.assignment_dir / "README.md").unlink(), "README.md: the file is missing"),
        (lambda e: e.hidden_suite.unlink(), "test_softmax.py: the file is missing"),
        (lambda e: e.stub.write_text("x = 1\n"), "softmax.py:1: differs from the reference"),
        (lambda e: _edit(e.reference, "import math", "import math, pandas"), "no package `pandas`"),
        (
            lambda e: _edit(e.reference, "class Accumulator", "class Acumulator"),
            "defines no `Accumulator`, which answers the task accumulator. Did you mean `Acu",
        ),
        (
            lambda e: (e.solution_dir / "alternatives/loops.py").unlink(),
            "1 alternative right answers",
        ),
        (
            lambda e: (e.solution_dir / "mistakes.py").write_text('"""Empty."""\n'),
            "the catalogue is empty",
        ),
        (
            lambda e: shutil.copy(e.hidden_suite, e.assignment_dir / "notes.txt"),
            "assignments/03-06-softmax/notes.txt: this is",
        ),
        (
            lambda e: (e.hidden_dir / "survivors.yml").write_text("survivors:\n- mutant: a\n"),
            "survivors.yml:2:3: the key `reason` is missing",
        ),
    ],
)
def test_each_shortcoming_is_named(
    exercise: Exercise, spoil: Callable[[Exercise], object], text: str
) -> None:
    """With the file it stands in."""
    spoil(exercise)
    assert any(text in found for found in _texts(exercise))


def test_a_missing_catalogue_is_told_once(exercise: Exercise) -> None:
    """It is not called empty too."""
    (exercise.solution_dir / "mistakes.py").unlink()
    (text,) = _texts(exercise)
    assert "mistakes.py: the file is missing" in text


def test_caches_beside_an_assignment_are_not_handed_out_and_not_searched(
    exercise: Exercise,
) -> None:
    """A compiled hidden test may lie there after a run."""
    folder = exercise.assignment_dir / "__pycache__"
    folder.mkdir()
    shutil.copy(exercise.hidden_suite, folder / "test_softmax.pyc")
    assert _texts(exercise) == []


def test_a_package_in_a_try_that_handles_something_else_is_asked_for(exercise: Exercise) -> None:
    """Only `except ImportError` does without it."""
    _edit(
        exercise.reference,
        "import math",
        "import math\ntry:\n    import matplotlib\nexcept ValueError:\n    pass",
    )
    write_stub(exercise)
    (text,) = _texts(exercise)
    assert "no package `matplotlib`" in text


def test_a_package_that_may_be_missing_may_be_asked_for(exercise: Exercise) -> None:
    """A function that draws where matplotlib is at hand, and does without it elsewhere."""
    _edit(
        exercise.reference,
        "import math",
        "import math\ntry:\n    import matplotlib\nexcept ImportError:\n    pass",
    )
    write_stub(exercise)
    assert _texts(exercise) == []


def test_one_unreadable_file_is_told_once_and_hides_nothing_else(exercise: Exercise) -> None:
    """Several checks read the reference; the missing README is told beside it."""
    exercise.reference.write_text("def f(:\n", encoding="utf-8")
    (exercise.assignment_dir / "README.md").unlink()
    texts = _texts(exercise)
    assert len([found for found in texts if "not Python" in found]) == 1
    assert any("README.md" in found for found in texts)
