"""Two drawings of a training run, as numbers that a template places into SVG.

The ruler shows where a value stands between no points and all points, and where the runs of the
reference stand. The curve shows the loss over the band of those runs. Better is to the right of
the ruler for every metric. Whatever the student's code reported stays within the drawing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.model import TrainingAttempt, TrainingRecord
from grader.report.view import CurveView, MarkView, RulerView

WIDTH = 440
EDGE = 12
"""Room at both ends of the ruler."""
NEAR_END = 0.3
"""Share of the width within which a label turns inwards."""
CURVE_LEFT, CURVE_TOP, CURVE_BOTTOM = 44, 30, 172
SMALLEST, LARGEST = 1e-9, 1e300
"""Losses outside of these are not worth a scale of their own."""
OVERSHOOT = 1.5
"""How far above the band a curve may reach before it is cut off."""


def ruler(record: TrainingRecord) -> RulerView | None:
    """Place a record's values on a line from worse to better.

    Args:
        record: What training measured.

    Returns:
        The drawing; None where there is no threshold to stand beside.
    """
    floor, threshold, worst, best = record.floor, record.threshold, record.worst, record.best
    if floor is None or threshold is None or worst is None or best is None or floor == threshold:
        return None
    values = [attempt.value for attempt in record.attempts if attempt.value is not None]
    unit = threshold - floor  # negative where less is better: the line is turned over
    ends = [0.0, 1.0, *((value - floor) / unit for value in (worst, best))]
    low, high = min(ends) - 1, max(ends) + 1
    shares = [(value - floor) / unit for value in values]
    low = max(low, min(*ends, *shares) - 0.15)
    high = min(high, max(*ends, *shares) + 0.15)

    def place(value: float) -> float:
        share = min(max((value - floor) / unit, low), high)
        return round(EDGE + (WIDTH - 2 * EDGE) * (share - low) / (high - low), 1)

    own = None if record.value is None else _mark(place(record.value))
    return RulerView(
        floor=_mark(place(floor)),
        threshold=_mark(place(threshold)),
        reference=(place(worst), round(max(2.0, place(best) - place(worst)), 1)),
        reference_label=_mark((place(worst) + place(best)) / 2),
        value=own,
        others=tuple(sorted({place(value) for value in values if value != record.value})),
        end=WIDTH - EDGE,
    )


def curve(record: TrainingRecord) -> CurveView | None:
    """Draw the losses of all attempts over the band of the reference.

    Args:
        record: What training measured.

    Returns:
        The drawing; None where there is nothing that could be drawn.
    """
    chosen = shown_attempt(record)
    runs = [attempt.losses for attempt in record.attempts if attempt.losses]
    parts = max(map(len, (record.band, *runs)), default=0)
    if parts < 2:  # noqa: PLR2004 - no line through one point
        return None
    highest = max((high for _, high in record.band), default=0.0)
    losses = [loss for run in runs for loss in run]
    reach = max([highest, *losses])
    top = _round_up(min(reach, highest * OVERSHOOT) if highest else reach)

    def point(number: int, loss: float) -> str:
        x = CURVE_LEFT + (WIDTH - EDGE - CURVE_LEFT) * (number + 1) / parts
        share = min(max(loss / top, 0.0), 1.0)
        return f"{x:.1f},{CURVE_BOTTOM - (CURVE_BOTTOM - CURVE_TOP) * share:.1f}"

    def line(run: Sequence[float]) -> str:
        return " ".join(point(number, loss) for number, loss in enumerate(run))

    upper = [point(number, high) for number, (_, high) in enumerate(record.band)]
    lower = [point(number, low) for number, (low, _) in enumerate(record.band)]
    own = chosen.losses if chosen else ()
    return CurveView(
        band=" ".join([*upper, *reversed(lower)]),
        own=line(own),
        others=tuple(line(run) for run in runs if run != own),
        top=f"{top:g}",
        steps=str(record.steps),
        is_cut=any(not 0 <= loss <= top for loss in losses),
    )


def shown_attempt(record: TrainingRecord) -> TrainingAttempt | None:
    """Choose the attempt that stands for all: the one that counted, or else the last.

    Of a probe it is the first part, ordinary training.
    """
    if record.is_probe:
        return record.attempts[0] if record.attempts else None
    counted = [a for a in record.attempts if a.value is not None and a.value == record.value]
    return counted[0] if counted else (record.attempts[-1] if record.attempts else None)


def _mark(x: float) -> MarkView:
    """Place a label so that it does not leave the drawing."""
    if x < WIDTH * NEAR_END:
        return MarkView(x, "start")
    return MarkView(x, "end" if x > WIDTH * (1 - NEAR_END) else "middle")


def _round_up(number: float) -> float:
    """Round up to a number that is short to read; never 0."""
    if not SMALLEST < number < LARGEST:
        return 1.0 if number <= SMALLEST else number
    step = 5 * 10.0 ** (math.floor(math.log10(number)) - 1)
    return math.ceil(number / step) * step
