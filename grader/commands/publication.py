"""The files of `autograde ci`, and what it tells GitHub Actions."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from grader import report
from grader.export import actions, classroom50, legacy, summary
from grader.export.junit import junit_text
from grader.model import ClassRow, Grade, Note, Person
from grader.points import points_number

PAGE = "report.html"
RESULT = "result.json"
OWN_RESULT = "autograde-result.json"
"""Our result where `result.json` belongs to Classroom 50."""
RELEASE_BODY = "release-body.md"
JUNIT = "junit.xml"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which systems are served.

    Attributes:
        actions: GitHub Actions runs this job.
        classroom50: `result.json` is Classroom 50's.
        legacy: The output `result` is wanted.
    """

    actions: bool
    classroom50: bool
    legacy: bool


class Publisher:
    """Writes one grade wherever it is wanted."""

    def __init__(
        self, checkout: Path, wanted: Wanted, environment: Mapping[str, str], say: report.Say
    ) -> None:
        """Look who asks; nothing is written yet.

        Args:
            checkout: The hand-in, where files are written.
            wanted: Which systems are served.
            environment: Of this process.
            say: The language of the page.

        Raises:
            UsageError: If Classroom 50 is asked for and the environment names no submission.
        """
        self._checkout = checkout
        self._wanted = wanted
        self._environment = environment
        self._say = say
        self._identity = classroom50.identity_of(environment) if wanted.classroom50 else None

    def keep(self, grade: Grade) -> None:
        """Write for Classroom 50 what is known so far, in case that nothing follows."""
        if self._identity is not None and grade.score is not None:
            self._write_classroom50(report.as_stored(grade))

    def publish(self, grade: Grade, refused: Sequence[Note], *, usable: bool) -> list[str]:
        """Write everything.

        Args:
            grade: The grade, fresh from the judge.
            refused: Why exercises were not graded now.
            usable: Whether its score may be published; it may not after a fault of ours.

        Returns:
            Workflow commands, to be printed when nothing else will be.

        Raises:
            UsageError: If a file cannot be written.
        """
        own = OWN_RESULT if self._identity else RESULT
        report.write_result(grade, self._checkout / own)
        report.write_text(self._checkout / PAGE, report.render_html(grade, self._say))
        stored = report.as_stored(grade)
        rows = [ClassRow(Person(stored.submission.owner), stored)]
        report.write_text(self._checkout / JUNIT, junit_text(rows))
        usable = usable and grade.score is not None
        scale = classroom50.scale_of(stored) if self._identity else 1
        text = summary.summary(stored, page=PAGE, scale=scale)
        if self._identity is not None:
            self._publish_classroom50(stored, text, usable=usable)
        if not self._wanted.actions:
            return []
        self._add_summary(text)
        self._add_outputs(stored, usable=usable)
        lines = [actions.warn(note) for note in refused[: actions.SHOWN_FAILURES]]
        lines += actions.annotate(stored, self._sources(grade))
        return [*lines, *(actions.classroom_notices(stored) if usable else [])]

    def _publish_classroom50(self, grade: Grade, text: str, *, usable: bool) -> None:
        if not usable:
            # What was kept on the way is no result: the runner then says that grading failed.
            for name in (RESULT, RELEASE_BODY):
                (self._checkout / name).unlink(missing_ok=True)
            return
        self._write_classroom50(grade)
        body = summary.fit(text, summary.BODY_LIMIT_BYTES, _pointer())
        report.write_text(self._checkout / RELEASE_BODY, body)

    def _write_classroom50(self, grade: Grade) -> None:
        if self._identity is not None:
            result = classroom50.classroom50_result(grade, self._identity, datetime.now(UTC))
            report.write_text(self._checkout / RESULT, json.dumps(result, indent=1) + "\n")

    def _add_summary(self, text: str) -> None:
        """Append to the job's summary, and stay below what Actions takes of it."""
        name = self._environment.get("GITHUB_STEP_SUMMARY")
        if not name:
            return
        taken_bytes = Path(name).stat().st_size if Path(name).exists() else 0
        room_bytes = summary.SUMMARY_LIMIT_BYTES - taken_bytes
        _append(Path(name), summary.fit(text, room_bytes, _pointer()))

    def _add_outputs(self, grade: Grade, *, usable: bool) -> None:
        name = self._environment.get("GITHUB_OUTPUT")
        if not name:
            return
        values: dict[str, str | float] = {"report-path": str(self._checkout / PAGE)}
        if usable and grade.score is not None:
            values["score"] = points_number(grade.score)
            values["max-score"] = points_number(grade.max_score)
            if self._wanted.legacy:
                values["result"] = legacy.legacy_result(grade)
        _append(Path(name), actions.output_lines(values))

    def _sources(self, grade: Grade) -> actions.Sources:
        """Tell where the hand-in stands in the workspace; outside it, files cannot be named."""
        workspace = self._environment.get("GITHUB_WORKSPACE") or str(self._checkout)
        folder = os.path.relpath(self._checkout.resolve(), Path(workspace).resolve())
        place = "" if folder == "." else folder.replace(os.sep, "/")
        return actions.Sources(place, actions.task_places(grade))


def _pointer() -> str:
    return f"This is not all: the rest stands in {PAGE}."


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(text)
