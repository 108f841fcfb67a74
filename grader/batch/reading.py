"""Reading the hand-ins of a class, by several processes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from grader import collect
from grader.batch.ahead import in_children
from grader.batch.intake import read_attempt
from grader.batch.plan import Attempt, Trouble
from grader.batch.progress import counted
from grader.batch.texts import Texts
from grader.errors import AutogradeError, SubmissionError
from grader.model import Exercise, Submission


class _Reading(msgspec.Struct, array_like=True):
    """What became of one attempt: a submission and its packed texts, or why there is none."""

    submission: Submission | None = None
    packed: tuple[bytes, ...] = ()
    trouble: Trouble | None = None


def read_all(
    attempts: Sequence[Attempt],
    exercises: Sequence[Exercise],
    limits: collect.IntakeLimits,
    texts: Texts,
    processes: int = 1,
) -> Iterator[tuple[Attempt, Submission | Trouble]]:
    """Read every attempt.

    Args:
        attempts: Where they stand.
        exercises: Those asked for, in course order.
        limits: How much is read.
        texts: Is given the texts, which the submissions come without.
        processes: How many may read beside this one.

    Yields:
        Each attempt with what was handed in, or why it cannot be read.
    """

    def read(attempt: Attempt) -> _Reading:
        found = _read(attempt, exercises, limits)
        if isinstance(found, Trouble):
            return _Reading(trouble=found)
        return _Reading(*texts.pack(found))

    def do(attempt: Attempt) -> bytes:
        return msgspec.msgpack.encode(read(attempt))

    waiting = counted(attempts, "hand-ins read")
    for attempt, done in in_children(waiting, do, processes):
        # A child that cannot say what it read, a name that is no text for instance, says nothing.
        found = read(attempt) if done is None else msgspec.msgpack.decode(done, type=_Reading)
        if found.submission is not None:
            texts.keep(found.submission, found.packed)
            yield attempt, found.submission
        elif found.trouble is not None:
            yield attempt, found.trouble


def _read(
    attempt: Attempt, exercises: Sequence[Exercise], limits: collect.IntakeLimits
) -> Submission | Trouble:
    try:
        return read_attempt(attempt, exercises, limits)
    except AutogradeError as error:
        is_ours = not isinstance(error, SubmissionError)
        return Trouble(attempt.owner, f"{error.where}: {error.what} {error.what_now}", is_ours)
    except Exception as error:  # noqa: BLE001 - one hand-in must not end the batch
        what = f"it cannot be read ({type(error).__name__}: {error})"
        return Trouble(f"{attempt.owner}: {Path(attempt.path)}", what, is_ours=True)
