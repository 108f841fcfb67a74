"""From probes and a catalogue to a diagnosis, through the whole path."""

from __future__ import annotations

import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from grader.errors import CourseError
from grader.judge import counterexample, diagnosis, fingerprinting
from grader.judge.diagnosis import OpenCell, diagnose, failing_tasks, read_knowledge
from grader.judge.fingerprinting import Entry, take_fingerprints
from grader.judge.fingerprints import fingerprints_file, is_current
from grader.model import (
    Confidence,
    Diagnosis,
    Exercise,
    HandIn,
    HandInStatus,
    Limits,
    Outcome,
    Task,
    TestCase,
    Verdict,
    Visibility,
)

REFERENCE = (
    "import torch\ndef double(X):\n    return X * 2\ndef noise(n):\n    return torch.ones(n)\n"
)
PROBES = """\
import torch
from grader.judge.inputs import tensors
from grader.judge.probes import example, probe

@probe("double", (torch.tensor([1.0, 2.0]),), (torch.tensor([[3.0, -1.0]]),), (torch.zeros(2),))
@probe("double", (torch.tensor([0.5, 4.0, 5.0]),), (torch.tensor([7.0]),))
def of(student, X):
    return student.double(X)

@probe("double")
def driven(student, driver):
    return driver.of_three()

@example("double", call="double({})", inputs=lambda: tensors((1,), (2,)))
def smallest(student, X):
    return student.double(X)
"""
DRIVER = "def of_three(student):\n    return float(student.double(3.0))\n"
ENTRIES = {
    "tripled": "def double(X):\n    return X * 3\n",
    "halved": "def double(X):\n    return X / 2\n",
    "written": "def double(X):\n    X *= 2\n    return X\n",
}


@pytest.fixture
def exercise(tmp_path: Path) -> Exercise:
    """An exercise on disk with probes, without fingerprints."""
    folders = [tmp_path / name for name in ("assignments", "solutions", "hidden")]
    for folder in folders:
        folder.mkdir()
    found = Exercise(
        "01-01-demo", "Demo", "1.1", "demo", Fraction(1),
        (Task("double", "Twice", Fraction(1), ("double",)),), Limits(), *folders,
    )  # fmt: skip
    found.reference.write_text(REFERENCE, "utf-8")
    (found.solution_dir / "probes.py").write_text(PROBES, "utf-8")
    (found.hidden_dir / "driver.py").write_text(DRIVER, "utf-8")
    return found


@pytest.fixture(autouse=True)
def _no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no limit of time be reached: a busy machine is no part of what is tested here."""
    for module in (fingerprinting, diagnosis, counterexample):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: 0.0))


def entries(**sources: str) -> list[Entry]:
    """Entries of a catalogue."""
    return [
        Entry(name, "double", f"label of {name}", f"hint of {name}", source, f"mistakes.py:{name}")
        for name, source in sources.items()
    ]


def store(exercise: Exercise, open_cell: OpenCell, **sources: str) -> None:
    """Take and store fingerprints."""
    text, findings = take_fingerprints(exercise, entries(**sources), open_cell)
    assert findings == ()
    fingerprints_file(exercise).write_text(text, "utf-8")


def said(exercise: Exercise, open_cell: OpenCell, source: str) -> Diagnosis | None:
    """Diagnose a text."""
    knowledge = read_knowledge(exercise)
    assert knowledge is not None
    hand_in = HandIn(exercise.id, HandInStatus.SUBMITTED, "demo.py", source)
    return next(diagnose(knowledge, open_cell, exercise, hand_in, ["double"]), None)


def test_a_known_mistake_is_named_with_the_smallest_example(
    exercise: Exercise, near_cells: OpenCell
) -> None:
    """Another style of the same mistake gets its label and hint, and one small example."""
    store(exercise, near_cells, **ENTRIES)
    found = said(exercise, near_cells, "def double(X):\n    return X + X + X\n")
    assert found is not None
    assert (found.label, found.hint) == ("label of tripled", "hint of tripled")
    assert found.confidence is Confidence.EXACT
    assert found.call == "double(torch.tensor([1.]))"
    assert found.example is not None
    assert (found.example.expected, found.example.actual) == ((("2",),), (("3",),))


def test_a_changed_argument_is_an_answer_too(exercise: Exercise, near_cells: OpenCell) -> None:
    """The result is right, the input is not what it was."""
    store(exercise, near_cells, **ENTRIES)
    found = said(exercise, near_cells, "def double(X):\n    X += X\n    return X\n")
    assert found is not None
    assert found.label == "label of written"
    assert found.example is not None
    assert found.example.what == "argument after the call"


def test_an_unlisted_mistake_gets_a_relation(exercise: Exercise, near_cells: OpenCell) -> None:
    """Five times is nobody's mistake, but a fact."""
    store(exercise, near_cells, **ENTRIES)
    found = said(exercise, near_cells, "def double(X):\n    return X * 5\n")
    assert found is not None
    assert found.confidence is Confidence.RELATION
    assert found.label == "Your result is the expected one times 5/2, everywhere."


def test_an_unlisted_mistake_without_a_relation_gets_an_example(
    exercise: Exercise, near_cells: OpenCell
) -> None:
    """Nothing is guessed."""
    store(exercise, near_cells, **ENTRIES)
    found = said(exercise, near_cells, "def double(X):\n    return X ** 3 - X + 1\n")
    assert found is not None
    assert (found.confidence, found.label) == (Confidence.UNNAMED, "")
    assert found.call == "double(torch.tensor([0.]))"


