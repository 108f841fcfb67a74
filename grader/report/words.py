"""The words and symbols of every outcome, so that all renderers speak alike.

A status is always a symbol and a word; colour only repeats them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from grader.model import Outcome
from grader.report.language import Say

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
        meaning: One sentence for a test that brings no message of its own; may be empty.
    """

    symbol: str
    word: str
    tone: Tone
    group: Filter
    meaning: str


SIGNS: dict[Outcome, tuple[str, Tone, Filter]] = {
    Outcome.PASSED: ("✓", "good", "passed"),
    Outcome.FAILED: ("✗", "bad", "failed"),
    Outcome.ERROR: ("!", "bad", "error"),
    Outcome.TIMEOUT: ("◷", "bad", "error"),
    Outcome.MEMORY: ("▣", "bad", "error"),
    Outcome.CRASHED: ("✕", "bad", "error"),
    Outcome.POLICY: ("⊘", "bad", "failed"),
    Outcome.SKIPPED: ("↷", "warn", "waiting"),
    Outcome.NOT_RUN: ("○", "warn", "waiting"),
    Outcome.GRADER_FAULT: ("◇", "ours", "ours"),
}
"""Symbol, tone and filter of each outcome, in the order in which outcomes are counted."""


def words_of(outcome: Outcome, say: Say) -> Words:
    """Give the words and the symbol of an outcome."""
    symbol, tone, group = SIGNS[outcome]
    key = f"outcome.{outcome.value}"
    return Words(symbol, say(f"{key}.word"), tone, group, say(f"{key}.meaning"))


def level_text(level: int, say: Say) -> str:
    """Say an isolation level in words."""
    return say(f"level.{level}") if level in (3, 2, 0) else say("level.other", level=level)
