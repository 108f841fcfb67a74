"""Synthetic classes of stored results: any size, no judge, the same again every time.

Each person has a strength and each test a difficulty, so that figures look like those of a
class; every kind of trouble has somebody in it once a class is larger than a dozen.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

from grader import report
from grader.batch import book
from grader.batch.plan import folder_names
from grader.model import (
    ClassRow,
    Confidence,
    Diagnosis,
    Exercise,
    Frame,
    Grade,
    HandIn,
    HandInStatus,
    Isolation,
    Limits,
    Outcome,
    Person,
    Submission,
    Task,
    TestCase,
    TrainingRecord,
    Verdict,
    Visibility,
)
from grader.score import grade_exercise, grade_submission

DUE = datetime(2026, 3, 6, 22, 0, tzinfo=UTC)
TITLES = ("Softmax regression", "Dropout", "Cross-correlation", "Batch normalisation", "Vocabulary",
          "Gated recurrent units")  # fmt: skip
FIRST = (
    "Ada",
    "Bo",
    "Chen",
    "Dana",
    "Emil",
    "Fatima",
    "Grace",
    "Hui",
    "Ines",
    "Jun",
    "Kofi",
    "Lea",
)
LAST = ("Lovelace", "Nakamura", "García", "O'Neill", "Müller", "Zhang", "Okafor", "Ivanova", "王")
LABELS = (
    "normalises over the rows of the batch (dim 0): each column sums to 1",
    "exponentials not divided by their sum",
    "kept values not divided by 1-p: expectation not preserved",
)
FACTS = (
    "Each row of the result sums to 1.", "The result has the shape of the input.",
    "Logits of a thousand give no nan.", "The input is not changed.",
    "Gradients reach every parameter.", "A batch of one example is handled.",
    "Ties are broken by the first index.", "The result keeps its dtype.",
    "Two calls draw two masks.", "The trained model reaches its accuracy.",
)  # fmt: skip


def exercises(count: int = 2, tests: int = 10) -> tuple[Exercise, ...]:
    """Exercises of two tasks; each has `tests` tests of one point."""
    return tuple(
        Exercise(
            id=f"{n + 3:02}-06-part{n}",
            title=TITLES[n % len(TITLES)],
            section=f"{n + 3}.6",
            module=f"part{n}",
            points=Fraction(tests),
            tasks=(
                Task("first", "The first half", Fraction(tests // 2), ("first",)),
                Task("second", "The second half", Fraction(tests - tests // 2), ("second",)),
            ),
            limits=Limits(),
            assignment_dir=Path(),
            solution_dir=Path(),
            hidden_dir=Path(),
            pass_fraction=Fraction(1, 2),
        )
        for n in range(count)
    )


def suite(exercise: Exercise) -> tuple[TestCase, ...]:
    """Its tests, the last one of which trains."""
    count = int(exercise.points)
    return tuple(
        TestCase(
            id=f"test_{exercise.module}.py::test_{n}",
            exercise_id=exercise.id,
            task="first" if n < count // 2 else "second",
            title=FACTS[-1] if n == count - 1 else f"{FACTS[n % 9]} ({n})",
            points=Fraction(1),
            visibility=Visibility.HIDDEN if n % 3 else Visibility.PUBLIC,
        )
        for n in range(count)
    )


def make(
    people: int = 40,
    count: int = 2,
    tests: int = 10,
    *,
    seed: int = 1,
    names: Sequence[str] = (),
    sources: Sequence[str] = (),
    trouble: bool = True,
) -> list[ClassRow]:
    """Make a class.

    Args:
        people: How many.
        count: Exercises.
        tests: Tests of each.
        seed: Of everything drawn.
        names: What the first of them are called; ordinary names for the rest.
        sources: What the first of them handed in for the first exercise.
        trouble: Whether somebody is missing, late, unreadable, left open...
    """
    rng = random.Random(seed)
    asked = exercises(count, tests)
    hardness = {e.id: [rng.uniform(-1.5, 1.2) for _ in range(tests)] for e in asked}
    rows = []
    for number in range(people):
        own = f"{FIRST[number % len(FIRST)]} {LAST[number * 7 % len(LAST)]}"
        person = Person(f"user{number:04}", names[number] if number < len(names) else own)
        source = sources[number] if number < len(sources) else ""
        rows.append(_row(rng, number, person, asked, hardness, source, trouble and people > 12))
    return rows


def _row(
    rng: random.Random,
    number: int,
    person: Person,
    asked: Sequence[Exercise],
    hardness: dict[str, list[float]],
    source: str,
    trouble: bool,
) -> ClassRow:
    if trouble and number % 17 == 5:
        return ClassRow(person, None, ("not_submitted",))
    if trouble and number % 61 == 11:
        return ClassRow(person, None, ("unreadable",))
    strength = rng.gauss(0.4, 1)
    grades, flags = [], []
    for index, exercise in enumerate(asked):
        status = HandInStatus.SUBMITTED
        if trouble and rng.random() < 0.06:
            status = HandInStatus.NOT_SUBMITTED
            flags.append(f"missing:{exercise.id}")
        elif trouble and number == 7 and index == 0:
            status = HandInStatus.UNREADABLE
        verdicts = [
            _verdict(rng, test, strength - hard, status, trouble and number % 29 == 3)
            for test, hard in zip(suite(exercise), hardness[exercise.id], strict=True)
        ]
        if trouble and number in (4, 9) and index == 0:
            verdicts[2] = replace(verdicts[2], outcome=Outcome.GRADER_FAULT, message="No cell.")
        named = {v.test.task for v in verdicts if v.outcome is Outcome.FAILED and v.message == ""}
        grade = grade_exercise(
            exercise,
            HandIn(exercise.id, status, f"{exercise.module}.py", source if not index else "",
                   f"{rng.getrandbits(256):064x}"),
            verdicts, seed=7, duration_s=1.5,
        )  # fmt: skip
        diagnoses = tuple(
            Diagnosis(task, LABELS[index % len(LABELS)], "Look at the sum.", Confidence.EXACT)
            for task in sorted(named)
        )
        grades.append(replace(grade, diagnoses=diagnoses))
    if trouble and number % 13 == 2:
        flags.insert(0, f"late:{asked[0].id}")
    received = DUE - timedelta(hours=abs(rng.gauss(0, 40)))
    if any(flag.startswith("late:") for flag in flags):
        received = DUE + timedelta(hours=rng.uniform(1, 30))
    grade = _grade(person, number, grades, received)
    if grade.score is None:
        flags.append("needs_a_person")
    return ClassRow(person, grade, tuple(flags))


def _grade(person: Person, number: int, grades: Sequence[object], received: datetime) -> Grade:
    found = tuple(grades)
    submission = Submission(
        f"{number:064x}", person.key, f"hand-ins/{person.key}", received,
        tuple(grade.hand_in for grade in found),  # type: ignore[attr-defined]
    )  # fmt: skip
    return grade_submission(
        submission, found,  # type: ignore[arg-type]
        isolation=Isolation(3), environment={"torch": "2.13.0"},
        graded_at=DUE + timedelta(days=2),
    )  # fmt: skip


def _verdict(
    rng: random.Random, test: TestCase, margin: float, status: HandInStatus, slow: bool
) -> Verdict:
    if status is not HandInStatus.SUBMITTED:
        return Verdict(test)
    took = round(rng.uniform(0.005, 0.05), 4)
    passes = rng.gauss(0, 0.8) < margin
    if test.title == FACTS[-1]:
        value = round(0.82 + margin / 25 + rng.gauss(0, 0.01), 4)
        record = TrainingRecord(
            "mlp", "A small network", "accuracy", "Fashion-MNIST", "0" * 64, "cpu", "2.13.0", 100,
            value=value, reason="passed" if value >= 0.82 else "below", threshold=0.82, floor=0.77,
            ceiling=0.92, suspicious=value > 0.92,
        )  # fmt: skip
        outcome = Outcome.PASSED if value >= 0.82 else Outcome.FAILED
        said = "" if value >= 0.82 else f"The accuracy is {value}, below 0.82."
        return Verdict(test, outcome, said, duration_s=20 + took, training=record)
    if passes:
        return Verdict(test, Outcome.PASSED, duration_s=took)
    if slow:
        return Verdict(
            test, Outcome.TIMEOUT, "Your code did not finish within 10 seconds.", duration_s=10.0
        )
    outcome, said = rng.choices(
        (
            (Outcome.ERROR, f"NameError: name '{rng.choice(('X', 'mask'))}' is not defined"),
            (
                Outcome.FAILED,
                f"f(X): {rng.randrange(1, 9)} of 10 values differ from what is expected.",
            ),
            (Outcome.SKIPPED, "Not run, because this has to pass first: It adds."),
            (Outcome.FAILED, ""),
        ),
        (25, 35, 10, 30),
    )[0]
    frame = Frame(f"{test.exercise_id[6:]}.py", rng.randrange(1, 90), "forward", "return y")
    frames = (frame,) if outcome is Outcome.ERROR else ()
    return Verdict(test, outcome, said, frames=frames, duration_s=took)


def write(folder: Path, rows: Sequence[ClassRow], ids: Sequence[str]) -> None:
    """Store a class as `autograde batch` does."""
    names = folder_names(row.person.key for row in rows)
    for row in rows:
        if row.grade is not None:
            report.write_result(
                row.grade, folder / "results" / names[row.person.key] / "result.json"
            )
    entries = [
        book.entry(
            row.person,
            names[row.person.key],
            row.flags,
            row.standing,
            graded=row.grade is not None,
        )
        for row in rows
    ]
    book.write_book(folder, ids, entries)
