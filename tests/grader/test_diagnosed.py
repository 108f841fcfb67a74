"""A diagnosis on real processes: fingerprints taken, stored, and a mistake called by its name."""

from __future__ import annotations

import shutil
from pathlib import Path

from grader.model import Confidence, ExerciseGrade
from grader.pipeline import Session
from tests.grader.conftest import RIGHT, write_course

PROBES = """\
import torch
from grader.judge.inputs import tensors
from grader.judge.probes import example, probe

@probe("double", (torch.tensor([1.0, 2.0]),), (torch.tensor([-3.0]),))
def of(student, X):
    return student.double(X)

@probe("counter")
def counted(student):
    counter = student.Counter()
    counter.add(2)
    counter.add(3)
    return counter.total

@example("double", call="double({})", inputs=lambda: tensors((1,)))
def smallest(student, X):
    return student.double(X)
"""
MISTAKES = """\
from grader.course.catalogue import mistake

@mistake(task="double", label="triples", hint="Twice is enough.")
def tripled(X):
    return X * 3

@mistake(task="counter", label="forgets what was there")
class forgetful(Counter):
    def add(self, n):
        self.total = n
"""
WRONG = RIGHT.replace("X * 2", "X + X + X")


def test_a_known_mistake_is_named_once_its_fingerprint_is_stored(tmp_path: Path) -> None:
    """Not before, nor where students have it; and a right answer hears nothing."""
    course = write_course(tmp_path, ("demo",))
    (exercise,) = course.exercises
    (exercise.solution_dir / "probes.py").write_text(PROBES, "utf-8")
    (exercise.solution_dir / "mistakes.py").write_text(MISTAKES, "utf-8")

    def grade(source: str) -> ExerciseGrade:
        return session.grade_source(exercise, source)

    with Session(course, course.exercises) as session:
        taken = session.fingerprint(exercise)
        assert (taken.current, taken.findings) == (False, ())
        assert grade(WRONG).diagnoses == ()
    (exercise.solution_dir / "fingerprints.json").write_text(taken.text, "utf-8")
    with Session(course, course.exercises) as session:
        assert session.fingerprint(exercise).current
        (found,) = grade(WRONG).diagnoses
        assert (found.task, found.label, found.hint) == ("double", "triples", "Twice is enough.")
        assert found.confidence is Confidence.EXACT
        assert found.call == "double(torch.tensor([1.]))"
        assert grade(RIGHT).diagnoses == ()
    with Session(course, course.exercises, level=0, public_only=True) as session:
        (found,) = grade(WRONG).diagnoses
        assert found.label == "triples"
    shutil.rmtree(exercise.solution_dir)
    with Session(course, course.exercises, level=0, public_only=True) as session:
        assert grade(WRONG).diagnoses == ()
