"""The rule by which a training run is judged: pure arithmetic on numbers that were measured.

Let runs be exchangeable. Then m fresh runs of right code all fall below the worst of n earlier
ones with probability 1 / C(n + m, m), whatever their distribution: for n = 20 and m = 3 that is
one right submission in 1,771. The threshold is that worst run, or lower where the mean less a
margin is, because right code in another style may do a little worse than the reference.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

RUNS = 20
"""Reference runs that a threshold stands on."""
MAX_ATTEMPTS = 3
MAX_SPREAD = 0.02
"""Standard deviation over mean; a recipe that varies more says too little in one run."""
NO_SPREAD = 1e-4
"""Range of the reference's runs, over their mean, up to which a recipe counts as deterministic."""
HOPELESS_ATTEMPTS = 2
"""Attempts at chance level, or broken ones, after which no further one is made."""
DECIMALS = 1000
"""Points are given in thousandths."""


class Metric(StrEnum):
    """What is measured on held-out data."""

    ACCURACY = "accuracy"
    """A share of right predictions; more is better, and margins are differences."""
    PERPLEXITY = "perplexity"
    """How many characters a model hesitates between."""
    ERROR = "error"
    """How far predictions are off: the root of the mean squared difference."""
    NORM = "norm"
    """How long the vector of the weights is that fit the data."""

    @property
    def more_is_better(self) -> bool:
        """Whether it is; of all others less is better, and margins are factors."""
        return self is Metric.ACCURACY

    def show(self, value: float) -> str:
        """Return a value as people read it."""
        if self is Metric.ACCURACY:
            return f"{100 * value:.1f} %"
        return f"{value:.2f}" if self is Metric.PERPLEXITY else f"{value:.3g}"


@dataclass(frozen=True, slots=True)
class Rule:
    """How thresholds follow from reference runs.

    Attributes:
        metric: What is measured.
        chance: Value from which on a run counts as one that has learnt nothing.
        margin: Points of accuracy, or share of any other metric, that other styles may be worse.
        slope: As `margin`, from the threshold to where credit ends.
        ceiling: As `margin`, from the mean to where a person should look.
    """

    metric: Metric
    chance: float
    margin: float
    slope: float
    ceiling: float


ACCURACY_OF_TEN = Rule(Metric.ACCURACY, chance=0.15, margin=0.025, slope=0.05, ceiling=0.10)
PERPLEXITY_OF_27 = Rule(Metric.PERPLEXITY, chance=16.0, margin=0.05, slope=0.25, ceiling=0.40)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a set of reference runs asks of a submission.

    Attributes:
        mean: Of the runs.
        sd: Their standard deviation.
        worst: The worst of them.
        best: The best of them.
        threshold: Full credit from here on.
        floor: No credit from here on.
        ceiling: Too good to be true from here on.
    """

    mean: float
    sd: float
    worst: float
    best: float
    threshold: float
    floor: float
    ceiling: float


class Reason(StrEnum):
    """Why a training run ended as it did."""

    PASSED = "passed"
    BELOW = "below"
    """It learns, but not enough."""
    CHANCE = "chance"
    """It has learnt nothing."""
    BROKEN = "broken"
    """Its numbers became nan or infinite."""
    SEEDED = "seeded"
    """Every attempt is the same, so the code fixes its own randomness."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the rule needs to know of one attempt.

    Attributes:
        value: What was measured; nan if the run broke.
        start: What the untrained model said to a fixed input.
    """

    value: float
    start: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rule says of some attempts.

    Attributes:
        reason: In one word.
        best: The best value; nan if every attempt broke.
        share: Of the points.
        suspicious: Whether a person should look at it.
    """

    reason: Reason
    best: float
    share: Fraction
    suspicious: bool = False


def bounds(values: Sequence[float], rule: Rule) -> Bounds:
    """Derive the bounds from reference runs.

    Args:
        values: What at least two runs measured.
        rule: Margins and direction.
    """
    mean, sd = statistics.fmean(values), statistics.stdev(values)
    if rule.metric.more_is_better:
        threshold = min(*values, mean - rule.margin)
        ends = (threshold - rule.slope, mean + rule.ceiling)
        return Bounds(mean, sd, min(values), max(values), threshold, *ends)
    threshold = max(*values, mean * (1 + rule.margin))
    ends = (threshold * (1 + rule.slope), mean * (1 - rule.ceiling))
    return Bounds(mean, sd, max(values), min(values), threshold, *ends)


