"""How many workers a machine carries."""

from __future__ import annotations

from dataclasses import replace

import psutil
import pytest

from grader.batch import capacity
from grader.model import Course, Exercise


@pytest.fixture
def exercise(demo_course: Course) -> Exercise:
    """An exercise whose cells may use a mebibyte."""
    demo = demo_course.exercises[0]
    return replace(demo, limits=replace(demo.limits, memory_mib=1))


def test_there_is_at_least_one_and_no_more_than_asked(exercise: Exercise) -> None:
    """Whatever the machine is like."""
    assert capacity.workers_for([exercise], 1) == 1
    assert capacity.workers_for([], 1) == 1


def test_a_worker_for_each_core_that_may_be_used(
    exercise: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as the memory holds them."""
    monkeypatch.setattr(capacity, "WORKER_MIB", 0)
    assert capacity.workers_for([exercise]) == len(psutil.Process().cpu_affinity() or ())


def test_memory_decides_where_it_is_short(exercise: Exercise) -> None:
    """A cell's limit counts in full, even against what was asked for."""
    half_mib = psutil.virtual_memory().available // 2**20 // 2
    hungry = replace(exercise, limits=replace(exercise.limits, memory_mib=half_mib))
    assert capacity.workers_for([hungry], 64) == 1
    assert capacity.workers_for([exercise, hungry], 64) == 1
