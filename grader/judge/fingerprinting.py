"""Fingerprints are taken: each known mistake is asked the probes of its task, in a cell.

This is the path on which submissions are asked too, so that like is compared with like. It runs
for `autograde fingerprint` and `autograde verify`, never while a submission is graded.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.errors import CellEnded, StudentError
from grader.judge.diagnosis import OpenCell, Patient
from grader.judge.fingerprints import TaskPrints, as_text, task_prints, twins
from grader.judge.probes import Probe, Probes, digest_of, load_probes, probes_file
from grader.model import Exercise, HandIn, HandInStatus

ALLOWED_S = 30.0
SLOWER, SLOW_S = 10, 1.0
"""A mistake may take so many times the reference's time, and a second at least."""
TRIES = 3
"""A busy machine makes anything slow once; what is slow of itself is slow every time."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One known mistake, ready to be run: its words, and the whole mistaken module."""

    name: str
    task: str
    label: str
    hint: str
    source: str
    where: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that an author has to mend: where, and what."""

    where: str
    what: str


def take_fingerprints(
    exercise: Exercise, entries: Sequence[Entry], open_cell: OpenCell
) -> tuple[str, tuple[Finding, ...]]:
    """Ask all probes of an exercise and write down what came.

    Args:
        exercise: The exercise.
        entries: Its known mistakes.
        open_cell: Opens a fresh cell.

    Returns:
        The text of the fingerprints file, empty if the exercise has no probes, and what is
        wrong with probes or catalogue.

    Raises:
        CourseError: If the probes cannot be read.
    """
    probes = load_probes(exercise)
    if probes is None:
        return "", ()
    taker = _Taker(exercise, probes, open_cell)
    tasks = {}
    for task in exercise.tasks:
        own = [entry for entry in entries if entry.task == task.name]
        found = taker.task(task.name, own)
        if found is not None:
            tasks[task.name] = found
    return as_text(tasks, digest_of(exercise)), tuple(taker.findings)


class _Taker:
    """Takes the fingerprints of one exercise and collects what is wrong on the way."""

    def __init__(self, exercise: Exercise, probes: Probes, open_cell: OpenCell) -> None:
        self.findings: list[Finding] = []
        self._exercise = exercise
        self._probes = probes
        self._open_cell = open_cell
        self._slow_s = ALLOWED_S
        self._file = str(probes_file(exercise))

    def task(self, name: str, entries: Sequence[Entry]) -> TaskPrints | None:
        """Take those of one task; None if it has no probes or its reference cannot be asked."""
        probes = self._probes.of(name)
        if not probes:
            if entries:
                self.findings.append(Finding(self._file, f"the task {name} has no probe."))
            return None
        self._slow_s = ALLOWED_S
        source = self._exercise.reference.read_text(encoding="utf-8")
        reference = self._ask(source, probes, self._file, None)
        if reference is None:
            return None
        self._slow_s = self._measured(probes)
        mistakes = {}
        for entry in entries:
            observed = self._ask(entry.source, probes, entry.where, reference)
            if observed is not None:
                mistakes[entry.name] = (entry.label, entry.hint, observed)
        prints = task_prints([probe.name for probe in probes], reference, mistakes)
        self._check_twins(prints, entries)
        return prints

    def _measured(self, probes: Sequence[Probe]) -> float:
        """Measure what a mistake may take, by the reference."""
        source = self._exercise.reference.read_text(encoding="utf-8")
        _, took_s = self._timed(self._hand_in(source), probes, None)
        return max(SLOW_S, SLOWER * took_s)

    def _hand_in(self, source: str) -> HandIn:
        exercise = self._exercise
        path = f"{exercise.module}.py"
        return HandIn(exercise.id, HandInStatus.SUBMITTED, path, source=source)

    def _ask(
        self, source: str, probes: Sequence[Probe], where: str, right: Sequence[Any] | None
    ) -> list[Any] | None:
        hand_in = self._hand_in(source)
        try:
            observed, took_s = self._timed(hand_in, probes, right)
            for _ in range(TRIES - 1):
                if took_s > self._slow_s:
                    # The machine may have become busier since the reference was measured.
                    self._slow_s = max(self._slow_s, self._measured(probes))
                    observed, took_s = self._timed(hand_in, probes, right)
        except (CellEnded, StudentError) as error:
            self.findings.append(Finding(where, f"the probes end its cell: {error}"))
            return None
        if took_s > self._slow_s:
            what = f"the probes take {took_s:.1f} s, more than {self._slow_s:.1f} s."
            self.findings.append(Finding(where, what))
        unclear = [p.name for p, seen in zip(probes, observed, strict=True) if _is_unclear(seen)]
        for name in unclear:
            what = f"the probe {name} sees something unclear: a number between its levels."
            self.findings.append(Finding(where, what))
        return observed

    def _timed(
        self, hand_in: HandIn, probes: Sequence[Probe], right: Sequence[Any] | None
    ) -> tuple[list[Any], float]:
        patient = Patient(self._open_cell, self._exercise, hand_in, ALLOWED_S)
        try:
            started_s = time.monotonic()
            patient.allow(ALLOWED_S)
            return patient.observed(probes, right), time.monotonic() - started_s
        finally:
            patient.close()

    def _check_twins(self, prints: TaskPrints, entries: Sequence[Entry]) -> None:
        places = {entry.name: entry.where for entry in entries}
        for name, other in twins(prints):
            like = f"the mistake `{other}` ({places[other]})" if other else "the reference"
            what = f"the probes cannot tell the mistake `{name}` from {like}."
            self.findings.append(Finding(places[name], what))


def _is_unclear(seen: Any) -> bool:
    return '"unclear"' in json.dumps(seen)
