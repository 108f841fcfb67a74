"""What a class is worth: verdicts that are kept, the rules of the course, files that say so."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from grader import score
from grader.batch.book import read_rows
from grader.batch.classroom import Classroom
from grader.batch.engine import Finished, Job
from grader.batch.find import find_submissions
from grader.batch.intake import Policy
from grader.batch.journal import Journal
from grader.batch.people import gather
from grader.export.gradebook import gradebook_text
from grader.model import (
    ClassRow,
    Course,
    Curve,
    CurveKind,
    Grade,
    Isolation,
    LateRule,
    Outcome,
    Rules,
    TestCase,
    Verdict,
    Visibility,
)
from tests.grader.conftest import RIGHT, write_course

DUE = datetime(2026, 10, 1, tzinfo=UTC)
DAY_S = 24 * 3600
DEMO, MORE = "01-01-demo", "01-02-more"
TEN_A_DAY = LateRule(percent_per_day=Fraction(10))


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course of two exercises of six points, the first of which is due."""
    (tmp_path / "course").mkdir()
    return replace(write_course(tmp_path / "course"), due={DEMO: DUE})


def _hand_in(folder: Path, days_late: float, text: str = RIGHT) -> None:
    folder.mkdir(parents=True)
    for module in ("demo", "more"):
        path = folder / f"{module}.py"
        path.write_text(text, "utf-8")
        moment_s = DUE.timestamp() + days_late * DAY_S
        os.utime(path, (moment_s, moment_s))


def _judged(job: Job) -> Grade:
    """Stand in for the judge: `# 4` in the first line of a hand-in earns four points."""
    hand_in = job.submission.hand_ins[0]
    earned = Fraction(hand_in.source.split("\n", 1)[0].removeprefix("# "))
    worth = (("yes", Outcome.PASSED, earned), ("no", Outcome.FAILED, 6 - earned))
    verdicts = [
        Verdict(TestCase(f"t.py::{n}", job.exercise.id, "double", "T.", p, Visibility.PUBLIC), o)
        for n, o, p in worth
    ]
    grade = score.grade_exercise(job.exercise, hand_in, verdicts, seed=1, duration_s=0.5)
    return score.grade_submission(
        job.submission, [grade], isolation=Isolation(3), environment={}, graded_at=DUE
    )


def _grade(course: Course, out: Path, policy: Policy = Policy.LATEST) -> tuple[ClassRow, ...]:
    """Grade the class beside the course, and say what is told about everybody."""
    root = out.parent / "class"
    members, _ = gather(
        find_submissions(root, course.exercises), (), course, course.exercises, policy
    )
    with Journal(out) as journal:
        classroom = Classroom(journal, course, course.exercises, members, [], 3)
        classroom.begin()
        for jobs in classroom.tasks():
            for job in jobs:
                journal.keep(job.path, _judged(job))
            classroom.settle(Finished(jobs, {}))
        classroom.end()
        return classroom.rows


def test_lateness_and_curves_count_and_raw_points_stay(tmp_path: Path, course: Course) -> None:
    """From the file times of the hand-ins to the gradebook; exports read the same back."""
    _hand_in(tmp_path / "class/ada", 1.5, "# 5\n")
    _hand_in(tmp_path / "class/bob", -1, "# 4\n")
    curves = {MORE: Curve(CurveKind.ADD, Fraction(1, 2))}
    ruled = replace(course, rules=Rules(TEN_A_DAY, curves))
    rows = _grade(ruled, tmp_path / "out")
    ada, bob = (row.standing for row in rows)
    assert ada is not None
    assert bob is not None
    assert [(e.raw, e.points, e.days_late) for e in ada.exercises] == [
        (5, 4, 2), (5, Fraction(11, 2), 0),
    ]  # fmt: skip
    assert (ada.points, bob.points) == (Fraction(19, 2), Fraction(17, 2))
    assert "late:01-01-demo" in rows[0].flags
    names, again = read_rows(tmp_path / "out")
    assert [(r.person, r.flags, r.standing) for r in again] == [
        (r.person, r.flags, r.standing) for r in rows
    ]
    assert gradebook_text(again, names) == gradebook_text(rows, names)
    assert "\nada,,,,4,5.5,9.5,12,late:01-01-demo,5,5\n" in gradebook_text(rows, names)


def test_changed_rules_judge_nothing_again(tmp_path: Path, course: Course) -> None:
    """The verdicts stand; the same rules twice make the same gradebook, byte for byte."""
    _hand_in(tmp_path / "class/ada", 1.5, "# 5\n")
    out = tmp_path / "out"
    _grade(course, out)
    kept = {path: path.stat().st_mtime_ns for path in (out / "journal").rglob("*.json")}
    ruled = replace(course, rules=Rules(TEN_A_DAY, drop_lowest=1))
    (row,) = _grade(ruled, out)
    assert row.standing is not None
    assert (row.standing.points, row.standing.max_points) == (5, 6)
    assert "dropped:01-01-demo" in row.flags
    first = (out / "class.json").read_bytes()
    _grade(ruled, out)
    assert (out / "class.json").read_bytes() == first
    assert kept == {path: path.stat().st_mtime_ns for path in (out / "journal").rglob("*.json")}


def test_the_best_attempt_is_the_best_after_lateness(tmp_path: Path, course: Course) -> None:
    """It is the one whose page is written; another rule may choose another."""
    early, late = "ada+demo+2026-09-30 12:00:00 UTC+x", "ada+demo+2026-10-03 12:00:00 UTC+y"
    _hand_in(tmp_path / "class" / early, 0, "# 4\n")
    _hand_in(tmp_path / "class" / late, 0, "# 5\n")
    ruled = replace(course, rules=Rules(TEN_A_DAY))
    (row,) = _grade(ruled, tmp_path / "out", Policy.BEST)
    assert row.standing is not None
    assert row.grade is not None
    assert [e.raw for e in row.standing.exercises] == [4, 5]
    assert [e.score for e in row.grade.exercises] == [4, 5]
    (free,) = _grade(course, tmp_path / "out", Policy.BEST)
    assert free.standing is not None
    assert [e.raw for e in free.standing.exercises] == [5, 5]
