"""What students were given, by its hash: whoever hands in the same has not begun."""

from __future__ import annotations

import hashlib

from grader.course.destination import RECORD, parse_record
from grader.model import Course


def handed_out(course: Course) -> frozenset[str]:
    """Give the SHA-256 of each stub and notebook as it was handed out.

    In a student repository the files are the student's by now, so the record of the release
    tells; without one nothing is known, and every file counts as the student's.

    Raises:
        CourseError: If the record cannot be read.
    """
    record = course.root / RECORD
    if record.is_file():
        return frozenset(parse_record(record).values())
    if not (course.root / "solutions").is_dir():
        return frozenset()
    stubs = [exercise.stub for exercise in course.exercises]
    files = [*stubs, *(stub.with_suffix(".ipynb") for stub in stubs)]
    return frozenset(
        hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()
    )
