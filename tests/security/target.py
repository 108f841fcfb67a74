"""The exercise that the misbehaving hand-ins pretend to answer: small, quick, and all kinds.

A tensor function with public and hidden tests, a gradient, plain data, a generator and a class.
Seven points in all, four of them for `curve`, of which one is public.
"""

from __future__ import annotations

import math
from pathlib import Path

from grader import course
from grader.model import Course

NAME = "01-01-target"
POINTS = 7
WALL_TIME_S = 2.0
CPU_TIME_S = 10
MARKER = "7365217"
"""A number in a hidden test's input; nowhere may a student read it."""

EXERCISE = """\
title: A target
section: "1.1"
module: target
points: 7
limits: {wall_time_s: WALL_TIME_S, memory_mib: 150, cpu_time_s: CPU_TIME_S, output_kib: 64,
         threads: 32, frame_mib: 32, frames: 40, scratch_mib: 8, scratch_files: 200}
tasks:
  curve:
    title: A square and one
    points: 4
    forbid:
      names: [torch.square, Tensor.square]
      operators: ["aten::pow"]
  words:
    title: Some words
    points: 1
  parts:
    title: Rows, one by one
    points: 1
  tally:
    title: A sum
    points: 1
    defines: [Tally]
"""

PUBLIC = '''\
import pytest, torch
from grader.judge import expect

@pytest.mark.task("curve")
@pytest.mark.points(1)
def test_curve_of_two(student):
    """Two gives five."""
    expect.close(student.curve(torch.full((2,), 2.0)), torch.full((2,), 5.0), what="curve(X)")
'''

HIDDEN = f'''\
import pytest, torch
from grader.judge import expect

@pytest.mark.task("curve")
@pytest.mark.points(2)
def test_curve_of_any(student, reference, rng):
    """Every value is squared and raised by one."""
    X = torch.randn(3, 4, generator=rng)
    X[0, 0] = {MARKER}.0
    expect.close(student.curve(X), reference.curve(X), what="curve(X)")

@pytest.mark.task("curve")
@pytest.mark.points(1)
def test_curve_has_a_slope(student, rng):
    """The slope of x * x + 1 is 2 * x."""
    X = torch.randn(3, 4, generator=rng)
    X[0, 0] = {MARKER}.0
    slope = 2 * X
    X.requires_grad_()
    student.curve(X).sum().backward()
    expect.close(X.grad, slope, what="the slope of curve(X)")

@pytest.mark.task("words")
@pytest.mark.points(1)
def test_words(student, reference, rng):
    """As many words as asked for."""
    n = int(torch.randint(3, 9, (), generator=rng))
    expect.equal(student.words(n), reference.words(n), what="words(n)")

@pytest.mark.task("parts")
@pytest.mark.points(1)
def test_parts(student, rng):
    """Each row comes once."""
    X = torch.randn(4, 2, generator=rng)
    X[0, 0] = {MARKER}.0
    before = X.clone()
    found = list(student.parts(X))
    expect.that(len(found) == 4, "parts(X) gives another number of rows.")
    for row, part in enumerate(found):
        expect.close(part, before[row : row + 1], what="a part of X")

@pytest.mark.task("tally")
@pytest.mark.points(1)
def test_tally(student):
    """A tally starts at zero and adds up."""
    tally = student.Tally()
    tally.add(2)
    tally.add(3)
    expect.equal(tally.total, 5, what="Tally().total")
'''

RIGHT = '''\
import torch


def curve(X):
    """Return X * X + 1.

    Args:
        X: (n, m), any numbers.
    """
    ### BEGIN SOLUTION
    return X * X + 1
    ### END SOLUTION


def words(n):
    """Return n words."""
    ### BEGIN SOLUTION
    return [f"w{i}" for i in range(n)]
    ### END SOLUTION


def parts(X):
    """Yield the rows of X, each as a matrix of one row.

    Args:
        X: (n, m), any numbers.
    """
    ### BEGIN SOLUTION
    yield from X.split(1)
    ### END SOLUTION


class Tally:
    """Adds up."""

    def __init__(self):
        ### BEGIN SOLUTION
        self.total = 0
        ### END SOLUTION

    def add(self, n):
        """Add n."""
        ### BEGIN SOLUTION
        self.total += n
        ### END SOLUTION
'''


def write_target(root: Path, slowness: float = 1.0) -> Course:
    """Write the course with this one exercise and load it; everybody may read its files.

    Args:
        root: Where to.
        slowness: How many times the usual a test and its CPU may take.
    """
    times = {"WALL_TIME_S": WALL_TIME_S * slowness, "CPU_TIME_S": math.ceil(CPU_TIME_S * slowness)}
    about = EXERCISE
    for name, seconds in times.items():
        about = about.replace(name, f"{seconds:g}")
    files = {
        "autograde.yml": 'title: Target\nexercises: ["*"]\n',
        f"assignments/{NAME}/exercise.yml": about,
        f"assignments/{NAME}/target.py": RIGHT,
        f"assignments/{NAME}/test_public.py": PUBLIC,
        f"assignments/{NAME}/README.md": "# A target\n",
        f"solutions/{NAME}/target.py": RIGHT,
        f"tests/hidden/{NAME}/test_target.py": HIDDEN,
        ".git/HEAD": "ref: refs/heads/main\n",
    }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    # What keeps a cell out must not be the mode of a file or of a folder above it.
    for place in (root, *root.parents[:2], *root.rglob("*")):
        place.chmod(place.stat().st_mode | (0o755 if place.is_dir() else 0o644))
    return course.load_course(root)
