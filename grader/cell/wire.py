"""The wire: how data, and nothing but data, crosses between judge and cell.

A frame is a fixed prefix, a msgpack head and raw tensor buffers:

    magic "AGW1" | head length u32 | payload length u64 | head | payload

The head (`Head`) carries a sequence number, the kind of message, a tree of tagged plain values
and the dtypes and shapes of the buffers. The reader trusts nothing: every length, depth,
dtype and shape is checked before memory is allocated for it, and whatever does not fit raises
`WireError`. Nothing is unpickled, evaluated or looked up by a name that came over the wire.

Both sides use this module; what cannot cross by value is left to two callbacks of the caller
(`default` while encoding, `resolve` while decoding), which deal in handles.
"""

from __future__ import annotations

import collections
import math
import struct
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
import torch

MAGIC = b"AGW1"
PREFIX = struct.Struct("<4sIQ")
MAX_HEAD_BYTES = 8 << 20
MAX_TENSORS = 4096
MAX_DIMS = 16
MAX_DEPTH = 64
MAX_INT_DIGITS = 4000
MAX_RANGE = 1 << 20
"""Numbers of a range: one that says 2**62 would cost a test that lists it all memory."""
MAX_EQUAL_HASHES = 64
"""Keys of one map or set that may share a hash; Python compares each with all of them."""
_SCALARS = (type(None), bool, int, float, str, bytes)
_ALIGN = 16
JOINED_BYTES = 1 << 16
"""Up to which payload a frame is one piece: written at once, it wakes its reader once."""

DTYPES: dict[str, torch.dtype] = {
    name: getattr(torch, name)
    for name in (
        "float64", "float32", "float16", "bfloat16", "complex64", "complex128",
        "int64", "int32", "int16", "int8", "uint8", "bool",
    )
}  # fmt: skip
_DTYPE_NAMES = {dtype: name for name, dtype in DTYPES.items()}
_MAPPINGS = (dict, collections.OrderedDict, collections.Counter, collections.defaultdict)


class WireError(Exception):
    """The bytes are not a frame that this protocol allows."""


class TooLargeError(Exception):
    """A value is larger than one frame may be."""


