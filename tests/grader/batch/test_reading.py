"""A class is read by several processes as it is read by one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader import collect
from grader.batch import ahead, reading
from grader.batch.find import find_submissions
from grader.batch.plan import Attempt, Trouble
from grader.batch.reading import read_all
from grader.batch.texts import Texts
from grader.collect import IntakeLimits
from grader.model import Course, Submission
from tests.grader.conftest import RIGHT

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
STUDENTS = 9


@pytest.fixture
def attempts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, demo_course: Course
) -> tuple[Attempt, ...]:
    """Right ones, a broken zip, and one whose name is no text."""
    monkeypatch.setattr(ahead, "SHARE", 2)
    for number in range(STUDENTS):
        folder = tmp_path / "class" / f"s{number}"
        folder.mkdir(parents=True)
        (folder / "demo.py").write_text(f"{RIGHT}\n# {number}\n", "utf-8")
    (tmp_path / "class" / "s4.zip").write_bytes(b"PK nonsense")
    odd = Path(os.fsdecode(bytes(tmp_path / "class") + b"/s8\xff"))
    (tmp_path / "class" / "s8").rename(odd)
    return find_submissions(tmp_path / "class", demo_course.exercises).attempts


def _read(
    attempts: tuple[Attempt, ...], course: Course, processes: int
) -> list[tuple[Attempt, Submission | Trouble]]:
    texts = Texts(course.exercises)
    read = read_all(attempts, course.exercises, IntakeLimits(), texts, processes)
    return [(a, texts.whole(s) if isinstance(s, Submission) else s) for a, s in read]


@pytest.mark.usefixtures("alone")
def test_several_processes_read_what_one_reads(
    attempts: tuple[Attempt, ...], demo_course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the same order, with what could not be read, and with names that no child can send."""
    side_by_side = _read(attempts, demo_course, 3)
    monkeypatch.setattr(ahead, "_can_fork", lambda: False)
    assert side_by_side == _read(attempts, demo_course, 3)
    assert [attempt for attempt, _ in side_by_side] == list(attempts)
    assert len(side_by_side) == STUDENTS + 1
    (trouble,) = (found for _, found in side_by_side if isinstance(found, Trouble))
    assert trouble.where == "s4"
    texts = [s.hand_ins[0].source for _, s in side_by_side if isinstance(s, Submission)]
    assert texts == [f"{RIGHT}\n# {number}\n" for number in range(STUDENTS)]


@pytest.mark.usefixtures("alone")
def test_most_are_read_elsewhere(
    attempts: tuple[Attempt, ...], demo_course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here only the first, and those of a child that did not come to its end."""
    here: list[str] = []

    def watched(attempt: Attempt, *rest: object) -> Submission | Trouble:
        here.append(attempt.path.name)
        return read(attempt, *rest)  # type: ignore[arg-type]

    read = reading._read
    monkeypatch.setattr(reading, "_read", watched)
    _read(attempts, demo_course, 2)
    assert here[0] == "s0"
    assert 1 < len(here) <= 3
    assert os.fsdecode(b"s8\xff") in here


def test_a_reader_that_breaks_is_told_of_and_ends_nothing(
    attempts: tuple[Attempt, ...], demo_course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is, it is that hand-in's trouble."""

    def broken(path: Path, *_: object, **__: object) -> Submission:
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr(collect, "read_submission", broken)
    found = _read(attempts, demo_course, 1)
    assert len(found) == STUDENTS + 1
    assert all(isinstance(one, Trouble) and "Input/output error" in one.what for _, one in found)
