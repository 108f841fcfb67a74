"""An exercise's sentences in another language, by their English text.

`assignments/<id>/zh.yml` holds title, tasks and public tests; `tests/hidden/<id>/zh.yml` the
lines and hints of hidden tests, and of known mistakes. Both are one map:

"Each row of the result sums to 1.": "结果的每一行之和为 1。"

What has no translation stays English.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from grader.course.catalogue import read_catalogue
from grader.course.explain import near_miss
from grader.course.findings import Problem
from grader.course.yamlpos import Document, read_document
from grader.model import Exercise, TestCase, Visibility

LANGUAGES = ("en", "zh")
"""The languages of the page; English is what exercises are written in."""


def translations(exercises: Iterable[Exercise], language: str) -> dict[str, dict[str, str]]:
    """Read what the exercises say in a language.

    Args:
        exercises: Which exercises.
        language: One of `LANGUAGES`.

    Returns:
        By exercise id: sentences by their English text; empty for English.

    Raises:
        CourseError: With the place of what is wrong.
    """
    if language == LANGUAGES[0]:
        return {}
    return {
        exercise.id: {
            english: text
            for path in _files(exercise, language)
            if path.is_file()
            for english, text in _sentences(read_document(path)).items()
        }
        for exercise in exercises
    }


def stale_translations(exercise: Exercise, tests: Sequence[TestCase]) -> Iterator[Problem]:
    """Find translations of sentences that the exercise does not say, or not in that file.

    Args:
        exercise: The exercise.
        tests: All its tests, as collected.

    Raises:
        CourseError: With the place of what is wrong.
    """
    titles = (exercise.title, *(task.title for task in exercise.tasks))
    public = {*titles, *_said(tests, Visibility.PUBLIC)}
    hidden = _said(tests, Visibility.HIDDEN)
    for mistake in read_catalogue(exercise):
        hidden |= {mistake.label, mistake.hint}
    for language in LANGUAGES[1:]:
        for path, known in zip(_files(exercise, language), (public, hidden), strict=True):
            if path.is_file():
                yield from _stale(read_document(path), known)


def _stale(document: Document, known: set[str]) -> Iterator[Problem]:
    for english in _sentences(document):
        if english not in known:
            line, column = document.place((english,), key=True)
            where = f"{document.path}:{line}:{column}"
            what = f"the exercise does not say this here: {english}"
            yield Problem(where, what, near_miss(english, known) or "Remove the entry.")


def _files(exercise: Exercise, language: str) -> tuple[Path, Path]:
    """Give the public and the hidden file; neither need exist."""
    name = f"{language}.yml"
    return exercise.assignment_dir / name, exercise.hidden_dir / name


def _sentences(document: Document) -> dict[str, str]:
    """Check that a file is a map from text to text."""
    if not isinstance(document.data, dict):
        raise document.error((), "must be a map.", 'Write `"English": "translation"`.')
    found: dict[str, str] = {}
    for english, text in document.data.items():
        if not isinstance(text, str) or not text.strip():
            what = "the translation must be text."
            raise document.error((english,), what, "Put it in quotes.")
        found[english] = text
    return found


def _said(tests: Sequence[TestCase], visibility: Visibility) -> set[str]:
    """Gather the lines and hints of tests, lines without the parameters of their test."""
    found: set[str] = set()
    for test in tests:
        if test.visibility is visibility:
            line = test.title
            if "[" in test.id:
                line = line.rpartition(" (")[0]
                found.add(f"{line}.")
            found |= {line, test.hint}
    return found - {""}
