"""`%load_ext grader` and then `%grade softmax`: the public tests, inside of a notebook.

What is checked is what the kernel knows: the cells that were run in this session and ended
well, in the order in which each was run last. They are read as a notebook of their own whose
cell 7 is `In [7]`, so that everything holds for them that holds for a notebook handed in. The
code runs again in a process of its own, and nothing of this session is touched or handed over.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from grader import course, pipeline, report
from grader.collect import IntakeLimits, read_submission
from grader.errors import AutogradeError, UsageError
from grader.model import Course, Exercise, Grade

WIDTH = 80
"""Columns of the text that stands where no page can be shown."""
_OURS = ("%grade", "%load_ext grader", "%reload_ext grader", "%unload_ext grader")


class Grading:
    """The magic and what it remembers: the session's cells, and a warm worker an exercise."""

    def __init__(self, shell: Any) -> None:
        """Begin with the cells that were run before.

        Args:
            shell: IPython's shell.
        """
        self._shell = shell
        # Whether these ended well is unknown; the last one is the cell that loads us.
        before = list(enumerate(shell.history_manager.input_hist_raw))[1:-1]
        self._cells: dict[int, str] = dict(before)
        self._sessions: dict[str, pipeline.Session] = {}

    def after_cell(self, result: Any) -> None:
        """Remember a cell that ended well; IPython calls this after each."""
        if result.success and result.execution_count and result.info.raw_cell:
            self._cells[result.execution_count] = result.info.raw_cell

    def grade(self, line: str) -> None:
        """Run the public tests of one exercise and show what came of them.

        Args:
            line: Any unambiguous part of the exercise's name; in its own folder it may be empty.
        """
        try:
            found = course.load_course(Path.cwd())
            exercise = _choose(found, line.strip())
            grade = self._check(found, exercise)
            lines = course.translations([exercise], found.language)
        except AutogradeError as error:
            print(f"error: {error}", file=sys.stderr)  # noqa: T201 - there is no other door
            return
        say = report.Say(found.language, lines)
        shown = {
            "text/html": report.render_fragment(grade, say),
            "text/plain": _plain(grade, say),
        }
        self._show(shown)

    def close(self) -> None:
        """End the workers."""
        while self._sessions:
            self._sessions.popitem()[1].close()

    def _check(self, found: Course, exercise: Exercise) -> Grade:
        """Grade the session's cells with the public tests."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"{exercise.module}.ipynb"
            file.write_text(_notebook(self._cells), "utf-8")
            bounds = IntakeLimits(**found.intake)
            submission = read_submission(file, (exercise,), limits=bounds, owner="notebook")
        session = self._sessions.pop(exercise.id, None)
        if session is None:
            session = pipeline.Session(found, (exercise,), level=0, public_only=True, probes=True)
        try:
            grade = session.grade(submission, (exercise,))
        except BaseException:
            session.close()
            raise
        self._sessions[exercise.id] = session
        return grade

    def _show(self, shown: dict[str, str]) -> None:
        """Show a page, or text where the terminal is all there is."""
        if getattr(self._shell, "kernel", None) is None:
            print(shown["text/plain"])  # noqa: T201 - there is no other door
        else:
            self._shell.display_pub.publish(shown)


def load(shell: Any) -> None:
    """Offer `%grade` in a shell.

    Args:
        shell: IPython's shell.
    """
    unload(shell)
    grading = Grading(shell)
    shell.register_magic_function(grading.grade, magic_kind="line", magic_name="grade")
    shell.events.register("post_run_cell", grading.after_cell)
    atexit.register(grading.close)
    _loaded[id(shell)] = grading


def unload(shell: Any) -> None:
    """Take `%grade` back and end its workers."""
    grading = _loaded.pop(id(shell), None)
    if grading is not None:
        atexit.unregister(grading.close)
        with contextlib.suppress(ValueError):
            shell.events.unregister("post_run_cell", grading.after_cell)
        grading.close()


_loaded: dict[int, Grading] = {}


def _choose(found: Course, name: str) -> Exercise:
    """Find the exercise that is meant.

    Raises:
        CourseError: If the name is none of the course's.
        UsageError: If none was given, and the folder is no exercise's either.
    """
    if name:
        chosen = course.select(found, [name])
        if len(chosen) == 1:
            return chosen[0]
    here = Path.cwd().resolve()
    for exercise in found.exercises:
        if not name and exercise.assignment_dir.resolve() == here:
            return exercise
    example = found.exercises[0].module
    raise UsageError("%grade", "it takes one exercise", f"Write for instance `%grade {example}`.")


def _notebook(cells: dict[int, str]) -> str:
    """Write cells as a notebook in which each has its own number."""
    last_run = {source: number for number, source in sorted(cells.items())}
    numbers = {number: source for source, number in last_run.items()}
    written = [
        _cell("code", _without_ours(numbers[number])) if number in numbers else _cell("markdown")
        for number in range(1, max(numbers, default=0) + 1)
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    data = {"cells": written, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(data)


def _cell(kind: str, source: str = "") -> dict[str, Any]:
    """Write one cell."""
    code: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **code}


def _without_ours(source: str) -> str:
    """Empty the lines that are this module's own magics; the others keep their number."""
    lines = source.split("\n")
    return "\n".join("" if line.strip().startswith(_OURS) else line for line in lines)


def _plain(grade: Grade, say: report.Say) -> str:
    """Write a grade as text."""
    from rich.console import Console

    file = io.StringIO()
    # In a kernel rich would show each line by itself.
    report.print_grade(grade, Console(file=file, width=WIDTH, force_jupyter=False), say)
    return file.getvalue()
