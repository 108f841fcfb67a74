"""Lines that GitHub Actions understands: annotations, notices and outputs.

Actions reads every line that a job prints, on stdout and stderr alike, and obeys those that
begin with `::`. So a text may enter such a line only through `escape_data`, and whatever else
is printed stands between `stop_line` and `resume_line`, whose token nobody can guess.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from grader.model import ExerciseGrade, Grade, HandIn, HandInStatus, Note, Outcome, Verdict
from grader.points import points_number

SHOWN_FAILURES = 8
"""Annotations of one kind; Actions drops those after the tenth without a word."""
MESSAGE_LIMIT = 1000
"""Characters of an annotation; the page holds the rest."""
LOST = frozenset(Outcome) - {
    Outcome.PASSED,
    Outcome.SKIPPED,
    Outcome.NOT_RUN,
    Outcome.GRADER_FAULT,
}
"""Outcomes that a student can do something about at once."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands for its author.

    Attributes:
        line: Of the file; 0 for a notebook, whose file has lines of JSON.
        cell: For a notebook, in words: `softmax.ipynb, cell 4, line 2`; else empty.
    """

    line: int = 0
    cell: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the student's files stand for Actions.

    Attributes:
        folder: Of the hand-in, relative to the workspace; empty if it is the workspace.
        tasks: Where a task is answered, by exercise id and task.
    """

    folder: str = ""
    tasks: Mapping[tuple[str, str], Place] = field(default_factory=dict)


def escape_data(text: str) -> str:
    """Escape the text of a command, which ends with its line."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """Escape the value of a property, which ends at a comma or a colon."""
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")


def command(name: str, text: str, **properties: str | int) -> str:
    """Write one command.

    Args:
        name: `error`, `notice`, ...
        text: What is shown; any text.
        properties: `file`, `line`, `title`; any text, empty ones are left out.
    """
    written = ",".join(
        f"{key}={escape_property(str(value))}" for key, value in properties.items() if value
    )
    return (
        f"::{name} {written}::{escape_data(text)}" if written else f"::{name}::{escape_data(text)}"
    )


def stop_line(token: str) -> str:
    """Write the line after which Actions obeys no command."""
    return f"::stop-commands::{token}"


def resume_line(token: str) -> str:
    """Write the line after which it obeys again."""
    return f"::{token}::"


def annotate(grade: Grade, sources: Sources) -> list[str]:
    """Write an error for each of the costliest failures, and one notice with the total.

    Args:
        grade: The grade, as it was stored.
        sources: Where the student's files stand.
    """
    found = sorted(_failures(grade, sources), key=lambda pair: -pair[0])
    lines = [line for _, line in found[:SHOWN_FAILURES]]
    return [*lines, command("notice", _total(grade, len(found) - len(lines)), title="autograde")]


def warn(note: Note) -> str:
    """Write a warning that one exercise was not graded."""
    return command("warning", note.text, title=f"{note.where}: not graded")


def task_places(grade: Grade) -> dict[tuple[str, str], Place]:
    """Find where tasks are answered.

    Args:
        grade: The grade, fresh from the judge: a stored one holds no source.

    Returns:
        Place by exercise id and task, of those that are defined.
    """
    return {
        (exercise.exercise.id, task.name): _place(exercise.hand_in, line)
        for exercise in grade.exercises
        for task in exercise.exercise.tasks
        if (line := _definition(task.defines, exercise.hand_in.source))
    }


def classroom_notices(grade: Grade) -> list[str]:
    """Write the two notices by which GitHub Classroom and its successors learn the points.

    Returns:
        Nothing while the score is open: a fault of ours is no zero.
    """
    if grade.score is None:
        return []
    score, most = points_number(grade.score), points_number(grade.max_score)
    report = json.dumps({"totalPoints": score, "maxPoints": most}, separators=(",", ":"))
    return [
        command("notice", f"Points {score}/{most}", title="Autograding complete"),
        command("notice", report, title="Autograding report"),
    ]


def output_lines(values: Mapping[str, str | float]) -> str:
    """Write step outputs, one a line, for the file that `GITHUB_OUTPUT` names.

    Raises:
        ValueError: If a value has more than one line, which could set another output.
    """
    lines = []
    for name, value in values.items():
        text = str(value)
        if "\n" in text or "\r" in text:
            msg = f"the output {name} has more than one line"
            raise ValueError(msg)
        lines.append(f"{name}={text}\n")
    return "".join(lines)


def _failures(grade: Grade, sources: Sources) -> Iterator[tuple[float, str]]:
    """Give each failure with what it costs."""
    for exercise in grade.exercises:
        hand_in = exercise.hand_in
        if hand_in.status is HandInStatus.UNREADABLE:
            file = _file(exercise, sources)
            title = f"{exercise.exercise.title}: cannot be read"
            line = command("error", _cut(hand_in.problem), file=file, title=title)
            yield float(exercise.max_score), line
        for verdict in exercise.verdicts:
            if verdict.outcome in LOST:
                yield float(verdict.test.points), _failure(exercise, verdict, sources)


def _failure(exercise: ExerciseGrade, verdict: Verdict, sources: Sources) -> str:
    test = verdict.test
    said = [verdict.message or f"The test ended with: {verdict.outcome.value}."]
    said += [f"Hint: {test.hint}"] if test.hint else []
    place = sources.tasks.get((exercise.exercise.id, test.task), Place())
    said += [verdict.frames[-1].place if verdict.frames else place.cell]
    return command(
        "error",
        _cut("\n".join(filter(None, said))),
        file=_file(exercise, sources),
        line=_line(exercise, verdict) or place.line,
        title=f"{exercise.exercise.title}: {test.title}",
    )


def _file(exercise: ExerciseGrade, sources: Sources) -> str:
    path = exercise.hand_in.path
    return f"{sources.folder}/{path}" if sources.folder and path else path


def _line(exercise: ExerciseGrade, verdict: Verdict) -> int:
    """Find the innermost line of the traceback; the frames of a notebook name a cell instead."""
    name = exercise.hand_in.path.rpartition("/")[2]
    return next((frame.line for frame in reversed(verdict.frames) if frame.path == name), 0)


def _place(hand_in: HandIn, line: int) -> Place:
    if not hand_in.cell_of_line:
        return Place(line)
    cell, inside = hand_in.locate(line)
    return Place(cell=f"{cell}, line {inside}")


def _definition(names: Sequence[str], text: str) -> int:
    choice = "|".join(map(re.escape, names))
    found = re.search(rf"^(?:(?:async[ \t]+)?def|class)[ \t]+(?:{choice})\b", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 0


def _total(grade: Grade, unshown: int) -> str:
    verdicts = [verdict for exercise in grade.exercises for verdict in exercise.verdicts]
    passed = sum(verdict.outcome is Outcome.PASSED for verdict in verdicts)
    most = points_number(grade.max_score)
    points = "no score" if grade.score is None else f"{points_number(grade.score)}/{most} points"
    parts = [f"{points}, {passed} of {len(verdicts)} tests passed"]
    if grade.public_only:
        parts.append("provisional: hidden tests count later")
    if unshown:
        parts.append(f"{unshown} more failures are on the page")
    return "; ".join(parts) + "."


def _cut(text: str) -> str:
    return text if len(text) <= MESSAGE_LIMIT else text[: MESSAGE_LIMIT - 1] + "…"
