"""What the page and the terminal say, in the language that was asked for.

The catalogues `messages/<language>.json` hold one sentence a key, with `{name}` where a value
goes. What the judge wrote down in English is found again by its sentence (`spoken`). Sentences
of a course (titles, lines of tests, hints) come with the course instead, by
their English text, and stay English where it has no other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.model import ExerciseGrade, Grade, Note, Verdict

DEFAULT = "en"
TAGS = {"en": "en", "zh": "zh-CN"}
"""The languages there are, with the tag that a browser knows each by."""

Lines = Mapping[str, Mapping[str, str]]
"""By exercise id: the course's sentences by their English text."""

REST = "rest"
"""The gap that everything to the end of a text falls into."""
COUNTS = frozenset({"n", "total", "odd"})
"""Gaps that hold a number, or `#` where answers that differ in it alone are counted together."""
WIDEST_GAP = 200
_GAP = re.compile(r"\\{(\w+)\\}")
_SENTENCE = re.compile(r".*?[.!?](?=\s|$)", re.DOTALL)
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
                values = {
                    name: self._parts(f"{group}_part", value)
                    for name, value in found.groupdict().items()
                }
                return self(key, **values)
        return text

    def _parts(self, group: str, value: str) -> str:
        """Say what a gap holds: a list of sentences of a group, or a value that needs no words."""
        if not any(key.startswith(f"{group}.") for key in catalogue(DEFAULT)):
            return value
        return self("tally.joint").join(self.spoken(group, one) for one in value.split(", "))

    def told(self, exercise_id: str, text: str) -> str:
        """Say the sentences of a verdict, each that is known.

        Args:
            exercise_id: Whose test it was; its author's sentences are found as `line` finds them.
            text: What the judge wrote down in English.
        """

        def line(part: str) -> str:
            return self.line(exercise_id, part)

        return self._told("verdict.", text, rest=line, unknown=line)

    def read(self, text: str) -> str:
        """Say the sentences that were written down when a hand-in was read, each that is known."""
        return self._told("intake.", text, rest=self.read, unknown=str)

    def _told(
        self, group: str, text: str, *, rest: Callable[[str], str], unknown: Callable[[str], str]
    ) -> str:
        """Say sentence after sentence of a text.

        Args:
            group: Which sentences of the catalogue it may hold.
            text: The text, in English.
            rest: Says what falls into the gap `REST`.
            unknown: Says a sentence that is not of the group.
        """
        said = ""
        while text:
            for key, pattern in _beginnings(group):
                if (found := pattern.match(text)) is not None:
                    values = {
                        name: rest(value) if name == REST else self._gap(name, value)
                        for name, value in found.groupdict().items()
                    }
                    sentence = self(key, **values)
                    break
            else:
                found = _SENTENCE.match(text)
                sentence = unknown(text[: found.end()] if found else text)
            # After a Chinese full stop there is no space.
            said += f" {sentence}" if said and said[-1].isascii() else sentence
            text = text[found.end() :].lstrip(" ") if found else ""
        return said

    def _gap(self, name: str, value: str) -> str:
        """Say what stands in a gap."""
        if name == "title":
            return self.spoken("training.recipe", value[:1].upper() + value[1:])
        return self.spoken("kind", value)

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
        """Put the sentences of the course and of the judge into this language."""
        if self.language == DEFAULT:
            return grade
        submission = replace(grade.submission, notes=self._notes(grade.submission.notes))
        exercises = tuple(map(self._exercise, grade.exercises))
        return replace(grade, submission=submission, exercises=exercises)

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
        return replace(
            grade,
            exercise=exercise,
            hand_in=replace(grade.hand_in, problem=self.read(grade.hand_in.problem)),
            tasks=tasks,
            verdicts=tuple(self._verdict(name, verdict) for verdict in grade.verdicts),
            notes=self._notes(grade.notes),
            diagnoses=diagnoses,
        )

    def _notes(self, notes: Iterable[Note]) -> tuple[Note, ...]:
        """Translate what was noted while a hand-in was read."""
        return tuple(replace(note, text=self.read(note.text)) for note in notes)

    def _verdict(self, name: str, verdict: Verdict) -> Verdict:
        """Translate the line and the hint of one test, and what became of it."""
        title, hint = self.line(name, verdict.test.title), self.line(name, verdict.test.hint)
        test = replace(verdict.test, title=title, hint=hint)
        return replace(verdict, test=test, message=self.told(name, verdict.message))


def english_lines(title: str) -> tuple[str, ...]:
    """Give the lines that a test's title can have come from: `It adds (3)` from `It adds.`."""
    found = _PARAMETERS.fullmatch(title)
    return (title,) if found is None else (title, f"{found[1]}.", found[1])


@cache
def _beginnings(group: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Make of the English sentences of a group what finds one at the beginning of a text."""
    return tuple(
        (key, re.compile(_GAP.sub(_gap_pattern, re.escape(sentence)) + r"(?=\s|$)", re.DOTALL))
        for key, sentence in catalogue(DEFAULT).items()
        if key.startswith(group)
    )


def _gap_pattern(found: re.Match[str]) -> str:
    """Bound what may stand in a gap, because parts of a text may be the student's."""
    name = found[1]
    kind = ".*" if name == REST else r"[\d.#]+" if name in COUNTS else f".{{1,{WIDEST_GAP}}}?"
    return f"(?P<{name}>{kind})"


@cache
def _as_pattern(sentence: str) -> re.Pattern[str]:
    """Make of a sentence what finds the values in its gaps."""
    return re.compile(_GAP.sub(r"(?P<\1>.+)", re.escape(sentence)))


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Read the sentences of one language."""
    file = resources.files("grader.report") / "messages" / f"{language}.json"
    found: dict[str, str] = json.loads(file.read_text("utf-8"))
    return found
