"""A course of two small exercises, and one warm session to grade against."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader import course, pipeline
from grader.model import Course
from tests.grader.postgres import postgres, postgres_server  # noqa: F401 - fixtures

EXERCISE = """\
title: {title}
section: "1.{number}"
module: {module}
points: 6
limits: {{wall_time_s: 60, memory_mib: 200, cpu_time_s: 120, output_kib: 64}}
tasks:
  double:
    title: Twice as much
    points: 4
    forbid:
      names: [torch.add]
  counter:
    title: A counter
    points: 2
    defines: [Counter]
"""
PUBLIC = '''\
import pytest, torch
from grader.judge import expect

@pytest.mark.task("double")
@pytest.mark.points(1)
@pytest.mark.hint("Multiply by two.")
def test_double_of_one(student):
    """Twice one is two."""
    expect.close(student.double(torch.ones(2)), torch.full((2,), 2.0), what="double(X)")
'''
HIDDEN = '''\
import pytest, torch
from grader.judge import expect

@pytest.mark.task("double")
@pytest.mark.points(2)
def test_double_of_any(student, reference, rng):
    """Every value is doubled."""
    X = torch.randn(3, 4, generator=rng)
    expect.close(student.double(X), reference.double(X), what="double(X)")

@pytest.mark.task("double")
@pytest.mark.points(1)
@pytest.mark.depends_on("test_double_of_any")
def test_double_leaves_its_input_alone(student):
    """The input is not changed."""
    X = torch.ones(2)
    student.double(X)
    expect.unchanged(X, torch.ones(2), what="X")

@pytest.mark.task("counter")
@pytest.mark.points(2)
def test_counter_counts(student):
    """A counter starts at zero and adds up."""
    counter = student.Counter()
    counter.add(2)
    expect.equal(counter.total, 2, what="Counter().add(2)")
'''
RIGHT = '''\
import torch


def double(X):
    """Return twice X.

    Args:
        X: (n,), any numbers.
    """
    ### BEGIN SOLUTION
    return X * 2
    ### END SOLUTION


class Counter:
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
STUB = RIGHT.replace("    return X * 2\n", "    raise NotImplementedError\n").replace(
    "        self.total += n\n", "        raise NotImplementedError\n"
)


def write_course(root: Path, modules: tuple[str, ...] = ("demo", "more")) -> Course:
    """Write a course whose exercises all ask for the same two tasks."""
    (root / "autograde.yml").write_text('title: Demo\nexercises: ["*"]\n', "utf-8")
    for number, module in enumerate(modules, start=1):
        name = f"01-0{number}-{module}"
        files = {
            f"assignments/{name}/exercise.yml": EXERCISE.format(
                title=module, module=module, number=number
            ),
            f"assignments/{name}/{module}.py": STUB,
            f"assignments/{name}/test_public.py": PUBLIC,
            f"assignments/{name}/README.md": f"# {module}\n",
            f"solutions/{name}/{module}.py": RIGHT,
            f"tests/hidden/{name}/test_{module}.py": HIDDEN,
        }
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, "utf-8")
    return course.load_course(root)


@pytest.fixture(scope="session")
def demo_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The course, written once."""
    return write_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="session")
def demo_session(demo_course: Course) -> Iterator[pipeline.Session]:
    """One warm worker at the best level of this host."""
    with pipeline.Session(demo_course, demo_course.exercises) as session:
        yield session
