"""The wire: everything allowed survives the crossing, everything else is refused early."""

from __future__ import annotations

import collections
import math

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.cell import wire

LIMIT_BYTES = 1 << 20


def _refuse(value: object) -> list[object]:
    msg = f"{type(value).__name__} has no plain form"
    raise TypeError(msg)


def _unknown(tree: list[object]) -> object:
    msg = f"unknown tag {tree[:1]}"
    raise wire.WireError(msg)


def _cross(value: object, *, limit_bytes: int = LIMIT_BYTES) -> object:
    packer = wire.Packer(_refuse, limit_bytes)
    data = b"".join(bytes(p) for p in packer.frame(1, "ok", packer.pack(value)))
    frame = _parse(data, limit_bytes)
    return frame.unpack(frame.body, _unknown)


def _parse(data: bytes, limit_bytes: int = LIMIT_BYTES) -> wire.Frame:
    size = wire.PREFIX.size
    head_bytes, payload_bytes = wire.parse_prefix(data[:size], limit_bytes)
    rest = data[size:]
    if len(rest) != head_bytes + payload_bytes:
        msg = "the lengths do not add up"
        raise wire.WireError(msg)
    return wire.parse_frame(rest[:head_bytes], bytearray(rest[head_bytes:]))


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
    | st.complex_numbers(allow_nan=False)
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=4)
        | st.sets(st.integers() | st.text(max_size=3), max_size=4)
    ),
    max_leaves=12,
)


@given(values)
def test_plain_values_survive_the_crossing_with_their_types(value: object) -> None:
    """What comes out equals what went in, and has the same type at every level."""
    came = _cross(value)
    assert repr(came) == repr(value) or came == value
    assert type(came) is type(value)


@pytest.mark.parametrize("dtype", list(wire.DTYPES.values()), ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (2, 3, 4)])
def test_tensors_of_every_dtype_and_shape_survive(
    dtype: torch.dtype, shape: tuple[int, ...]
) -> None:
    """Values, shape and dtype of a tensor are the same on the other side."""
    tensor = torch.randint(0, 2, shape).to(dtype)
    came = _cross(tensor)
    assert isinstance(came, torch.Tensor)
    assert came.dtype == dtype
    assert came.shape == tensor.shape
    assert torch.equal(came, tensor)


def test_a_tensor_that_is_not_contiguous_keeps_its_values() -> None:
    """Strides are not sent; values in order are."""
    tensor = torch.arange(12.0).reshape(3, 4).T[::2]
    came = _cross(tensor)
    assert isinstance(came, torch.Tensor)
    assert torch.equal(came, tensor)


def test_gradients_and_parameters_cross_with_their_tensors() -> None:
    """A parameter arrives as a parameter with its gradient."""
    weight = torch.nn.Parameter(torch.ones(2, 2))
    weight.sum().backward()
    came = _cross(weight)
    assert isinstance(came, torch.nn.Parameter)
    assert came.requires_grad
    assert came.grad is not None
    assert torch.equal(came.grad, torch.ones(2, 2))


def test_one_tensor_met_twice_is_one_tensor_on_the_other_side() -> None:
    """Aliases stay aliases."""
    tensor = torch.ones(2)
    came = _cross([tensor, (tensor,)])
    assert isinstance(came, list)
    assert came[0] is came[1][0]


@pytest.mark.parametrize(
    "value",
    [
        torch.float16,
        torch.device("cpu"),
        torch.Size([2, 3]),
        slice(1, None, 2),
        range(0, 10, 3),
        ...,
        frozenset({1, 2}),
    ],
    ids=str,
)
def test_the_vocabulary_of_indexing_and_dtypes_crosses(value: object) -> None:
    """Slices, ranges, sizes, dtypes and devices are values."""
    assert _cross(value) == value


def test_counters_arrive_as_dictionaries() -> None:
    """A mapping's class does not cross, its items do, in order."""
    came = _cross(collections.Counter("abca"))
    assert came == {"a": 2, "b": 1, "c": 1}
    assert type(came) is dict


def test_numpy_arrays_and_scalars_stay_numpy() -> None:
    """An array is not mistaken for a tensor nor a NumPy float for a float."""
    array = _cross(np.arange(3, dtype=np.int32))
    assert isinstance(array, np.ndarray)
    assert array.dtype == np.int32
    scalar = _cross(np.float32(0.5))
    assert type(scalar) is np.float32


