"""The rule for training runs, held by numbers that can be worked out by hand."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.judge import threshold
from grader.judge.threshold import (
    ACCURACY_OF_TEN,
    PERPLEXITY_OF_27,
    Attempt,
    Reason,
    at_chance,
    bounds,
    decide,
)

ACCURACIES = [0.80, 0.81, 0.82, 0.79]
PERPLEXITIES = [9.0, 9.2, 9.1, 9.1]
STILL = bounds([0.8] * 20, ACCURACY_OF_TEN)
"""Of a reference that measures the same in every run."""
ACCURACY, PERPLEXITY = bounds(ACCURACIES, ACCURACY_OF_TEN), bounds(PERPLEXITIES, PERPLEXITY_OF_27)
RULES = [(ACCURACY, ACCURACY_OF_TEN), (PERPLEXITY, PERPLEXITY_OF_27)]


def _attempts(*values: float) -> list[Attempt]:
    return [Attempt(value, (float(number), 1.5)) for number, value in enumerate(values)]


def test_the_threshold_is_the_mean_less_the_margin() -> None:
    """Where runs hardly differ, the margin for other styles decides."""
    assert ACCURACY.threshold == pytest.approx(0.805 - 0.025)
    assert ACCURACY.floor == pytest.approx(0.73)
    assert ACCURACY.ceiling == pytest.approx(0.905)
    assert PERPLEXITY.threshold == pytest.approx(9.1 * 1.05)
    assert PERPLEXITY.floor == pytest.approx(9.1 * 1.05 * 1.25)
    assert PERPLEXITY.ceiling == pytest.approx(9.1 * 0.6)


def test_the_worst_run_is_always_good_enough() -> None:
    """Where runs differ a lot, the worst of them decides."""
    assert bounds([0.80, 0.80, 0.80, 0.70], ACCURACY_OF_TEN).threshold == 0.70
    assert bounds([9.0, 9.0, 9.0, 12.0], PERPLEXITY_OF_27).threshold == 12.0


@given(st.lists(st.floats(0.2, 1.0), min_size=2, max_size=20))
def test_every_reference_run_would_pass(values: list[float]) -> None:
    """Whatever was measured: each run that a threshold stands on reaches it."""
    found = bounds(values, ACCURACY_OF_TEN)

    for value in values:
        assert decide([Attempt(value)], found, ACCURACY_OF_TEN).reason is Reason.PASSED


@pytest.mark.parametrize(("found", "rule"), RULES)
def test_one_good_attempt_passes_at_once(found: threshold.Bounds, rule: threshold.Rule) -> None:
    """Exactly at the threshold is enough, and no further attempt is made."""
    attempts = [Attempt(found.threshold)]

    assert decide(attempts, found, rule) == threshold.Decision(
        Reason.PASSED, found.threshold, Fraction(1)
    )
    assert not threshold.another(attempts, found, rule)


def test_a_weak_attempt_gets_two_more() -> None:
    """Three in all, of which the best counts."""
    assert threshold.another(_attempts(0.77), ACCURACY, ACCURACY_OF_TEN)
    assert threshold.another(_attempts(0.77, 0.76), ACCURACY, ACCURACY_OF_TEN)
    assert not threshold.another(_attempts(0.77, 0.76, 0.75), ACCURACY, ACCURACY_OF_TEN)
    assert decide(_attempts(0.77, 0.76, 0.78), ACCURACY, ACCURACY_OF_TEN).share == 1


@pytest.mark.parametrize("hopeless", [0.1, math.nan])
def test_nothing_learnt_twice_is_enough(hopeless: float) -> None:
    """Chance level, or a broken run, ends the attempts after the second one."""
    assert threshold.another(_attempts(hopeless), ACCURACY, ACCURACY_OF_TEN)
    assert not threshold.another(_attempts(hopeless, hopeless), ACCURACY, ACCURACY_OF_TEN)


@pytest.mark.parametrize(("found", "rule"), RULES)
def test_credit_is_a_line_between_floor_and_threshold(
    found: threshold.Bounds, rule: threshold.Rule
) -> None:
    """Half way between the two is half of the points; at the floor it is nothing."""
    middle = (found.floor + found.threshold) / 2

    assert float(decide(_attempts(middle), found, rule).share) == pytest.approx(0.5)
    assert decide(_attempts(found.floor), found, rule).share == 0


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_any_number_gets_a_share(value: float) -> None:
    """Nothing that a run may measure breaks the rule, and no share leaves 0 to 1."""
    for found, rule in RULES:
        assert 0 <= decide([Attempt(value)], found, rule).share <= 1


def test_nan_is_never_good() -> None:
    """A run that broke earns nothing, in either direction."""
    for found, rule in RULES:
        decision = decide([Attempt(math.nan)], found, rule)
        assert (decision.reason, decision.share) == (Reason.BROKEN, 0)
        assert at_chance(math.nan, rule)


def test_an_infinite_perplexity_is_chance() -> None:
    """A model that is sure of the wrong character has learnt nothing."""
    decision = decide([Attempt(math.inf)], PERPLEXITY, PERPLEXITY_OF_27)

    assert (decision.reason, decision.share) == (Reason.CHANCE, 0)


@pytest.mark.parametrize(
    ("value", "found", "rule"),
    [(0.95, ACCURACY, ACCURACY_OF_TEN), (5.0, PERPLEXITY, PERPLEXITY_OF_27)],
)
def test_too_good_is_for_a_person(
    value: float, found: threshold.Bounds, rule: threshold.Rule
) -> None:
    """Above the ceiling all points are given, and a flag."""
    decision = decide([Attempt(value)], found, rule)

    assert decision.suspicious
    assert decision.share == 1
    assert not decide([Attempt(found.mean)], found, rule).suspicious


def test_identical_attempts_mean_a_seed_of_its_own() -> None:
    """Fresh seeds give other numbers; where they do not, the code sets its own."""
    same_values = _attempts(0.75, 0.75, 0.75)
    same_starts = [Attempt(value, (0.1, 0.2)) for value in (0.75, 0.74, 0.76)]

    assert decide(same_values, ACCURACY, ACCURACY_OF_TEN).reason is Reason.SEEDED
    assert decide(same_starts, ACCURACY, ACCURACY_OF_TEN).reason is Reason.SEEDED
    assert decide(_attempts(0.75, 0.74, 0.76), ACCURACY, ACCURACY_OF_TEN).reason is Reason.BELOW


def test_a_constant_start_is_no_seed() -> None:
    """A model that begins with all scores equal has not been seeded by anybody."""
    attempts = [Attempt(value, (0.1, 0.1)) for value in (0.75, 0.74, 0.76)]

    assert decide(attempts, ACCURACY, ACCURACY_OF_TEN).reason is Reason.BELOW


def test_a_deterministic_reference_has_the_margin_for_a_threshold() -> None:
    """Without any spread right code in another style still has room."""
    assert (STILL.sd, STILL.threshold) == (0, pytest.approx(0.775))
    assert not threshold.unusable([0.8] * 20, ACCURACY_OF_TEN)


def test_equal_values_accuse_nobody_where_the_reference_never_varies() -> None:
    """Nothing is random in such a recipe, so equal values say nothing about seeds."""
    assert decide(_attempts(0.75, 0.75), STILL, ACCURACY_OF_TEN).reason is Reason.BELOW


def test_what_cannot_differ_is_not_run_a_third_time() -> None:
    """A second run shows that nothing is random; where values differ, all attempts are made."""
    assert threshold.another(_attempts(0.75), STILL, ACCURACY_OF_TEN)
    assert not threshold.another(_attempts(0.75, 0.75), STILL, ACCURACY_OF_TEN)
    assert threshold.another(_attempts(0.75, 0.76), STILL, ACCURACY_OF_TEN)


@given(st.fractions(0, 1), st.integers(1, 20000))
def test_points_are_thousandths_and_never_too_many(share: Fraction, thousandths: int) -> None:
    """Rounded down, by less than a thousandth."""
    of = Fraction(thousandths, 1000)
    given_points = threshold.points(share, of)

    assert (given_points * 1000).denominator == 1
    assert 0 <= share * of - given_points < Fraction(1, 1000)


def test_a_recipe_with_a_dead_seed_is_refused() -> None:
    """One run at chance among twenty says that the recipe is a lottery."""
    assert "1 of 20" in threshold.unusable([0.8] * 19 + [0.1], ACCURACY_OF_TEN)


def test_a_recipe_that_varies_is_refused() -> None:
    """A standard deviation above 2 % of the mean says too little in one run."""
    assert threshold.unusable([0.8, 0.7, 0.75, 0.78], ACCURACY_OF_TEN)
    assert not threshold.unusable([0.8, 0.79, 0.81, 0.8], ACCURACY_OF_TEN)


@pytest.mark.parametrize(("found", "rule"), RULES)
def test_the_reference_elsewhere_must_lie_in_the_range(
    found: threshold.Bounds, rule: threshold.Rule
) -> None:
    """Within the range and its margin a threshold may be used, beyond it not."""
    assert threshold.agrees([found.best, found.mean, found.worst], found, rule)
    assert not threshold.agrees([found.mean, found.floor], found, rule)
    assert not threshold.agrees([found.mean, found.ceiling], found, rule)
