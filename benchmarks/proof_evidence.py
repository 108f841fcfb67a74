"""What the proof found: one finding a line, kept at once, and sorted when all is done."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from proof_variants import Variant

HASH_CHARACTERS = 12


def short(text: str) -> str:
    """Return a short hash of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_CHARACTERS]


class Run(msgspec.Struct, frozen=True, tag="run"):
    """One training run, without a judgement.

    Attributes:
        exercise: Its id.
        recipe: By which it was trained.
        variant: Its name.
        source: Hash of its text.
        seed: Of the run.
        outcome: `passed` if it came to its end.
        value: What was measured; None if the run broke or was ended.
        curve: Hash of value and losses.
    """

    exercise: str
    recipe: str
    variant: str
    source: str
    seed: int
    outcome: str
    value: float | None
    curve: str

    def tells(self, reference: Run | None) -> bool:
        """Tell whether it trained to the end, and otherwise than the reference with that seed."""
        return self.outcome == "passed" and (reference is None or self.curve != reference.curve)


class Suite(msgspec.Struct, frozen=True, tag="suite"):
    """What the tests that train nothing say of a variant.

    Attributes:
        exercise: Its id.
        variant: Its name.
        source: Hash of its text.
        suite: Hash of the hidden suite.
        lockstep: The lockstep tests that it does not pass.
        unit: The others.
    """

    exercise: str
    variant: str
    source: str
    suite: str
    lockstep: tuple[str, ...]
    unit: tuple[str, ...]


class Grading(msgspec.Struct, frozen=True, tag="grading"):
    """One whole grading of right code.

    Attributes:
        exercise: Its id.
        variant: The reference, or an alternative.
        source: Hash of its text.
        suite: Hash of the hidden suite.
        seed: Of the grading.
        score: What it earned.
        max_score: What there was to earn.
        lost: Tests that did not give all of their points.
        values: What each attempt measured, by recipe.
    """

    exercise: str
    variant: str
    source: str
    suite: str
    seed: int
    score: str
    max_score: str
    lost: tuple[str, ...]
    values: dict[str, tuple[float | None, ...]]


Finding = Run | Suite | Grading
_decoder = msgspec.json.Decoder(Finding)


class Evidence:
    """All findings, in memory and in a file."""

    def __init__(self, path: Path) -> None:
        """Read what is there; a last line that was cut off is ignored."""
        self._path = path
        self._lock = threading.Lock()
        self.findings: dict[tuple[object, ...], Finding] = {}
        lines = path.read_bytes().splitlines() if path.is_file() else []
        for number, line in enumerate(lines):
            try:
                finding = _decoder.decode(line)
            except msgspec.DecodeError:
                if number < len(lines) - 1:
                    raise
                continue
            self.findings[_key(finding)] = finding
        if lines:
            self.tidy()

    def add(self, finding: Finding) -> None:
        """Keep one finding, on disk too."""
        with self._lock:
            self.findings[_key(finding)] = finding
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                file.write(msgspec.json.encode(finding) + b"\n")

    def run(self, exercise: str, recipe: str, variant: Variant, seed: int) -> Run | None:
        """Return a run of exactly this text."""
        found = self.findings.get(("run", exercise, recipe, variant.name, seed))
        right = isinstance(found, Run) and found.source == short(variant.source)
        return found if right else None  # type: ignore[return-value]

    def suite(self, exercise: str, suite: str, variant: Variant) -> Suite | None:
        """Return what exactly this suite says of exactly this text."""
        found = self.findings.get(("suite", exercise, variant.name))
        wanted = (short(variant.source), suite)
        right = isinstance(found, Suite) and (found.source, found.suite) == wanted
        return found if right else None  # type: ignore[return-value]

    def grading(self, exercise: str, suite: str, variant: Variant, seed: int) -> Grading | None:
        """Return a grading of exactly this text by exactly this suite."""
        found = self.findings.get(("grading", exercise, variant.name, seed))
        wanted = (short(variant.source), suite)
        right = isinstance(found, Grading) and (found.source, found.suite) == wanted
        return found if right else None  # type: ignore[return-value]

    def forget(self, exercise: str) -> None:
        """Forget what was trained of an exercise."""
        with self._lock:
            self.findings = {
                key: finding
                for key, finding in self.findings.items()
                if isinstance(finding, Suite) or finding.exercise != exercise
            }
        self.tidy()

    def of(self, kind: type[Finding]) -> list[Finding]:
        """Return all findings of one kind, sorted."""
        keys = sorted(self.findings, key=repr)
        return [self.findings[key] for key in keys if isinstance(self.findings[key], kind)]

    def tidy(self) -> None:
        """Write the file anew: each finding once, in an order of its own."""
        with self._lock:
            lines = [
                msgspec.json.encode(self.findings[key]) + b"\n"
                for key in sorted(self.findings, key=repr)
            ]
            beside = self._path.with_suffix(".new")
            beside.write_bytes(b"".join(lines))
            beside.replace(self._path)


def _key(finding: Finding) -> tuple[object, ...]:
    match finding:
        case Run():
            return ("run", finding.exercise, finding.recipe, finding.variant, finding.seed)
        case Suite():
            return ("suite", finding.exercise, finding.variant)
        case Grading():
            return ("grading", finding.exercise, finding.variant, finding.seed)
