"""Levels are found by trying, and what is missing is named with the command that helps."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.cell import levels
from grader.model import Isolation

if TYPE_CHECKING:
    from conftest import Ward


def test_the_best_level_is_the_one_that_cells_have(ward_of: Callable[[int], Ward]) -> None:
    """What is promised is what a host then gives."""
    best = levels.best_level()
    assert ward_of(best.level).host.isolation.level == best.level


def test_without_bubblewrap_the_command_that_installs_it_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Level 2 says why it is not 3."""
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    best = levels.best_level()
    assert (
        best == Isolation(2, "bubblewrap is not installed", "sudo apt-get install bubblewrap")
        or best.level == 0
    )


def test_other_systems_have_no_jail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Users of macOS and Windows are told what to use instead."""
    monkeypatch.setattr(sys, "platform", "darwin")
    best = levels.best_level()
    assert best.level == 0
    assert "Docker" in best.remedy


@pytest.mark.parametrize(
    ("name", "value", "command"),
    [
        (
            "kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        ("user/max_user_namespaces", "0", "sudo sysctl -w user.max_user_namespaces=65536"),
        ("kernel/unprivileged_userns_clone", "1", ""),
    ],
)
def test_a_setting_in_the_way_is_named(
    name: str, value: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The remedy is one command, taken from the kernel's own settings."""
    file = tmp_path / name
    file.parent.mkdir()
    file.write_text(f"{value}\n", encoding="ascii")
    monkeypatch.setattr(levels, "SETTINGS", tmp_path)
    assert levels.remedy(levels.BOXED) == command
