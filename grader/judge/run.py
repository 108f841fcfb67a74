"""Judge one hand-in of one exercise: run its cases against a cell, one verdict each.

The default outcome is `not_run`, and only a test that ran to its end without an exception in
the judge is `passed`: silence earns nothing.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from grader.errors import CellEnded, CellError, StudentError
from grader.judge import policy, verdicts
from grader.judge.channel import Cell
from grader.judge.patience import Patience
from grader.judge.plugin import Plugin, derived_seed
from grader.judge.recipes import RECIPES
from grader.judge.session import Session
from grader.judge.site import Site
from grader.judge.suite import function_name
from grader.judge.training import Training
from grader.model import (
    Exercise,
    HandIn,
    Limits,
    Outcome,
    TestCase,
    TrainingMode,
    Verdict,
    Visibility,
)

if TYPE_CHECKING:
    import pytest

MAX_OUTPUT_CHARS = 4000
Pair = tuple[TestCase, "pytest.Function"]


@dataclass(frozen=True, slots=True)
class Options:
    """How much of an exercise to judge.

    Attributes:
        stop_at_first_loss: End after the first test that is not passed (for mutants).
        tasks_first: Tasks whose tests run before all others (for mutants), but those that depend
            on a test of another task.
        training: What becomes of tests that train.
    """

    stop_at_first_loss: bool = False
    tasks_first: tuple[str, ...] = ()
    training: TrainingMode = TrainingMode.JUDGE

    def chosen(self, pairs: Sequence[Pair]) -> list[Pair]:
        """Return the cases to judge in their order; those that train come last."""
        trains = [pair for pair in pairs if pair[0].training]
        if self.training is TrainingMode.MEASURE:
            return trains
        others = [pair for pair in pairs if not pair[0].training]
        first: set[str] = set()
        for case, _ in others:
            if case.task in self.tasks_first and first.issuperset(case.depends_on):
                first.add(function_name(case))
        others.sort(key=lambda pair: function_name(pair[0]) not in first)
        return others if self.training is TrainingMode.OFF else [*others, *trains]


class Run:
    """One hand-in being judged."""

    def __init__(
        self,
        plugin: Plugin,
        open_cell: Callable[[Limits], Cell],
        exercise: Exercise,
        hand_in: HandIn,
        seed: int,
        site: Site,
    ) -> None:
        """Prepare; no cell is opened yet.

        Args:
            plugin: The pytest session that holds the collected items.
            open_cell: Opens a fresh cell; raises `CellError` if that fails.
            exercise: What is judged.
            hand_in: The student's text.
            seed: Seed of the whole run, from which each test's seeds follow.
            site: Where its tests that train can do so.
        """
        self._plugin = plugin
        self._open_cell = open_cell
        self._exercise = exercise
        self._hand_in = hand_in
        self._seed = seed
        self._site = site
        self._cell: Cell | None = None
        self._session: Session | None = None
        self._load_failure: BaseException | None = None
        self._has_seen_hidden = False
        self._outcomes: dict[str, list[Outcome]] = {}
        self._patience = Patience(hand_in.source, exercise.tasks)
        self._module = f"{exercise.module}.py"
        self._training = TrainingMode.JUDGE
        self._ends_s = 0.0

    def verdicts(self, pairs: Sequence[Pair], options: Options) -> Iterable[Verdict]:
        """Yield one verdict per case as soon as it is known.

        Args:
            pairs: The exercise's cases with their items, in suite order.
            options: How much to judge.

        Yields:
            The verdicts, in the order in which the cases ran.
        """
        shortcuts = {
            task.name: policy.find_shortcuts(self._hand_in.source, task)
            for task in self._exercise.tasks
        }
        tasks = {task.name: task for task in self._exercise.tasks}
        self._ends_s = time.monotonic() + self._exercise.limits.exercise_wall_time_s
        self._training = options.training
        try:
            for case, item in options.chosen(pairs):
                left_s = self._left_s()
                if left_s <= 0:
                    why = "The time for this exercise had run out."
                    verdict = verdicts.not_run(case, why)
                elif found := shortcuts[case.task]:
                    verdict = verdicts.from_shortcuts(case, tasks[case.task], found)
                elif needed := self._missing(case, pairs):
                    verdict = verdicts.skipped(case, needed)
                else:
                    forbidden = frozenset(tasks[case.task].forbidden.operators)
                    verdict = self._judge(case, item, forbidden)
                self._outcomes.setdefault(function_name(case), []).append(verdict.outcome)
                yield verdict
                if options.stop_at_first_loss and verdict.outcome is not Outcome.PASSED:
                    return
        finally:
            self._drop_cell()

    def _missing(self, case: TestCase, pairs: Sequence[Pair]) -> str:
        if self._training is TrainingMode.MEASURE:
            return ""
        for name in self._needed(case, pairs):
            outcomes = self._outcomes.get(name, [])
            if not outcomes or any(outcome is not Outcome.PASSED for outcome in outcomes):
                return next(other.title for other, _ in pairs if function_name(other) == name)
        return ""

    def _needed(self, case: TestCase, pairs: Sequence[Pair]) -> tuple[str, ...]:
        """Return the tests that have to pass first; before training, all others of the task."""
        if not case.training:
            return case.depends_on
        others = (other for other, _ in pairs if other.task == case.task and not other.training)
        return (*case.depends_on, *(function_name(other) for other in others))

    def _left_s(self) -> float:
        """Return what is left of the exercise's wall time."""
        return self._ends_s - time.monotonic()

    def _judge(self, case: TestCase, item: pytest.Function, forbidden: frozenset[str]) -> Verdict:
        full_s = min(case.timeout_s or self._exercise.limits.wall_time_s, self._left_s())
        timeout_s = self._patience.time_s(case.task, full_s)
        started_s = time.monotonic()
        try:
            session = self._ready_session(case, item, full_s, timeout_s)
        except (StudentError, CellEnded, CellError) as error:
            verdict = self._failed(case, error, "")
        else:
            session.forbidden = forbidden
            session.mirrors = item.get_closest_marker("in_place") is not None
            session.last_answer = ""
            self._plugin.session = session
            self._plugin.seed = derived_seed(self._seed, case.id, "judge")
            self._plugin.trainer = trainer = self._trainer(case)
            error_ = self._plugin.run(item)
            verdict = (
                verdicts.passed(case)
                if error_ is None
                else self._failed(case, error_, session.last_answer)
            )
            if trainer is not None:
                verdict = replace(verdict, training=trainer.record)
        verdict = self._timed(verdict, had_less=timeout_s < full_s)
        output = "" if self._cell is None else self._cell.take_output()
        if case.visibility is Visibility.PUBLIC:
            verdict = replace(verdict, output=output[:MAX_OUTPUT_CHARS])
        if case.fresh_cell or self._cell is None or not self._cell.alive:
            self._drop_cell()
        return replace(verdict, duration_s=time.monotonic() - started_s)

    def _timed(self, verdict: Verdict, *, had_less: bool) -> Verdict:
        """Count a test that ran out of time, and say so where it had less than usual."""
        late = verdict.outcome is Outcome.TIMEOUT
        self._patience.count(verdict.test.task, late=late)
        if not (late and had_less) or self._load_failure is not None:  # it had all of the time
            return verdict
        less = "; that is less than usual, because tests before this one ran out of time."
        return replace(verdict, message=verdict.message.removesuffix(".") + less)

    def _trainer(self, case: TestCase) -> Training | None:
        """Return what trains in fresh cells, each within its recipe's budget, or None."""
        if not case.training:
            return None
        recipe = RECIPES[case.training]

        @contextlib.contextmanager
        def open_session(hand_in: HandIn, limits: Limits, seed: int) -> Iterator[Session]:
            own = hand_in is self._hand_in
            began_s = time.monotonic()
            try:
                cell = self._open_cell(limits)
            finally:  # waiting for a share of a card is not the student's time
                self._ends_s += time.monotonic() - began_s
            opened_s = time.monotonic()
            try:
                left_s = self._left_s() if own else math.inf
                cell.allow(max(0.0, min(limits.wall_time_s, left_s)))
                session = Session(cell, hand_in)
                session.seed(seed)
                body: dict[str, Any] = {"name": self._exercise.module, "path": self._module}
                session.ask("load", {**body, "source": hand_in.source})
                session.ask("load_driver", {"source": recipe.driver_text})
                session.seed(seed)
                yield session
            finally:
                cell.close()
                if not own:  # nor is what the reference needs
                    self._ends_s += time.monotonic() - opened_s

        @contextlib.contextmanager
        def stay(hand_in: HandIn, limits: Limits, seed: int) -> Iterator[Session]:
            del hand_in, seed
            if self._cell is None or self._session is None:
                raise CellError("probe", "its cell has gone")
            self._cell.allow(max(0.0, min(limits.wall_time_s, self._left_s())))
            self._session.ask("load_driver", {"source": recipe.driver_text})
            self._session.driver_path = None
            yield self._session

        def seed_of(attempt: int) -> int:
            return derived_seed(self._seed, case.id, f"attempt {attempt}") % 2**32

        # A probe stays in the cell of the public tests: nothing is judged by what it says.
        mode, opens = (
            (TrainingMode.PROBE, stay) if case.is_probe else (self._training, open_session)
        )
        return Training(
            self._exercise, self._hand_in, case.training, mode, seed_of, opens, self._site
        )

    def _failed(self, case: TestCase, error: BaseException, last_answer: str) -> Verdict:
        return verdicts.from_exception(
            case,
            error,
            module=self._module,
            limits=self._exercise.limits,
            last_answer=last_answer,
        )

    def _ready_session(
        self, case: TestCase, item: pytest.Function, full_s: float, timeout_s: float
    ) -> Session:
        """Return a session whose module is loaded and whose seed is this test's own.

        Raises:
            StudentError: If loading the student's file raises.
            CellEnded: If it ends the cell.
            CellError: If no cell can be opened.
        """
        if self._load_failure is not None:
            # A file that cannot be loaded is tried once, not once a test.
            raise self._load_failure
        public = case.visibility is Visibility.PUBLIC
        if case.fresh_cell or (public and self._has_seen_hidden):
            # What a public test shows must not be what a hidden one has handed over.
            self._drop_cell()
        self._has_seen_hidden = not public or (self._has_seen_hidden and self._cell is not None)
        if self._session is None or self._cell is None:
            self._cell = self._open_cell(self._exercise.limits)
            self._cell.allow(full_s)
            try:
                self._session = self._load(self._cell)
            except (StudentError, CellEnded) as error:
                self._load_failure = error
                raise
        self._cell.allow(timeout_s)
        self._load_driver(self._session, item)
        self._session.seed(derived_seed(self._seed, case.id, "cell"))
        return self._session

    def _load(self, cell: Cell) -> Session:
        session = Session(cell, self._hand_in)
        session.seed(derived_seed(self._seed, "load", "cell"))
        body: dict[str, Any] = {"name": self._exercise.module, "path": self._module}
        session.ask("load", {**body, "source": self._hand_in.source})
        return session

    def _load_driver(self, session: Session, item: pytest.Function) -> None:
        path = item.path.with_name("driver.py")
        if session.driver_path != path and path.is_file():
            session.ask("load_driver", {"source": path.read_text(encoding="utf-8")})
            session.driver_path = path

    def _drop_cell(self) -> None:
        if self._cell is not None:
            self._cell.close()
        self._cell = None
        self._session = None
        self._plugin.session = None
