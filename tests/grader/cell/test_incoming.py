"""Exact numbers of bytes from readings of any size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.cell.incoming import Incoming
from grader.cell.wire import JOINED_BYTES


@given(
    st.lists(st.one_of(st.none(), st.binary(min_size=1, max_size=40)), max_size=20),
    st.lists(st.integers(0, 60), max_size=20),
)
def test_what_is_taken_is_what_came_in_its_order(
    readings: list[bytes | None], counts: list[int]
) -> None:
    """Nothing is lost between readings, and a reading of nothing is waited out."""
    whole = b"".join(reading or b"" for reading in readings)
    source = iter(readings)
    incoming = Incoming(lambda count: next(source))
    taken = b""
    for count in counts:
        if len(taken) + count > len(whole):
            break
        taken += bytes(incoming.take(count))
        assert taken == whole[: len(taken)]


def test_no_more_is_asked_for_than_a_small_frame_or_what_is_missing() -> None:
    """A large frame is not read twice, and what belongs to the next one stays little."""
    asked = []

    def read(count: int) -> bytes:
        asked.append(count)
        return bytes(min(count, 3 * JOINED_BYTES))

    incoming = Incoming(read)
    assert len(incoming.take(16)) == 16
    incoming.take(4 * JOINED_BYTES)
    assert asked == [JOINED_BYTES, 3 * JOINED_BYTES + 16, JOINED_BYTES]


def test_each_taking_has_a_buffer_of_its_own() -> None:
    """Tensors are made from it, and a later reading must not change them."""
    incoming = Incoming(lambda _: b"abcdef")
    first = incoming.take(3)
    second = incoming.take(3)
    second[:] = b"xyz"
    assert (first, second) == (b"abc", b"xyz")
