"""What the page and the terminal say, in the language that was asked for.

The catalogues `messages/<language>.json` hold one sentence a key, with `{name}` where a value
goes. What the judge wrote down in English is found again by its sentence (`spoken`). Sentences
of a course (titles, lines of tests, hints) come with the course instead, by
their English text, and stay English where it has no other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.model import ExerciseGrade, Grade, Verdict

DEFAULT = "en"
TAGS = {"en": "en", "zh": "zh-CN"}
"""The languages there are, with the tag that a browser knows each by."""

Lines = Mapping[str, Mapping[str, str]]
"""By exercise id: the course's sentences by their English text."""

_PARAMETERS = re.compile(r"(.+)( \([^()]*\))")


@dataclass(frozen=True, slots=True)
class Say:
    """Says things in one language.

    Attributes:
        language: One of `TAGS`.
        lines: What the course says in that language.
    """

    language: str = DEFAULT
    lines: Lines = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """The language as `<html lang>` names it."""
        return TAGS[self.language]

    def __call__(self, key: str, **values: object) -> str:
        """Say one sentence of the catalogue.

        Args:
            key: Which sentence.
            values: What stands in its gaps; taken as text, whatever it holds.
        """
        return catalogue(self.language)[key].format(**values)

    def known(self, key: str, default: str) -> str:
        """Say a sentence of the catalogue if it has one, and else what is given."""
        return catalogue(self.language).get(key, default)

    def number(self, key: str, count: int, **values: object) -> str:
        """Say a sentence that is worded differently for one and for many."""
        return self(f"{key}.{'one' if count == 1 else 'many'}", count=count, **values)

    def spoken(self, group: str, text: str) -> str:
        """Say a sentence that the judge wrote down in English.

        Args:
            group: Of which part of the catalogue it is: the first word of its keys.
            text: The English sentence; one that the catalogue does not know stays as it is.
        """
        for key, sentence in catalogue(DEFAULT).items():
            found = _as_pattern(sentence).fullmatch(text) if key.startswith(f"{group}.") else None
            if found is not None:
                # A gap may hold a list of further sentences: `1 less along axis 0, 1 more along`.
                parts = {name: value.split(", ") for name, value in found.groupdict().items()}
                joint = self("tally.joint")
                values = {
                    name: joint.join(self.spoken(f"{group}_part", one) for one in several)
                    for name, several in parts.items()
                }
                return self(key, **values)
        return text

    def line(self, exercise_id: str, text: str) -> str:
        """Give a sentence of the course, in English where it has no other.

        Args:
            exercise_id: Whose sentence.
            text: The English one; the line of a test may end in its parameters.
        """
        known = self.lines.get(exercise_id, {})
        if text in known:
            return known[text]
        for english in english_lines(text):
            if english in known:
                parameters = text.removeprefix(english.rstrip("."))
                return known[english].rstrip("。.") + parameters
        return text

    def translated(self, grade: Grade) -> Grade:
        """Put the course's sentences of a grade into this language."""
        if not self.lines:
            return grade
        return replace(grade, exercises=tuple(map(self._exercise, grade.exercises)))

    def _exercise(self, grade: ExerciseGrade) -> ExerciseGrade:
        """Translate title, tasks, tests and diagnoses of one exercise."""
        name = grade.exercise.id
        tasks = tuple(
            replace(task, task=replace(task.task, title=self.line(name, task.task.title)))
            for task in grade.tasks
        )
        exercise = replace(
            grade.exercise,
            title=self.line(name, grade.exercise.title),
            tasks=tuple(task.task for task in tasks),
        )
        diagnoses = tuple(
            replace(found, label=self.line(name, found.label), hint=self.line(name, found.hint))
            for found in grade.diagnoses
        )
        verdicts = tuple(self._verdict(name, verdict) for verdict in grade.verdicts)
        return replace(
            grade, exercise=exercise, tasks=tasks, verdicts=verdicts, diagnoses=diagnoses
        )

    def _verdict(self, name: str, verdict: Verdict) -> Verdict:
        """Translate the line and the hint of one test."""
        title, hint = self.line(name, verdict.test.title), self.line(name, verdict.test.hint)
        return replace(verdict, test=replace(verdict.test, title=title, hint=hint))


def english_lines(title: str) -> tuple[str, ...]:
    """Give the lines that a test's title can have come from: `It adds (3)` from `It adds.`."""
    found = _PARAMETERS.fullmatch(title)
    return (title,) if found is None else (title, f"{found[1]}.", found[1])


@cache
def _as_pattern(sentence: str) -> re.Pattern[str]:
    """Make of a sentence what finds the values in its gaps."""
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(sentence)))


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Read the sentences of one language."""
    file = resources.files("grader.report") / "messages" / f"{language}.json"
    found: dict[str, str] = json.loads(file.read_text("utf-8"))
    return found
