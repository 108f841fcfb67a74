"""The examination: what a level promises holds, and every attack bites where nothing stops it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from grader.cell import attacks, doctor
from grader.model import Finding

if TYPE_CHECKING:
    from conftest import Ward


@pytest.mark.parametrize("level", [3, 2])
def test_a_jail_passes_every_probe(level: int, ward_of: Callable[[int], Ward]) -> None:
    """Levels 3 and 2 promise all of it and hold it."""
    ward_of(level)  # skips where there is none
    probes = doctor.examine(level)
    assert [probe for probe in probes if probe.finding is not Finding.PASS] == []
    assert len(probes) == len(attacks.ATTACKS) + 1


def test_every_attack_gets_through_where_nothing_stops_it() -> None:
    """An attack that never works would prove nothing about the levels that stop it."""
    found = {probe.title: probe for probe in doctor.examine(0)}
    for attack in attacks.ATTACKS:
        probe = found[attack.title]
        if 0 in attack.promised:
            assert probe.finding is Finding.PASS, probe
        else:
            assert probe.finding is Finding.NOT_ENFORCED, probe
            assert probe.remedy
