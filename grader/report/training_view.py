"""What training measured, in numbers that stand on the true side of their threshold."""

from __future__ import annotations

from collections.abc import Iterable

from grader.model import TrainingAttempt, TrainingRecord, Verdict
from grader.report import charts
from grader.report.language import Say
from grader.report.numbers import seconds_text
from grader.report.view import AttemptView, TestView, TrainingView

HASH_DIGITS = 12
MOST_ATTEMPTS = 10
"""Rows of a table of attempts; the rule makes three."""
_PARTS = ("training.probe", "training.probe.batch")
"""What is said of the two parts of a probe."""
_FEWEST, _MOST = 1, 6
"""Decimals of a measurement."""


def training_view(verdict: Verdict, test: TestView, exercise: str, say: Say) -> TrainingView:
    """Decide what is shown of one test's training.

    Args:
        verdict: The test; it has a record.
        test: Its view.
        exercise: Title of its exercise.
        say: Says it in the reader's language.
    """
    record = verdict.training
    assert record is not None  # noqa: S101 - the caller has looked
    show = _Numbers(record)
    recipe = record.recipe.replace("-", "_")
    chosen = charts.shown_attempt(record)
    judged = () if record.is_probe else record.attempts
    texts = {name: show(getattr(record, name)) for name in ("value", "threshold", "floor")}
    reference = ""
    if record.worst is not None and record.best is not None:
        low, high = sorted((record.worst, record.best))
        reference = say("training.range", low=show(low), high=show(high))
    metric = say(f"training.metric.{record.metric}")
    return TrainingView(
        title=say.known(f"training.recipe.{recipe}", record.title),
        exercise=exercise,
        metric=metric,
        reason=say.known(f"training.reason.{record.reason}", ""),
        told=_told(record, texts, metric, say),
        reference=reference,
        facts=_facts(record, texts, reference, show, say),
        attempts=tuple(
            AttemptView(
                number=str(number),
                seed=str(attempt.seed),
                value=show(attempt.value) or say("training.no_value"),
                seconds=seconds_text(attempt.seconds),
                is_shown=attempt is chosen,
            )
            for number, attempt in enumerate(judged[:MOST_ATTEMPTS], start=1)
        ),
        losses=tuple(_losses(record, chosen)),
        ruler=charts.ruler(record),
        curve=charts.curve(record),
        note=record.note,
        line=_line(record, texts, reference, metric, show, say),
        test=test,
        **texts,
    )


class _Numbers:
    """Writes the measurements of one record with as many decimals as tell them from T."""

    def __init__(self, record: TrainingRecord) -> None:
        """Look at all attempts, so that one reader compares like with like."""
        self._is_share = record.metric == "accuracy"
        values = [a.value for a in record.attempts if a.value is not None]
        bounds = [b for b in (record.threshold, record.floor) if b is not None]
        self._decimals = next(
            (d for d in range(_FEWEST, _MOST) if self._is_true(values, bounds, d)), _MOST
        )

    def __call__(self, value: float | None) -> str:
        """Write one number; nothing for None."""
        if value is None:
            return ""
        scaled = self._rounded(value, self._decimals)
        number = f"{scaled:.{self._decimals}f}"
        return f"{number}\u00a0%" if self._is_share else number

    def _rounded(self, value: float, decimals: int) -> float:
        return round(value * 100 if self._is_share else value, decimals)

    def _is_true(self, values: Iterable[float], bounds: Iterable[float], decimals: int) -> bool:
        """Tell whether every value, once rounded, still stands where it stood."""
        pairs = [(value, bound) for value in values for bound in bounds]
        return all(
            _order(value, bound)
            == _order(self._rounded(value, decimals), self._rounded(bound, decimals))
            for value, bound in pairs
        )


def _order(one: float, other: float) -> int:
    return (one > other) - (one < other)


def _told(record: TrainingRecord, texts: dict[str, str], metric: str, say: Say) -> str:
    """Say in a sentence or two what came out and what is asked for."""
    if record.is_probe:
        return _probed(record, say)
    parts = []
    if texts["value"]:
        parts.append(say("training.told.value", metric=metric, value=texts["value"]))
    elif record.attempts:
        parts.append(say("training.told.nothing"))
    if texts["threshold"]:
        parts.append(say("training.told.asked", threshold=texts["threshold"], floor=texts["floor"]))
    if record.suspicious:
        parts.append(say("training.told.suspicious"))
    return " ".join(parts)


def _probed(record: TrainingRecord, say: Say) -> str:
    """Say how the losses of a probe fell: in ordinary training, then with a single batch."""
    parts = []
    for key, attempt in zip(_PARTS, record.attempts, strict=False):
        first, last = (f"{loss:.4g}" for loss in attempt.ends)
        parts.append(say(key, first=first, last=last, steps=str(record.steps)))
    return " ".join(parts)


def _line(
    record: TrainingRecord,
    texts: dict[str, str],
    reference: str,
    metric: str,
    show: _Numbers,
    say: Say,
) -> str:
    """Say all of it on one line, for a terminal."""
    if record.is_probe:
        return _probed(record, say)
    none = say("training.no_value")
    attempts = " · ".join(show(a.value) or none for a in record.attempts[:MOST_ATTEMPTS])
    return say(
        "training.line" if texts["threshold"] else "training.line.bare",
        metric=metric,
        reference=reference,
        attempts=attempts or none,
        **{name: text or none for name, text in texts.items()},
    )


def _facts(
    record: TrainingRecord, texts: dict[str, str], reference: str, show: _Numbers, say: Say
) -> tuple[tuple[str, str], ...]:
    """List the numbers behind the drawing, and under which conditions they came about."""
    data = record.data
    if record.data_sha256:
        data = say("training.data", data=data, sha256=record.data_sha256[:HASH_DIGITS])
    known = [
        (say("training.threshold"), texts["threshold"]),
        (say("training.floor"), texts["floor"]),
        (say("training.reference"), reference),
        (say("training.mean"), show(record.mean)),
        (say("training.steps"), str(record.steps)),
        (say("fact.data"), data),
        (say("fact.device"), _device(record)),
        (say("training.gpu_memory"), _peak(record)),
    ]
    return tuple((name, value) for name, value in known if value)


def _device(record: TrainingRecord) -> str:
    driver = f" ({record.driver})" if record.driver else ""
    return f"{record.device}{driver}, torch {record.torch}"


def _peak(record: TrainingRecord) -> str:
    """Give the most memory of a card that any attempt took; nothing on a CPU."""
    seen = [a.gpu_peak_mib for a in record.attempts if a.gpu_peak_mib]
    return f"{max(seen)} MiB" if seen else ""


def _losses(
    record: TrainingRecord, chosen: TrainingAttempt | None
) -> Iterable[tuple[str, str, str, str]]:
    """Give the curve as rows; a run that broke ends before the reference does."""
    own = chosen.losses if chosen else ()
    parts = max(len(own), len(record.band))
    for number in range(parts):
        low, high = record.band[number] if number < len(record.band) else (None, None)
        yield (
            str(record.steps * (number + 1) // parts),
            f"{own[number]:.4g}" if number < len(own) else "",
            "" if low is None else f"{low:.4g}",
            "" if high is None else f"{high:.4g}",
        )
