"""Training as a measurement: attempts in fresh cells, judged by the rule.

A hidden test asks for the fixture `training` and calls `training.run()`; the recipe stands in
its mark:

    @pytest.mark.training("softmax-regression")
    def test_it_learns(training):
        training.run()
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

import torch

from grader.errors import CellEnded, StudentError
from grader.judge import calibration, expect, recipes, reference_runs
from grader.judge.recipes import RECIPES, Recipe
from grader.judge.session import Session
from grader.judge.site import Place, Site
from grader.judge.threshold import (
    Attempt,
    Bounds,
    Decision,
    Reason,
    agrees,
    another,
    decide,
)
from grader.judge.training_run import train, train_briefly
from grader.model import (
    Device,
    Exercise,
    HandIn,
    HandInStatus,
    Limits,
    Outcome,
    TrainingAttempt,
    TrainingMode,
    TrainingRecord,
)

CHECK_RUNS = 3
"""Runs of the reference where a threshold was calibrated elsewhere."""
OpenSession = Callable[[HandIn, Limits, int], AbstractContextManager[Session]]
"""Opens a fresh cell with a module and the training driver loaded, seeded."""


class BelowThresholdError(AssertionError):
    """The trained model is not good enough; the decision says what it is worth."""

    def __init__(self, message: str, decision: Decision) -> None:
        """Keep the sentence for the student and the share of the points."""
        self.message = message
        self.decision = decision
        super().__init__(message)


class NotCalibratedError(Exception):
    """There is no threshold for this device that could be used; never the student's fault."""


@dataclass(frozen=True, slots=True)
class _Done:
    """One attempt, with what the rule asks beyond what a result records."""

    attempt: TrainingAttempt
    start: tuple[float, ...] = ()

    def for_the_rule(self) -> Attempt:
        value = self.attempt.value
        return Attempt(math.nan if value is None else value, self.start)


