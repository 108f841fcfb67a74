"""One warm session of a level, in which hand-ins are graded and looked after one by one."""

from __future__ import annotations

import io
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
from rich.console import Console

from grader import collect, pipeline, report
from grader.errors import SubmissionError
from grader.model import Course, Grade, HandInStatus
from tests.security.canaries import PREFIX, Canaries
from tests.security.corpus import Entry
from tests.security.forms import as_it_is
from tests.security.slowness import slowness
from tests.security.target import MARKER, POINTS, RIGHT

PATIENCE_S = 10.0
"""How long the kernel may take to clear away what was killed, on a busy machine."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of one hand-in.

    Attributes:
        read: What intake said: `submitted`, `unreadable`, `refused`.
        said: Why it was refused or unreadable, or all messages.
        grade: The grade; None if it was refused.
        seconds: From hand-in to grade.
        page: The page for the student.
        shown: Page, terminal and stored result together.
        touched: What is wrong with the canaries.
        left: Processes that were not there before.
        after: Points of a right hand-in that was graded after it.
    """

    read: str
    said: str
    grade: Grade | None
    seconds: float
    page: str
    shown: str
    touched: list[str]
    left: list[str]
    after: float


class Ward:
    """A warm session with canaries around it."""

    def __init__(self, course: Course, level: int, canaries: Canaries, scratch: Path) -> None:
        """Start the session; see that it grades a right hand-in."""
        self.course = course
        self.canaries = canaries
        self._scratch = scratch
        self._session = pipeline.Session(course, course.exercises, level=level)
        self.level = self._session.isolation.level
        self._right = scratch / f"right-{level}" / "target.py"
        self._right.parent.mkdir(parents=True, exist_ok=True)
        self._right.write_text(RIGHT, "utf-8")
        self.before = self._grade_right()
        self._worker = psutil.Process(self._session._worker.pid)
        self._family = self._relatives()
        canaries.remember()

    def __enter__(self) -> Self:
        """Return the ward."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the session."""
        self._session.close()

    def values(self) -> dict[str, str]:
        """Return what hand-ins are told."""
        own = {"GRADER_PID": str(self._session._worker.pid), "COURSE": str(self.course.root)}
        return self.canaries.values() | own

    def examine(self, entry: Entry, form: Callable[[Path], Path] = as_it_is) -> Examined:
        """Hand one in, grade it, and look at everything that it could have harmed."""
        place = self._scratch / f"{self.level}-{entry.id}"
        path = form(entry.lay_out(place, self.values()))
        started_s = time.monotonic()
        grade, read, said = None, "submitted", ""
        page = shown = ""
        try:
            submission = collect.read_submission(path, self.course.exercises)
        except SubmissionError as error:
            read, said = "refused", f"{error}"
        else:
            hand_in = submission.hand_ins[0]
            if hand_in.status is not HandInStatus.SUBMITTED:
                read = hand_in.status.value
            grade = self._session.grade(submission, self.course.exercises)
            page, shown = _shown(grade)
            said = "\n".join([hand_in.problem, *(v.message for v in grade.exercises[0].verdicts)])
        seconds = time.monotonic() - started_s
        after = self._grade_right()
        shutil.rmtree(place, ignore_errors=True)
        touched = self.canaries.touched()
        left = self._left()
        return Examined(read, said, grade, seconds, page, shown, touched, left, after)

    def _grade_right(self) -> float:
        exercise = self.course.exercises[0]
        submission = collect.read_submission(self._right, [exercise])
        grade = self._session.grade(submission, [exercise])
        return -1.0 if grade.score is None else float(grade.score)

    def _relatives(self) -> set[int]:
        return {child.pid for child in self._worker.children(recursive=True)}

    def _left(self) -> list[str]:
        deadline_s = time.monotonic() + PATIENCE_S * slowness()
        while (new := self._relatives() - self._family) and time.monotonic() < deadline_s:
            time.sleep(0.02)
        gone = self._family - self._relatives()
        return [f"process {pid} is left" for pid in new] + [f"process {pid} died" for pid in gone]


def _shown(grade: Grade) -> tuple[str, str]:
    page = report.render_html(grade)
    terminal = io.StringIO()
    report.print_grade(grade, Console(file=terminal, width=120, color_system=None))
    stored = json.dumps(report.result_dict(grade), default=str, ensure_ascii=False)
    return page, f"{page}\n{terminal.getvalue()}\n{stored}"


def complaints(entry: Entry, found: Examined) -> list[str]:
    """Return what is not as it must be; nothing if all is well."""
    wrong = [*found.touched, *found.left]
    if found.read != entry.read:
        wrong.append(f"intake said {found.read}, expected {entry.read}")
    if found.after != POINTS:
        wrong.append(f"a right hand-in after it earned {found.after}, not {POINTS}")
    if entry.words and entry.words not in found.said:
        wrong.append(f"no message says {entry.words!r}")
    if found.seconds > entry.seconds * slowness():
        wrong.append(f"it took {found.seconds:.1f} s")
    if found.grade is not None:
        wrong += _complaints_of_grade(entry, found.grade, found)
    return wrong and [*wrong, found.said]


def _complaints_of_grade(entry: Entry, grade: Grade, found: Examined) -> list[str]:
    wrong = []
    if grade.score is None or grade.score > entry.points:
        wrong.append(f"it earned {grade.score}, at most {entry.points} are due")
    allowed = {*entry.outcomes, "passed", "skipped", "not_run"}
    for verdict in grade.exercises[0].verdicts:
        if verdict.outcome.value not in allowed and entry.read == "submitted":
            unlike = "a missing name" if "does not define" in verdict.message else ""
            if not unlike:
                wrong.append(f"{verdict.test.id}: {verdict.outcome.value}")
    wrong += [f"{text!r} is shown" for text in entry.absent if text in found.shown]
    wrong += [f"{text!r} is on the page" for text in entry.absent_page if text in found.page]
    wrong += [f"{text!r} is not shown" for text in entry.present if text not in found.shown]
    if f"{PREFIX}-" in found.shown:
        wrong.append("a secret of the grader is shown")
    if MARKER in found.shown:
        wrong.append("a hidden input is shown")
    if len(found.shown) > 2 << 20:
        wrong.append(f"the report has {len(found.shown)} characters")
    return wrong
