"""A jailed process, seen from the trusted side: closed once and for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Ward


def test_closing_twice_is_harmless(jailed: Ward) -> None:
    """A cell may be closed by the one who used it and by the one who opened it."""
    with jailed.cell() as cell:
        cell.cell._process.close()
