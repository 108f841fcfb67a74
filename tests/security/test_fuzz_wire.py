"""The wire under fire: cut, spliced and malicious frames are frames or wire errors, and cheap."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.cell import wire
from tests.security.cost import cpu_s

LIMIT_BYTES = 1 << 20
EQUAL_HASHES = 2**61 - 1
"""Every multiple of it has the hash 0."""


def read(data: bytes) -> Any:
    """Read bytes as the judge does: prefix, head, payload, value."""
    size = wire.PREFIX.size
    if len(data) < size:
        msg = "cut"
        raise wire.WireError(msg)
    head_bytes, payload_bytes = wire.parse_prefix(data[:size], LIMIT_BYTES)
    end = size + head_bytes
    if len(data) < end + payload_bytes:
        msg = "cut"
        raise wire.WireError(msg)
    frame = wire.parse_frame(data[size:end], bytearray(data[end : end + payload_bytes]))
    return frame.unpack(frame.body, _unknown)


def _unknown(tree: list[Any]) -> Any:
    msg = f"unknown tag {tree[:1]}"
    raise wire.WireError(msg)


def accepts(data: bytes) -> bool:
    """Tell whether bytes are a frame; anything but a value or a `WireError` fails the test."""
    try:
        read(data)
    except wire.WireError:
        return False
    return True


def written(value: object) -> bytes:
    """Return the bytes of a real frame."""
    packer = wire.Packer(_unknown, LIMIT_BYTES)
    return b"".join(bytes(piece) for piece in packer.frame(7, "ok", packer.pack(value)))


def framed(body: object, specs: list[Any] | None = None, payload: bytes = b"") -> bytes:
    """Return a well-formed frame around any body and any list of tensors."""
    head = msgspec.msgpack.encode([7, "ok", body, specs or []])
    return wire.PREFIX.pack(wire.MAGIC, len(head), len(payload)) + head + payload


WEIGHT = torch.nn.Parameter(torch.ones(3, 2))
WEIGHT.grad = torch.zeros(3, 2)
REAL = [
    written({"x": [torch.ones(3), (1, 2.5, "three")], 4: slice(1, 2), ("a", None): b"bytes"}),
    written([WEIGHT, {1, 2, 3}, 2**70, 1j, range(3), torch.Size([2]), torch.float16]),
    written([torch.zeros(2, dtype=torch.bfloat16), torch.tensor([True]), "\N{SNOWMAN}" * 40]),
]


@pytest.mark.parametrize("frame", REAL, ids=["mapping", "parameter", "text"])
def test_every_cut_of_a_real_frame_is_refused(frame: bytes) -> None:
    """A frame is whole or it is none, wherever it was cut and whatever its prefix says then."""
    size = wire.PREFIX.size
    assert accepts(frame)
    for end in range(len(frame)):
        assert not accepts(frame[:end])
    for end in range(size, len(frame)):
        rest = frame[size:end]
        for head_bytes in (len(rest), len(rest) // 2):
            prefix = wire.PREFIX.pack(wire.MAGIC, head_bytes, len(rest) - head_bytes)
            accepts(prefix + rest)


@given(st.data())
def test_splices_of_real_frames_are_frames_or_wire_errors(data: st.DataObject) -> None:
    """Pieces of several frames, glued at any place, with lengths that fit."""
    size = wire.PREFIX.size
    pieces = []
    for _ in range(data.draw(st.integers(1, 3))):
        source = data.draw(st.sampled_from(REAL))[size:]
        start = data.draw(st.integers(0, len(source)))
        pieces.append(source[start : data.draw(st.integers(start, len(source)))])
    rest = b"".join(pieces)
    head_bytes = data.draw(st.integers(0, len(rest)))
    accepts(wire.PREFIX.pack(wire.MAGIC, head_bytes, len(rest) - head_bytes) + rest)


tags = st.sampled_from(["l", "t", "T", "d", "S", "i", "c", "s", "r", "z", "y", "D", "e", "N", "n"])
leaves = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=4)
    | st.binary(max_size=4) | st.sampled_from(["float32", "cpu", "meta:3", "cuda:-1", "0x1", "-0"])
    | st.builds(msgspec.msgpack.Ext, st.integers(-128, 127).filter(lambda n: n != -1), st.binary())
    | st.datetimes()
)  # fmt: skip
trees = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(tags, inner).map(list)
        | st.tuples(tags, st.lists(inner, max_size=4)).map(list)
        | st.tuples(tags, inner, inner, inner).map(list)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=16,
)
specs = st.lists(
    st.tuples(
        st.sampled_from([*wire.DTYPES, "qint8", "load"]),
        st.lists(st.integers(0, 3) | st.sampled_from([-1, 2**40, 2**63, 2**64 - 1]), max_size=3),
        st.booleans(),
        st.booleans(),
        st.integers(-2, 3),
    ).map(list),
    max_size=3,
)


@given(trees, specs, st.sampled_from([0, 16, 32, 48, 64]))
def test_any_well_formed_body_is_a_value_or_a_wire_error(
    body: object, found: list[Any], payload_bytes: int
) -> None:
    """Tags with the wrong parts, impossible tensors, extensions, dates: nothing else is raised."""
    accepts(framed(body, found, bytes(payload_bytes)))


PLAIN = (type(None), bool, int, float, str, bytes, list, tuple, dict, set, complex, slice, range)


@given(trees)
def test_only_plain_values_come_out(body: object) -> None:
    """No extension, no date and no class of anyone's own leaves the reader."""
    try:
        value = read(framed(body))
    except wire.WireError:
        return
    waiting = [value]
    while waiting:
        one = waiting.pop()
        assert type(one) in PLAIN or isinstance(
            one, (torch.Size, torch.dtype, torch.device, type(...))
        )
        if isinstance(one, (list, tuple, set)):
            waiting += one
        elif isinstance(one, dict):
            waiting += [*one, *one.values()]


