"""What ends a cell, in words: one outcome and one sentence for each cause."""

from __future__ import annotations

import signal
from typing import Any

from grader.cell.scratch import MAX_DEPTH, Excess
from grader.errors import Ending
from grader.model import Limits, Outcome

SEEN = 1
"""By how much the kernel's limits on threads and files exceed those that are told, so that the
judge can see from outside that one was reached. The kernel holds them; the judge says so."""

_NEAR = 0.5
"""From which share of a limit on an end by SIGKILL is put down to that limit.

The kernel counts CPU time towards the limit in ticks and reports it exactly, so on a busy
machine the two differ; and hardly anything but a limit ends a cell by SIGKILL.
"""


def memory(limits: Limits) -> Ending:
    """Tell of more memory than allowed."""
    text = f"Your code used more than {limits.memory_mib} MiB of memory."
    return Ending(Outcome.MEMORY, text)


def card_memory(limits: Limits) -> Ending:
    """Tell of more memory of the graphics card than allowed."""
    text = f"Your code used more than {limits.gpu_memory_mib} MiB of the graphics card's memory."
    return Ending(Outcome.MEMORY, text)


def card_crowded() -> Ending:
    """Tell that others have taken the memory that the cell was to have; nobody's mistake."""
    text = "Other programs took the graphics card's memory; this is not your fault."
    return Ending(Outcome.GRADER_FAULT, text)


def card_lost() -> Ending:
    """Tell that the card does not answer any more; nobody's mistake."""
    text = "The graphics card stopped answering; this is not your fault."
    return Ending(Outcome.GRADER_FAULT, text)


def output(limits: Limits) -> Ending:
    """Tell of more output than allowed."""
    return Ending(Outcome.CRASHED, f"Your code printed more than {limits.output_kib} KiB.")


def threads(limits: Limits) -> Ending:
    """Tell of more threads than allowed."""
    return Ending(Outcome.CRASHED, f"Your code started more than {limits.threads} threads.")


def processes(limits: Limits) -> Ending:
    """Tell of more processes than allowed."""
    return Ending(Outcome.CRASHED, f"Your code started more than {limits.processes} processes.")


def open_files(limits: Limits) -> Ending:
    """Tell of more open files than allowed."""
    text = f"Your code had more than {limits.open_files} files open at once."
    return Ending(Outcome.CRASHED, text)


def answers(limits: Limits) -> Ending:
    """Tell of more answers to one test than allowed."""
    return _endless(f"more than {limits.frames} answers in one test")


def answer_rate(limits: Limits) -> Ending:
    """Tell of more answers within a second than allowed."""
    return _endless(f"more than {limits.frames_per_s} answers within a second")


def _endless(what: str) -> Ending:
    text = f"Your code gave {what}; an iterator that never ends does so."
    return Ending(Outcome.CRASHED, text)


def scratch(limits: Limits, excess: Excess) -> Ending:
    """Tell of a private folder that holds more than it may."""
    texts = {
        Excess.BYTES: f"Your code wrote more than {limits.scratch_mib} MiB.",
        Excess.FILES: f"Your code made more than {limits.scratch_files} files.",
        Excess.DEPTH: f"Your code made more than {MAX_DEPTH} folders inside each other.",
        Excess.SHUT: "Your code made a folder that cannot be looked into.",
    }
    return Ending(Outcome.CRASHED, texts[excess])


def explain(report: dict[str, Any], limits: Limits, idle_kib: int = 0) -> Ending:
    """Turn the end of a process into a verdict and one sentence for the student.

    Args:
        report: `status` (exit status, or minus a signal), `cpu_s`, `peak_kib`, and `full`, in
            what its files were too much if it was ended for them.
        limits: What it was allowed.
        idle_kib: Memory in use before any student code ran.
    """
    status = int(report["status"])
    if report["full"]:
        return scratch(limits, Excess(report["full"]))
    if status >= 0:
        return Ending(Outcome.CRASHED, f"Your code ended the process (exit status {status}).")
    if status == -signal.SIGKILL:
        if report["cpu_s"] >= _NEAR * limits.cpu_time_s:
            text = f"Your code used more than {limits.cpu_time_s} seconds of CPU time."
            return Ending(Outcome.TIMEOUT, text)
        if report["peak_kib"] - idle_kib >= _NEAR * (limits.memory_mib << 10):
            return memory(limits)
    if status == -signal.SIGSYS:
        text = "Your code made a system call that no cell may make, and was ended (SIGSYS)."
        return Ending(Outcome.CRASHED, text)
    return Ending(Outcome.CRASHED, f"Your code crashed with {signal_name(-status)}.")


def signal_name(number: int) -> str:
    """Return a signal's name, or its number if it has none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
