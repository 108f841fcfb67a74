"""A function that never returns leaves the others their time, and right code all of its own."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grader.judge.patience import LEAST_S, Patience
from grader.judge.reading import used_tasks
from grader.model import Task

FULL_S = 8.0
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
    given_s = []
    for _ in range(times):
        given_s.append(patience.time_s(task, FULL_S))
        patience.count(task, late=True)
    return given_s


def test_each_late_test_leaves_the_next_one_a_fifth() -> None:
    """Of the time that a test has, and no less than any right test needs."""
    given_s = _late(Patience(SOURCE, TASKS), "softmax", 5)
    assert given_s == pytest.approx([8, 1.6, 0.32, LEAST_S, LEAST_S])


def test_a_short_time_is_not_made_longer() -> None:
    """What the least is for all is more than some have at all."""
    patience = Patience(SOURCE, TASKS)
    _late(patience, "softmax", 3)
    assert patience.time_s("softmax", 0.1) == 0.1


def test_a_test_in_time_forgives_half_of_the_late_ones() -> None:
    """One slow input costs nothing afterwards; a function that is slow in turns is trusted less."""
    patience = Patience(SOURCE, TASKS)
    _late(patience, "softmax", 1)
    patience.count("softmax", late=False)
    assert patience.time_s("softmax", FULL_S) == FULL_S
    _late(patience, "softmax", 5)
    patience.count("softmax", late=False)
    assert patience.time_s("softmax", FULL_S) == pytest.approx(0.32)
    patience.count("softmax", late=False)
    assert patience.time_s("softmax", FULL_S) == pytest.approx(1.6)


def test_code_that_uses_a_late_function_begins_with_as_little() -> None:
    """And with all of it once tests of its own have ended in time; others are not touched."""
    patience = Patience(SOURCE, TASKS)
    _late(patience, "softmax", 3)
    assert patience.time_s("net", FULL_S) == LEAST_S
    assert {patience.time_s(name, FULL_S) for name in ("updater", "scale", "missing")} == {FULL_S}
    patience.count("net", late=False)
    assert patience.time_s("net", FULL_S) == pytest.approx(1.6)
    patience.count("net", late=False)
    assert patience.time_s("net", FULL_S) == FULL_S


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
    assert patience.time_s("net", FULL_S) == FULL_S