def test_subclasses_do_not_cross_by_value() -> None:
    """A str or tensor subclass, whose equality may lie, is left to the caller's callback."""

    class Liar(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 0

    class Odd(torch.Tensor):
        pass

    for value in (Liar("x"), torch.ones(2).as_subclass(Odd), torch.ones(2).to_sparse()):
        with pytest.raises(TypeError):
            _cross(value)


def test_a_value_larger_than_a_frame_is_refused_before_it_is_copied() -> None:
    """An expanded tensor of a petabyte costs nothing to refuse."""
    with pytest.raises(wire.TooLargeError, match="at most 1 MiB"):
        _cross(torch.zeros(1).expand(2**50))


def test_a_list_that_holds_itself_is_refused() -> None:
    """Recursion ends at the depth limit."""
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(wire.WireError, match="nested deeper"):
        _cross(loop)


def _head(body: object, specs: list[wire.TensorSpec], payload: bytes = b"") -> bytes:
    head = msgspec.msgpack.encode(wire.Head(1, "ok", body, specs))
    return wire.PREFIX.pack(wire.MAGIC, len(head), len(payload)) + head + payload


@pytest.mark.parametrize(
    "spec",
    [
        wire.TensorSpec("float32", [2**40]),
        wire.TensorSpec("float32", [-1]),
        wire.TensorSpec("float32", [2**62, 2**62]),
        wire.TensorSpec("float32", [0, 2**62]),
        wire.TensorSpec("float32", [1] * 17),
        wire.TensorSpec("qint8", [1]),
        wire.TensorSpec("__class__", [1]),
        wire.TensorSpec("float32", [4], grad=0),
        wire.TensorSpec("float32", [4], grad=7),
    ],
    ids=lambda spec: f"{spec.dtype}{spec.shape}"[:40],
)
def test_a_spec_that_does_not_fit_its_bytes_is_refused(spec: wire.TensorSpec) -> None:
    """Sizes are checked against the payload before anything is built from them."""
    with pytest.raises(wire.WireError):
        _parse(_head(None, [spec], bytes(16)))


@pytest.mark.parametrize(
    "tree",
    [
        {"a": 1},
        ["T", 0],
        ["T", -1],
        ["i", "1e5"],
        ["i", "9" * 5000],
        ["r", 0, 1, 0],
        ["y", "load"],
        ["D", "no such device"],
        ["d", [[["l", []], 1]]],
        ["d", [1]],
        ["z", ["a"]],
        ["?"],
        [],
    ],
    ids=str,
)
def test_a_tree_that_no_packer_makes_is_refused(tree: object) -> None:
    """Tags are known, complete and of the right types, or the frame is no frame."""
    frame = _parse(_head(tree, []))
    with pytest.raises(wire.WireError):
        frame.unpack(frame.body, _unknown)


def test_half_a_million_levels_of_nesting_are_refused() -> None:
    """A deep head ends in a WireError, not in a crash."""
    head = b"\x94\x01\xa2ok" + b"\x91" * 500_000 + b"\xc0" + b"\x90"
    with pytest.raises(wire.WireError):
        wire.parse_frame(head, bytearray())


def test_a_length_of_four_gigabytes_is_refused_from_the_prefix_alone() -> None:
    """Nothing is allocated for a claim."""
    for lengths in ((2**32 - 1, 0), (0, 2**40)):
        with pytest.raises(wire.WireError, match="larger than the limit"):
            wire.parse_prefix(wire.PREFIX.pack(wire.MAGIC, *lengths), LIMIT_BYTES)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_a_frame_or_a_wire_error(data: bytes) -> None:
    """No input makes the reader raise anything else."""
    for candidate in (data, wire.MAGIC + data):
        padded = candidate.ljust(wire.PREFIX.size, b"\0")
        try:
            frame = _parse(padded)
            frame.unpack(frame.body, _unknown)
        except wire.WireError:
            pass


@given(st.data())
def test_a_corrupted_frame_is_a_frame_or_a_wire_error(data: st.DataObject) -> None:
    """Flipping any byte of a real frame never crashes the reader."""
    packer = wire.Packer(_refuse, LIMIT_BYTES)
    body = packer.pack({"x": [torch.ones(3), (1, 2.5, "three")], 4: slice(1, 2)})
    raw = bytearray(b"".join(bytes(p) for p in packer.frame(1, "ok", body)))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] = data.draw(st.integers(0, 255))
    try:
        frame = _parse(bytes(raw))
        frame.unpack(frame.body, _unknown)
    except wire.WireError:
        pass


def test_bool_buffers_are_normalised() -> None:
    """A byte that is neither 0 nor 1 becomes True instead of an impossible value."""
    spec = wire.TensorSpec("bool", [4])
    frame = _parse(_head(["T", 0], [spec], bytes([0, 1, 2, 255]).ljust(16, b"\0")))
    assert frame.tensors[0].tolist() == [False, True, True, True]


def test_nan_stays_nan() -> None:
    """Values are carried bit by bit."""
    came = _cross([math.nan, torch.tensor([math.nan, math.inf])])
    assert isinstance(came, list)
    assert math.isnan(came[0])
    assert torch.isnan(came[1][0])
