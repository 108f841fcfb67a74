"""A class in which one hand-in of each hostile kind stands among right ones."""

from __future__ import annotations

from pathlib import Path

from tests.security.corpus import entries
from tests.security.hostile_class import complaints

KINDS = {entry.category: entry for entry in entries() if entry.level == 2}
"""One of each category, that every jailed level promises to stop."""


def test_right_hand_ins_among_hostile_ones_earn_everything(tmp_path: Path) -> None:
    """Every row and page is there, no hostile one earns more than it may, nothing is left."""
    assert complaints(tmp_path, KINDS.values()) == []
