"""A function that never returns leaves the others their time, and right code all of its own."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grader.judge.patience import LEAST_SHARE, Patience
from grader.judge.reading import used_tasks
from grader.model import Task

SOURCE = """
SCALE = 2

def softmax(X):
    while True:
        pass

def helper(X):
    return softmax(X) * SCALE

class Net:
    def forward(self, X):
        return helper(X)

def accuracy(Y):
    softmax = max
    return softmax(Y)

def updater(loss):
    loss.softmax()
"""


def _task(name: str, *defines: str) -> Task:
    return Task(name, name, Fraction(1), defines or (name,))


TASKS = [
    _task("softmax"),
    _task("net", "Net"),
    _task("accuracy"),
    _task("updater"),
    _task("scale", "SCALE"),
    _task("missing"),
]


def _late(patience: Patience, task: str, times: int) -> list[float]:
    shares = []
    for _ in range(times):
        shares.append(patience.share(task))
        patience.count(task, late=True)
    return shares


def test_each_late_test_leaves_the_next_one_a_quarter() -> None:
    """Of the time that a test has, and never less than a thirty-second part of it."""
    shares = _late(Patience(SOURCE, TASKS), "softmax", 5)
    assert shares == [1, 0.25, 0.0625, LEAST_SHARE, LEAST_SHARE]


def test_a_test_in_time_forgives_half_of_the_late_ones() -> None:
    """One slow input costs nothing afterwards; a function that is slow in turns is trusted less."""
    patience = Patience(SOURCE, TASKS)
    _late(patience, "softmax", 1)
    patience.count("softmax", late=False)
    assert patience.share("softmax") == 1
    _late(patience, "softmax", 5)
    patience.count("softmax", late=False)
    assert patience.share("softmax") == 0.0625
    patience.count("softmax", late=False)
    assert patience.share("softmax") == 0.25


def test_code_that_uses_a_late_function_begins_with_as_little() -> None:
    """And with all of it once a test of its own has ended in time; others are not touched."""
    patience = Patience(SOURCE, TASKS)
    _late(patience, "softmax", 3)
    assert patience.share("net") == LEAST_SHARE
    assert patience.share("updater") == patience.share("scale") == patience.share("missing") == 1
    patience.count("net", late=False)
    assert patience.share("net") == 0.25
    patience.count("net", late=False)
    assert patience.share("net") == 1


@pytest.mark.parametrize(
    ("task", "used"),
    [
        ("net", {"softmax", "scale"}),
        ("accuracy", {"softmax"}),  # a name is a name: reading does not tell that it is another's
        ("updater", set()),
        ("missing", set()),
    ],
)
def test_tasks_are_used_by_name(task: str, used: set[str]) -> None:
    """Directly or through other definitions of the file; an attribute is nobody's name."""
    found = next(one for one in TASKS if one.name == task)
    assert used_tasks(SOURCE, found, TASKS) == used


def test_what_cannot_be_parsed_uses_nothing() -> None:
    """Loading it fails anyway."""
    patience = Patience("def softmax(:", TASKS)
    _late(patience, "softmax", 3)
    assert patience.share("net") == 1
