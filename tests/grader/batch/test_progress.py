"""Whoever waits for a class is told how far it is, and nobody is told who does not wait."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from grader.batch import progress

if TYPE_CHECKING:
    import pytest


class Terminal(io.StringIO):
    """Standard error that claims to be a terminal."""

    def isatty(self) -> bool:
        """Claim it."""
        return True


def test_what_is_quick_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Every item comes in its order; a moment's work shows no progress."""
    assert list(progress.counted("abc", "pages written")) == ["a", "b", "c"]
    assert capsys.readouterr().err == ""


def test_without_a_terminal_there_is_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log gets lines, not a bar."""
    monkeypatch.setattr(progress, "LINE_INTERVAL_S", 0)
    assert list(progress.counted([7, 8], "pages written")) == [7, 8]
    assert capsys.readouterr().err == "1 of 2 pages written\n2 of 2 pages written\n"


def test_on_a_terminal_there_is_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is taken away even if the work is given up in the middle."""
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(progress, "QUIET_S", 0)
    monkeypatch.setattr(progress, "BAR_INTERVAL_S", 0)
    items = progress.counted(range(5), "pages written")
    assert [next(items) for _ in range(3)] == [0, 1, 2]
    items.close()
    shown = terminal.getvalue()
    assert "pages written" in shown
    assert "2/5" in shown
    assert shown.rstrip().endswith("\x1b[2K"), "the line is erased at the end"
