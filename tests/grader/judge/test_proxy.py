"""The `student` proxy: what crosses, what stays, and what comes back changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from grader.judge.proxy import Module, Remote
from grader.judge.raised import MissingNameError

Make = Callable[[str], Module]


def test_a_call_returns_a_plain_tensor_with_the_values_of_the_cell(student: Make) -> None:
    """A function of the module is called with tensors and keyword arguments."""
    work = student(
        """
        def scale(X, *, by=2):
            return X * by
        """
    )
    assert torch.equal(work.scale(torch.ones(2), by=3), torch.full((2,), 3.0))


def test_objects_stay_in_the_cell_and_behave_like_objects(student: Make) -> None:
    """Methods, items, length, attributes, membership and truth run in the cell."""
    work = student(
        """
        class Accumulator:
            def __init__(self, n):
                self.data = [0.0] * n
            def add(self, *args):
                self.data = [a + float(b) for a, b in zip(self.data, args)]
            def __getitem__(self, index):
                return self.data[index]
            def __setitem__(self, index, value):
                self.data[index] = value
            def __len__(self):
                return len(self.data)
            def __contains__(self, item):
                return item in self.data
        """
    )
    total = work.Accumulator(2)
    total.add(1, torch.tensor(2.5))
    total[0] = 9
    assert isinstance(total, Remote)
    assert (total[0], total[1], len(total), bool(total), 2.5 in total) == (9, 2.5, 2, True, True)
    assert total.data == [9, 2.5]
    total.data = [1]
    assert len(total) == 1
    assert total.type_names == ("Accumulator", "object")
    with pytest.raises(IndexError):
        total[5]


def test_generators_are_iterated_in_the_cell(student: Make) -> None:
    """Each item is fetched when it is asked for."""
    work = student(
        """
        def count(n):
            for i in range(n):
                yield i
        """
    )
    assert list(work.count(3)) == [0, 1, 2]
    items = work.count(1)
    assert next(items) == 0
    with pytest.raises(StopIteration):
        next(items)


def test_a_handle_may_be_an_argument(student: Make) -> None:
    """An object of the cell goes back as itself."""
    work = student("class A: pass\ndef same(a, b):\n    return a is b")
    one = work.A()
    assert work.same(one, one) is True
    assert work.same(one, work.A()) is False


def test_a_missing_name_is_told_apart_from_an_attribute_error(student: Make) -> None:
    """Only a name that the module lacks is missing."""
    work = student("def f():\n    return (1).nothing")
    with pytest.raises(MissingNameError):
        _ = work.softmax
    with pytest.raises(AttributeError) as caught:
        work.f()
    assert not isinstance(caught.value, MissingNameError)


def test_modules_attributes_can_be_read_and_replaced(student: Make) -> None:
    """Module-level names are live."""
    work = student("lr = 0.1\ndef get():\n    return lr")
    assert work.lr == 0.1
    work.lr = 0.5
    assert work.get() == 0.5
