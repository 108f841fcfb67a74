"""Facts about the course that this repository ships, as far as they show without torch."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from grader import course
from grader.judge.probes import digest_of
from grader.model import Exercise

ROOT = Path(__file__).parents[1]
EXERCISES = course.load_course(ROOT).exercises


@pytest.mark.parametrize("exercise", EXERCISES, ids=[exercise.id for exercise in EXERCISES])
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
