"""Every misbehaving hand-in is graded in a warm session, and harms nobody.

`tests/submissions/<id>/expected.json` says what must come of each. Beside that, always: a right
hand-in earns full marks in the same warm session before and after it, no canary is touched, no
process is left, and what is shown holds no hidden input.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.security.corpus import Entry, entries
from tests.security.target import POINTS
from tests.security.ward import complaints

if TYPE_CHECKING:
    from tests.security.conftest import Rounds

ENTRIES = entries()
LEVELS = (3, 2)


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: f"level{level}")
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_a_misbehaving_hand_in_gets_what_it_deserves(
    entry: Entry, level: int, rounds: Rounds
) -> None:
    """Its points, its outcome and its message are as expected, and nothing else happened."""
    if entry.level > level:
        pytest.skip(f"level {level} does not promise this")
    found = rounds.found(level, entry)
    assert not complaints(entry, found)
    assert rounds.ward(level).before == POINTS
