"""docs/attacks.md says what the tests know, and every row of the list of threats has a hand-in."""

from __future__ import annotations

from tests.security.attacks_page import NOT_TRIED, PAGE, render
from tests.security.corpus import entries
from tests.security.layers.table import LAYERS

ROWS = """
    F01 F02 F03 F04 F05 F06 F07 F08 F09 F11 F13 F14 F15 F16 F18 F19 F20 F21 F22 F23 F24 F25 F26
    F27 F29 F30 F32 F33 F35 F36 F38 F39 F40 F41 F43 R01 R02 R03 R04 R05 R06 R07 R08 R09 R10 R11
    R12 R14 R18 R19 E01 E02 E03 E04 E05 E06 E09 E10 N01 N02 X01 X02 X03 X05 X06 D01 D02 D03 D04
    D05 D07 D08 D09 D10 D11 D12 D14 D15 D16 D17 D19 D20 D21 P02 P03 P04 P06 C01 C02 C03 C04
"""


def test_the_page_is_what_the_tests_know() -> None:
    """After a change: `python tests/security/attacks_page.py`."""
    assert PAGE.read_text("utf-8") == render()


def test_every_threat_has_a_hand_in_or_a_reason() -> None:
    """No row of the list is left out in silence, and none has both."""
    tried = {entry.threat for entry in entries()} - {"own"}
    assert tried | set(NOT_TRIED) == set(ROWS.split())
    assert not tried & set(NOT_TRIED)


def test_every_witness_is_a_hand_in() -> None:
    """A layer names attacks that exist."""
    known = {entry.id for entry in entries()}
    assert {name for layer in LAYERS for name in layer.witnesses} <= known
