"""docs/attacks.md says what the tests hold."""

from __future__ import annotations

from tests.security.corpus import entries
from tests.security.table import CATEGORIES, PAGE, page


def test_the_page_of_attacks_is_up_to_date() -> None:
    """`python -m tests.security.table` writes it."""
    assert PAGE.read_text("utf-8") == page()


def test_every_hand_in_says_what_it_tries_and_belongs_to_a_category() -> None:
    """The first line of its text is a sentence, and its name begins with its category."""
    for entry in entries():
        assert entry.says.endswith("."), entry.id
        assert entry.id.startswith(f"{entry.category}-"), entry.id
        assert entry.category in CATEGORIES, entry.id
