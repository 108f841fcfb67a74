"""The catalogue is read as a syntax tree; each entry becomes a whole module."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from grader.course import load_course
from grader.course.catalogue import mistake, read_alternatives, read_catalogue
from grader.errors import CourseError
from grader.model import Exercise


@pytest.fixture
def exercise(root: Path) -> Exercise:
    """Give the small course's only exercise."""
    return load_course(root).exercises[0]


def _run(source: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    return namespace


def _write(exercise: Exercise, text: str) -> Path:
    path = exercise.solution_dir / "mistakes.py"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_entry_becomes_the_reference_with_one_thing_wrong(exercise: Exercise) -> None:
    """Helpers come along, the entry takes the name that it replaces, the rest is right."""
    first, second = read_catalogue(exercise)
    assert (first.name, first.task, first.replaces) == ("by_largest", "softmax", "softmax")
    assert (second.name, second.replaces) == ("from_one", "Accumulator")
    assert first.label == "normalises by the largest value, not by the sum"
    assert first.hint == "Add up."
    assert first.where.endswith("mistakes.py:13")
    wrong = _run(first.source)
    assert wrong["softmax"]([0.0, 2.0])[1] == pytest.approx(0.3679, abs=1e-4)
    right = wrong["Accumulator"](1)
    right.add(2)
    assert right.data == [2.0]


def test_a_subclass_of_the_original_may_stand_in_for_it(exercise: Exercise) -> None:
    """`super()` still finds the reference's class."""
    wrong = _run(read_catalogue(exercise)[1].source)["Accumulator"](2)
    wrong.add(1, 2)
    assert wrong.data == [2.0, 3.0]


def test_the_catalogue_is_never_run(exercise: Exercise) -> None:
    """A module that would end the process is only parsed."""
    _write(exercise, "import os\nHELPER = os._exit(3)\n")
    assert read_catalogue(exercise) == ()


def test_an_entry_may_bear_the_name_it_replaces_and_keep_other_decorators(
    exercise: Exercise,
) -> None:
    """Only `@mistake` is taken off; imports of the reference for editors are left out."""
    _write(
        exercise,
        "from functools import cache\nfrom softmax import Accumulator\n"
        "@cache\ndef helper(row):\n    return 1\n"
        "from grader.course.catalogue import mistake\n"
        '@mistake(task="softmax", label="always one")\n@cache\ndef softmax(row):\n    return 1\n',
    )
    (entry,) = read_catalogue(exercise)
    assert "from softmax" not in entry.source
    module = _run(entry.source)
    assert module["softmax"].cache_info().hits == 0
    assert module["helper"].cache_info().hits == 0


@pytest.mark.parametrize(
    ("text", "line", "what", "what_now"),
    [
        ('@mistake(task="softmx", label="a")\ndef f(X): ...', 2, "no task `softmx`", "`softmax`"),
        ('@mistake(task="softmax")\ndef f(X): ...', 1, "no label", ""),
        ('@mistake(label="a")\ndef f(X): ...', 1, "no task", ""),
        ('@mistake(task="softmax", label=" ")\ndef f(X): ...', 1, "no label", ""),
        ('@mistake(task="softmax", label=1)\ndef f(X): ...', 1, "must be plain text", ""),
        ('@mistake(task="softmax", label="a"+f())\ndef f(X): ...', 1, "plain text", ""),
        ('@mistake(task="softmax", lable="a")\ndef f(X): ...', 1, "`lable`", "`label`"),
        ('@mistake("softmax", label="a")\ndef f(X): ...', 1, "by name", ""),
        ("@mistake\ndef f(X): ...", 1, "no arguments", ""),
        (
            '@mistake(task="softmax", replaces="soft", label="a")\ndef f(X): ...',
            2,
            "does not define `soft`",
            "`softmax`",
        ),
        ("def softmax(X): ...", 1, "the helper `softmax` would replace", "Rename"),
        ("SCALE = 2", 1, "the helper `SCALE`", "Rename"),
        ("print(1)", 1, None, ""),
        ("for x in []: ...", 1, "imports, helpers and entries only", ""),
        ("def f(:", 1, "not Python", ""),
        (
            (
                '@mistake(task="softmax", label="a")\ndef f(X): ...\n'
                '@mistake(task="softmax", label="b")\ndef f(X): ...'
            ),
            4,
            "this name stands already",
            "",
        ),
        (
            (
                '@mistake(task="softmax", label="a")\ndef f(X): ...\n'
                '@mistake(task="softmax", label="a")\ndef g(X): ...'
            ),
            4,
            "this label stands already",
            "",
        ),
    ],
)
def test_a_wrong_entry_is_named_with_file_and_line(
    exercise: Exercise, text: str, line: int, what: str | None, what_now: str
) -> None:
    """An author finds the entry and reads what to change."""
    path = _write(exercise, text + "\n")
    with pytest.raises(CourseError) as caught:
        read_catalogue(exercise)
    assert caught.value.where.startswith(f"{path}:{line}")
    assert (what or "imports, helpers and entries only") in caught.value.what
    assert what_now in caught.value.what_now


def test_a_task_of_several_names_needs_to_be_told_which(exercise: Exercise) -> None:
    """The first of them is offered."""
    path = exercise.assignment_dir / "exercise.yml"
    text = path.read_text(encoding="utf-8").replace("[Accumulator]", "[Accumulator, softmax]")
    path.write_text(text, encoding="utf-8")
    changed = load_course(path).exercises[0]
    with pytest.raises(CourseError, match='Add `replaces="Accumulator"`'):
        read_catalogue(changed)


def test_alternatives_are_read_by_name(exercise: Exercise) -> None:
    """Each is a whole module."""
    assert [found.name for found in read_alternatives(exercise)] == ["loops", "other"]
    (exercise.solution_dir / "alternatives/loops.py").write_text("def f(:\n", encoding="utf-8")
    with pytest.raises(CourseError, match=r"loops\.py:1:"):
        read_alternatives(exercise)


def test_a_release_has_neither_mistakes_nor_alternatives(exercise: Exercise) -> None:
    """Reading them there is no error."""
    shutil.rmtree(exercise.solution_dir)
    assert read_catalogue(exercise) == ()
    assert read_alternatives(exercise) == ()


def test_the_decorator_changes_nothing() -> None:
    """A catalogue could be imported by an editor."""

    def entry() -> None: ...

    assert mistake(task="softmax", label="a")(entry) is entry
