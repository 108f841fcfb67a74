"""Diagnosis on answers that it has not seen: none gets a wrong name, and most their own.

`diagnosis_cases/` holds answers beside the catalogues, each with what it is:

    single: dim0          one listed mistake, written in another style: its name or none
    double: dim0, base2   two at once: one of both names or none
    unknown               a mistake that is not listed: no name
    right                 a right answer in another style: nothing at all
    random                no sensible answer: no name

`AUTOGRADE_ACCEPT=1 pytest tests/grader/judge/test_diagnosis_cases.py` writes docs/diagnosis.md.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from grader import course
from grader.course.catalogue import Mistake, read_catalogue
from grader.judge.diagnosis import Knowledge, OpenCell, diagnose, read_knowledge
from grader.model import Confidence, Diagnosis, Exercise, HandIn, HandInStatus

ROOT = Path(__file__).parents[3]
CASES = Path(__file__).with_name("diagnosis_cases")
DOCUMENT = ROOT / "docs" / "diagnosis.md"
EXERCISES = course.load_course(ROOT).exercises
NAMED = (Confidence.EXACT, Confidence.LIKELY)
TARGET = 0.85


@dataclass(frozen=True)
class Result:
    """One case and what was said about it."""

    exercise: str
    label: str
    kind: str
    names: tuple[str, ...]
    found: Diagnosis | None
    given: str

    @property
    def wrong(self) -> bool:
        """Whether it got a name that is not its own, or a right answer any remark."""
        if self.kind == "right":
            return self.found is not None
        return bool(self.given) and self.given not in self.names


def cases_of(exercise: Exercise, folder: Path) -> tuple[Mistake, ...]:
    """Read the cases of an exercise as if they were its catalogue."""
    shutil.copy(exercise.reference, folder)
    shutil.copy(CASES / f"{exercise.module}.py", folder / "mistakes.py")
    return read_catalogue(replace(exercise, solution_dir=folder))


def one(exercise: Exercise, knowledge: Knowledge, case: Mistake, open_cell: OpenCell) -> Result:
    """Diagnose one case."""
    hand_in = HandIn(exercise.id, HandInStatus.SUBMITTED, f"{exercise.module}.py", case.source)
    found = next(diagnose(knowledge, open_cell, exercise, hand_in, [case.task]), None)
    known = knowledge.prints[case.task].known
    given = ""
    if found is not None and found.confidence in NAMED:
        given = next(item.name for item in known if item.label == found.label)
    kind, _, names = case.hint.partition(": ")
    wanted = tuple(names.split(", ")) if names else ()
    assert set(wanted) <= {item.name for item in known}, case.label
    return Result(exercise.id, case.label, kind, wanted, found, given)


@pytest.fixture(scope="module")
def results(
    tmp_path_factory: pytest.TempPathFactory, near_cells: OpenCell
) -> Iterator[list[Result]]:
    """All cases of all exercises, diagnosed once."""
    modules = set(sys.modules)
    yield list(diagnosed(tmp_path_factory, near_cells))
    for name in set(sys.modules) - modules:
        del sys.modules[name]


def diagnosed(folders: pytest.TempPathFactory, open_cell: OpenCell) -> Iterator[Result]:
    """Diagnose all cases."""
    for exercise in EXERCISES:
        if not (CASES / f"{exercise.module}.py").is_file():
            continue
        knowledge = read_knowledge(exercise)
        assert knowledge is not None, f"the fingerprints of {exercise.id} are out of date"
        for case in cases_of(exercise, folders.mktemp(exercise.module)):
            yield one(exercise, knowledge, case, open_cell)


def test_no_answer_gets_a_wrong_name(results: list[Result]) -> None:
    """A name is that of a mistake that was made, and a right answer hears nothing."""
    wrong = [(r.exercise, r.label, r.kind, r.names, r.given, r.found) for r in results if r.wrong]
    assert wrong == []


def test_most_single_mistakes_get_their_name(results: list[Result]) -> None:
    """Written in other styles, at least 85 % of single mistakes are recognised."""
    single = [r for r in results if r.kind == "single"]
    missed = [f"{r.exercise}: {r.label} ({r.names[0]})" for r in single if not r.given]
    assert len(missed) <= (1 - TARGET) * len(single), missed


def test_the_document_holds_these_numbers(results: list[Result]) -> None:
    """docs/diagnosis.md says what was measured; `AUTOGRADE_ACCEPT=1` writes it anew."""
    head, _, _ = DOCUMENT.read_text("utf-8").partition("<!-- measured -->")
    text = f"{head}<!-- measured -->\n\n{table(results)}"
    if os.environ.get("AUTOGRADE_ACCEPT"):
        DOCUMENT.write_text(text, "utf-8")
    assert DOCUMENT.read_text("utf-8") == text


def table(results: list[Result]) -> str:
    """Lay the results out by exercise."""
    names = sorted({result.exercise for result in results})
    heads = "exercise, single, named, two at once, one named, unlisted or random, named"
    columns = [*heads.split(", "), "right", "remarks", "wrong names"]
    rows = [
        f"| {' | '.join(columns)} |",
        "|---" * len(columns) + "|",
        *(_row(name, [r for r in results if r.exercise == name]) for name in names),
        _row("all", results),
    ]
    missed = [r for r in results if r.kind == "single" and not r.given]
    lines = [f"- {r.exercise}: {r.label} (`{r.names[0]}`)" for r in missed]
    return "\n".join([*rows, "", "Single mistakes that kept without a name:", "", *lines, ""])


def _row(name: str, own: list[Result]) -> str:
    def count(*kinds: str) -> list[Result]:
        return [r for r in own if r.kind in kinds]

    def named(found: list[Result]) -> int:
        return sum(1 for r in found if r.given)

    single, double, other = count("single"), count("double"), count("unknown", "random")
    right = count("right")
    remarks = sum(1 for r in right if r.found)
    cells = [
        name, len(single), named(single), len(double), named(double), len(other), named(other),
        len(right), remarks, sum(r.wrong for r in own),
    ]  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"
