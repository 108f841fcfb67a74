"""What ends a cell, in words."""

from __future__ import annotations

from typing import Any

import pytest

from grader.cell import endings
from grader.cell.scratch import Excess
from grader.model import Limits, Outcome

LIMITS = Limits(cpu_time_s=10, memory_mib=100, scratch_mib=4, scratch_files=30)
QUIET = {"status": 0, "cpu_s": 0.1, "peak_kib": 300_000, "full": ""}


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
        ({"status": -9, "full": "bytes"}, Outcome.CRASHED, "wrote more than 4 MiB."),
        ({"status": -9, "full": "files"}, Outcome.CRASHED, "made more than 30 files."),
    ],
)
def test_an_end_is_told_in_one_plain_sentence(
    report: dict[str, Any], outcome: Outcome, words: str
) -> None:
    """Status, CPU time, memory and files of the process decide the outcome."""
    ending = endings.explain(QUIET | report, LIMITS, idle_kib=300_000)
    assert ending.outcome is outcome
    assert words in ending.message


def test_no_two_limits_are_told_alike() -> None:
    """Each limit has a sentence of its own, so that a student knows which one it was."""
    tell = (endings.memory, endings.output, endings.threads, endings.processes, endings.open_files)
    found = [each(LIMITS).message for each in tell]
    found += [endings.scratch(LIMITS, excess).message for excess in Excess]
    assert len(set(found)) == len(found)