def unusable(values: Sequence[float], rule: Rule) -> str:
    """Say why no threshold can stand on some reference runs; empty if one can."""
    dead = [value for value in values if at_chance(value, rule)]
    if dead:
        return f"{len(dead)} of {len(values)} runs of the reference have learnt nothing"
    if len(values) > 1:
        spread = statistics.stdev(values) / statistics.fmean(values)
        if spread > MAX_SPREAD:
            return (
                f"the standard deviation is {spread:.1%} of the mean; {MAX_SPREAD:.0%} is allowed"
            )
    return ""


def at_chance(value: float, rule: Rule) -> bool:
    """Tell whether a run has learnt nothing; a broken one has not either."""
    if math.isnan(value):
        return True
    return value <= rule.chance if rule.metric.more_is_better else value >= rule.chance


def reaches(value: float, bound: float, rule: Rule) -> bool:
    """Tell whether a value is at a bound or better; nan never is."""
    return value >= bound if rule.metric.more_is_better else value <= bound


def another(attempts: Sequence[Attempt], found: Bounds, rule: Rule) -> bool:
    """Tell whether one more attempt is due."""
    if any(reaches(attempt.value, found.threshold, rule) for attempt in attempts):
        return False
    if not _varies(found) and len(attempts) > 1 and _same([a.value for a in attempts]):
        return False  # nothing is random here, so a third run would say the same
    hopeless = sum(at_chance(attempt.value, rule) for attempt in attempts)
    return len(attempts) < MAX_ATTEMPTS and hopeless < HOPELESS_ATTEMPTS


def decide(attempts: Sequence[Attempt], found: Bounds, rule: Rule) -> Decision:
    """Apply the rule.

    Args:
        attempts: At least one.
        found: The bounds of the reference.
        rule: Margins and direction.
    """
    values = [attempt.value for attempt in attempts if not math.isnan(attempt.value)]
    if not values:
        return Decision(Reason.BROKEN, math.nan, Fraction(0))
    best = max(values) if rule.metric.more_is_better else min(values)
    if reaches(best, found.threshold, rule):
        return Decision(
            Reason.PASSED, best, Fraction(1), suspicious=reaches(best, found.ceiling, rule)
        )
    share = _share(best, found)
    if at_chance(best, rule):
        return Decision(Reason.CHANCE, best, share)
    # Where the reference always measures the same, equal values accuse nobody of a seed.
    same = _varies(found) and _same([attempt.value for attempt in attempts])
    seeded = len(attempts) > 1 and (same or _same_start(attempts))
    return Decision(Reason.SEEDED if seeded else Reason.BELOW, best, share)


def points(share: Fraction, of: Fraction) -> Fraction:
    """Return a share of some points, rounded down to thousandths."""
    return Fraction(math.floor(share * of * DECIMALS), DECIMALS)


def agrees(values: Sequence[float], found: Bounds, rule: Rule) -> bool:
    """Tell whether runs of the reference elsewhere lie in the stored range.

    The range is widened by the margin on both sides: of three runs from the very same
    distribution, one in four triples would otherwise leave the range of twenty.
    """
    if rule.metric.more_is_better:
        low, high = found.worst - rule.margin, found.best + rule.margin
    else:
        low, high = found.best * (1 - rule.margin), found.worst * (1 + rule.margin)
    return all(low <= value <= high for value in values)


def _share(value: float, found: Bounds) -> Fraction:
    """Return the credit between floor and threshold: 0 at the one, 1 at the other."""
    share = (value - found.floor) / (found.threshold - found.floor)
    return Fraction(max(0.0, min(1.0, share))) if math.isfinite(share) else Fraction(0)


def _varies(found: Bounds) -> bool:
    """Tell whether the reference's runs differ beyond the rounding of float32."""
    return abs(found.best - found.worst) > NO_SPREAD * abs(found.mean)


def _same(values: Sequence[float]) -> bool:
    return all(value == values[0] for value in values)


def _same_start(attempts: Sequence[Attempt]) -> bool:
    starts = {attempt.start for attempt in attempts}
    return len(starts) == 1 and len(set(next(iter(starts)))) > 1
