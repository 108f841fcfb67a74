"""A small course on disk, complete enough for every part of the room."""

from __future__ import annotations

from pathlib import Path

import pytest

COURSE = """\
# yaml-language-server: $schema=docs/schemas/autograde.schema.json
title: A small course
exercises: ["*"]
limits:
  memory_mib: 512
due:
  03-06-softmax: "2026-10-01T23:59:00+02:00"
"""

EXERCISE = """\
title: Softmax regression from scratch
section: "3.6"
module: softmax
points: 4
limits: {wall_time_s: 2.5}
tasks:
  softmax:
    title: Softmax of each row
    points: 2.5
    forbid:
      names: [torch.softmax, Tensor.softmax]
      operators: ["aten::_softmax"]
  accumulator:
    title: Sums over several variables
    points: 1.5
    defines: [Accumulator]
"""

REFERENCE = '''\
"""Softmax regression, piece by piece."""

from __future__ import annotations

import math

SCALE = 1


def softmax(row):
    """Turn one row of logits into probabilities.

    Args:
        row: (q,), the logits.
    """
    ### BEGIN SOLUTION
    exponentials = [math.exp(value) for value in row]
    total = sum(exponentials)
    return [value / total for value in exponentials]
    ### END SOLUTION


class Accumulator:
    """Sums over several variables."""

    def __init__(self, n):
        """Start at zero."""
        ### BEGIN SOLUTION
        self.data = [0.0] * n
        ### END SOLUTION

    def add(self, *args):
        """Add one number to each sum."""
        ### BEGIN SOLUTION
        self.data = [a + float(b) for a, b in zip(self.data, args)]
        ### END SOLUTION
'''

MISTAKES = '''\
"""Known mistakes."""

import math

from grader.course.catalogue import mistake


def _halves(row):
    return [value / 2 for value in row]


@mistake(task="softmax", label="normalises by the largest value, not by the sum", hint="Add up.")
def by_largest(row):
    return [math.exp(value) / math.exp(max(row)) for value in _halves(row)]


@mistake(task="accumulator", label="starts counting at one instead of zero", hint="Look at init.")
class from_one(Accumulator):
    def __init__(self, n):
        super().__init__(n)
        self.data = [1.0] * n
'''

HIDDEN = '''\
"""Hidden."""

import pytest


@pytest.mark.task("softmax")
@pytest.mark.points(1)
def test_secret_shift(student):
    """Adding a number to each logit changes nothing."""
    secret = [17.25, 18.25]
    found = student.softmax(secret)
    assert abs(found[0] - 0.2689) < 1e-3
'''

PUBLIC = '''\
"""Public tests."""

import pytest


@pytest.mark.task("softmax")
@pytest.mark.points(1.5)
def test_sum(student):
    """Probabilities add up to one."""
    assert abs(sum(student.softmax([1.0, 2.0])) - 1) < 1e-6
'''


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give the folder of a course with one exercise, `03-06-softmax`."""
    root = tmp_path / "course"
    name = "03-06-softmax"
    files = {
        "autograde.yml": COURSE,
        f"assignments/{name}/exercise.yml": EXERCISE,
        f"assignments/{name}/README.md": "# Softmax\n",
        f"assignments/{name}/test_public.py": PUBLIC,
        f"solutions/{name}/softmax.py": REFERENCE,
        f"solutions/{name}/mistakes.py": MISTAKES,
        f"solutions/{name}/alternatives/loops.py": REFERENCE,
        f"solutions/{name}/alternatives/other.py": REFERENCE,
        f"tests/hidden/{name}/test_softmax.py": HIDDEN,
    }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root
