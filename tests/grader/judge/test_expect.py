"""The assertions of suites: strict about kinds, silent about hidden values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import StudentError
from grader.judge import expect
from grader.judge.raised import student_error

SECRET = 12345.678


def _finding(call: Callable[[], None]) -> expect.Mismatch:
    with pytest.raises(expect.Mismatch) as caught:
        call()
    return caught.value


@pytest.mark.parametrize(
    ("actual", "words"),
    [
        (None, "None"),
        ([1.0], "a list"),
        (True, "a bool"),
        (1.0, "a float"),
        (torch.ones(3), r"shape \(3,\), expected \(2,\)"),
        (torch.ones(2, dtype=torch.float64), "float64, expected float32"),
        (torch.tensor([math.nan, 1.0]), "nan or infinite"),
        (torch.tensor([1.0, 1.1]), "1 of 2 values differ"),
    ],
)
def test_close_says_in_words_what_is_wrong(actual: Any, words: str) -> None:
    """Kind, shape, dtype, nan and values each have their sentence."""
    found = _finding(lambda: expect.close(actual, torch.ones(2), what="f(X)"))

    assert re.search(words, found.message)


def test_the_sentence_for_a_hidden_test_holds_no_value() -> None:
    """Values stand in the detail and the table, which only public tests show."""
    right, wrong = torch.tensor([SECRET]), torch.tensor([SECRET + 1])
    for call in (
        lambda: expect.close(wrong, right, what="f(X)"),
        lambda: expect.equal([1, 2], [int(SECRET)], what="f(X)"),
        lambda: expect.number(1.0, SECRET, what="f(X)"),
        lambda: expect.unchanged(wrong, right, what="X"),
    ):
        assert "12345" not in _finding(call).message


def test_the_table_marks_the_wrong_cells() -> None:
    """Expected and actual stand side by side with the differing positions."""
    found = _finding(
        lambda: expect.close(
            torch.tensor([[1.0, 2.0], [3.0, 5.0]]), torch.tensor([[1.0, 2.0], [3.0, 4.0]]), what="f"
        )
    )
    assert found.comparison is not None
    assert found.comparison.wrong == ((1, 1),)
    assert found.comparison.actual[1] == ("3", "5")
    assert "expected 4, got 5" in found.detail


def test_a_large_table_shows_the_part_with_the_first_difference() -> None:
    """A thousand right cells do not hide the wrong one."""
    right = torch.zeros(50, 50)
    wrong = right.clone()
    wrong[40, 30] = 1
    found = _finding(lambda: expect.close(wrong, right, what="f"))
    assert found.comparison is not None
    assert len(found.comparison.actual) == expect.MAX_ROWS
    assert [found.comparison.actual[r][c] for r, c in found.comparison.wrong] == ["1"]


def test_nan_is_equal_to_nothing_and_infinity_only_to_itself() -> None:
    """An expected infinity must come as the same infinity."""
    inf = torch.tensor([math.inf])
    expect.close(inf, inf, what="f")
    for wrong in (-inf, torch.tensor([math.nan]), torch.tensor([1e30])):
        _finding(lambda wrong=wrong: expect.close(wrong, inf, what="f"))
    nan = torch.tensor([math.nan])
    _finding(lambda: expect.close(nan, nan, what="f"))


def test_a_scalar_does_not_stand_for_a_tensor_but_a_float_may_be_expected() -> None:
    """Broadcasting hides no missing dimension."""
    expect.close(torch.tensor(2.0, dtype=torch.float64), 2.0, what="f")
    _finding(lambda: expect.close(torch.tensor(2.0), torch.full((2,), 2.0), what="f"))


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (True, 1),
        (1, True),
        (1.0, 1),
        ((1,), [1]),
        ([1], [1, 2]),
        ({"a": 1}, {"a": True}),
        (None, 0),
    ],
)
def test_equal_is_strict_about_types_at_every_level(actual: Any, expected: Any) -> None:
    """True is not 1 and a list is not a tuple."""
    _finding(lambda: expect.equal(actual, expected, what="f"))


@given(
    st.recursive(st.integers() | st.text() | st.booleans(), lambda s: st.lists(s) | st.tuples(s, s))
)
def test_everything_plain_is_equal_to_itself(value: Any) -> None:
    """Equality is reflexive."""
    expect.equal(value, value, what="f")


@pytest.mark.parametrize("value", [True, None, torch.tensor(1.0), "1", math.nan, 2.0])
def test_number_wants_a_python_number_near_the_expected_one(value: Any) -> None:
    """A bool, a tensor, nan and a wrong value are refused."""
    _finding(lambda: expect.number(value, 1.0, what="f"))
    expect.number(1, 1.0, what="f")


def test_raises_accepts_the_students_builtin_and_refuses_the_rest() -> None:
    """Returning, or raising something else, is a finding; an unwritten stub is not judged here."""

    def fail(kind: str) -> Callable[[], None]:
        def call() -> None:
            raise student_error(kind, "", [kind, "Exception"], [])

        return call

    expect.raises((ValueError, AssertionError), fail("AssertionError"), what="f")
    assert (
        "raises nothing" in _finding(lambda: expect.raises(ValueError, lambda: 1, what="f")).message
    )
    assert (
        "KeyError" in _finding(lambda: expect.raises(ValueError, fail("KeyError"), what="f")).detail
    )
    with pytest.raises(StudentError):
        expect.raises(ValueError, fail("NotImplementedError"), what="f")


def test_shape_dtype_finite_unchanged_and_that_find_what_they_name() -> None:
    """Each small assertion passes and fails where it should."""
    X = torch.ones(2, 3)
    expect.shape(X, (2, 3), what="X")
    expect.dtype(X, torch.float32, what="X")
    expect.finite(X, what="X")
    expect.unchanged(X, X.clone(), what="X")
    expect.that(torch.tensor(True), "fine")
    for call in (
        lambda: expect.shape(X, (3, 2), what="X"),
        lambda: expect.dtype(X, torch.int64, what="X"),
        lambda: expect.finite(X / 0, what="X"),
        lambda: expect.unchanged(X, X + 1, what="X"),
        lambda: expect.that(False, "no"),
    ):
        _finding(call)
