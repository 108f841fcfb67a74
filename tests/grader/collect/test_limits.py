"""Sizes in words."""

from __future__ import annotations

import pytest

from grader.collect.limits import in_words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1 KiB"),
        (131072, "128 KiB"),
        (1536, "1.5 KiB"),
        (3_565_158, "3.4 MiB"),
    ],
)
def test_sizes_read_like_sizes(size: int, words: str) -> None:
    """A number of bytes is written in the largest unit that leaves a whole number before it."""
    assert in_words(size) == words
