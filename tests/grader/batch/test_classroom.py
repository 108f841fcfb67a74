"""One run over a class, on a real journal; what is judged is right by agreement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from grader import score
from grader.batch import classroom as classroom_module
from grader.batch.book import read_rows
from grader.batch.classroom import Classroom
from grader.batch.engine import Finished, Job
from grader.batch.find import find_submissions
from grader.batch.intake import Policy
from grader.batch.journal import Journal
from grader.batch.keys import exercise_digest
from grader.batch.people import gather
from grader.model import Course, Grade, Isolation, Outcome, TestCase, Verdict, Visibility
from tests.grader.conftest import RIGHT

STUDENTS = ("ada", "bob", "cleo", "dan")


@pytest.fixture
def root(demo_course: Course, tmp_path: Path) -> Path:
    """Four students, each with two exercises."""
    for name in STUDENTS:
        for exercise in demo_course.exercises:
            path = tmp_path / "class" / name / exercise.id / f"{exercise.module}.py"
            path.parent.mkdir(parents=True)
            path.write_text(f"{RIGHT}# {name}\n", "utf-8")
    return tmp_path / "class"


def _open(journal: Journal, course: Course, root: Path) -> Classroom:
    plan = find_submissions(root, course.exercises)
    members, troubles = gather(plan, (), course, course.exercises, Policy.LATEST)
    digests = {exercise.id: exercise_digest(exercise) for exercise in course.exercises}
    return Classroom(journal, course.exercises, members, troubles, 0, digests)


def _passed(job: Job) -> Grade:
    verdicts = [
        Verdict(
            TestCase(
                f"test_x.py::test_{task.name}", job.exercise.id, task.name, task.title,
                task.points, Visibility.HIDDEN,
            ),
            Outcome.PASSED,
        )
        for task in job.exercise.tasks
    ]  # fmt: skip
    (hand_in,) = job.submission.hand_ins
    grade = score.grade_exercise(job.exercise, hand_in, verdicts, seed=1, duration_s=0.1)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return score.grade_submission(
        job.submission, [grade], isolation=Isolation(3), environment={}, graded_at=now
    )


def _judge(journal: Journal, jobs: Sequence[Job]) -> Finished:
    for job in jobs:
        journal.keep(job.path, _passed(job))
    return Finished(tuple(jobs), {})


def test_a_page_appears_with_the_last_verdict(
    demo_course: Course, root: Path, tmp_path: Path
) -> None:
    """Not before, and for nobody else."""
    with Journal(tmp_path / "out") as journal:
        room = _open(journal, demo_course, root)
        room.begin()
        first, *others = room.tasks()
        assert (len(first), len(others)) == (2, 3)
        page = tmp_path / "out" / "results" / "ada" / "report.html"
        room.settle(_judge(journal, first[:1]))
        assert not page.exists()
        room.settle(_judge(journal, first[1:]))
        assert page.is_file()
        assert [path.name for path in page.parents[1].iterdir()] == ["ada"]
        room.end()
    _, rows = read_rows(tmp_path / "out")
    assert [row.grade.score if row.grade else None for row in rows] == [12, None, None, None]
    assert [row.flags for row in rows] == [(), *[("not_graded",)] * 3]


def test_what_was_judged_is_not_judged_or_written_again(
    demo_course: Course, root: Path, tmp_path: Path
) -> None:
    """The next run finds it in the journal."""
    with Journal(tmp_path / "out") as journal:
        room = _open(journal, demo_course, root)
        for task in room.tasks():
            room.settle(_judge(journal, task))
    pages = sorted((tmp_path / "out" / "results").rglob("*.*"))
    before = [(path, path.stat().st_mtime_ns, path.stat().st_ino) for path in pages]
    assert len(before) == 2 * len(STUDENTS)
    with Journal(tmp_path / "out") as journal:
        again = _open(journal, demo_course, root)
        assert again.tasks() == []
        again.begin()
    assert [(path, path.stat().st_mtime_ns, path.stat().st_ino) for path in pages] == before
    assert [row.grade.score for row in again.rows if row.grade] == [12] * len(STUDENTS)


def test_settling_somebody_looks_at_nobody_else(
    demo_course: Course, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a class of thousands would be looked through thousands of times."""
    asked = []

    def counting(digest: str, hand_in: Any) -> str:
        asked.append(hand_in.exercise_id)
        return original(digest, hand_in)

    with Journal(tmp_path / "out") as journal:
        room = _open(journal, demo_course, root)
        (task, *_) = room.tasks()
        finished = _judge(journal, task)
        original = classroom_module.verdict_key
        monkeypatch.setattr(classroom_module, "verdict_key", counting)
        room.settle(finished)
    assert len(asked) == len(demo_course.exercises)
