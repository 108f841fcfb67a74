"""What training measured survives `result.json`, and so do points for a part."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction
from typing import TYPE_CHECKING

from grader.model import Outcome, TrainingAttempt, TrainingRecord
from grader.report import read_result, result_dict, write_result
from tests.grader.report import grades

if TYPE_CHECKING:
    from pathlib import Path

    from grader.model import Grade

RECORD = TrainingRecord(
    recipe="mlp-dropout",
    title="a perceptron with dropout",
    metric="accuracy",
    data="fashion-mnist-small",
    data_sha256="a" * 64,
    device="cpu",
    torch="2.13",
    steps=240,
    value=0.75,
    reason="below",
    threshold=0.79,
    floor=0.74,
    ceiling=0.92,
    mean=0.82,
    worst=0.8,
    best=0.83,
    band=((1.0, 2.0), (0.5, 0.75)),
    attempts=(
        TrainingAttempt(7, 0.75, 1.5, (1.5, 0.625)),
        TrainingAttempt(8, None, 0.25, (1.5,)),
    ),
    note="Calibrated elsewhere.",
)


def _trained(record: TrainingRecord) -> Grade:
    """Give one grade whose first test trained and earned a part of its points."""
    first, *others = grades.all_passed()
    part = dataclasses.replace(
        first,
        outcome=Outcome.FAILED,
        message="Not enough.",
        earned=first.test.points / 4,
        training=record,
    )
    return grades.grade([part, *others])


def test_a_record_and_its_points_are_read_back(tmp_path: Path) -> None:
    """Value, bounds, band, attempts and a quarter of the points are what they were."""
    grade = _trained(RECORD)
    write_result(grade, tmp_path / "result.json")

    verdict = read_result(tmp_path).exercises[0].verdicts[0]

    assert verdict.training == RECORD
    assert verdict.points == verdict.test.points / 4
    assert isinstance(verdict.earned, Fraction)


def test_nan_and_infinity_never_reach_the_file() -> None:
    """They are null, because JSON has no word for them."""
    broken = dataclasses.replace(RECORD, value=math.nan, threshold=math.inf)

    (stored,) = result_dict(_trained(broken))["exercises"][0]["training"]

    assert (stored["value"], stored["threshold"]) == (None, None)
