"""Facts about the course that this repository ships, as far as they show without torch."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader import course
from grader.course.catalogue import read_catalogue
from grader.course.translations import translations
from grader.judge.probes import digest_of
from grader.model import Exercise

ROOT = Path(__file__).parents[1]
EXERCISES = course.load_course(ROOT).exercises
IDS = [exercise.id for exercise in EXERCISES]


@pytest.mark.parametrize("exercise", EXERCISES, ids=IDS)
def test_fingerprints_are_those_of_todays_files(exercise: Exercise) -> None:
    """Old ones are left aside without a word, and then no page names a mistake any more."""
    stored = json.loads((exercise.solution_dir / "fingerprints.json").read_text("utf-8"))
    assert stored["made_from"] == digest_of(exercise), f"run `autograde fingerprint {exercise.id}`"


def test_a_docstring_makes_no_fingerprint_old(tmp_path: Path) -> None:
    """Stubs are made from the reference, and their sentences are often mended; code counts."""
    texts = (
        'def f(x):\n    """Return x; and more."""\n    return x\n',
        'def f(x):\n    """Return\n    ü x.\n    """\n    return x\n',
        'def f(x):\n    """Return x; and more."""\n    return "Return x"\n',
        'def f(x):\n    "One."; return x\n',
        "def f(x\n",
    )
    found = []
    for number, text in enumerate(texts):
        folder = tmp_path / str(number)
        folder.mkdir()
        exercise = replace(EXERCISES[0], solution_dir=folder)
        exercise.reference.write_text(text, "utf-8")
        found.append(digest_of(exercise))
    assert found[0] == found[1]
    assert len(set(found)) == len(texts) - 1


def _lines_and_hints(path: Path) -> Iterator[str]:
    """The docstring of each test of a file, and its hint."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield (ast.get_docstring(node) or "").split("\n")[0]
            for call in node.decorator_list:
                if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "hint":
                    yield str(ast.literal_eval(call.args[0]))


@pytest.mark.parametrize("exercise", EXERCISES, ids=IDS)
def test_every_sentence_of_the_exercise_has_its_chinese(exercise: Exercise) -> None:
    """Titles, lines and hints of tests, what known mistakes do and their hints: none is English."""
    said = {exercise.title, *(task.title for task in exercise.tasks)}
    for path in (
        exercise.assignment_dir / "test_public.py",
        *exercise.hidden_dir.glob("test_*.py"),
    ):
        said |= set(_lines_and_hints(path))
    for mistake in read_catalogue(exercise):
        said |= {mistake.label, mistake.hint}
    known = translations([exercise], "zh")[exercise.id]
    assert said - set(known) - {""} == set()
    assert [english for english, text in known.items() if text.isascii()] == []


@pytest.mark.parametrize("exercise", EXERCISES, ids=IDS)
def test_a_known_mistake_is_told_in_one_voice(exercise: Exercise) -> None:
    """A label completes `a version that ...`; it begins with a verb and ends without a stop."""
    for mistake in read_catalogue(exercise):
        first = mistake.label.split()[0]
        assert first.endswith("s") or first in {"cannot", "always", "never"}, mistake.label
        assert not mistake.label.endswith("."), mistake.label
        assert mistake.hint.endswith((".", "?")), mistake.hint