class TensorSpec(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """What the buffer of one tensor holds; `grad` is the index of its gradient or -1."""

    dtype: str
    shape: list[int]
    requires_grad: bool = False
    parameter: bool = False
    grad: int = -1


class Head(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """The typed part of a frame."""

    seq: int
    kind: str
    body: Any
    tensors: list[TensorSpec]


_decoder = msgspec.msgpack.Decoder(Head)
_encoder = msgspec.msgpack.Encoder()


def is_plain_tensor(value: object) -> bool:
    """Tell whether a value is exactly a dense CPU-representable tensor or parameter."""
    kind = type(value)
    if kind is not torch.Tensor and kind is not torch.nn.Parameter:
        return False
    tensor: torch.Tensor = value  # type: ignore[assignment]
    return (
        tensor.layout is torch.strided
        and tensor.device.type != "meta"
        and tensor.dtype in _DTYPE_NAMES
    )


def gradient_of(tensor: torch.Tensor) -> torch.Tensor | None:
    """Return the gradient that a leaf holds; torch warns when a non-leaf is asked."""
    if not tensor.is_leaf or tensor.grad is None or not is_plain_tensor(tensor.grad):
        return None
    return tensor.grad


class Packer:
    """Turns Python values into a tagged tree and collects their tensors.

    Attributes:
        tensors: The tensors met so far, each once, in the order of their indices.
    """

    def __init__(self, default: Callable[[Any], list[Any]], limit_bytes: int) -> None:
        """Start an empty frame.

        Args:
            default: Gives the tagged form of a value that does not cross by value.
            limit_bytes: What all tensors of the frame may weigh together.
        """
        self.tensors: list[torch.Tensor] = []
        self._index: dict[int, int] = {}
        self._default = default
        self._limit_bytes = limit_bytes
        self._size_bytes = 0

    def pack(self, value: Any, depth: int = 0) -> Any:  # noqa: C901, PLR0911, PLR0912 - one branch a type
        """Return the tagged form of a value.

        Raises:
            WireError: If it is nested deeper than the protocol allows.
            TooLargeError: If its tensors do not fit into one frame.
        """
        if depth > MAX_DEPTH:
            msg = f"nested deeper than {MAX_DEPTH} levels"
            raise WireError(msg)
        kind = type(value)
        if value is None or kind is bool or kind is float or kind is str or kind is bytes:
            return value
        if kind is int:
            return value if -(2**63) <= value < 2**63 else ["i", self._digits(value)]
        if is_plain_tensor(value):
            return ["T", self.add_tensor(value)]
        below = depth + 1
        if kind is list:
            return ["l", [self.pack(item, below) for item in value]]
        if kind is tuple:
            return ["t", [self.pack(item, below) for item in value]]
        if kind in _MAPPINGS:
            pairs = [[self.pack(k, below), self.pack(v, below)] for k, v in dict.items(value)]
            return ["d", pairs]
        if kind is set or kind is frozenset:
            return ["S", [self.pack(item, below) for item in value]]
        if kind is complex:
            return ["c", value.real, value.imag]
        if kind is slice:
            return [
                "s",
                *(self.pack(part, below) for part in (value.start, value.stop, value.step)),
            ]
        if kind is range:
            return ["r", value.start, value.stop, value.step]
        if kind is torch.Size:
            return ["z", list(value)]
        if kind is torch.dtype and value in _DTYPE_NAMES:
            return ["y", _DTYPE_NAMES[value]]
        if kind is torch.device:
            return ["D", str(value)]
        if value is Ellipsis:
            return ["e"]
        if isinstance(value, (np.ndarray, np.generic)) and kind.__module__ == "numpy":
            return self._pack_numpy(value)
        return self._default(value)

    def _digits(self, value: int) -> str:
        if value.bit_length() > 3 * MAX_INT_DIGITS:
            msg = "an integer with too many digits"
            raise TooLargeError(msg)
        return str(value)

    def _pack_numpy(self, value: Any) -> Any:
        try:
            tensor = torch.from_numpy(np.array(value, copy=True))
        except TypeError:
            return self._default(value)
        return ["N" if isinstance(value, np.ndarray) else "n", self.add_tensor(tensor)]

    def add_tensor(self, tensor: torch.Tensor) -> int:
        """Give a tensor its index, the same one each time it is met.

        Raises:
            TooLargeError: If the frame would become too large.
        """
        known = self._index.get(id(tensor))
        if known is not None:
            return known
        size_bytes = tensor.numel() * tensor.element_size()
        self._size_bytes += size_bytes
        if self._size_bytes > self._limit_bytes or len(self.tensors) >= MAX_TENSORS:
            msg = (
                f"{self._size_bytes / 2**20:.0f} MiB in one message; "
                f"at most {self._limit_bytes / 2**20:.0f} MiB may be handed over"
            )
            raise TooLargeError(msg)
        index = len(self.tensors)
        self.tensors.append(tensor)
        self._index[id(tensor)] = index
        grad = gradient_of(tensor)
        if grad is not None:
            self.add_tensor(grad)
        return index

    def index_of(self, tensor: torch.Tensor) -> int:
        """Return the index of a tensor already added, or -1."""
        return self._index.get(id(tensor), -1)

    def frame(self, seq: int, kind: str, body: Any) -> list[bytes | memoryview]:
        """Close the frame and return its pieces, ready to be written one after the other.

        Raises:
            TooLargeError: If the head is larger than the protocol allows.
        """
        specs: list[TensorSpec] = []
        buffers: list[bytes | memoryview] = []
        for tensor in self.tensors:
            gradient = gradient_of(tensor)
            grad = -1 if gradient is None else self.index_of(gradient)
            specs.append(
                TensorSpec(
                    _DTYPE_NAMES[tensor.dtype],
                    list(tensor.shape),
                    tensor.requires_grad,
                    type(tensor) is torch.nn.Parameter,
                    grad,
                )
            )
            raw = _raw_bytes(tensor)
            buffers.append(raw)
            if raw.nbytes % _ALIGN:
                buffers.append(bytes(-raw.nbytes % _ALIGN))
        head = _encoder.encode(Head(seq, kind, body, specs))
        if len(head) > MAX_HEAD_BYTES:
            msg = f"{len(head) / 2**20:.0f} MiB of plain values in one message"
            raise TooLargeError(msg)
        payload_bytes = sum(len(piece) for piece in buffers)
        pieces = [PREFIX.pack(MAGIC, len(head), payload_bytes) + head, *buffers]
        return pieces if payload_bytes > JOINED_BYTES else [b"".join(pieces)]


def _raw_bytes(tensor: torch.Tensor) -> memoryview:
    plain = tensor.detach().to("cpu").resolve_conj().resolve_neg().contiguous()
    flat: Any = plain.reshape(-1).view(torch.uint8).numpy()
    return memoryview(flat)


class Frame:
    """One received frame: its head, and its tensors already rebuilt and checked."""

    def __init__(self, head: Head, tensors: list[torch.Tensor]) -> None:
        """Keep the parts; `tensors` may be replaced by the caller before `unpack`."""
        self.seq = head.seq
        self.kind = head.kind
        self.body = head.body
        self.tensors = tensors

    def unpack(self, tree: Any, resolve: Callable[[list[Any]], Any], depth: int = 0) -> Any:  # noqa: C901, PLR0911, PLR0912 - one branch a tag
        """Rebuild a value from its tagged form.

        Args:
            tree: A part of `body`.
            resolve: Turns a tagged form that is not a plain value (a handle) into one.
            depth: How deep `tree` already is.

        Raises:
            WireError: If the tree is not one that `Packer.pack` could have made.
        """
        if depth > MAX_DEPTH:
            msg = f"nested deeper than {MAX_DEPTH} levels"
            raise WireError(msg)
        if not isinstance(tree, list):
            if type(tree) not in _SCALARS:
                msg = "a bare map or extension where a tagged value was expected"
                raise WireError(msg)
            return tree
        below = depth + 1
        match tree:
            case ["l", list() as items]:
                return [self.unpack(item, resolve, below) for item in items]
            case ["t", list() as items]:
                return tuple(self.unpack(item, resolve, below) for item in items)
            case ["T", int() as index]:
                return self._tensor(index)
            case ["d", list() as pairs]:
                return self._mapping(pairs, resolve, below)
            case ["S", list() as items]:
                return self._set(items, resolve, below)
            case ["i", str() as digits] if len(digits) <= MAX_INT_DIGITS:
                return _integer(digits)
            case ["c", float() as real, float() as imag]:
                return complex(real, imag)
            case ["s", start, stop, step]:
                return slice(*(self.unpack(part, resolve, below) for part in (start, stop, step)))
            case ["r", int() as first, int() as last, int() as stride] if stride != 0:
                return _range(first, last, stride)
            case ["z", list() as sizes] if all(_is_size(size) for size in sizes):
                return torch.Size(sizes)
            case ["y", str() as name] if name in DTYPES:
                return DTYPES[name]
            case ["D", str() as name]:
                return _device(name)
            case ["e"]:
                return Ellipsis
            case ["N", int() as index]:
                return _array(self._tensor(index))
            case ["n", int() as index] if self._tensor(index).dim() == 0:
                return _array(self._tensor(index))[()]
        return resolve(tree)

    def _tensor(self, index: int) -> torch.Tensor:
        if not 0 <= index < len(self.tensors):
            msg = "a tensor that the frame does not carry"
            raise WireError(msg)
        return self.tensors[index]

    def _mapping(self, pairs: list[Any], resolve: Callable[[list[Any]], Any], depth: int) -> Any:
        entries: list[tuple[Any, Any]] = []
        for pair in pairs:
            if not isinstance(pair, list) or len(pair) != 2:  # noqa: PLR2004 - key and value
                msg = "a map entry that is not a pair"
                raise WireError(msg)
            key, value = (self.unpack(part, resolve, depth) for part in pair)
            entries.append((key, value))
        _check_hashes([key for key, _ in entries])
        return dict(entries)

    def _set(self, items: list[Any], resolve: Callable[[list[Any]], Any], depth: int) -> Any:
        members = [self.unpack(item, resolve, depth) for item in items]
        _check_hashes(members)
        return set(members)


def _check_hashes(keys: list[Any]) -> None:
    """Refuse keys that would make a map take quadratic time (multiples of 2**61 - 1 do)."""
    try:
        hashes = collections.Counter(hash(key) for key in keys)
    except TypeError as error:
        msg = "a key that cannot be hashed"
        raise WireError(msg) from error
    if max(hashes.values(), default=0) > MAX_EQUAL_HASHES:
        msg = "too many keys with one hash"
        raise WireError(msg)


def _range(first: int, last: int, stride: int) -> range:
    if abs(last - first) // abs(stride) > MAX_RANGE:
        msg = "a range that is too long"
        raise WireError(msg)
    return range(first, last, stride)


def _is_size(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**63


def _array(tensor: torch.Tensor) -> Any:
    if tensor.dtype is torch.bfloat16:
        msg = "an array of a dtype that NumPy lacks"
        raise WireError(msg)
    return tensor.detach().numpy()


def _integer(digits: str) -> int:
    try:
        return int(digits)
    except ValueError as error:
        msg = "an integer that is not written in digits"
        raise WireError(msg) from error


def _device(name: str) -> torch.device:
    try:
        return torch.device(name)
    except RuntimeError as error:
        msg = "a device that torch does not know"
        raise WireError(msg) from error


def parse_prefix(prefix: bytes, limit_bytes: int) -> tuple[int, int]:
    """Return head and payload length of a frame, in bytes, after checking both.

    Raises:
        WireError: If the magic is wrong or a length exceeds its limit.
    """
    magic, head_bytes, payload_bytes = PREFIX.unpack(prefix)
    if magic != MAGIC:
        msg = "bytes that are not a frame"
        raise WireError(msg)
    # Padding may add less than _ALIGN bytes a tensor to what the packer counted.
    if head_bytes > MAX_HEAD_BYTES or payload_bytes > limit_bytes + _ALIGN * MAX_TENSORS:
        msg = "a frame that claims to be larger than the limit"
        raise WireError(msg)
    return head_bytes, payload_bytes


def parse_frame(head_bytes: bytes, payload: bytearray) -> Frame:
    """Check a frame's head against its payload and rebuild its tensors.

    Raises:
        WireError: If anything about them is not as the protocol says.
    """
    try:
        head = _decoder.decode(head_bytes)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        msg = "a head that is not valid msgpack of the agreed form"
        raise WireError(msg) from error
    sizes = [_checked_size(spec) for spec in _few(head.tensors)]
    if sum(size + -size % _ALIGN for size in sizes) != len(payload):
        msg = "a payload whose length is not the sum of its tensors"
        raise WireError(msg)
    tensors: list[torch.Tensor] = []
    offset = 0
    for spec, size in zip(head.tensors, sizes, strict=True):
        tensors.append(_rebuild(spec, payload, offset, size))
        offset += size + -size % _ALIGN
    _link_gradients(head.tensors, tensors)
    return Frame(head, tensors)


def _few(specs: list[TensorSpec]) -> list[TensorSpec]:
    if len(specs) > MAX_TENSORS:
        msg = f"more than {MAX_TENSORS} tensors in one frame"
        raise WireError(msg)
    return specs


def _checked_size(spec: TensorSpec) -> int:
    if spec.dtype not in DTYPES:
        msg = "a dtype that is not on the list"
        raise WireError(msg)
    if len(spec.shape) > MAX_DIMS or any(size < 0 for size in spec.shape):
        msg = "a shape with a negative or too many dimensions"
        raise WireError(msg)
    return math.prod(spec.shape) * DTYPES[spec.dtype].itemsize


def _rebuild(spec: TensorSpec, payload: bytearray, offset: int, size: int) -> torch.Tensor:
    dtype = DTYPES[spec.dtype]
    if size == 0:
        # A product of zero may hide a dimension that no tensor can have.
        if any(extent > 2**40 for extent in spec.shape):
            msg = "a shape that no tensor can have"
            raise WireError(msg)
        flat = torch.empty(0, dtype=dtype)
    elif dtype is torch.bool:
        flat = torch.frombuffer(payload, dtype=torch.uint8, count=size, offset=offset) != 0
    else:
        count = size // dtype.itemsize
        flat = torch.frombuffer(payload, dtype=dtype, count=count, offset=offset).clone()
    try:
        tensor = flat.reshape(spec.shape)
    except RuntimeError as error:
        msg = "a shape that no tensor can have"
        raise WireError(msg) from error
    differentiable = dtype.is_floating_point or dtype.is_complex
    if spec.parameter:
        return torch.nn.Parameter(tensor, requires_grad=spec.requires_grad and differentiable)
    return tensor.requires_grad_(spec.requires_grad and differentiable)


def _link_gradients(specs: Sequence[TensorSpec], tensors: Sequence[torch.Tensor]) -> None:
    for spec, tensor in zip(specs, tensors, strict=True):
        if spec.grad == -1:
            continue
        if not 0 <= spec.grad < len(tensors):
            msg = "a gradient that the frame does not carry"
            raise WireError(msg)
        grad = tensors[spec.grad]
        if grad.shape != tensor.shape or grad.dtype != tensor.dtype or grad is tensor:
            msg = "a gradient that does not fit its tensor"
            raise WireError(msg)
        tensor.grad = grad.detach()
