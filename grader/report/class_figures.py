"""Bars drawn by hand: where each stands, and what it counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from grader.report.class_view import BarView, FigureView, MarkView
from grader.report.language import Say
from grader.report.numbers import moment_text

WIDTH, HEIGHT = 640, 190
_TOP, _BOTTOM, _SIDE = 34, 160, 8
_MOST_BARS = 24
_TICKS = 8
_STEPS = (
    timedelta(minutes=10), timedelta(hours=1), timedelta(hours=3), timedelta(hours=6),
    timedelta(hours=12), timedelta(days=1), timedelta(days=2), timedelta(days=7),
    timedelta(days=28), timedelta(days=364),
)  # fmt: skip
_NICE = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class _Bin:
    label: str
    count: int


def histogram(
    scores: Sequence[Fraction], max_score: Fraction, median: Fraction, say: Say
) -> FigureView:
    """Draw how many have how many points.

    Args:
        scores: At least one, from 0 to `max_score`.
        max_score: More than 0.
        median: Of the scores.
        say: The language.
    """
    step = _nice_step(max_score)
    count = max(1, -(-max_score // step))  # upwards
    counts = [0] * count
    for score in scores:
        counts[min(count - 1, max(0, score // step))] += 1
    bins = [
        _Bin(f"{_short(step * n)}–{_short(min(max_score, step * (n + 1)))}", found)
        for n, found in enumerate(counts)
    ]
    at = _SIDE + float(median / (step * count)) * (WIDTH - 2 * _SIDE)
    mark = _mark(at, say("class.scores.median.at", median=_short(median)))
    return _figure(
        "scores", say("class.scores.histogram"),
        say("class.scores.histogram.detail", count=len(scores), most=max(counts)),
        bins, (mark,), (say("class.scores.points"), say("class.scores.people")),
        say("class.scores.bins", step=_short(step)),
    )  # fmt: skip


def timeline(moments: Sequence[datetime], due: Iterable[datetime], say: Say) -> FigureView:
    """Draw when hand-ins came in, with the due dates that fall between.

    Args:
        moments: At least one (aware).
        due: Due dates (aware).
        say: The language.
    """
    dates = sorted({*due})
    first, last = min([*moments, *dates]), max([*moments, *dates])
    step = next((s for s in _STEPS if (last - first) / s < _MOST_BARS), _STEPS[-1])
    epoch = datetime(2000, 1, 3, tzinfo=UTC)  # a Monday, so that weeks begin on Mondays
    start = epoch + (first - epoch) // step * step
    count = (last - start) // step + 1
    counts = [0] * count
    for moment in moments:
        counts[(moment - start) // step] += 1
    is_days = step >= timedelta(days=1)
    labels = [start + step * n for n in range(count)]
    bins = [
        _Bin(f"{label:%Y-%m-%d}" if is_days else moment_text(label), found)
        for label, found in zip(labels, counts, strict=True)
    ]
    whole = step * count
    marks = [
        _mark(_SIDE + (date - start) / whole * (WIDTH - 2 * _SIDE), say("class.timeline.due.short"))
        for date in dates
    ]
    detail = say(
        "class.timeline.detail", first=moment_text(min(moments)), last=moment_text(max(moments))
    )
    if dates:
        named = say("tally.joint").join(moment_text(date) for date in dates)
        detail = say("class.timeline.due", detail=detail, due=named)
    ticks = [f"{label:%m-%d}" if is_days else f"{label:%m-%d %H:%M}" for label in labels]
    return _figure(
        "timeline", say("class.timeline.title"), detail, bins, marks,
        (say("class.timeline.from"), say("class.timeline.hand_ins")),
        say("class.timeline.caption"), ticks,
    )  # fmt: skip


def _figure(
    name: str,
    title: str,
    detail: str,
    bins: Sequence[_Bin],
    marks: Iterable[MarkView],
    header: tuple[str, str],
    caption: str,
    ticks: Sequence[str] | None = None,
) -> FigureView:
    width = (WIDTH - 2 * _SIDE) / len(bins)
    most = max(found.count for found in bins) or 1
    bars = []
    for number, found in enumerate(bins):
        height = found.count / most * (_BOTTOM - _TOP)
        x = _SIDE + number * width
        bars.append(
            BarView(
                x=_number(x + 1),
                y=_number(_BOTTOM - height),
                width=_number(max(1.0, width - 2)),
                height=_number(height),
                middle=_number(x + width / 2),
                count=str(found.count) if found.count else "",
                label=found.label,
            )
        )
    words = ticks or [found.label for found in bins]
    every = -(-len(words) // _TICKS)
    shown = [
        MarkView(_number(_SIDE + (n + 0.5) * width), word, _anchor(n, len(words)))
        for n, word in enumerate(words)
        if n % every == 0
    ]
    return FigureView(name, title, detail, tuple(bars), tuple(shown), tuple(marks), header, caption)


def _mark(x: float, label: str) -> MarkView:
    return MarkView(_number(x), label, "end" if x > WIDTH / 2 else "start")


def _anchor(number: int, count: int) -> str:
    """Keep the first and the last word of an axis inside the figure."""
    if number == 0:
        return "start"
    return "end" if number == count - 1 else "middle"


def _nice_step(max_score: Fraction) -> Fraction:
    """Give the smallest step of 1, 2 or 5 times a power of ten that needs few bars."""
    power = Fraction(1, 100)
    while True:
        for factor in _NICE:
            step = power * factor
            if max_score / step <= _MOST_BARS:
                return step
        power *= 10


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _short(value: Fraction) -> str:
    return f"{float(value):.2f}".rstrip("0").rstrip(".")
