"""The texts of a class, packed.

They are most of what a class takes in memory, and are needed one by one: to be judged, and to be
compared.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace

from grader.model import Exercise, HandIn, Submission

_LEVEL = 3
"""A text of 5,000 characters takes 770 bytes and 40 us; at level 6 it is 700 and 115."""


class Texts:
    """What was handed in, by exercise, path and hash of the file."""

    def __init__(self, exercises: Sequence[Exercise] = ()) -> None:
        """Hold nothing yet.

        Args:
            exercises: Those whose stubs stand in most of the texts, and so need not be packed.
        """
        self._given = {e.id: e.stub.read_bytes() for e in exercises if e.stub.is_file()}
        self._packed: dict[tuple[str, str, str], bytes] = {}

    def pack(self, submission: Submission) -> tuple[Submission, tuple[bytes, ...]]:
        """Give a submission without its texts, and these, packed; nothing is kept."""
        bare = tuple(replace(hand_in, source="") for hand_in in submission.hand_ins)
        return replace(submission, hand_ins=bare), tuple(map(self._pack, submission.hand_ins))

    def keep(self, submission: Submission, packed: Sequence[bytes]) -> None:
        """Keep what `pack` gave, here or in another process."""
        for hand_in, text in zip(submission.hand_ins, packed, strict=True):
            if text:
                self._packed[_key(hand_in)] = text

    def text_of(self, hand_in: HandIn) -> str:
        """Give the text of a hand-in; its own where none is kept."""
        packed = self._packed.get(_key(hand_in))
        if packed is None:
            return hand_in.source
        unpacker = zlib.decompressobj(zdict=self._given.get(hand_in.exercise_id, b""))
        return unpacker.decompress(packed).decode("utf-8", "surrogatepass")

    def whole(self, submission: Submission) -> Submission:
        """Give a submission with all of its texts."""
        hand_ins = tuple(replace(h, source=self.text_of(h)) for h in submission.hand_ins)
        return replace(submission, hand_ins=hand_ins)

    def _pack(self, hand_in: HandIn) -> bytes:
        if not hand_in.source:
            return b""
        packer = zlib.compressobj(_LEVEL, zdict=self._given.get(hand_in.exercise_id, b""))
        text = hand_in.source.encode("utf-8", "surrogatepass")  # notebooks may hold halves of them
        return packer.compress(text) + packer.flush()


def _key(hand_in: HandIn) -> tuple[str, str, str]:
    return hand_in.exercise_id, hand_in.path, hand_in.sha256
