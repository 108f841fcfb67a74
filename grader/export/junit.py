"""JUnit XML, written by ourselves: pytest's own would hold the source of hidden tests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from grader.model import ClassRow, ExerciseGrade, Outcome, Verdict

_FORBIDDEN = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SKIPPED = frozenset({Outcome.SKIPPED, Outcome.NOT_RUN})
_FAILED = frozenset({Outcome.FAILED, Outcome.POLICY})


def junit_text(rows: Sequence[ClassRow]) -> str:
    """Write one test suite per person.

    Args:
        rows: Grades as a stored result holds them: of a hidden test no more than its title, its
            hint and its written message.

    Returns:
        XML text. Wrong answers and forbidden shortcuts are failures; exceptions, limits and
        faults of ours are errors; what did not run is skipped.
    """
    suites = "".join(_suite(row) for row in rows)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites>\n{suites}</testsuites>\n'


def _suite(row: ClassRow) -> str:
    exercises = row.grade.exercises if row.grade is not None else ()
    verdicts = [verdict for exercise in exercises for verdict in exercise.verdicts]
    failed = sum(1 for v in verdicts if v.outcome in _FAILED)
    skipped = sum(1 for v in verdicts if v.outcome in _SKIPPED)
    passed = sum(1 for v in verdicts if v.outcome is Outcome.PASSED)
    facts = {
        "name": row.person.key,
        "tests": len(verdicts),
        "failures": failed,
        "errors": len(verdicts) - failed - skipped - passed,
        "skipped": skipped,
        "time": f"{sum(verdict.duration_s for verdict in verdicts):.3f}",
    }
    if row.grade is not None:
        facts["timestamp"] = row.grade.graded_at.strftime("%Y-%m-%dT%H:%M:%S")
    cases = "".join(_case(exercise, v) for exercise in exercises for v in exercise.verdicts)
    return f" <testsuite{_attributes(facts)}>\n{cases} </testsuite>\n"


def _case(exercise: ExerciseGrade, verdict: Verdict) -> str:
    test = verdict.test
    facts = {
        "classname": f"{exercise.exercise.id}.{test.task}",
        "name": test.id,
        "time": f"{verdict.duration_s:.3f}",
    }
    properties = {"title": test.title, "max_points": str(float(test.points))}
    if verdict.points is not None:
        properties["points"] = str(float(verdict.points))
    lines = "".join(
        f"    <property{_attributes({'name': name, 'value': value})}/>\n"
        for name, value in properties.items()
    )
    body = f"   <properties>\n{lines}   </properties>\n{_outcome(verdict)}"
    return f"  <testcase{_attributes(facts)}>\n{body}  </testcase>\n"


def _outcome(verdict: Verdict) -> str:
    if verdict.outcome is Outcome.PASSED:
        return ""
    text = "\n".join(filter(None, [verdict.message, verdict.test.hint]))
    first = text.split("\n", 1)[0]
    kind = verdict.outcome.value
    if verdict.outcome in _SKIPPED:
        return f"   <skipped{_attributes({'type': kind, 'message': first})}/>\n"
    tag = "failure" if verdict.outcome in _FAILED else "error"
    facts = _attributes({"type": kind, "message": first})
    return f"   <{tag}{facts}>{escape(_clean(text))}</{tag}>\n"


def _attributes(facts: dict[str, object] | dict[str, str]) -> str:
    return "".join(f" {name}={quoteattr(_clean(str(value)))}" for name, value in facts.items())


def _clean(text: str) -> str:
    """Drop what XML cannot hold, not even escaped, and what acts on a terminal."""
    return _FORBIDDEN.sub("", text)
