"""The words and symbols of every outcome, so that all renderers speak alike.

A status is always a symbol and a word; colour only repeats them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from grader.model import HandInStatus, Outcome

Tone = Literal["good", "bad", "warn", "quiet", "ours"]
Filter = Literal["passed", "failed", "error", "waiting", "ours"]


@dataclass(frozen=True, slots=True)
class Words:
    """How one outcome is shown.

    Attributes:
        symbol: One character, never the only sign.
        word: The status in a word or two.
        tone: Which colour repeats it.
        group: The filter that finds it on the page.
        meaning: One sentence for a test that brings no message of its own.
    """

    symbol: str
    word: str
    tone: Tone
    group: Filter
    meaning: str


OUTCOMES: dict[Outcome, Words] = {
    Outcome.PASSED: Words("✓", "Passed", "good", "passed", ""),
    Outcome.FAILED: Words("✗", "Failed", "bad", "failed", "The answer is not the expected one."),
    Outcome.ERROR: Words("!", "Error", "bad", "error", "Your code raised an exception."),
    Outcome.TIMEOUT: Words("◷", "Time out", "bad", "error", "Your code took too long."),
    Outcome.MEMORY: Words("▣", "Memory", "bad", "error", "Your code used too much memory."),
    Outcome.CRASHED: Words("✕", "Crashed", "bad", "error", "The process of your code ended."),
    Outcome.POLICY: Words("⊘", "Shortcut", "bad", "failed", "A ruled-out shortcut was used."),
    Outcome.SKIPPED: Words(
        "↷", "Skipped", "warn", "waiting", "A test that this one depends on did not pass."
    ),
    Outcome.NOT_RUN: Words("○", "Not run", "warn", "waiting", ""),
    Outcome.GRADER_FAULT: Words(
        "◇", "Our fault", "ours", "ours", "This is not your fault; nothing was counted."
    ),
}

HAND_INS: dict[HandInStatus, str] = {
    HandInStatus.SUBMITTED: "Handed in",
    HandInStatus.NOT_SUBMITTED: "Not handed in",
    HandInStatus.UNREADABLE: "Cannot be read",
}

LEVELS: dict[int, str] = {
    3: "level 3, a sealed box of its own",
    2: "level 2, restricted by the kernel",
    0: "level 0, a plain process: fit for a self-check only",
}


def level_text(level: int) -> str:
    """Say an isolation level in words."""
    return LEVELS.get(level, f"level {level}")
