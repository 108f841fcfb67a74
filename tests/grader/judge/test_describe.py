"""What a shape is called, for eyes that may not see an input by it."""

from __future__ import annotations

import pytest

from grader.judge.describe import shape_words


@pytest.mark.parametrize(
    ("size", "expected", "words"),
    [
        ((4, 10), (10, 4), "shape (4, 10)"),
        ((784,), (784, 1), "shape (784,)"),
        ((2560,), (256, 10), "shape (2560,)"),
        ((2561,), (256, 10), "shape (>99,)"),
        ((1,) * 7, (1,), "shape with 7 dimensions"),
        ((), (), "shape ()"),
    ],
)
def test_a_shape_is_told_as_far_as_it_tells_nothing_else(
    size: tuple[int, ...], expected: tuple[int, ...], words: str
) -> None:
    """Small sizes and those that were expected are shown, others are large."""
    assert shape_words(size, expected) == words
