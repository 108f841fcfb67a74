"""IDX, the format of MNIST and its relatives: two zero bytes, a type, dimensions, raw values.

Everything is checked before anything is allocated, because such files come from downloads.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GZIP_MAGIC = b"\x1f\x8b"
UNSIGNED_BYTE = 0x08
MAX_DIMENSIONS = 4


class IdxError(ValueError):
    """The bytes are not what they should be; the message is half a sentence."""


def unpacked(content: bytes, limit_bytes: int) -> bytes:
    """Return bytes without their gzip wrapping, if they have one.

    Args:
        content: A whole file.
        limit_bytes: What may come out at most.

    Returns:
        The bytes inside, or `content` itself if it is not gzipped.

    Raises:
        IdxError: If the gzip stream is cut or damaged, or holds more than it may.
    """
    if not content.startswith(GZIP_MAGIC):
        if len(content) > limit_bytes:
            raise IdxError("it is larger than it should be")
        return content
    reader = zlib.decompressobj(wbits=31)
    try:
        data = reader.decompress(content, limit_bytes + 1)
    except zlib.error as error:
        raise IdxError("its compressed bytes are damaged") from error
    if len(data) > limit_bytes:
        raise IdxError("it unpacks to more than it should")
    if not reader.eof:
        raise IdxError("it ends too early")
    return data


def packed(data: bytes) -> bytes:
    """Return gzipped bytes that depend on nothing but `data`: no name and no time inside."""
    return gzip.compress(data, 9, mtime=0)


def read(data: bytes) -> NDArray[np.uint8]:
    """Read an array of unsigned bytes.

    Args:
        data: The unpacked bytes of one IDX file.

    Returns:
        A writable array of the shape that the file declares.

    Raises:
        IdxError: If the header is none, or does not fit the number of bytes that follow.
    """
    import numpy as np

    if len(data) < 4 or data[:2] != b"\0\0":  # noqa: PLR2004 - two zeros, type, dimensions
        raise IdxError("it does not begin like an IDX file")
    kind, dimensions = data[2], data[3]
    if kind != UNSIGNED_BYTE or not 1 <= dimensions <= MAX_DIMENSIONS:
        raise IdxError(f"its type {kind:#04x} with {dimensions} dimensions is not supported")
    start = 4 + 4 * dimensions
    if len(data) < start:
        raise IdxError("it ends inside its header")
    shape = struct.unpack(f">{dimensions}I", data[4:start])
    if math.prod(shape) != len(data) - start:
        raise IdxError(f"its header says {math.prod(shape)} values, {len(data) - start} follow")
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape).copy()


def write(array: NDArray[np.uint8]) -> bytes:
    """Return the IDX form of an array of unsigned bytes.

    Args:
        array: Of one to four dimensions.
    """
    header = bytes([0, 0, UNSIGNED_BYTE, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()