class Training:
    """The fixture: trains the student's parts by the recipe of the running test.

    Attributes:
        record: What was measured, for the result; None before `run`.
    """

    def __init__(
        self,
        exercise: Exercise,
        hand_in: HandIn,
        recipe_name: str,
        mode: TrainingMode,
        seed_of: Callable[[int], int],
        open_session: OpenSession,
        site: Site,
    ) -> None:
        """Prepare; nothing is opened yet.

        Args:
            exercise: Whose test runs.
            hand_in: The student's text.
            recipe_name: One of `RECIPES`.
            mode: `judge`, `measure` for one run without a judgement, or `probe` for a short one
                without a measurement.
            seed_of: Gives the seed of an attempt by its number.
            open_session: See `OpenSession`.
            site: Where it can be trained.
        """
        self.record: TrainingRecord | None = None
        self._exercise = exercise
        self._hand_in = hand_in
        self._recipe = RECIPES[recipe_name]
        self._mode = mode
        self._seed_of = seed_of
        self._open_session = open_session
        self._site = site
        self._place = Place()
        self._done: list[_Done] = []

    def run(self) -> TrainingRecord:
        """Train, measure and judge.

        Returns:
            What was measured.

        Raises:
            BelowThresholdError: If the rule is not satisfied.
            NotCalibratedError: If there is no threshold for this device.
            NoDeviceError: If the recipe needs a device that this host lacks.
            StudentError: If the student's code raises.
            CellEnded: If it ends its cell or uses up the budget.
        """
        recipe = self._recipe
        if self._mode is TrainingMode.PROBE:
            return self._probe()
        known = calibration.read(self._exercise.hidden_dir)
        self._place = place_of(recipe, self._site, known)
        try:
            return self._judged(known)
        except StudentError:
            if not (self._place.is_card and recipe.device is Device.AUTO):
                raise
            # Right code for a CPU may make a tensor there beside inputs on the card.
            self._place = Place()
            self._done.clear()
            return self._judged(known)

    def _judged(self, known: calibration.CalibrationFile) -> TrainingRecord:
        """Train and judge at one place; raises as `run` does."""
        recipe = self._recipe
        self.record = self._blank()
        if self._mode is TrainingMode.MEASURE:
            self._attempt(self._hand_in)
            return self.record
        entry, note = self._calibrated(known)
        found = entry.bounds(recipe.rule)
        self.record = replace(
            self.record,
            threshold=found.threshold,
            floor=found.floor,
            ceiling=found.ceiling,
            mean=found.mean,
            worst=found.worst,
            best=found.best,
            band=entry.band(),
            note=note,
        )
        judged = self._attempts(found)
        decision = decide(judged, found, recipe.rule)
        self.record = replace(
            self.record,
            reason=decision.reason.value,
            value=_finite(decision.best),
            suspicious=decision.suspicious,
        )
        if decision.reason is not Reason.PASSED:
            raise BelowThresholdError(_words(recipe, decision, found, len(judged)), decision)
        return self.record

    def _probe(self) -> TrainingRecord:
        """Train briefly: the loss falls, and a single batch is learnt by heart.

        Raises:
            Mismatch: If not; it tells the student which.
        """
        recipe, seed = self._recipe, self._seed_of(0)
        done: list[TrainingAttempt] = []
        self.record = replace(
            self._blank(), reason=TrainingMode.PROBE.value, steps=recipe.probe.steps
        )
        with self._open_session(self._hand_in, recipe.limits, seed) as session:
            problem = recipes.problem(recipe, seed)
            for data in (problem.train, problem.one_batch(recipe)):
                started_s = time.monotonic()
                losses = train_briefly(session, recipe, seed, data, problem.probe)
                done.append(TrainingAttempt(seed, None, time.monotonic() - started_s, losses))
                self.record = replace(self.record, attempts=tuple(done))
        bounds = (recipe.probe.falls, recipe.probe.learnt)
        for attempt, share, what in zip(done, bounds, _PROBED, strict=True):
            first, last = attempt.ends
            words = f"{first:.4g} at first, {last:.4g} after {recipe.probe.steps} steps"
            expect.that(
                last < share * first, f"{what}: {words}; below {share * first:.4g} is usual."
            )
        return self.record

    def _attempts(self, found: Bounds) -> list[Attempt]:
        """Make as many attempts as the rule allows; a further one takes nothing away.

        Raises:
            StudentError: If the first one raises.
            CellEnded: If the first one ends its cell, or a fault of ours ends any of them.
        """
        judged: list[Attempt] = []
        while not judged or another(judged, found, self._recipe.rule):
            try:
                judged.append(self._attempt(self._hand_in).for_the_rule())
            except (StudentError, CellEnded, expect.Mismatch) as error:
                if not judged or _is_our_fault(error):
                    raise
                break
        return judged

    def _attempt(self, hand_in: HandIn) -> _Done:
        """Make one attempt with the student's code and keep it, however it ends."""
        done = self._measure(hand_in, self._seed_of(len(self._done)))
        self._keep(done)
        return done

    def _keep(self, done: _Done) -> None:
        self._done.append(done)
        if self.record is not None:
            attempts = tuple(kept.attempt for kept in self._done)
            value = self.record.value if done.attempt.value is None else done.attempt.value
            self.record = replace(self.record, attempts=attempts, value=value)

    def _measure(self, hand_in: HandIn, seed: int) -> _Done:
        started_s = time.monotonic()
        losses: list[float] = []
        try:
            with self._open_session(hand_in, self._recipe.limits_at(self._place), seed) as session:
                started_s = time.monotonic()  # a share of a card may have been waited for
                value, start = train(session, self._recipe, seed, losses)
                peak_mib = session.cell.card_peak_mib
        except (StudentError, CellEnded, expect.Mismatch):
            seconds = time.monotonic() - started_s
            if hand_in is self._hand_in:
                self._keep(_Done(TrainingAttempt(seed, None, seconds, tuple(losses))))
            raise
        seconds = time.monotonic() - started_s
        attempt = TrainingAttempt(seed, _finite(value), seconds, tuple(losses), peak_mib)
        return _Done(attempt, start)

    def _calibrated(self, known: calibration.CalibrationFile) -> tuple[calibration.Entry, str]:
        """Return the reference's runs, and what has to be said about them."""
        recipe, key = self._recipe, key_of(self._recipe, self._place)
        entry, exact = known.usable(key, recipe.rule)
        if entry is None:
            msg = f"no threshold was calibrated for {recipe.title} with these data"
            raise NotCalibratedError(msg)
        if exact:
            return entry, ""
        here = f"{key.device}, torch {key.torch}"
        if not self._is_borne_out(entry.bounds(recipe.rule), key):
            msg = f"{recipe.title} is not calibrated here ({here})"
            raise NotCalibratedError(msg)
        there = f"{entry.key.device}, torch {entry.key.torch}"
        return entry, f"Calibrated with {there}; the reference does the same here ({here})."

    def _is_borne_out(self, found: Bounds, key: calibration.Key) -> bool:
        """Tell whether the reference does here what it did where it was calibrated."""
        source = self._exercise.reference.read_text(encoding="utf-8")
        kept = reference_runs.recall(key, source)
        if len(kept) == CHECK_RUNS and agrees(kept, found, self._recipe.rule):
            return True
        reference = HandIn(self._exercise.id, HandInStatus.SUBMITTED, source=source)
        try:
            values = tuple(
                self._measure(reference, self._seed_of(-1 - number)).for_the_rule().value
                for number in range(CHECK_RUNS)
            )
        except (StudentError, CellEnded, expect.Mismatch) as error:
            if _is_our_fault(error):
                raise
            return False  # what the reference cannot do here is no student's fault
        if agreed := agrees(values, found, self._recipe.rule):
            reference_runs.keep(key, source, values)
        return agreed

    def _blank(self) -> TrainingRecord:
        recipe, key = self._recipe, key_of(self._recipe, self._place)
        return TrainingRecord(
            recipe=recipe.name,
            title=recipe.title,
            metric=recipe.rule.metric.value,
            data=recipe.data,
            data_sha256=recipe.data_sha256,
            device=key.device,
            torch=key.torch,
            steps=recipe.steps,
            driver=self._place.driver,
        )


