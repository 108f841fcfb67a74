"""The stored fingerprints of an exercise's mistakes, held to what the probes see today."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from grader.course.findings import Fingerprinted, Problem
from grader.errors import CourseError
from grader.model import Exercise


def fingerprints_path(exercise: Exercise) -> Path:
    """Return where the fingerprints of an exercise are stored."""
    return exercise.solution_dir / "fingerprints.json"


def fingerprint_problems(
    exercise: Exercise, fingerprint: Callable[[Exercise], Fingerprinted]
) -> Iterator[Problem]:
    """Take the fingerprints anew and yield what is wrong with them.

    Args:
        exercise: The exercise.
        fingerprint: Asks the probes.

    Yields:
        Mistakes that cannot be told apart, probes that do not work, a stored file that is old.
    """
    try:
        found = fingerprint(exercise)
    except CourseError as error:
        yield Problem(error.where, error.what, error.what_now)
        return
    for where, what in found.findings:
        yield Problem(where, what, "Mend the probes, or the catalogue.")
    if not found.current:
        path = fingerprints_path(exercise)
        what = "the stored fingerprints are not those of today's probes, mistakes and reference."
        yield Problem(str(path), what, f"Run `autograde fingerprint {exercise.id}`.")
