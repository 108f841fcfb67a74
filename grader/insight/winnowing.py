"""Fingerprints of token sequences by winnowing.

S. Schleimer, D. S. Wilkerson and A. Aiken, "Winnowing: local algorithms for document
fingerprinting", SIGMOD 2003. Every run of `GRAM` tokens is hashed, and of each `WINDOW`
neighbouring hashes the smallest is kept. Whatever two texts share over `GRAM + WINDOW - 1`
tokens or more leaves a common fingerprint; what is shorter than `GRAM` tokens never does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Hashes: TypeAlias = NDArray[np.uint64]

GRAM = 12
"""Tokens that are hashed together: a line and a half of ordinary Python."""
WINDOW = 6
_BASE = 0x9E3779B97F4A7C15
_MIX = 0xD6E8FEB86659FD93
_SHIFT = 32


def hashes_of(codes: Sequence[int] | NDArray[np.uintc]) -> Hashes:
    """Hash every run of `GRAM` tokens; empty for a shorter text."""
    import numpy as np

    values = np.array(codes, dtype=np.uint64)
    count = max(0, len(values) - GRAM + 1)
    hashes: Hashes = np.zeros(count, dtype=np.uint64)
    for offset in range(GRAM):
        hashes = hashes * np.uint64(_BASE) + values[offset : offset + count]
    # Mixed, so that the smallest of a window is a random one and not that of common tokens.
    hashes ^= hashes >> np.uint64(_SHIFT)
    hashes *= np.uint64(_MIX)
    return hashes ^ (hashes >> np.uint64(_SHIFT))


def fingerprints_of(hashes: Hashes, given: Hashes) -> Hashes:
    """Choose the hashes that stand for a text.

    Args:
        hashes: All of it.
        given: Those that say nothing, because they were handed out or everybody has them.

    Returns:
        The chosen ones, each once, ascending.
    """
    import numpy as np

    nothing = np.iinfo(np.uint64).max
    own = np.where(np.isin(hashes, given), nothing, hashes)
    if len(own) > WINDOW:
        own = np.lib.stride_tricks.sliding_window_view(own, WINDOW).min(axis=1)
    chosen: Hashes = np.unique(own[own != nothing])
    return chosen


def covered(hashes: Hashes, wanted: Hashes) -> NDArray[np.bool_]:
    """Mark the tokens that stand in a run whose hash is among those wanted."""
    import numpy as np

    starts = np.isin(hashes, wanted)
    marks: NDArray[np.bool_] = np.zeros(len(hashes) + GRAM - 1 if len(hashes) else 0, dtype=bool)
    for offset in range(GRAM):
        marks[offset : offset + len(starts)] |= starts
    return marks