def place_of(recipe: Recipe, site: Site, known: calibration.CalibrationFile) -> Place:
    """Return where a recipe is trained: on a card only if asked for or calibrated on it.

    Raises:
        NoDeviceError: If it needs a device that this host lacks.
    """
    *preferred, last = site.places(recipe.device, recipe.title)
    for place in preferred:
        if known.usable(key_of(recipe, place), recipe.rule)[1]:
            return place
    return last


def key_of(recipe: Recipe, place: Place) -> calibration.Key:
    """Return what a calibration of a recipe in this process belongs to."""
    minor = ".".join(str(torch.__version__).split(".")[:2])
    return calibration.Key(
        recipe.name, recipe.sha256, recipe.data, recipe.data_sha256, place.device, minor
    )


_PROBED = (
    "The loss hardly falls in a short training run",
    "A single batch is not learnt by heart in a short training run",
)


def _is_our_fault(error: BaseException) -> bool:
    return isinstance(error, CellEnded) and error.ending.outcome is Outcome.GRADER_FAULT


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _words(recipe: Recipe, decision: Decision, found: Bounds, attempts: int) -> str:
    """Say to the student what was measured and what is asked for."""
    show = recipe.rule.metric.show
    what = recipe.title[0].upper() + recipe.title[1:]
    tries = "one attempt" if attempts == 1 else f"{attempts} attempts"
    asked = (
        f"{show(found.threshold)} are asked for, the reference reaches "
        f"{show(min(found.worst, found.best))} to {show(max(found.worst, found.best))}."
    )
    match decision.reason:
        case Reason.BROKEN:
            return f"{what} broke in each of {tries}: a loss or a score became nan or infinite."
        case Reason.CHANCE:
            value = show(decision.best)
            return f"{what} has learnt nothing in {tries} ({recipe.rule.metric} {value}); {asked}"
        case Reason.SEEDED:
            seeded = (
                "Every attempt began alike: your code sets a random seed of its own. Remove it."
            )
        case _:
            seeded = ""
    value = show(decision.best)
    text = f"{what} reached the {recipe.rule.metric} {value} in {tries}; {asked}"
    return f"{text} {seeded}".strip()
