"""What the light process and its worker say to each other: one JSON object a line.

    Setup ->                     which exercises, which isolation, public tests only or all
          <- Ready               the list of tests, the isolation in force, versions
    Job ->                       one hand-in of one exercise
          <- Judged ...          one verdict each, as soon as it is known
          <- Diagnosed ...       why a task failed, once all its verdicts are known
          <- Done
    Fingerprint ->               the known mistakes of one exercise, for its author
          <- Fingerprinted
          <- Done
          <- Trouble             instead of any answer: something that is no verdict

Both ends are trusted, but what a student wrote travels inside (messages, printed output), so
this is typed JSON and nothing that could run.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec

from grader.model import (
    Device,
    Diagnosis,
    Exercise,
    HandIn,
    Isolation,
    TestCase,
    TrainingMode,
    Verdict,
)


class Setup(msgspec.Struct, frozen=True, tag=True):
    """The worker's first message.

    Attributes:
        root: The course's folder.
        exercises: Whose suites to collect.
        level: The isolation wanted, or -1 for the best that this host gives.
        public_only: True for a self-check.
        probes: Whether the public tests that train briefly are among the cases.
        device: Where training may take place.
    """

    root: Path
    exercises: tuple[Exercise, ...]
    level: int
    public_only: bool
    probes: bool = False
    device: Device = Device.CPU


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The suites are collected and the first cell can be opened."""

    cases: dict[str, tuple[TestCase, ...]]
    isolation: Isolation
    environment: dict[str, str]


class Job(msgspec.Struct, frozen=True, tag=True):
    """One hand-in to judge.

    Attributes:
        exercise: The exercise; its limits may be narrower than those of `Setup`.
        hand_in: The student's text.
        seed: Seed of the run.
        stop_at_first_loss: End after the first test that is not passed.
        tasks_first: Tasks whose tests run first.
        training: What becomes of tests that train.
        submission: What the hand-in is part of; those of one submission are judged by one process.
        is_last: Whether no other one of the same submission follows.
    """

    exercise: Exercise
    hand_in: HandIn
    seed: int
    stop_at_first_loss: bool = False
    tasks_first: tuple[str, ...] = ()
    training: TrainingMode = TrainingMode.JUDGE
    submission: str = ""
    is_last: bool = True


class Judged(msgspec.Struct, frozen=True, tag=True):
    """One verdict of the running job."""

    verdict: Verdict


class Diagnosed(msgspec.Struct, frozen=True, tag=True):
    """Why one task of the running job failed."""

    diagnosis: Diagnosis


class Entry(msgspec.Struct, frozen=True):
    """One known mistake, ready to be run.

    Attributes:
        name: Its name in the catalogue.
        task: Task that it answers wrongly.
        label: What it does wrong.
        hint: What to tell a student who made it.
        source: The whole mistaken module.
        where: `file:line` of the entry.
    """

    name: str
    task: str
    label: str
    hint: str
    source: str
    where: str


class Fingerprint(msgspec.Struct, frozen=True, tag=True):
    """Ask the probes of an exercise of its known mistakes."""

    exercise: Exercise
    entries: tuple[Entry, ...]


class Fingerprinted(msgspec.Struct, frozen=True, tag=True):
    """What the fingerprints file should hold, and what an author has to mend.

    Attributes:
        text: The file's text; empty if the exercise has no probes.
        current: True if the stored file says the same.
        findings: Where, and what.
    """

    text: str
    current: bool
    findings: tuple[tuple[str, str], ...]


class Done(msgspec.Struct, frozen=True, tag=True):
    """The running job has ended; tests without a verdict were not run."""


class Trouble(msgspec.Struct, frozen=True, tag=True):
    """Something that is no verdict.

    Attributes:
        kind: `course` (an author must mend something) or `fault` (ours).
        where: See `AutogradeError`.
        what: See `AutogradeError`.
        what_now: See `AutogradeError`.
    """

    kind: str
    where: str
    what: str
    what_now: str = ""


Order = Setup | Job | Fingerprint
Answer = Ready | Judged | Diagnosed | Fingerprinted | Done | Trouble


def encode_other(value: Any) -> Any:
    """Write what JSON has no word for."""
    if isinstance(value, Fraction):
        return [value.numerator, value.denominator]
    if isinstance(value, Path):
        return str(value)
    msg = f"{type(value).__name__} does not travel between the processes"
    raise NotImplementedError(msg)


def decode_other(kind: type[Any], value: Any) -> Any:
    """Read it back."""
    if kind is Fraction:
        return Fraction(*value)
    if issubclass(kind, Path):
        return Path(value)
    msg = f"{kind.__name__} does not travel between the processes"
    raise NotImplementedError(msg)


_encoder = msgspec.json.Encoder(enc_hook=encode_other)
_order_decoder: msgspec.json.Decoder[Order] = msgspec.json.Decoder(Order, dec_hook=decode_other)
_answer_decoder: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer, dec_hook=decode_other)


def to_line(message: Order | Answer) -> bytes:
    """Return a message as one line of JSON, newline included."""
    return _encoder.encode(message) + b"\n"


def read_order(line: bytes) -> Order:
    """Read a line that the light process sent.

    Raises:
        msgspec.DecodeError: If it is none.
    """
    return _order_decoder.decode(line)


def read_answer(line: bytes) -> Answer:
    """Read a line that the worker sent.

    Raises:
        msgspec.DecodeError: If it is none.
    """
    return _answer_decoder.decode(line)
