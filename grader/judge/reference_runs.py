"""What the reference did on this machine, where a threshold was calibrated on another.

Three runs of it bear such a threshold out for every submission alike, and take longer than all
the rest of a grading. So they are made once and kept in the user's cache, out of reach of the
cells. Whether they agree with a calibration is asked anew each time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Literal

import msgspec

from grader.data.find import cache_folder
from grader.judge.calibration import Key

SCHEMA: Literal["autograde/reference-runs/v1"] = "autograde/reference-runs/v1"
LIMIT_BYTES = 1 << 16


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file of one reference, recipe, data set, kind of device and version of torch."""

    schema: Literal["autograde/reference-runs/v1"]
    key: Key
    reference_sha256: str
    values: tuple[float, ...]


def recall(key: Key, reference: str) -> tuple[float, ...]:
    """Return what was measured here before; nothing if nothing was, or if it cannot be read.

    Args:
        key: What is measured, where.
        reference: The text that was trained.
    """
    try:
        with _path(key, reference).open("rb") as file:
            kept = msgspec.json.decode(file.read(LIMIT_BYTES), type=_Kept)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return ()
    right = (kept.key, kept.reference_sha256) == (key, _sha256(reference))
    return kept.values if right else ()


def keep(key: Key, reference: str, values: tuple[float, ...]) -> None:
    """Keep what was measured, as a whole or not at all; without a cache it is measured again.

    Args:
        key: What was measured, where.
        reference: The text that was trained.
        values: One for each run.
    """
    path = _path(key, reference)
    content = msgspec.json.encode(_Kept(SCHEMA, key, _sha256(reference), values))
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)


def _path(key: Key, reference: str) -> Path:
    of_both = _sha256(f"{msgspec.json.encode(key).decode()}\0{reference}")
    return cache_folder() / "reference-runs" / f"{key.recipe}-{of_both[:32]}.json"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
