"""The key of a verdict: everything that it depends on, hashed.

The same key means the same verdict, so nothing is judged twice; a changed suite, reference or
limit changes the keys of its exercise and of no other. Points are left out: no verdict depends
on what it is worth (`worth.py`). Data sets are pinned by hash inside the grader, so its version
covers them.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

from grader import __version__
from grader.batch.worth import bytes_of, read_suite
from grader.model import CPU, Exercise, HandIn, TrainingMode

_LENGTH = 32
# What no verdict depends on: read by people, or by the gate of the exercise.
_UNUSED = frozenset({"README.md", "alternatives", "survivors.yml", "__pycache__"})


def exercise_digest(
    exercise: Exercise, training: TrainingMode, *, public_only: bool = False, device: str = CPU
) -> str:
    """Hash what an exercise is judged with: suites, drivers, reference, catalogue, limits.

    Args:
        exercise: The exercise.
        training: What becomes of its tests that train.
        public_only: Whether its hidden tests are left out.
        device: Class of the device that trains.

    Returns:
        Hexadecimal digits.

    Raises:
        CourseError: If one of its files cannot be read.
    """
    parts: list[list[str]] = []
    for tree in (exercise.assignment_dir, exercise.solution_dir, exercise.hidden_dir):
        for path in sorted(tree.rglob("*")):
            inside = path.relative_to(tree)
            unused = any(part in _UNUSED or part.startswith(".") for part in inside.parts)
            if not unused and path.is_file() and path != tree / "exercise.yml":
                parts.append([tree.parent.name, inside.as_posix(), _hash_of(path)])
    asked = [exercise.title, exercise.section, exercise.module]
    tasks = [
        [t.name, t.title, t.defines, t.forbidden.names, t.forbidden.operators]
        for t in exercise.tasks
    ]
    limits = dataclasses.asdict(exercise.limits)
    kind = [training.value, public_only]
    return _digest([parts, asked, tasks, limits, kind, __version__, device])


def verdict_key(digest: str, hand_in: HandIn) -> str:
    """Give the key under which the verdicts on a hand-in are kept.

    Args:
        digest: Of the exercise (`exercise_digest`).
        hand_in: What is judged.
    """
    notes = [[note.where, note.text] for note in hand_in.notes]
    parts = [hand_in.status.value, hand_in.path, hand_in.sha256, hand_in.problem, notes]
    return _digest([digest, hand_in.exercise_id, parts])[:_LENGTH]


def _hash_of(path: Path) -> str:
    content = bytes_of(path)
    is_suite = path.name.startswith("test_") and path.suffix == ".py"
    return hashlib.sha256(read_suite(content).rest if is_suite else content).hexdigest()


def _digest(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
