"""IDX files: what is written is read back, and what is damaged is refused in words."""

from __future__ import annotations

import contextlib
import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.data import idx

SHAPES = st.lists(st.integers(0, 5), min_size=1, max_size=4)


@given(SHAPES, st.randoms(use_true_random=False))
def test_what_is_written_is_read_back(shape: list[int], random: object) -> None:
    """Any array of bytes with one to four dimensions survives the round trip."""
    array = np.frombuffer(random.randbytes(int(np.prod(shape))), np.uint8).reshape(shape)  # type: ignore[attr-defined]

    assert np.array_equal(idx.read(idx.write(array)), array)


@given(st.binary(max_size=64))
def test_any_bytes_are_an_array_or_an_error_in_words(data: bytes) -> None:
    """Nothing but `IdxError` comes out of bytes that nobody has checked."""
    with contextlib.suppress(idx.IdxError):
        assert idx.read(data).size >= 0


@pytest.mark.parametrize("kept", [1, 3, 7, 15, 20])
def test_a_cut_file_is_refused(kept: int) -> None:
    """Wherever an IDX file was cut, it is no array any more."""
    whole = idx.write(np.arange(12, dtype=np.uint8).reshape(3, 4))

    with pytest.raises(idx.IdxError):
        idx.read(whole[:kept])


def test_gzip_headers_do_not_matter() -> None:
    """The same bytes come out of a stream with a name and a time, without, and out of none."""
    data = b"\0\0\x08\x01\0\0\0\x02ab"

    streams = (gzip.compress(data, mtime=1_600_000_000), idx.packed(data), data)
    assert {idx.unpacked(stream, 100) for stream in streams} == {data}


def test_a_bomb_is_stopped_at_the_limit() -> None:
    """What would unpack to more than is expected is refused before it is all there."""
    with pytest.raises(idx.IdxError, match="more than it should"):
        idx.unpacked(gzip.compress(b"\0" * 10_000_000), 1000)


def test_a_cut_gzip_stream_is_refused() -> None:
    """A stream without its end is damage, however many bytes it gave."""
    with pytest.raises(idx.IdxError, match="ends too early"):
        idx.unpacked(idx.packed(bytes(range(256)) * 40)[:-12], 20_000)
