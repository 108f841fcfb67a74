"""The student repository: what is handed out, and nothing else.

    plan (files in memory) -> search for secrets -> check DEST -> write -> search again

Nothing is written before the search has found nothing. `DEST` remembers what a release wrote,
with hashes, so that the next one replaces and removes exactly that.
"""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import yaml

from grader.course.config import COURSE_FILE, show_points
from grader.course.destination import (
    Release,
    files_below,
    keep_theirs,
    read_record,
    refuse_strangers,
    write,
)
from grader.course.leaks import Secrets, find_leaks, secrets_of
from grader.course.schema import schemas
from grader.course.stub import REMEDY, drift, write_stub
from grader.course.wheel import build_wheel
from grader.course.yamlpos import YamlValue, read_document
from grader.errors import CourseError
from grader.model import Course, Exercise

WORKFLOW = ".github/workflows/autograde.yml"
DEVCONTAINER = ".devcontainer/devcontainer.json"
THEIRS = (WORKFLOW, DEVCONTAINER)
"""What whoever owns the student repository may have changed."""
CLASS_WORKFLOW = ".github/workflows/autograde-class.yml"
"""In the teacher's repository."""
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"
TORCH = "torch==2.13.0"
_SHOWN = 5
"""Findings in one message."""


def write_stubs(course: Course) -> tuple[Path, ...]:
    """Write the stub and notebook of each exercise anew in the teacher's repository.

    Returns:
        The stubs.

    Raises:
        CourseError: If a reference is missing or wrongly marked.
    """
    _require_solutions(course)
    for exercise in course.exercises:
        write_stub(exercise)
    return tuple(exercise.stub for exercise in course.exercises)


def release(course: Course, dest: Path) -> Release:
    """Write the student repository.

    Args:
        course: The teacher's course.
        dest: A folder that does not exist, is empty (`.git` aside) or holds a release.

    Raises:
        CourseError: If a stub has drifted, a secret would get out, the wheel cannot be built,
            or `dest` holds something that no release wrote. Then nothing was written.
    """
    _require_solutions(course)
    dest = dest.resolve()
    recorded = read_record(course, dest)
    stale = [line for exercise in course.exercises for line in drift(exercise)]
    if stale:
        raise CourseError("", "\n".join(stale), f"Run `{REMEDY}` and commit what it writes.")
    secrets = secrets_of(course.exercises)
    plan = _plan(course)
    for name in THEIRS:
        keep_theirs(dest, plan, recorded, name)
    _refuse_leaks(plan, secrets)
    refuse_strangers(dest, plan, recorded)
    changed = write(dest, plan, recorded)
    _refuse_leaks(files_below(dest), secrets)
    return changed


