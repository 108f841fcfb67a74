"""The data bases of R packages, as far as a data frame needs them; only `make` reads any.

A package keeps its data in two files: `Rdata.rdx` says where each object lies in `Rdata.rdb`.
Objects are R's own serialization, big-endian and compressed: the index by zlib,
the objects as a raw LZMA2 stream behind their length and the letter Z.
"""

from __future__ import annotations

import lzma
import struct
import zlib
from pathlib import Path
from typing import Any, NamedTuple

INTEGERS, REALS, LISTS = (10, 13), (14,), (16, 19)
"""Kinds of vectors: truth values and integers, numbers, texts and lists."""
HAS_ATTRIBUTES, HAS_TAG = 0x200, 0x400
LENGTH_BYTES = 4
HEAD = bytes(LENGTH_BYTES) + b"Z"
DICTIONARY_BYTES = 1 << 26
HEADER = b"X\n"
NATIVE_ENCODING = 3
"""Version of the format from which on the name of an encoding stands in the header."""


class Vector(NamedTuple):
    """An R vector: its values, and attributes such as `names` and `levels`."""

    values: list[Any]
    attributes: dict[str, Any]


def read_frame(folder: Path, name: str) -> dict[str, list[Any]]:
    """Read one data frame.

    Args:
        folder: `data` of an installed package.
        name: Of the frame.

    Returns:
        Its columns in their order; a factor as the texts of its levels.

    Raises:
        ValueError: If it holds what no plain data frame holds.
    """
    index = _Reader(zlib.decompress((folder / "Rdata.rdx").read_bytes(), 47)).read()
    variables = index.values[0]
    places = dict(zip(variables.attributes["names"].values, variables.values, strict=True))
    start, length = places[name].values
    with (folder / "Rdata.rdb").open("rb") as base:
        base.seek(start)
        packed = base.read(length)
    if packed[LENGTH_BYTES : len(HEAD)] != HEAD[LENGTH_BYTES:]:
        raise ValueError("not compressed as LZMA2")
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": DICTIONARY_BYTES}]
    data = lzma.decompress(packed[len(HEAD) :], lzma.FORMAT_RAW, filters=filters)
    frame = _Reader(data).read()
    names = frame.attributes["names"].values
    return {name: _texts(column) for name, column in zip(names, frame.values, strict=True)}


def _texts(column: Vector) -> list[Any]:
    levels = column.attributes.get("levels")
    if levels is None:
        return column.values
    return [levels.values[number - 1] for number in column.values]


class _Reader:
    """Reads one serialized object."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0
        self._symbols: list[Any] = []

    def read(self) -> Vector:
        """Return the object.

        Raises:
            ValueError: If it is not what `read_frame` can use.
        """
        if self._take(len(HEADER)) != HEADER:
            raise ValueError("not R's binary format")
        version, _, _ = self._integers(3)
        if version >= NATIVE_ENCODING:
            self._take(self._integer())
        found = self._item()
        if not isinstance(found, Vector):
            raise ValueError("not a vector")  # noqa: TRY004 - a wrong file, not a wrong call
        return found

    def _item(self) -> Any:
        flags = self._integer()
        kind = flags & 0xFF
        match kind:
            case 254:  # nothing
                return None
            case 255:  # a symbol that was there before
                return self._symbols[(flags >> 8) - 1]
            case 1:  # a symbol
                self._symbols.append(self._item())
                return self._symbols[-1]
            case 2:  # pairs of a tag and a value
                return self._pairs(flags)
            case 9:  # a text
                length = self._integer()
                return None if length < 0 else self._take(length).decode("latin-1")
            case _:
                values = self._values(kind)
                return Vector(values, self._item() if flags & HAS_ATTRIBUTES else {})

    def _pairs(self, flags: int) -> dict[str, Any]:
        if flags & HAS_ATTRIBUTES:
            self._item()
        tag = self._item() if flags & HAS_TAG else ""
        return {tag: self._item()} | (self._item() or {})

    def _values(self, kind: int) -> list[Any]:
        count = self._integer()
        if kind in INTEGERS:
            return list(self._integers(count))
        if kind in REALS:
            return list(struct.unpack(f">{count}d", self._take(8 * count)))
        if kind in LISTS:
            return [self._item() for _ in range(count)]
        raise ValueError(f"type {kind} of R is not read here")

    def _integer(self) -> int:
        return self._integers(1)[0]

    def _integers(self, count: int) -> tuple[int, ...]:
        return struct.unpack(f">{count}i", self._take(4 * count))

    def _take(self, count: int) -> bytes:
        self._place += count
        return self._data[self._place - count : self._place]
