"""The stored fingerprints of an exercise's mistakes, held to what the probes see today."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from grader.course.findings import Fingerprinted, Problem
from grader.errors import CourseError
from grader.model import Exercise


def fingerprints_path(exercise: Exercise) -> Path:
    """Return where the fingerprints of an exercise are stored."""
    return exercise.solution_dir / "fingerprints.json"


def check_fingerprints(
    exercise: Exercise, fingerprint: Callable[[Exercise], Fingerprinted]
) -> tuple[int, tuple[Problem, ...]]:
    """Take the fingerprints anew.

    Args:
        exercise: The exercise.
        fingerprint: Asks the probes.

    Returns:
        How many mistakes have a fingerprint of their own, and what is wrong: mistakes that
        cannot be told apart, probes that do not work, a stored file that is old.
    """
    try:
        found = fingerprint(exercise)
    except CourseError as error:
        return 0, (Problem(error.where, error.what, error.what_now),)
    return _distinguished(found.text), tuple(_problems(exercise, found))


def _distinguished(text: str) -> int:
    """Count the mistakes that show what no other of their task shows, nor the reference."""
    count = 0
    for task in json.loads(text)["tasks"].values() if text else ():
        prints = Counter(tuple(known["seen"]) for known in task["mistakes"].values())
        count += sum(1 for shown, times in prints.items() if times == 1 and any(shown))
    return count


def _problems(exercise: Exercise, found: Fingerprinted) -> Iterator[Problem]:
    """Say what an author has to mend."""
    for where, what in found.findings:
        yield Problem(where, what, "Mend the probes, or the catalogue.")
    if not found.current:
        path = fingerprints_path(exercise)
        what = "the stored fingerprints are not those of today's probes, mistakes and reference."
        yield Problem(str(path), what, f"Run `autograde fingerprint {exercise.id}`.")
