"""Which attempt counts, exercise by exercise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.batch.intake import Policy, choose, join, read_attempt
from grader.batch.plan import Attempt, Layout
from grader.collect import IntakeLimits
from grader.errors import SubmissionError
from grader.model import Course, HandInStatus, Person, Submission
from tests.grader.conftest import RIGHT

DUE = datetime(2026, 10, 1, tzinfo=UTC)


def _attempt(folder: Path, hours: int, **files: str) -> Attempt:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
    return Attempt(folder, Layout.PLAIN, (Person("ada"),), DUE + timedelta(hours=hours))


def _read(course: Course, attempt: Attempt) -> tuple[str, Submission]:
    return attempt.owner, read_attempt(attempt, course.exercises, IntakeLimits())


@pytest.fixture
def attempts(tmp_path: Path, demo_course: Course) -> list[tuple[str, Submission]]:
    """Three attempts: one in time, one late, and one late that holds the other exercise."""
    return [
        _read(demo_course, _attempt(tmp_path / "b", 1, demo="late = 1\n")),
        _read(demo_course, _attempt(tmp_path / "a", -1, demo="early = 1\n")),
        _read(demo_course, _attempt(tmp_path / "c", 2, more="other = 1\n")),
    ]


def test_the_latest_counts_for_each_exercise(
    demo_course: Course, attempts: list[tuple[str, Submission]]
) -> None:
    """An attempt that lacks an exercise does not take it away."""
    demo, more = demo_course.exercises
    (pick,) = choose(attempts, demo, Policy.LATEST, DUE)
    assert (pick.hand_in.source, pick.is_late) == ("late = 1\n", True)
    (other,) = choose(attempts, more, Policy.LATEST, None)
    assert (other.hand_in.source, other.is_late) == ("other = 1\n", False)


def test_every_different_attempt_may_be_the_best(
    demo_course: Course, attempts: list[tuple[str, Submission]]
) -> None:
    """The same file twice is one."""
    twice = [*attempts, attempts[0]]
    picks = choose(twice, demo_course.exercises[0], Policy.BEST, None)
    assert [pick.hand_in.source for pick in picks] == ["early = 1\n", "late = 1\n"]


def test_only_what_came_in_time_counts(
    demo_course: Course, attempts: list[tuple[str, Submission]]
) -> None:
    """If nothing did, nothing is graded, and the note says when it came."""
    demo, more = demo_course.exercises
    (pick,) = choose(attempts, demo, Policy.IN_TIME, DUE)
    assert pick.hand_in.source == "early = 1\n"
    (late,) = choose(attempts, more, Policy.IN_TIME, DUE)
    assert late.hand_in.status is HandInStatus.NOT_SUBMITTED
    assert "came at 2026-10-01 02:00 UTC" in late.hand_in.notes[0].text


def test_parts_make_one_submission(
    demo_course: Course, attempts: list[tuple[str, Submission]]
) -> None:
    """It names the places that were used and the newest time; one alone keeps its identity."""
    picks = [choose(attempts, e, Policy.LATEST, None)[0] for e in demo_course.exercises]
    joined = join(picks, "ada")
    assert [h.source for h in joined.hand_ins] == ["late = 1\n", "other = 1\n"]
    assert joined.received_at == DUE + timedelta(hours=2)
    assert len(joined.origin.split(", ")) == 2
    alone = [choose(attempts[:1], e, Policy.LATEST, None)[0] for e in demo_course.exercises]
    assert join(alone, "ada").id == attempts[0][1].id


def test_a_flat_file_is_known_by_what_its_author_called_it(
    tmp_path: Path, demo_course: Course
) -> None:
    """Its name on the disk begins with the author's; the other exercises are missing."""
    path = tmp_path / "Ada_1_assignsubmission_file_More.py"
    path.write_text(RIGHT, "utf-8")
    attempt = Attempt(path, Layout.MOODLE, (Person("Ada_1"),), file_name="More.py")
    _, found = _read(demo_course, attempt)
    statuses = [hand_in.status for hand_in in found.hand_ins]
    assert statuses == [HandInStatus.NOT_SUBMITTED, HandInStatus.SUBMITTED]
    odd = Attempt(path, Layout.MOODLE, (Person("Ada_1"),), file_name="final2.py")
    with pytest.raises(SubmissionError, match="does not say which exercise"):
        _read(demo_course, odd)
    alone = read_attempt(odd, demo_course.exercises[:1], IntakeLimits())
    assert alone.hand_ins[0].status is HandInStatus.SUBMITTED
