"""The drawings of a training run stay within their frame, whatever was reported."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model import TrainingAttempt
from grader.report import charts
from tests.grader.report.grades import TRAINED

LOSSES = st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=25)
VALUES = st.none() | st.floats(allow_nan=False, allow_infinity=False)


def test_better_is_to_the_right_for_every_metric() -> None:
    """Floor, threshold, reference: also where less is better."""
    less = replace(
        TRAINED, metric="perplexity", floor=12.7, threshold=10.2, worst=9.8, best=9.6, value=11.0
    )
    for record in (TRAINED, less):
        drawn = charts.ruler(record)
        assert drawn is not None
        assert drawn.value is not None
        places = (drawn.floor.x, drawn.value.x, drawn.threshold.x, drawn.reference[0])
        assert places == tuple(sorted(places))
        assert drawn.reference[1] >= 2


def test_nothing_is_drawn_without_something_to_compare() -> None:
    """No threshold, no ruler; no losses and no band, no curve."""
    assert charts.ruler(replace(TRAINED, threshold=None)) is None
    assert charts.curve(replace(TRAINED, attempts=(), band=())) is None


def test_the_attempt_that_counts_is_the_one_drawn() -> None:
    """Not the last one, unless none gave a value."""
    assert charts.shown_attempt(TRAINED) is TRAINED.attempts[1]
    broken = replace(TRAINED, value=None, attempts=TRAINED.attempts[2:])
    assert charts.shown_attempt(broken) is TRAINED.attempts[2]


@pytest.mark.filterwarnings("error")
@given(losses=LOSSES, value=VALUES, has_band=st.booleans())
def test_any_numbers_stay_within_the_drawing(
    losses: list[float], value: float | None, *, has_band: bool
) -> None:
    """Of the size of atoms or of galaxies, below 0, too few or too many."""
    attempt = TrainingAttempt(1, value, 1.0, tuple(losses))
    band = TRAINED.band if has_band else ()
    record = replace(TRAINED, value=value, attempts=(attempt,), band=band)
    ruler, curve = charts.ruler(record), charts.curve(record)
    assert ruler is not None
    assert ruler.value is None or 0 <= ruler.value.x <= charts.WIDTH
    assert 0 <= ruler.floor.x < ruler.threshold.x <= charts.WIDTH
    if curve is not None:
        for point in f"{curve.own} {curve.band}".split():
            x, y = map(float, point.split(","))
            assert charts.CURVE_LEFT <= x <= charts.WIDTH
            assert charts.CURVE_TOP <= y <= charts.CURVE_BOTTOM
