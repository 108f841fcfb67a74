"""The summary of a job, in the Markdown that GitHub shows under it.

Each line stands by itself, so that a summary that is too long can be cut after any of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from grader.model import ExerciseGrade, Grade, HandInStatus, Outcome, Verdict
from grader.points import points_number

SUMMARY_LIMIT_BYTES = 900 * 1024
"""Over 1 MiB Actions throws the whole summary away."""
BODY_LIMIT_BYTES = 100_000
"""The text of a Release has to stay below 125 000 characters."""
TEXT_LIMIT = 1000
_PLAIN = frozenset(" ,;?'\"=/$()")
_MARKS = {Outcome.PASSED: "✅", Outcome.GRADER_FAULT: "⚠️"}
_STATES = {
    HandInStatus.NOT_SUBMITTED: "not handed in",
    HandInStatus.UNREADABLE: "cannot be read",
}


def escape(text: str) -> str:
    """Write any text so that Markdown shows it and does nothing else with it.

    Every character that could mean something becomes a numeric entity, which Markdown never
    takes for markup; a line break becomes `<br>`, so that the text stays in its table's row.
    """
    if len(text) > TEXT_LIMIT:
        text = text[: TEXT_LIMIT - 1] + "…"
    return "".join(map(_escape_one, text))


def _escape_one(character: str) -> str:
    if character == "\n":
        return "<br>"
    if character.isalnum() or character in _PLAIN:
        return character
    return f"&#{ord(character)};"


def summary(grade: Grade, *, page: str = "", scale: int = 1) -> str:
    """Write the summary of one grade.

    Args:
        grade: The grade, as it was stored.
        page: Name of the page that holds everything; empty if there is none.
        scale: By what points were multiplied for a system that knows whole numbers only.
    """
    return "\n".join(_lines(grade, page, scale)) + "\n"


def fit(text: str, limit_bytes: int, pointer: str) -> str:
    """Cut a text after a line, with a pointer to the rest.

    Args:
        text: The whole text.
        limit_bytes: Most bytes of the result, in UTF-8.
        pointer: The last line of a text that was cut.
    """
    data = text.encode()
    if len(data) <= limit_bytes:
        return text
    room = limit_bytes - len(pointer.encode()) - 3
    if room <= 0:
        return ""
    kept = data[: room + 1].rpartition(b"\n")[0]
    return f"{kept.decode()}\n\n{pointer}\n" if kept else f"{pointer}\n"


def _lines(grade: Grade, page: str, scale: int) -> Iterator[str]:
    most = points_number(grade.max_score)
    if grade.score is None:
        yield "## autograde: no score"
        yield ""
        yield "**A fault of the grader, not of the code.** Nothing was counted; run the job again."
    else:
        yield f"## autograde: {points_number(grade.score)} / {most} points"
    yield ""
    if grade.public_only:
        yield "Provisional: hidden tests count later. Only the public tests were run here."
        yield ""
    if not grade.complete:
        yield "The run was ended early. Tests that were not run earned nothing."
        yield ""
    for note in grade.submission.notes:
        yield f"{escape(note.where)}: {escape(note.text)}"
        yield ""
    if scale != 1:
        yield f"The gradebook counts whole numbers: every point here is {scale} there."
        yield ""
    yield "| exercise | points | tests passed |"
    yield "|---|---:|---:|"
    for exercise in grade.exercises:
        yield _row(exercise)
    for exercise in grade.exercises:
        yield from _details(exercise)
    yield ""
    ours = f"Isolation level {grade.isolation.level}."
    yield f"{ours} Everything else stands in {escape(page)}." if page else ours


def _row(exercise: ExerciseGrade) -> str:
    state = _STATES.get(exercise.hand_in.status, "")
    title = escape(exercise.exercise.title) + (f" ({state})" if state else "")
    score = "open" if exercise.score is None else points_number(exercise.score)
    passed = sum(verdict.outcome is Outcome.PASSED for verdict in exercise.verdicts)
    most = points_number(exercise.max_score)
    return f"| {title} | {score} / {most} | {passed} / {len(exercise.verdicts)} |"


def _details(exercise: ExerciseGrade) -> Iterator[str]:
    lost = [verdict for verdict in exercise.verdicts if verdict.outcome is not Outcome.PASSED]
    problem = exercise.hand_in.problem
    if exercise.hand_in.status is HandInStatus.NOT_SUBMITTED or not (lost or problem):
        return
    yield ""
    yield f"### {escape(exercise.exercise.title)}"
    yield ""
    if problem:
        yield escape(problem)
        return
    for diagnosis in exercise.diagnoses:
        said = ". ".join(part for part in (diagnosis.label, diagnosis.hint) if part)
        if said:
            yield f"- {escape(said)}"
    yield ""
    yield "| | test | points | |"
    yield "|---|---|---:|---|"
    for verdict in lost:
        yield _test_row(verdict)


def _test_row(verdict: Verdict) -> str:
    test = verdict.test
    mark = f"{_MARKS.get(verdict.outcome, '❌')} {verdict.outcome.value.replace('_', ' ')}"
    earned = "open" if verdict.points is None else points_number(verdict.points)
    said = escape("\n".join(part for part in (verdict.message, test.hint) if part))
    points = f"{earned} / {points_number(test.points)}"
    return f"| {mark} | {escape(test.title)} | {points} | {said} |"
