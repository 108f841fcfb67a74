"""Diagnosis: which known mistake a failing task looks like, and its smallest counter-example.

    probes        fixed questions to the student's code         probes.py, observe.py
    fingerprints  what each known mistake answers               fingerprints.py
    relations     else, how all results relate to the right     relations.py
    examples      the smallest input that is answered wrongly   counterexample.py

A wrong name is worse than none: what matches nothing well is left without one. Nothing here
sees a test, a test's input or the score, so a diagnosis can give none of them away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.errors import CellEnded, CellError, StudentError
from grader.judge.channel import Cell
from grader.judge.counterexample import Found, LocalDriver, find_example
from grader.judge.fingerprints import (
    LIKELY,
    REFERENCE,
    UNKNOWN,
    Print,
    TaskPrints,
    match,
    read_fingerprints,
)
from grader.judge.observe import as_tensor, equal, merged, observe, varies
from grader.judge.plugin import Driver, derived_seed
from grader.judge.probes import Probe, Probes, driver_file, import_trusted, load_probes
from grader.judge.proxy import Module
from grader.judge.raised import MissingNameError
from grader.judge.relations import pairs_of, relation
from grader.judge.session import Session
from grader.model import Confidence, Diagnosis, Exercise, HandIn, Limits, Outcome, Verdict

TASK_S = 3.0
"""Wall time of the student's code for the diagnosis of one task."""
EXERCISE_S = 10.0
SEEDS = (1, 2)
"""Each probe is asked with both, so that what is random is known to be."""
_TELLING = (Outcome.FAILED, Outcome.ERROR)
_SILENT = (Outcome.POLICY, Outcome.TIMEOUT, Outcome.MEMORY, Outcome.CRASHED, Outcome.GRADER_FAULT)
OpenCell = Callable[[Limits], Cell]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known about the mistakes of one exercise, read before the first submission."""

    probes: Probes
    prints: Mapping[str, TaskPrints]
    reference: tuple[Any, Any]


def read_knowledge(exercise: Exercise) -> Knowledge | None:
    """Read what diagnosis needs; None if an exercise has no probes or they are out of date.

    Raises:
        CourseError: If probes, reference or driver cannot be imported.
    """
    probes = load_probes(exercise)
    prints = read_fingerprints(exercise)
    if probes is None or not prints:
        return None
    module = import_trusted(exercise.reference, f"reference_of_{exercise.module}")
    return Knowledge(probes, prints, (module, LocalDriver(driver_file(exercise), module)))


def failing_tasks(exercise: Exercise, verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield the tasks that a diagnosis can help: wrong answers and exceptions, nothing worse."""
    for task in exercise.tasks:
        outcomes = [v.outcome for v in verdicts if v.test.task == task.name]
        if any(o in _TELLING for o in outcomes) and not any(o in _SILENT for o in outcomes):
            yield task.name


class Patient:
    """One hand-in in a cell of its own, with the driver beside it."""

    def __init__(
        self, open_cell: OpenCell, exercise: Exercise, hand_in: HandIn, load_s: float = TASK_S
    ) -> None:
        """Open the cell and load the text.

        Args:
            open_cell: Opens a cell of given limits.
            exercise: Which exercise.
            hand_in: What to load.
            load_s: Wall time of loading it.

        Raises:
            StudentError: If loading raises.
            CellEnded: If it ends the cell.
            CellError: If no cell can be opened.
        """
        self._cell = open_cell(exercise.limits)
        self._cell.allow(load_s)
        self._session = Session(self._cell, hand_in)
        try:
            self.seed("load")
            body = {"name": exercise.module, "path": f"{exercise.module}.py"}
            self._session.ask("load", {**body, "source": hand_in.source})
            driver = driver_file(exercise)
            if driver.is_file():
                text = driver.read_text(encoding="utf-8")
                self._session.ask("load_driver", {"source": text})
        except BaseException:
            self.close()
            raise
        self.sides = (Module(self._session), Driver(self._session))

    def allow(self, seconds: float) -> None:
        """Give the student's code so much time from now on."""
        self._cell.allow(seconds)

    def seed(self, *parts: str) -> None:
        """Seed the cell for one purpose; always the same."""
        self._session.seed(derived_seed(0, "diagnosis", *parts))

    def observed(self, probes: Sequence[Probe], right: Sequence[Any] | None) -> list[Any]:
        """Ask probes, each with two seeds unless the first gives what is right.

        Args:
            probes: What to ask.
            right: What the reference gives; None while that is not known.

        Raises:
            CellEnded: If the cell died.
        """
        seen = []
        for number, probe in enumerate(probes):
            came = self._ask(probe, SEEDS[0])
            if right is None or not equal(came, right[number]):
                came = merged(came, self._ask(probe, SEEDS[1]))
            seen.append(came)
        return seen

    def _ask(self, probe: Probe, seed: int) -> Any:
        self.seed(probe.name, str(seed))
        return observe(probe, *self.sides)

    def defines(self, names: Iterable[str]) -> bool:
        """Tell whether the module has all these names."""
        try:
            for name in names:
                getattr(self.sides[0], name)
        except MissingNameError:
            return False
        return True

    def close(self) -> None:
        """Kill the cell."""
        self._cell.close()


