"""`calibration.json`: what runs of a reference measured, the evidence under every threshold.

The file stands beside the hidden suite. Only its runs are believed; bounds are derived from
them anew whenever they are needed, and what else it says is there for people.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from grader.errors import CourseError
from grader.judge.threshold import RUNS, Bounds, Rule, bounds, unusable

FILE_NAME = "calibration.json"
SCHEMA: Literal["autograde/calibration/v1"] = "autograde/calibration/v1"
LIMIT_BYTES = 8 << 20


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a calibration belongs to; a threshold is good for nothing else.

    Attributes:
        recipe: Name of the recipe.
        recipe_sha256: Its hash.
        data: Name of the data set.
        data_sha256: Its hash.
        device: Class of the device: `cpu`, or the name of a GPU.
        torch: Minor version, for instance `2.13`.
    """

    recipe: str
    recipe_sha256: str
    data: str
    data_sha256: str
    device: str
    torch: str


class ReferenceRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One run of the reference.

    Attributes:
        seed: Seed of the attempt.
        value: What was measured; None if the run broke.
        seconds: Wall time.
        losses: Mean loss of each twentieth of the steps.
    """

    seed: int
    value: float | None
    seconds: float
    losses: tuple[float, ...]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All runs for one key."""

    key: Key
    runs: tuple[ReferenceRun, ...]
    summary: dict[str, float | str] = {}

    @property
    def is_finished(self) -> bool:
        """Whether all seeds have been run, each counted once."""
        return len({run.seed for run in self.runs}) >= RUNS

    @property
    def values(self) -> tuple[float, ...]:
        """What was measured; nan for a run that broke."""
        return tuple(float("nan") if run.value is None else run.value for run in self.runs)

    def bounds(self, rule: Rule) -> Bounds:
        """Derive the bounds from all runs."""
        return bounds(self.values, rule)

    def band(self) -> tuple[tuple[float, float], ...]:
        """Return the lowest and the highest loss of any run at each point of the curve."""
        curves = [run.losses for run in self.runs]
        return tuple((min(at), max(at)) for at in zip(*curves, strict=False))


class CalibrationFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    schema: Literal["autograde/calibration/v1"]
    entries: tuple[Entry, ...]

    def find(self, key: Key) -> Entry | None:
        """Return the entry of exactly this key, finished or not."""
        return next((entry for entry in self.entries if entry.key == key), None)

    def usable(self, key: Key, rule: Rule) -> tuple[Entry | None, bool]:
        """Return the entry that fits best and can carry a threshold, and whether it fits exactly.

        Recipe and data have to agree; device and version of torch may differ, if runs of the
        reference here bear it out. The same device is closer than the same version.
        """
        fitting = [
            entry
            for entry in self.entries
            if _same_measurement(entry.key, key)
            and entry.is_finished
            and not unusable(entry.values, rule)
        ]

        def closeness(entry: Entry) -> tuple[bool, bool]:
            return entry.key.device == key.device, entry.key.torch == key.torch

        best = max(reversed(fitting), key=closeness, default=None)
        return best, best is not None and best.key == key


def _same_measurement(one: Key, other: Key) -> bool:
    return (one.recipe, one.recipe_sha256, one.data_sha256) == (
        other.recipe,
        other.recipe_sha256,
        other.data_sha256,
    )


def read(folder: Path) -> CalibrationFile:
    """Read the file of an exercise; one that is missing holds no entries.

    Args:
        folder: The exercise's folder of hidden tests.

    Raises:
        CourseError: If it is not what it should be.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return CalibrationFile(SCHEMA, ())
    try:
        content = path.read_bytes()[: LIMIT_BYTES + 1]
        return msgspec.json.decode(content, type=CalibrationFile)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        what_now = "Remove it and run `autograde calibrate` again."
        raise CourseError(str(path), f"cannot be read ({error})", what_now) from error


def replaced(file: CalibrationFile, entry: Entry) -> CalibrationFile:
    """Return the file with an entry put in the place of the one with the same key.

    Runs of the same recipe as it was before a change are gone with it; those on other devices
    and with other versions of torch stay.
    """
    others = [known for known in file.entries if not _superseded(known.key, entry.key)]
    return CalibrationFile(SCHEMA, (*others, entry))


def _superseded(old: Key, new: Key) -> bool:
    changed = old.recipe == new.recipe and not _same_measurement(old, new)
    return changed or old == new


def to_text(file: CalibrationFile) -> str:
    """Write the file so that people can read it: one run a line."""
    entries = [_entry_text(entry) for entry in file.entries]
    return f'{{\n"schema": "{SCHEMA}",\n"entries": [{", ".join(entries)}]\n}}\n'


def _entry_text(entry: Entry) -> str:
    runs = ",\n".join(json.dumps(msgspec.to_builtins(run)) for run in entry.runs)
    key = json.dumps(msgspec.to_builtins(entry.key), indent=1)
    summary = json.dumps(entry.summary, indent=1)
    return f'{{\n"key": {key},\n"summary": {summary},\n"runs": [\n{runs}\n]}}'


def summary(values: Sequence[float], rule: Rule) -> dict[str, Any]:
    """Return the numbers that people look for, rounded."""
    if len(values) < 2 or not all(map(math.isfinite, values)):  # noqa: PLR2004 - no spread
        return {}
    found = bounds(values, rule)
    return {
        "metric": rule.metric.value,
        "mean": round(found.mean, 5),
        "sd": round(found.sd, 5),
        "worst": round(found.worst, 5),
        "best": round(found.best, 5),
        "threshold": round(found.threshold, 5),
        "floor": round(found.floor, 5),
        "ceiling": round(found.ceiling, 5),
    }
