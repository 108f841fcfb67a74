"""Four ways to grade the same submissions, each set up in a folder of its own.

A contender's `grade(count)` grades the first submissions, demands full marks for each, and
says what that cost. Only the grading is charged: writing notebooks, building an archive or a
release happens before.
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import exercise
from measure import Spent, spend

HERE = Path(__file__).parent
AUTOGRADE = str(Path(sys.executable).parent / "autograde")
FULL_MARKS = len(exercise.TESTS)
QUIET = {"OMP_NUM_THREADS": "1", "JUPYTER_PLATFORM_DIRS": "1"}

Grade = Callable[[int], Spent]


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


def this_project(work: Path, count: int) -> Grade:
    """One session that grades them all, as for a class."""
    course, hand_ins = _course(work, count)
    results = work / "results"

    def grade(wanted: int) -> Spent:
        shutil.rmtree(results, ignore_errors=True)
        script = [sys.executable, str(HERE / "grade_class.py"), str(course), str(results)]
        spent, _ = spend([*script, *map(str, hand_ins[:wanted])], cwd=work)
        found = [json.loads(path.read_text()) for path in results.glob("*.json")]
        _demand(len(found) == wanted and all(one["score"] == FULL_MARKS for one in found))
        return spent

    return grade


def this_project_alone(work: Path, count: int) -> Grade:
    """One `autograde grade` for each submission, nothing kept between them."""
    course, hand_ins = _course(work, count)

    def grade(wanted: int) -> Spent:
        total = Spent(0, 0)
        for path in hand_ins[:wanted]:
            spent, out = spend([AUTOGRADE, "grade", str(path), "--json"], cwd=course)
            _demand(json.loads(out)["score"] == FULL_MARKS)
            total += spent
        return total

    return grade


def fresh_pytest(work: Path, count: int) -> Grade:
    """One `python -m pytest` for each submission, tests and answer in one process."""
    folders = []
    for number in range(count):
        folder = work / f"s{number}"
        folder.mkdir(parents=True)
        (folder / "softmax.py").write_text(exercise.submission(number), encoding="utf-8")
        (folder / "test_softmax.py").write_text(exercise.pytest_module(), encoding="utf-8")
        folders.append(folder)

    def grade(wanted: int) -> Spent:
        total = Spent(0, 0)
        for folder in folders[:wanted]:
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
            spent, out = spend(command, cwd=folder, env=QUIET)
            _demand(f"{FULL_MARKS} passed" in out)
            total += spent
        return total

    return grade


def nbgrader(work: Path, programs: Path) -> Grade:
    """`nbgrader autograde`, one command for the whole class."""
    tests = [(name, exercise.body(name, 0)) for name in exercise.TESTS]

    def notebook(answer: str) -> str:
        cells = [_code("import torch", "c"), _code(answer, "s", grade=False)]
        cells += [_code(text, name, grade=True) for name, text in tests]
        return _notebook(cells)

    def place(tree: str, student: str, answer: str) -> None:
        folder = work / tree / student / "softmax"
        folder.mkdir(parents=True)
        (folder / "softmax.ipynb").write_text(notebook(answer), encoding="utf-8")

    place("source", "", exercise.REFERENCE)
    config = "c = get_config()\nc.CourseDirectory.course_id = 'benchmark'\n"
    (work / "nbgrader_config.py").write_text(config, encoding="utf-8")
    env = QUIET | {"PATH": f"{programs}:/usr/bin:/bin"}
    program = str(programs / "nbgrader")
    spend([program, "generate_assignment", "softmax"], cwd=work, env=env)

    def grade(wanted: int) -> Spent:
        for tree in ("submitted", "autograded"):
            shutil.rmtree(work / tree, ignore_errors=True)
        for number in range(wanted):
            place("submitted", f"s{number}", exercise.submission(number))
        spent, _ = spend([program, "autograde", "softmax"], cwd=work, env=env)
        spend([program, "export"], cwd=work, env=env)
        with (work / "grades.csv").open(newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["score"] == f"{FULL_MARKS}.0"]
        _demand(len(rows) >= wanted and (work / "autograded" / f"s{wanted - 1}").is_dir())
        return spent

    return grade


def otter(work: Path, count: int, programs: Path) -> Grade:
    """`otter run` for each submission (its command for many needs a container service)."""
    tests = work / "tests"
    tests.mkdir(parents=True)
    head = "from otter.test_files import test_case\nOK_FORMAT = False\npoints = 1\n"
    for name in exercise.TESTS:
        text = f'{head}name = "{name}"\n@test_case(points=1)\ndef test(softmax, torch):\n'
        (tests / f"{name}.py").write_text(text + exercise.body(name), encoding="utf-8")
    env = QUIET | {"PATH": f"{programs}:/usr/bin:/bin"}
    program = str(programs / "otter")
    pack = [program, "generate", "-t", "tests", "-o", "autograder.zip", "--no-environment"]
    spend(pack, cwd=work, env=env)
    for number in range(count):
        cells = [_code("import torch", "c"), _code(exercise.submission(number), "s")]
        (work / f"s{number}.ipynb").write_text(_notebook(cells), encoding="utf-8")

    def grade(wanted: int) -> Spent:
        total = Spent(0, 0)
        for number in range(wanted):
            command = [program, "run", "-a", "autograder.zip", f"s{number}.ipynb"]
            spent, _ = spend(command, cwd=work, env=env)
            found = json.loads((work / "results.json").read_text())["tests"]
            _demand(sum(test.get("score") or 0 for test in found) == FULL_MARKS)
            total += spent
        return total

    return grade


def _course(work: Path, count: int) -> tuple[Path, list[Path]]:
    course = work / "course"
    exercise.write_course(course)
    hand_ins = []
    for number in range(count):
        folder = work / "hand_ins" / f"s{number}"
        folder.mkdir(parents=True)
        (folder / "softmax.py").write_text(exercise.submission(number), encoding="utf-8")
        hand_ins.append(folder)
    return course, hand_ins


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


def _demand(condition: bool) -> None:  # noqa: FBT001 - like an assert, for every Python -O too
    if not condition:
        raise SystemExit("a contender did not give full marks: nothing was measured")