HOSTILE: dict[str, Callable[[int], Any]] = {
    "keys with one hash": lambda n: ["d", [[["i", str(k * EQUAL_HASHES)], 0] for k in range(n)]],
    "members with one hash": lambda n: ["S", [["i", str(k * EQUAL_HASHES)] for k in range(n)]],
    "tuples as keys": lambda n: ["S", [["t", [k]] for k in range(n)]],
    "long integers": lambda n: ["l", [["i", "9" * 4000] for _ in range(n // 500)]],
    "one tensor again and again": lambda n: ["l", [["T", 0] for _ in range(n)]],
    "ranges": lambda n: ["l", [["r", 0, 2**20, 1] for _ in range(n)]],
    "nothing in nothing": lambda n: ["l", [["l", []] for _ in range(n)]],
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_four_times_the_bytes_take_no_sixteen_times_the_work(kind: str) -> None:
    """CPU time grows with the length, not with its square."""

    def cost_s(count: int) -> float:
        data = framed(HOSTILE[kind](count), [["float32", [4], False, False, -1]], bytes(16))
        return min(cpu_s(lambda: accepts(data)) for _ in range(3))

    small, large = cost_s(6_000), cost_s(24_000)
    assert large < 10 * small + 0.2


@pytest.mark.parametrize(
    "frame",
    [
        wire.PREFIX.pack(wire.MAGIC, 2**32 - 1, 0),
        wire.PREFIX.pack(wire.MAGIC, 8, 2**63),
        framed(["r", 0, 2**62, 1]),
        framed(["z", [2**62] * 8]),
        framed(["T", 0], [["float32", [2**40], False, False, -1]]),
        framed(["T", 0], [["float64", [2**31, 2**31], False, False, -1]], bytes(16)),
        framed(["T", 0], [["float32", [0, 2**60], False, False, -1]]),
        framed(["l", []], [["float32", [0], False, False, -1]] * 5000),
    ],
    ids=["head", "payload", "range", "size", "tensor", "product", "empty", "many"],
)
def test_a_claim_costs_no_memory(frame: bytes) -> None:
    """What a frame says is checked before anything is allocated for it."""
    tracemalloc.start()
    try:
        accepts(frame)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 4 * LIMIT_BYTES