@pytest.mark.parametrize(
    "source",
    [
        REFERENCE,
        "def double(X):\n    return X + X\n",
        "def double(X):\n    raise NotImplementedError\n",
        "def other(X):\n    return X\n",
        "raise ValueError\n",
    ],
)
def test_right_missing_and_unwritten_answers_hear_nothing(
    exercise: Exercise, near_cells: OpenCell, source: str
) -> None:
    """There is nothing to explain."""
    store(exercise, near_cells, **ENTRIES)
    assert said(exercise, near_cells, source) is None


def test_an_answer_that_is_another_one_each_time_hears_nothing(
    exercise: Exercise, near_cells: OpenCell
) -> None:
    """No name, no relation, and no example that need not come again."""
    store(exercise, near_cells, **ENTRIES)
    source = (
        "from itertools import count\ncalls = count()\ndef double(X):\n"
        "    is_odd = next(calls) % 2\n    return X * (5 if is_odd else 3)\n"
    )
    assert said(exercise, near_cells, source) is None
    assert said(exercise, near_cells, source.replace("is_odd else", "True else")) is not None


def test_outdated_fingerprints_name_nothing(exercise: Exercise, near_cells: OpenCell) -> None:
    """Once the catalogue, the probes or the reference changed, names could be wrong."""
    store(exercise, near_cells, **ENTRIES)
    assert read_knowledge(exercise) is not None
    (exercise.solution_dir / "mistakes.py").write_text("# another\n", "utf-8")
    assert read_knowledge(exercise) is None


def test_fingerprints_are_current_while_numbers_are_nearly_the_same(
    exercise: Exercise, near_cells: OpenCell
) -> None:
    """Another processor's last digits make no file old; another answer does."""
    store(exercise, near_cells, **ENTRIES)
    text = fingerprints_file(exercise).read_text("utf-8")
    assert is_current(exercise, text.replace("3.0, 6.0", "3.0001, 6.0"))
    assert not is_current(exercise, text.replace("3.0, 6.0", "3.1, 6.0"))


def test_twins_tasks_without_probes_and_deadly_entries_are_found(
    exercise: Exercise, near_cells: OpenCell
) -> None:
    """Each is named with its place."""
    two = replace(exercise, tasks=(*exercise.tasks, Task("noise", "N", Fraction(0), ("noise",))))
    own = entries(
        tripled=ENTRIES["tripled"], again="def double(X):\n    return X + 2 * X\n", right=REFERENCE,
        broken="raise ValueError\n",
    )  # fmt: skip
    own.append(Entry("quiet", "noise", "l", "h", REFERENCE, "mistakes.py:quiet"))
    _, findings = take_fingerprints(two, own, near_cells)
    told = {(finding.where, finding.what.split(" (")[0]) for finding in findings}
    assert (
        "mistakes.py:again",
        "the probes cannot tell the mistake `again` from the mistake `tripled`",
    ) in told
    assert (
        "mistakes.py:right",
        "the probes cannot tell the mistake `right` from the reference.",
    ) in told
    assert any(where == "mistakes.py:broken" for where, _ in told)
    assert any("the task noise has no probe." in what for _, what in told)


def test_a_probe_of_no_task_is_a_course_error(exercise: Exercise) -> None:
    """Its place is told."""
    path = exercise.solution_dir / "probes.py"
    path.write_text(PROBES.replace('"double"', '"duble"'), "utf-8")
    with pytest.raises(CourseError, match="duble"):
        read_knowledge(exercise)


def test_an_exercise_without_probes_is_not_diagnosed(exercise: Exercise) -> None:
    """Probes are optional."""
    (exercise.solution_dir / "probes.py").unlink()
    assert read_knowledge(exercise) is None


def verdict(outcome: Outcome) -> Verdict:
    """One verdict of the task."""
    case = TestCase("t", "01-01-demo", "double", "T.", Fraction(1), Visibility.HIDDEN)
    return Verdict(case, outcome)


@pytest.mark.parametrize(
    ("outcomes", "asked"),
    [
        ([Outcome.PASSED], False),
        ([Outcome.PASSED, Outcome.FAILED], True),
        ([Outcome.ERROR], True),
        ([Outcome.FAILED, Outcome.TIMEOUT], False),
        ([Outcome.POLICY], False),
        ([Outcome.GRADER_FAULT, Outcome.FAILED], False),
        ([Outcome.SKIPPED], False),
    ],
)
def test_only_wrong_answers_and_exceptions_are_looked_into(
    exercise: Exercise, outcomes: list[Outcome], asked: bool
) -> None:
    """Code that hangs or cheats is not run once more."""
    found = list(failing_tasks(exercise, [verdict(outcome) for outcome in outcomes]))
    assert found == (["double"] if asked else [])


def test_what_is_slow_once_is_asked_again(
    exercise: Exercise, near_cells: OpenCell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy machine accuses nobody; a mistake that is slow every time is named."""
    clock = ModuleType("clock_of_this_test")
    clock.now_s, clock.paused = 0.0, False  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, clock.__name__, clock)
    monkeypatch.setattr(fingerprinting, "time", SimpleNamespace(monotonic=lambda: clock.now_s))
    always = "import clock_of_this_test as c\ndef double(X):\n    c.now_s += 5\n    return X * 3\n"
    once = (
        "import clock_of_this_test as c\ndef double(X):\n    c.now_s += 0 if c.paused else 50\n"
        "    c.paused = True\n    return X * 4\n"
    )
    _, findings = take_fingerprints(exercise, entries(always=always, once=once), near_cells)
    assert [finding.where for finding in findings] == ["mistakes.py:always"]
    assert "more than 1.0 s" in findings[0].what
