"""The texts of a class, packed, in a file that has no name.

They are most of what a class takes, and are needed one by one: to be judged, and to be compared.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
import weakref
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from grader.model import Exercise, HandIn, Submission

_LEVEL = 3
"""A text of 5,000 characters takes 770 bytes and 40 us; at level 6 it is 700 and 115."""
_SIZE_BYTES = 4
"""Before each text stands its size, so that a place is one number."""


class Texts:
    """What was handed in, by exercise, path and hash of the file."""

    def __init__(self, exercises: Sequence[Exercise] = (), folder: Path | None = None) -> None:
        """Hold nothing yet.

        Args:
            exercises: Those whose stubs stand in most of the texts, and so need not be packed.
            folder: Where there is room for the file; without one, texts stay in memory.
        """
        self._given = {e.id: e.stub.read_bytes() for e in exercises if e.stub.is_file()}
        self._file = _File(folder)
        self._places: dict[tuple[str, str, str], int] = {}
        self._packed: dict[tuple[str, str, str], bytes] = {}

    def pack(self, submission: Submission) -> tuple[Submission, tuple[bytes, ...]]:
        """Give a submission without its texts, and these, packed; nothing is kept."""
        bare = tuple(replace(hand_in, source="") for hand_in in submission.hand_ins)
        return replace(submission, hand_ins=bare), tuple(map(self._pack, submission.hand_ins))

    def keep(self, submission: Submission, packed: Sequence[bytes]) -> None:
        """Keep what `pack` gave, here or in another process."""
        for hand_in, text in zip(submission.hand_ins, packed, strict=True):
            if text:
                place = self._file.add(text)
                if place is None:
                    self._packed[_key(hand_in)] = text
                else:
                    self._places[_key(hand_in)] = place

    def text_of(self, hand_in: HandIn) -> str:
        """Give the text of a hand-in; its own where none is kept."""
        packed = self._packed_of(hand_in)
        if packed is None:
            return hand_in.source
        unpacker = zlib.decompressobj(zdict=self._given.get(hand_in.exercise_id, b""))
        return unpacker.decompress(packed).decode("utf-8", "surrogatepass")

    def whole(self, submission: Submission) -> Submission:
        """Give a submission with all of its texts."""
        hand_ins = tuple(replace(h, source=self.text_of(h)) for h in submission.hand_ins)
        return replace(submission, hand_ins=hand_ins)

    def _packed_of(self, hand_in: HandIn) -> bytes | None:
        place = self._places.get(_key(hand_in))
        return self._packed.get(_key(hand_in)) if place is None else self._file.at(place)

    def _pack(self, hand_in: HandIn) -> bytes:
        if not hand_in.source:
            return b""
        packer = zlib.compressobj(_LEVEL, zdict=self._given.get(hand_in.exercise_id, b""))
        text = hand_in.source.encode("utf-8", "surrogatepass")  # notebooks may hold halves of them
        return packer.compress(text) + packer.flush()


class _File:
    """Bytes at places in a file that vanishes with the last process that holds it."""

    def __init__(self, folder: Path | None) -> None:
        """Make it; without a folder, or where that fails, it holds nothing."""
        self._lock = threading.Lock()
        self._file: IO[bytes] | None = None
        self._end = 0
        if folder is None:
            return
        with contextlib.suppress(OSError):
            self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115
            weakref.finalize(self, self._file.close)

    def add(self, data: bytes) -> int | None:
        """Write some bytes and give their place; None if there is no room for them."""
        if self._file is None:
            return None
        whole = len(data).to_bytes(_SIZE_BYTES, "big") + data
        try:
            written = self._file.write(whole)
        except OSError:
            written = 0
        if written != len(whole):
            self._file.seek(self._end)
            return None
        place, self._end = self._end, self._end + len(whole)
        return place

    def at(self, place: int) -> bytes:
        """Read the bytes at a place, in this process or in one forked from it."""
        size = int.from_bytes(self._read(_SIZE_BYTES, place), "big")
        return self._read(size, place + _SIZE_BYTES)

    def _read(self, size: int, place: int) -> bytes:
        assert self._file is not None  # noqa: S101 - there is a place in it
        if sys.platform != "win32":
            # Forked processes share one position, which this leaves alone.
            return os.pread(self._file.fileno(), size, place)
        with self._lock:
            self._file.seek(place)
            found = self._file.read(size)
            self._file.seek(self._end)
            return found


def _key(hand_in: HandIn) -> tuple[str, str, str]:
    return hand_in.exercise_id, hand_in.path, hand_in.sha256
