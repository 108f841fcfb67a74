"""Finding the course and its exercises on disk.

An exercise is a folder name shared by `assignments/`, `solutions/` and `tests/hidden/`; only
the first exists in the repository that students get, and everything here works there too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course.config import COURSE_FILE, EXERCISE_FILE, read_course_file, read_exercise
from grader.course.explain import near_miss
from grader.errors import CourseError
from grader.model import Course, Exercise, Limits, Rules

if TYPE_CHECKING:
    from grader.course.shape import CourseFile
    from grader.course.yamlpos import Document

EXERCISE_ID = re.compile(r"[0-9]{2}-[0-9]{2}-[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LISTED = 8
"""Names shown in a message before it gets unreadable."""


def load_course(start: Path) -> Course:
    """Load the course whose `autograde.yml` stands in `start` or above it.

    Args:
        start: A folder or file inside the course.

    Raises:
        CourseError: If there is none, or a file of the course is wrong.
    """
    root = find_root(start)
    written, document = read_course_file(root / COURSE_FILE)
    ids = _exercise_ids(root, written, document)
    for key, names in (("due", written.due), ("curve", written.curve)):
        for known in names:
            if known not in ids:
                what = f"`{key}` names the exercise {known}, which the course does not have."
                hint = near_miss(known, ids) or "Remove the line."
                raise document.error((key, known), what, hint, key=True)
    defaults = written.limits.over(Limits())
    return Course(
        root=root,
        title=written.title,
        exercises=tuple(read_exercise(root, name, defaults) for name in ids),
        min_level=written.sandbox.min_level,
        due=dict(written.due),
        language=written.language,
        intake=written.intake.model_dump(exclude_none=True),
        rules=Rules(
            late=written.late.rule(),
            curves={name: curve.curve() for name, curve in written.curve.items()},
            drop_lowest=written.drop_lowest,
        ),
        gradebook=written.gradebook,
        push=written.ci.rules(),
    )


def find_root(start: Path) -> Path:
    """Find the folder of the course above `start`.

    Raises:
        CourseError: If no folder from `start` upwards holds `autograde.yml`.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / COURSE_FILE).is_file():
            return folder
    what = f"neither this folder nor one above it holds {COURSE_FILE}."
    raise CourseError(str(start), what, "Change into the folder of the course.")


def _exercise_ids(root: Path, written: CourseFile, document: Document) -> list[str]:
    """List the exercises that the course's patterns take, in course order."""
    present = _folders(root)
    chosen: set[str] = set()
    for position, pattern in enumerate(written.exercises):
        hits = [name for name in present if fnmatchcase(name, pattern)]
        if not hits:
            what = f"no exercise in assignments/ is called `{pattern}`."
            hint = near_miss(pattern, present) or "Correct the name, or create the exercise."
            raise document.error(("exercises", position), what, hint)
        chosen.update(hits)
    return sorted(chosen)


def _folders(root: Path) -> list[str]:
    """List the folders of `assignments/` that are exercises.

    Raises:
        CourseError: For a folder that bears no exercise's name or has no `exercise.yml`.
    """
    assignments = root / "assignments"
    if not assignments.is_dir():
        raise CourseError(str(assignments), "the folder is missing.", "Create it.")
    names = []
    for folder in sorted(assignments.iterdir()):
        if not folder.is_dir() or folder.name.startswith((".", "_")):
            continue
        if not EXERCISE_ID.fullmatch(folder.name):
            what = "this is not the name of an exercise."
            what_now = "Call it chapter-section-name, for instance 03-06-softmax, or move it away."
            raise CourseError(str(folder), what, what_now)
        if not (folder / EXERCISE_FILE).is_file():
            what = f"the exercise has no {EXERCISE_FILE}."
            raise CourseError(str(folder), what, "Write it, or remove the folder.")
        names.append(folder.name)
    return names


def select(course: Course, patterns: Sequence[str]) -> tuple[Exercise, ...]:
    """Choose exercises by any part of their names that names one of them.

    Args:
        course: The course.
        patterns: Folder names, modules, sections (`3.6`, `03-06`), parts of a name, or
            patterns with `*`, which may take several. None at all choose every exercise.

    Returns:
        The chosen exercises in course order, each once.

    Raises:
        CourseError: For a pattern that no exercise answers to, or several do.
    """
    if not patterns:
        return course.exercises
    chosen = {found.id for pattern in patterns for found in _matching(course, pattern)}
    return tuple(exercise for exercise in course.exercises if exercise.id in chosen)


def _matching(course: Course, pattern: str) -> list[Exercise]:
    """Find what one pattern names; the first rule that anything answers to decides."""
    wanted = pattern.rstrip("/").rpartition("/")[2]
    wanted = wanted.removesuffix(".py").removesuffix(".ipynb")
    if any(sign in wanted for sign in "*?["):
        hits = [entry for entry in course.exercises if fnmatchcase(entry.id, wanted)]
        if hits:
            return hits
        raise _unknown(course, pattern, wanted)
    for rule in _RULES:
        hits = [entry for entry in course.exercises if wanted and rule(entry, wanted)]
        if len(hits) == 1:
            return hits
        if hits:
            names = ", ".join(entry.id for entry in hits[:_LISTED])
            more = ", ..." if len(hits) > _LISTED else ""
            what = f"several exercises answer to this: {names}{more}."
            raise CourseError(pattern, what, "Write more of the name.")
    raise _unknown(course, pattern, wanted)


_RULES: tuple[Callable[[Exercise, str], bool], ...] = (
    lambda entry, wanted: entry.id == wanted,
    lambda entry, wanted: wanted in {entry.module, entry.id.split("-", 2)[2]},
    lambda entry, wanted: wanted in {entry.section, entry.id[:5]},
    lambda entry, wanted: wanted in entry.id or wanted in entry.module,
)


def _unknown(course: Course, pattern: str, wanted: str) -> CourseError:
    names: Iterable[str] = [
        name
        for entry in course.exercises
        for name in (entry.id, entry.module, entry.id.split("-", 2)[2])
    ]
    what_now = near_miss(wanted, dict.fromkeys(names))
    return CourseError(
        pattern, "no exercise answers to this.", what_now or "`autograde list` shows them all."
    )
