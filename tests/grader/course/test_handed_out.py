"""Whoever hands in what was handed out has not begun."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from grader.course import load_course
from grader.course.destination import RECORD
from grader.course.handed_out import handed_out
from grader.course.release import write_stubs
from grader.errors import CourseError


def test_a_teachers_stubs_and_notebooks_are_known(root: Path) -> None:
    """As they stand in assignments/ now."""
    course = load_course(root)
    write_stubs(course)
    stub = course.exercises[0].stub
    assert handed_out(course) == {
        hashlib.sha256(file.read_bytes()).hexdigest() for file in (stub, stub.with_suffix(".ipynb"))
    }


def test_a_students_repository_knows_them_by_its_record(root: Path) -> None:
    """The files themselves are the student's by now."""
    course = load_course(root)
    record = {"schema": "autograde/release/v1", "files": {"a.py": "12ab"}}
    (root / RECORD).write_text(json.dumps(record), encoding="utf-8")
    assert handed_out(course) == {"12ab"}
    (root / RECORD).write_text("{", encoding="utf-8")
    with pytest.raises(CourseError, match="record"):
        handed_out(course)


def test_without_a_record_nothing_is_known(root: Path) -> None:
    """Then every file counts as written by the student."""
    course = load_course(root)
    (root / "solutions").rename(root / "elsewhere")
    assert handed_out(course) == frozenset()