def write_class_workflow(course: Course) -> Path:
    """Write the workflow by which the teacher's repository grades the class.

    Where the grader is not part of that repository, a wheel of it is put beside the course.

    Raises:
        CourseError: If something else stands in the place of the workflow.
    """
    _require_solutions(course)
    source, dependencies = ".", "pyproject.toml"
    if not (course.root / dependencies).is_file():
        with tempfile.TemporaryDirectory() as folder:
            wheel = build_wheel(Path(folder))
            source = dependencies = f"wheels/{wheel.name}"
            (course.root / "wheels").mkdir(exist_ok=True)
            (course.root / source).write_bytes(wheel.read_bytes())
    text = _template("class_workflow.yml.j2", source=f"./{source}", dependencies=dependencies)
    path = course.root / CLASS_WORKFLOW
    if path.exists() and path.read_text("utf-8") != text:
        what = "this file was changed, or another release wrote it."
        raise CourseError(str(path), what, "Move it elsewhere, and take over your changes.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _require_solutions(course: Course) -> None:
    if not (course.root / "solutions").is_dir():
        what = "there are no solutions here; this looks like a student repository."
        raise CourseError(str(course.root), what, "Run this in the teacher's repository.")


def _plan(course: Course) -> dict[str, bytes]:
    """Put together every file of the student repository."""
    plan: dict[str, bytes] = {}
    for exercise in course.exercises:
        plan |= _assignment(course, exercise)
    with tempfile.TemporaryDirectory() as folder:
        wheel = build_wheel(Path(folder))
        wheel_path = f"wheels/{wheel.name}"
        plan[wheel_path] = wheel.read_bytes()
    plan[COURSE_FILE] = _course_file(course).encode()
    plan["README.md"] = _readme(course, wheel_path).encode()
    for name, text in schemas().items():  # exercise.yml points editors at them
        plan[f"docs/schemas/{name}"] = text.encode()
    plan[WORKFLOW] = _template("workflow.yml.j2", wheel=wheel_path).encode()
    plan[DEVCONTAINER] = _devcontainer(course, wheel_path).encode()
    plan[".gitignore"] = _template("gitignore.j2").encode()
    return plan


def _assignment(course: Course, exercise: Exercise) -> dict[str, bytes]:
    """Read the files of one exercise's folder, caches and hidden files left out."""
    files = {}
    for path in sorted(exercise.assignment_dir.rglob("*")):
        inside = path.relative_to(exercise.assignment_dir)
        if any(part.startswith((".", "__")) for part in inside.parts):
            continue
        if path.is_symlink():
            raise CourseError(str(path), "this is a link.", "Put a copy of the file there.")
        if path.is_file():
            files[path.relative_to(course.root).as_posix()] = path.read_bytes()
    return files


def _course_file(course: Course) -> str:
    """Write the students' `autograde.yml`: the teacher's settings without the comments."""
    settings = _plain(read_document(course.root / COURSE_FILE).data)
    if isinstance(settings, dict):
        settings["exercises"] = [exercise.id for exercise in course.exercises]
    return yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)


def _plain(value: YamlValue) -> YamlValue:
    """Give the data with plain numbers, which is all that YAML's writer knows."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return float(value) if isinstance(value, float) else value


def _readme(course: Course, wheel_path: str) -> str:
    rows = [
        {
            "id": exercise.id,
            "title": exercise.title,
            "points": show_points(exercise.points),
            "due": f"{course.due[exercise.id]:%Y-%m-%d %H:%M} UTC"
            if exercise.id in course.due
            else "",
        }
        for exercise in course.exercises
    ]
    first = course.exercises[0]
    return _template(
        "student_readme.md.j2", title=course.title, rows=rows, wheel=wheel_path, first=first
    )


def _devcontainer(course: Course, wheel_path: str) -> str:
    """Write where an editor may work: Python with the grader, and no secret asked for."""
    container = {
        "name": course.title,
        "image": "mcr.microsoft.com/devcontainers/python:3.12",
        "containerEnv": {"PIP_EXTRA_INDEX_URL": CPU_WHEELS},
        "postCreateCommand": f"python -P -m pip install {TORCH} ./{wheel_path}",
        "customizations": {"vscode": {"extensions": ["ms-python.python", "ms-toolsai.jupyter"]}},
    }
    return json.dumps(container, indent=2, ensure_ascii=False) + "\n"


def _template(name: str, **values: object) -> str:
    from grader.course.templates import render

    return render(name, **values)


def _refuse_leaks(files: Mapping[str, bytes], secrets: Secrets) -> None:
    """Raise if any file, or any member of a wheel, holds a secret."""
    leaks = find_leaks(files, secrets)
    for path, raw in files.items():
        if path.endswith(".whl"):
            leaks += [f"{path}, {leak}" for leak in _wheel_leaks(raw, secrets)]
    if leaks:
        more = [f"... and {len(leaks) - _SHOWN} more"] if len(leaks) > _SHOWN else []
        what = "a secret would reach the students.\n" + "\n".join([*leaks[:_SHOWN], *more])
        raise CourseError("release", what, "Take it out of these files.")


def _wheel_leaks(raw: bytes, secrets: Secrets) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(raw)) as wheel:
        members = {name: wheel.read(name) for name in wheel.namelist()}
    strangers = {"solutions", "tests", "assignments"}
    found = [
        f"{name}: it does not belong into the wheel."
        for name in members
        if PurePosixPath(name).parts[0] in strangers
    ]
    return found + find_leaks(members, secrets, ours=True)
