"""Bytes from the other side of a wire, read as many at a time as there are."""

from __future__ import annotations

from collections.abc import Callable

from grader.cell.wire import JOINED_BYTES


class Incoming:
    """Takes exact numbers of bytes from readings of any size: most frames are one reading."""

    def __init__(self, read: Callable[[int], bytes | None]) -> None:
        """Start with nothing read.

        Args:
            read: Returns at most so many bytes, or None if there are none yet.
        """
        self._read = read
        self._rest = bytearray()

    def take(self, count: int) -> bytearray:
        """Return the next `count` bytes, in a buffer of their own that tensors can be read from."""
        data = self._rest[:count]
        del self._rest[:count]
        while (missing := count - len(data)) > 0:
            chunk = self._read(max(missing, JOINED_BYTES))
            if chunk is not None:
                data += chunk[:missing]
                self._rest += chunk[missing:]
        return data
