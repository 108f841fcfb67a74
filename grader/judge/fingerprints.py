"""The fingerprints of an exercise's known mistakes: stored, read, and matched.

`solutions/<exercise>/fingerprints.json` holds, for each probe, the different things that the
reference and the mistakes let it see, and for each mistake which of them it shows. The file is
written by `autograde fingerprint`, and `autograde verify` holds it to the truth.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from grader.judge.observe import equal
from grader.judge.probes import digest_of
from grader.model import Confidence, Exercise

SCHEMA = "autograde/fingerprints/v1"
LIKELY, LEAD = Fraction(8, 10), Fraction(1, 10)
"""Agreement from which a mistake is named, and by how much it leads all others."""
REFERENCE = 0
UNKNOWN = -1
"""Stands for something that neither the reference nor any known mistake shows."""
Print = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """One known mistake: its words, and which of the things seen it shows."""

    name: str
    label: str
    hint: str
    seen: Print


@dataclass(frozen=True, slots=True)
class TaskPrints:
    """The fingerprints of one task.

    Attributes:
        probes: Names of its probes.
        seen: For each probe the different things seen, the reference's first.
        known: The mistakes.
    """

    probes: tuple[str, ...]
    seen: tuple[tuple[Any, ...], ...]
    known: tuple[Known, ...]

    def print_of(self, observed: Sequence[Any]) -> Print:
        """Say of each probe which known thing was seen."""
        return tuple(
            next((n for n, one in enumerate(options) if equal(one, came)), UNKNOWN)
            for options, came in zip(self.seen, observed, strict=True)
        )


def fingerprints_file(exercise: Exercise) -> Path:
    """Return where the fingerprints of an exercise stand."""
    return exercise.solution_dir / "fingerprints.json"


def task_prints(
    probes: Sequence[str],
    reference: Sequence[Any],
    mistakes: Mapping[str, tuple[str, str, Sequence[Any]]],
) -> TaskPrints:
    """Gather what was seen into fingerprints.

    Args:
        probes: Names of the probes.
        reference: What they saw of the reference.
        mistakes: Label, hint, and what they saw, by name.
    """
    seen: list[list[Any]] = [[one] for one in reference]
    known = []
    for name, (label, hint, observed) in mistakes.items():
        shown = []
        for options, came in zip(seen, observed, strict=True):
            found = next((n for n, one in enumerate(options) if equal(one, came)), None)
            if found is None:
                found = len(options)
                options.append(came)
            shown.append(found)
        known.append(Known(name, label, hint, tuple(shown)))
    return TaskPrints(tuple(probes), tuple(tuple(options) for options in seen), tuple(known))


def twins(prints: TaskPrints) -> Iterator[tuple[str, str]]:
    """Yield each mistake that cannot be told from another, or from the reference (an empty name).

    Two things that equal each other nearly may both equal a third, so all pairs are compared.
    """
    shown = {one.name: one.seen for one in prints.known}
    right = tuple(REFERENCE for _ in prints.probes)
    earlier: dict[Print, str] = {right: ""}
    for name, own in shown.items():
        if own in earlier:
            yield name, earlier[own]
        else:
            earlier[own] = name


def match(prints: TaskPrints, shown: Print) -> tuple[Known, Confidence] | None:
    """Name the mistake that a fingerprint belongs to.

    Agreement is counted over the probes that tell something: those on which the submission or
    the mistake in question differs from the reference.

    Args:
        prints: What is known of the task.
        shown: The submission's fingerprint.

    Returns:
        The mistake and how sure that is; None rather than a guess.
    """
    if not any(shown):
        return None
    exact = [one for one in prints.known if one.seen == shown]
    if exact:
        return (exact[0], Confidence.EXACT) if len(exact) == 1 else None
    rated = sorted(((_agreement(one.seen, shown), n) for n, one in enumerate(prints.known)))
    if not rated or rated[-1][0] < LIKELY:
        return None
    if len(rated) > 1 and rated[-1][0] - rated[-2][0] < LEAD:
        return None
    return prints.known[rated[-1][1]], Confidence.LIKELY


def _agreement(one: Print, other: Print) -> Fraction:
    telling = [(a, b) for a, b in zip(one, other, strict=True) if a != REFERENCE or b != REFERENCE]
    same = sum(1 for a, b in telling if a == b)
    return Fraction(same, len(telling)) if telling else Fraction(0)


def as_text(tasks: Mapping[str, TaskPrints], digest: str) -> str:
    """Write fingerprints as JSON, one line for each probe and each mistake."""
    parts = []
    for task, prints in tasks.items():
        seen = ",\n   ".join(
            f"{json.dumps(name)}: {json.dumps(options, ensure_ascii=False)}"
            for name, options in zip(prints.probes, prints.seen, strict=True)
        )
        known = ",\n   ".join(
            f"{json.dumps(one.name)}: "
            + json.dumps(
                {"label": one.label, "hint": one.hint, "seen": one.seen}, ensure_ascii=False
            )
            for one in prints.known
        )
        parts.append(
            f' {json.dumps(task)}: {{\n  "probes": {{\n   {seen}\n  }},\n'
            f'  "mistakes": {{\n   {known}\n  }}\n }}'
        )
    head = f'"schema": "{SCHEMA}",\n"made_from": "{digest}"'
    return f'{{\n{head},\n"tasks": {{\n' + ",\n".join(parts) + "\n}\n}\n"


def from_text(text: str) -> tuple[str, dict[str, TaskPrints]]:
    """Read what `as_text` wrote: the digest and the fingerprints by task.

    Raises:
        ValueError: If it is something else.
    """
    try:
        found = json.loads(text)
        if found["schema"] != SCHEMA:
            raise ValueError(found["schema"])
        tasks = {
            task: TaskPrints(
                tuple(item["probes"]),
                tuple(tuple(options) for options in item["probes"].values()),
                tuple(
                    Known(name, one["label"], one["hint"], tuple(one["seen"]))
                    for name, one in item["mistakes"].items()
                ),
            )
            for task, item in found["tasks"].items()
        }
        return str(found["made_from"]), tasks
    except (KeyError, TypeError, AttributeError) as error:
        msg = f"no fingerprints: {error}"
        raise ValueError(msg) from error


def same_prints(one: Mapping[str, TaskPrints], other: Mapping[str, TaskPrints]) -> bool:
    """Tell whether two sets of fingerprints say the same, numbers nearly."""
    return one.keys() == other.keys() and all(
        one[task].probes == other[task].probes
        and one[task].known == other[task].known
        and equal([list(o) for o in one[task].seen], [list(o) for o in other[task].seen])
        for task in one
    )


def is_current(exercise: Exercise, text: str) -> bool:
    """Tell whether the stored fingerprints are those of a text, numbers nearly.

    Args:
        exercise: Whose stored fingerprints to look at.
        text: What they should be; empty if there should be none.
    """
    stored = read_fingerprints(exercise)
    return same_prints(stored, from_text(text)[1]) if text else not stored


def read_fingerprints(exercise: Exercise) -> dict[str, TaskPrints]:
    """Read the stored fingerprints of an exercise.

    Returns:
        By task; nothing if there are none, or they were made from other files: an outdated
        fingerprint could give a mistake the wrong name.
    """
    try:
        digest, tasks = from_text(fingerprints_file(exercise).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return tasks if digest == digest_of(exercise) else {}