def diagnose(
    knowledge: Knowledge,
    open_cell: OpenCell,
    exercise: Exercise,
    hand_in: HandIn,
    tasks: Iterable[str],
) -> Iterator[Diagnosis]:
    """Yield a diagnosis of each task of which something can be said.

    Args:
        knowledge: What is known of the exercise.
        open_cell: Opens a fresh cell.
        exercise: The exercise.
        hand_in: The student's text.
        tasks: Those that failed.
    """
    ends_s = time.monotonic() + EXERCISE_S
    patient: Patient | None = None
    try:
        for task in tasks:
            if task not in knowledge.prints or time.monotonic() > ends_s:
                continue
            names = next(known.defines for known in exercise.tasks if known.name == task)
            try:
                patient = patient or Patient(open_cell, exercise, hand_in)
                patient.allow(TASK_S)
                found = _diagnose(knowledge, patient, task) if patient.defines(names) else None
            except (CellEnded, CellError, StudentError):
                # Whatever kills its cell has been told by the tests already.
                if patient is not None:
                    patient.close()
                patient = None
                continue
            if found is not None:
                yield found
    finally:
        if patient is not None:
            patient.close()


def _diagnose(knowledge: Knowledge, patient: Patient, task: str) -> Diagnosis | None:
    """Look at one task.

    Examples come first: what the code answers there is shown, and must not be able to hold
    what a probe has asked.
    """
    example, call = _example(knowledge, patient, task) or (None, "")
    prints = knowledge.prints[task]
    right = [options[0] for options in prints.seen]
    observed = patient.observed(knowledge.probes.of(task), right)
    if not any(map(_written, observed)):
        return None
    shown = prints.print_of(observed)
    if not _is_steady(prints, observed, shown):
        return None
    named = match(prints, shown)
    if named is not None:
        known, confidence = named
        return Diagnosis(task, known.label, known.hint, confidence, example, call)
    text = _relation(prints, observed)
    if text:
        return Diagnosis(task, text, "", Confidence.RELATION, example, call)
    if example is None:
        return None
    return Diagnosis(task, "", "", Confidence.UNNAMED, example, call)


def _example(knowledge: Knowledge, patient: Patient, task: str) -> Found | None:
    for example in knowledge.probes.examples:
        if example.task == task:
            patient.seed("example")
            found = find_example(example, patient.sides, knowledge.reference)
            if found is not None:
                return found
    return None


def _written(seen: Any) -> bool:
    """Tell an answer from a part that is not there yet."""
    return bool(seen != {"raised": "NotImplementedError"})


def _is_steady(prints: TaskPrints, observed: Sequence[Any], shown: Print) -> bool:
    """Tell whether so few wrong answers vary without reason that a name could still be given.

    A reason is that the reference's varies too, or a known mistake's. An example of what is
    another answer every time need not come again where the student tries it.
    """
    wrong = sum(1 for number in shown if number != REFERENCE)
    unsteady = sum(
        1
        for options, came, number in zip(prints.seen, observed, shown, strict=True)
        if number == UNKNOWN and varies(came) and not varies(options[REFERENCE])
    )
    return unsteady <= (1 - LIKELY) * wrong


def _relation(prints: TaskPrints, observed: Sequence[Any]) -> str:
    """Look for a relation among plain results; what is no number must be right."""
    numbers = []
    for options, came in zip(prints.seen, observed, strict=True):
        mine, wanted = as_tensor(came), as_tensor(options[0])
        if mine is None or wanted is None:
            if not equal(came, options[0]):
                return ""
        else:
            numbers.append((mine, wanted))
    different, alike, _ = pairs_of(iter(numbers))
    return relation(different, alike)
