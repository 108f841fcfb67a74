"""A jailed process, seen from the trusted side: its end in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from grader.cell import jailed as jailed_process
from grader.model import Limits, Outcome

if TYPE_CHECKING:
    from conftest import Ward

LIMITS = Limits(cpu_time_s=10, memory_mib=100, scratch_mib=4)
QUIET = {"status": 0, "cpu_s": 0.1, "peak_kib": 300_000, "full": False}


@pytest.mark.parametrize(
    ("report", "outcome", "words"),
    [
        ({"status": 0}, Outcome.CRASHED, "ended the process (exit status 0)"),
        ({"status": -11}, Outcome.CRASHED, "crashed with SIGSEGV"),
        ({"status": -64}, Outcome.CRASHED, "crashed with SIGRTMAX"),
        ({"status": -50}, Outcome.CRASHED, "crashed with signal 50"),
        ({"status": -31}, Outcome.CRASHED, "no cell may make"),
        ({"status": -9}, Outcome.CRASHED, "crashed with SIGKILL"),
        ({"status": -9, "cpu_s": 10.0}, Outcome.TIMEOUT, "more than 10 seconds of CPU time"),
        ({"status": -9, "peak_kib": 402_000}, Outcome.MEMORY, "more than 100 MiB of memory"),
        ({"status": -9, "full": True}, Outcome.CRASHED, "wrote more than 4 MiB"),
    ],
)
def test_an_end_is_told_in_one_plain_sentence(
    report: dict[str, Any], outcome: Outcome, words: str
) -> None:
    """Status, CPU time, memory and files of the process decide the outcome."""
    ending = jailed_process.explain(QUIET | report, LIMITS, idle_kib=300_000)
    assert ending.outcome is outcome
    assert words in ending.message


def test_closing_twice_is_harmless(jailed: Ward) -> None:
    """A cell may be closed by the one who used it and by the one who opened it."""
    with jailed.cell() as cell:
        cell.cell._process.close()
