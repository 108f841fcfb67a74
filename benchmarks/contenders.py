"""Four ways to grade the same submissions, each set up in a folder of its own.

A contender is made for a list of submissions. Its `grade(count)` grades the first of them and
returns what that cost and the marks, None where no mark was given at all. Only the grading is
charged: writing notebooks, building an archive or a release happens before.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import exercise
from measure import Spent, spend

HERE = Path(__file__).parent
AUTOGRADE = [sys.executable, "-m", "grader"]
QUIET = {"OMP_NUM_THREADS": "1", "JUPYTER_PLATFORM_DIRS": "1"}

Marks = list[float | None]
Grade = Callable[[int], tuple[Spent, Marks]]


def environment(cache: Path, package: str) -> Path:
    """Make a virtual environment that holds one rival and the same torch as here.

    Args:
        cache: Where environments are kept between runs.
        package: The rival and its version, for instance `nbgrader==0.9.6`.

    Returns:
        Its folder of programs.
    """
    import torch

    folder = cache / package.replace("==", "-")
    programs = folder / "bin"
    done = folder / "complete"
    if not done.exists():
        print(f"Installing {package} into {folder}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        version = torch.__version__.partition("+")[0]
        install = [str(programs / "pip"), "install", "-q", package, f"torch=={version}"]
        subprocess.run([*install, "numpy", "ipykernel"], check=True)
        done.touch()
    return programs


def this_project(work: Path, submissions: Sequence[str]) -> Grade:
    """One session that grades them all, as for a class."""
    course, hand_ins = _course(work, submissions)
    results = work / "results"

    def grade(count: int) -> tuple[Spent, Marks]:
        shutil.rmtree(results, ignore_errors=True)
        script = [sys.executable, str(HERE / "grade_class.py"), str(course), str(results)]
        spent, _ = spend([*script, *map(str, hand_ins[:count])], cwd=work)
        found = [json.loads((results / f"{h.name}.json").read_text()) for h in hand_ins[:count]]
        return spent, [one["score"] for one in found]

    return grade


def this_project_alone(work: Path, submissions: Sequence[str]) -> Grade:
    """One `autograde grade` for each submission, nothing kept between them."""
    course, hand_ins = _course(work, submissions)

    def grade(count: int) -> tuple[Spent, Marks]:
        total, marks = Spent(0, 0), []
        for path in hand_ins[:count]:
            command = [*AUTOGRADE, "grade", str(path), "--json"]
            spent, out = spend(command, cwd=course, may_fail=True)
            marks.append(json.loads(out)["score"])
            total += spent
        return total, marks

    return grade


def fresh_pytest(work: Path, submissions: Sequence[str]) -> Grade:
    """One `python -m pytest` for each submission, tests and answer in one process."""
    folders = []
    for number, text in enumerate(submissions):
        folder = work / f"s{number}"
        _write(folder / "softmax.py", text)
        _write(folder / "test_softmax.py", exercise.pytest_module())
        folders.append(folder)

    def grade(count: int) -> tuple[Spent, Marks]:
        total, marks = Spent(0, 0), Marks()
        for folder in folders[:count]:
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
            spent, out = spend(command, cwd=folder, env=QUIET, may_fail=True)
            ended = re.search(r"(?:(\d+) failed)?(?:, )?(?:(\d+) passed)? in ", out)
            marks.append(float(ended[2] or 0) if ended else None)
            total += spent
        return total, marks

    return grade


def nbgrader(work: Path, submissions: Sequence[str], programs: Path) -> Grade:
    """`nbgrader autograde`, one command for the whole class."""
    tests = [_code(exercise.body(name, 0), name, grade=True) for name in exercise.TESTS]

    def place(tree: str, student: str, answer: str) -> None:
        cells = [_code("import torch", "c"), _code(answer, "s", grade=False), *tests]
        _write(work / tree / student / "softmax" / "softmax.ipynb", _notebook(cells))

    place("source", "", exercise.REFERENCE)
    config = "c = get_config()\nc.CourseDirectory.course_id = 'benchmark'\n"
    (work / "nbgrader_config.py").write_text(config, encoding="utf-8")
    env = QUIET | {"PATH": f"{programs}:/usr/bin:/bin"}
    program = str(programs / "nbgrader")
    spend([program, "generate_assignment", "softmax"], cwd=work, env=env)

    def grade(count: int) -> tuple[Spent, Marks]:
        for tree in ("submitted", "autograded"):
            shutil.rmtree(work / tree, ignore_errors=True)
        for number, text in enumerate(submissions[:count]):
            place("submitted", f"s{number}", text)
        command = [program, "autograde", "softmax"]
        spent, _ = spend(command, cwd=work, env=env, may_fail=True)
        spend([program, "export"], cwd=work, env=env)
        with (work / "grades.csv").open(newline="") as file:
            scores = {row["student_id"]: row["score"] for row in csv.DictReader(file)}
        names = [f"s{number}" for number in range(count)]
        graded = [(work / "autograded" / name).is_dir() and scores.get(name) for name in names]
        return spent, [float(score) if score else None for score in graded]

    return grade


def otter(work: Path, submissions: Sequence[str], programs: Path) -> Grade:
    """`otter run` for each submission (its command for many needs a container service)."""
    head = "from otter.test_files import test_case\nOK_FORMAT = False\npoints = 1\n"
    for name in exercise.TESTS:
        text = f'{head}name = "{name}"\n@test_case(points=1)\ndef test(softmax, torch):\n'
        _write(work / "tests" / f"{name}.py", text + exercise.body(name))
    env = QUIET | {"PATH": f"{programs}:/usr/bin:/bin"}
    program = str(programs / "otter")
    pack = [program, "generate", "-t", "tests", "-o", "autograder.zip", "--no-environment"]
    spend(pack, cwd=work, env=env)
    for number, answer in enumerate(submissions):
        cells = [_code("import torch", "c"), _code(answer, "s")]
        _write(work / f"s{number}.ipynb", _notebook(cells))
    results = work / "results.json"

    def grade(count: int) -> tuple[Spent, Marks]:
        total, marks = Spent(0, 0), Marks()
        for number in range(count):
            results.unlink(missing_ok=True)
            command = [program, "run", "-a", "autograder.zip", f"s{number}.ipynb"]
            spent, _ = spend(command, cwd=work, env=env, may_fail=True)
            found = json.loads(results.read_text())["tests"] if results.exists() else None
            marks.append(found and sum(float(test.get("score") or 0) for test in found))
            total += spent
        return total, marks

    return grade


def _course(work: Path, submissions: Sequence[str]) -> tuple[Path, list[Path]]:
    course = work / "course"
    exercise.write_course(course)
    hand_ins = [work / "hand_ins" / f"s{number}" for number in range(len(submissions))]
    for folder, text in zip(hand_ins, submissions, strict=True):
        _write(folder / "softmax.py", text)
    return course, hand_ins


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _code(text: str, name: str, *, grade: bool | None = None) -> dict[str, Any]:
    metadata = {}
    if grade is not None:
        common = {"grade_id": name, "schema_version": 3, "task": False}
        kind = {"grade": grade, "locked": grade, "solution": not grade}
        metadata["nbgrader"] = common | kind | ({"points": 1} if grade else {})
    cell: dict[str, Any] = {"cell_type": "code", "id": name, "metadata": metadata, "source": text}
    return cell | {"execution_count": None, "outputs": []}


def _notebook(cells: list[dict[str, Any]]) -> str:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})
