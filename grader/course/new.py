"""A new exercise from templates, each part of which says politely what is still to be written.

What is made loads and releases at once; `autograde verify` then lists what is missing.
"""

from __future__ import annotations

import keyword
import sys
from fnmatch import fnmatchcase
from pathlib import Path

from grader.course.config import COURSE_FILE, read_course_file, read_exercise
from grader.course.find import EXERCISE_ID
from grader.course.stub import write_stub
from grader.course.templates import render
from grader.errors import CourseError
from grader.model import Course, Limits

_TAKEN = frozenset({"torch", "torchvision", "numpy", "pytest", "grader", "driver"})
"""A student's module of such a name would hide the package from itself."""
_ALTERNATIVES = {"loops.py": "with plain loops", "library.py": "with what torch brings"}


def new_exercise(course: Course, name: str) -> tuple[Path, ...]:
    """Make an exercise of four points with one task.

    Args:
        course: The teacher's course.
        name: Chapter, section and name, for instance `04-99-demo`; the module is `demo`.

    Returns:
        What was written.

    Raises:
        CourseError: If the name is malformed or taken; then nothing was written. Also if all
            was written, but `exercises` in `autograde.yml` does not take the name yet: no
            pattern could have taken it before.
    """
    module = _check_name(course, name)
    texts = _texts(name, module)
    for path in {course.root / path for path in ("assignments", "solutions", "tests/hidden")}:
        if (path / name).exists():
            raise CourseError(str(path / name), "this exists already.", "Choose another name.")
    for relative, text in texts.items():
        path = course.root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    exercise = read_exercise(course.root, name, Limits())
    write_stub(exercise)
    files = [course.root / path for path in texts]
    files += [exercise.stub, exercise.stub.with_suffix(".ipynb")]
    written, document = read_course_file(course.root / COURSE_FILE)
    if not any(fnmatchcase(name, pattern) for pattern in written.exercises):
        what = f"`exercises` does not take {name}, which was just written."
        raise document.error(("exercises",), what, "Add it there.")
    return tuple(sorted(files))


def _check_name(course: Course, name: str) -> str:
    """Give the module's name, if name and module may be used."""
    if not EXERCISE_ID.fullmatch(name):
        what = "this is not the name of an exercise."
        what_now = "Write chapter-section-name in lower case, for instance 04-99-demo."
        raise CourseError(name, what, what_now)
    module = name.split("-", 2)[2].replace("-", "_")
    if keyword.iskeyword(module) or module in sys.stdlib_module_names | _TAKEN:
        what = f"a module called {module} would hide Python's own or a package."
        raise CourseError(name, what, "Choose another name.")
    for exercise in course.exercises:
        if exercise.module == module:
            what = f"the module {module} belongs to {exercise.id} already."
            raise CourseError(name, what, "Choose another name.")
    if not (course.root / "solutions").is_dir() and course.exercises:
        what = "there are no solutions here; this looks like a student repository."
        raise CourseError(str(course.root), what, "Run this in the teacher's repository.")
    return module


def _texts(name: str, module: str) -> dict[str, str]:
    """Fill in the templates, by path below the course."""
    chapter, section, rest = name.split("-", 2)
    values: dict[str, object] = {
        "id": name,
        "module": module,
        "section": f"{int(chapter)}.{int(section)}",
        "title": rest.replace("-", " ").capitalize(),
    }
    solution, hidden = f"solutions/{name}", f"tests/hidden/{name}"
    templates = {
        f"assignments/{name}/exercise.yml": "new_exercise.yml.j2",
        f"assignments/{name}/README.md": "new_README.md.j2",
        f"assignments/{name}/test_public.py": "new_test_public.py.j2",
        f"{solution}/{module}.py": "new_reference.py.j2",
        f"{solution}/mistakes.py": "new_mistakes.py.j2",
        f"{hidden}/test_{module}.py": "new_test_hidden.py.j2",
    }
    texts = {path: render(template, **values) for path, template in templates.items()}
    for file, style in _ALTERNATIVES.items():
        texts[f"{solution}/alternatives/{file}"] = render(
            "new_alternative.py.j2", file=file, style=style, **values
        )
    return texts
