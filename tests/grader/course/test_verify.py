"""The gate opens for a well-tested exercise, and names whatever keeps it shut."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from grader.course import load_course
from grader.course.stub import write_stub
from grader.course.verify import PATIENCE, SEEDS, Report, verify
from grader.model import (
    Exercise,
    ExerciseGrade,
    HandIn,
    HandInStatus,
    Outcome,
    TestCase,
    Verdict,
    Visibility,
)

Check = Callable[[Any], None]


class Student(dict[str, Any]):
    """The names of a module."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


def check_sum(student: Any) -> None:
    """Look at one row of probabilities."""
    row = student.softmax([0.0, 1.0, 3.0])
    total = 1 + math.e + math.e**3
    expected = [1 / total, math.e / total, math.e**3 / total]
    assert all(math.isclose(a, b) for a, b in zip(row, expected, strict=True))


def check_counts(student: Any) -> None:
    """Count twice, a number and a word."""
    sums = student.Accumulator(2)
    sums.add(1, "2")
    sums.add(3, 4)
    assert sums.data == [4.0, 6.0]


CHECKS: Mapping[str, tuple[str, str, Check]] = {
    "test_softmax.py::test_sum": ("softmax", "2.5", check_sum),
    "test_public.py::test_counts": ("accumulator", "1.5", check_counts),
}


class ToyGrader:
    """Grades by calling checks in this process; notes how it was asked."""

    def __init__(self, checks: Mapping[str, tuple[str, str, Check]] = CHECKS) -> None:
        """Take the checks: task, points and function by test id."""
        self.checks = checks
        self.asked: list[tuple[Exercise, str, int, bool, tuple[str, ...]]] = []

    def __call__(
        self,
        exercise: Exercise,
        source: str,
        *,
        seed: int,
        stop_at_first_loss: bool = False,
        tasks_first: tuple[str, ...] = (),
    ) -> ExerciseGrade:
        """Grade a text."""
        self.asked.append((exercise, source, seed, stop_at_first_loss, tasks_first))
        verdicts = []
        for name, (task, points, check) in self.checks.items():
            case = TestCase(name, exercise.id, task, name, Fraction(points), Visibility.HIDDEN)
            outcome, message = _run(source, check)
            verdicts.append(Verdict(case, outcome, message, duration_s=0.001))
        passed = [v.test.points for v in verdicts if v.outcome is Outcome.PASSED]
        faulty = any(v.outcome is Outcome.GRADER_FAULT for v in verdicts)
        return ExerciseGrade(
            exercise=exercise,
            hand_in=HandIn(exercise.id, HandInStatus.SUBMITTED, source=source),
            score=None if faulty else sum(passed, Fraction(0)),
            max_score=sum((v.test.points for v in verdicts), Fraction(0)),
            tasks=(),
            verdicts=tuple(verdicts),
            seed=seed,
            duration_s=0.002,
        )


def _run(source: str, check: Check) -> tuple[Outcome, str]:
    student = Student()
    try:
        exec(source, student)
        check(student)
    except NotImplementedError:
        return Outcome.ERROR, "softmax is not written yet (NotImplementedError)."
    except AssertionError:
        return Outcome.FAILED, "it differs"
    except ConnectionError:
        return Outcome.GRADER_FAULT, ""
    except Exception as error:
        return Outcome.ERROR, repr(error)
    return Outcome.PASSED, ""


@pytest.fixture
def exercise(root: Path) -> Exercise:
    """Give the small course's exercise with a fresh stub."""
    found = load_course(root).exercises[0]
    write_stub(found)
    return found


def _only_problem(report: Report) -> str:
    """Give the only problem, on one line."""
    (problem,) = report.problems
    return f"{problem.where}: {problem.what} {problem.what_now}"


def test_a_well_tested_exercise_passes_the_gate(exercise: Exercise) -> None:
    """And the report says how much was looked at."""
    report = verify(exercise, [ToyGrader()])
    assert report.problems == ()
    assert report.ok
    assert (report.tests, report.points, report.alternatives) == (2, 4, 2)
    assert (report.mistakes_caught, report.mistakes) == (2, 2)
    assert report.mutants_killed == report.mutants > 15
    assert json.loads(json.dumps(report.as_dict()))["points"] == "4"


def test_mutants_are_graded_briefly_with_their_own_tests_first(exercise: Exercise) -> None:
    """One lost point is enough, and a hanging mutant may not take the suite's whole time."""
    grader = ToyGrader()
    verify(exercise, [grader])
    by_seed = [seed for found, _, seed, brief, _ in grader.asked if not brief]
    assert by_seed == [SEEDS[0], *SEEDS, *SEEDS, *SEEDS]
    quick = [entry for entry in grader.asked if entry[3]]
    assert {entry[0].limits.wall_time_s for entry in quick} == {1.0}
    assert {entry[4] for entry in quick} == {("softmax",), ("accumulator",)}


def test_a_right_answer_is_not_hurried_by_the_load_of_the_machine(exercise: Exercise) -> None:
    """Its wall time is stretched for the gate; its CPU time, which is its own, is not."""
    grader = ToyGrader()
    verify(exercise, [grader], with_mutants=False)
    limits = next(found.limits for found, *_, brief, _ in grader.asked if not brief)
    assert limits.wall_time_s == PATIENCE * exercise.limits.wall_time_s
    assert limits.cpu_time_s == exercise.limits.cpu_time_s


def test_graders_work_side_by_side(exercise: Exercise) -> None:
    """Each grader serves one text at a time, and all of them serve."""
    busy = [threading.Lock(), threading.Lock()]
    graders = [ToyGrader(), ToyGrader()]
    together = threading.Barrier(2, timeout=30)
    waited: list[int] = []

    def guarded(number: int) -> Callable[..., ExerciseGrade]:
        def grade(*args: Any, **keywords: Any) -> ExerciseGrade:
            assert busy[number].acquire(blocking=False)
            try:
                if keywords.get("stop_at_first_loss") and number not in waited:
                    waited.append(number)
                    together.wait()  # passes only if the other grader is at work too
                return graders[number](*args, **keywords)
            finally:
                busy[number].release()

        return grade

    report = verify(exercise, [guarded(0), guarded(1)])
    assert report.ok
    alone = verify(exercise, [ToyGrader()])
    assert report == replace(alone, seconds=report.seconds)


def test_a_test_that_passes_on_the_stub_is_a_problem(exercise: Exercise) -> None:
    """It asks for nothing that the student writes."""
    checks = {**CHECKS, "test_public.py::test_free": ("softmax", "0.001", lambda _: None)}
    problems = verify(exercise, [ToyGrader(checks)], with_mutants=False).problems
    found = problems[0]
    assert found.where == "assignments/03-06-softmax/test_public.py::test_free"
    assert "ends as `passed`" in found.what


def test_a_translation_of_a_sentence_that_is_gone_is_a_problem(exercise: Exercise) -> None:
    """The gate names its place, from the course's folder on."""
    path = exercise.hidden_dir / "zh.yml"
    path.write_text('"test_softmax.py::test_sum": "甲"\n"An older line.": "乙"\n', "utf-8")
    problem = _only_problem(verify(exercise, [ToyGrader()], with_mutants=False))
    assert problem.startswith("tests/hidden/03-06-softmax/zh.yml:2:1: ")
    assert "An older line." in problem


def test_points_that_do_not_add_up_are_a_problem(exercise: Exercise) -> None:
    """Task by task."""
    checks = {**CHECKS, "test_softmax.py::test_sum": ("softmax", "3", check_sum)}
    problem = _only_problem(verify(exercise, [ToyGrader(checks)], with_mutants=False))
    assert "1 tests of the task softmax are worth 3, not the 2.5 declared" in problem
    assert "exercise.yml" in problem


def test_an_alternative_that_loses_points_is_a_problem(exercise: Exercise) -> None:
    """The suite fails a right answer, or the answer is not right; the same loss is told once."""
    path = exercise.solution_dir / "alternatives/loops.py"
    text = path.read_text(encoding="utf-8").replace("0.0", "1.0")
    path.write_text(text, encoding="utf-8")
    problems = verify(exercise, [ToyGrader()], with_mutants=False).problems
    where = "solutions/03-06-softmax/alternatives/loops.py"
    assert [problem.where for problem in problems] == [where]
    assert "earns 2.5 of 4 with seed 1: test_public.py::test_counts (failed)" in problems[0].what


def test_a_wrong_reference_ends_the_gate_early(exercise: Exercise) -> None:
    """Its mutants would say nothing."""
    text = exercise.reference.read_text(encoding="utf-8").replace("0.0", "1.0")
    exercise.reference.write_text(text, encoding="utf-8")
    report = verify(exercise, [ToyGrader()])
    assert report.mutants == 0
    assert any(problem.where == "solutions/03-06-softmax/softmax.py" for problem in report.problems)


def _blind(student: Any) -> None:
    """Notice nothing but a missing answer."""
    student.Accumulator(2).add(1, 2)


def test_what_no_test_notices_is_named_with_its_line(exercise: Exercise) -> None:
    """Mistakes and mutants alike; the entry for the reviewed list is ready to be copied."""
    checks = {**CHECKS, "test_public.py::test_counts": ("accumulator", "1.5", _blind)}
    report = verify(exercise, [ToyGrader(checks)])
    assert report.mistakes_caught == 1
    assert not report.ok
    texts = [f"{problem.where}: {problem.what} {problem.what_now}" for problem in report.problems]
    assert any("mistakes.py:18: the mistake `from_one` loses no points" in text for text in texts)
    assert any(
        "softmax.py:29: no test notices this change: Accumulator.__init__: "
        "self.data = [0.0] * n => self.data = [1.0] * n"
        in text
        and '- mutant: "Accumulator.__init__: self.data' in text
        for text in texts
    )
    assert any("mutants are noticed; 95 % are asked for" in text for text in texts)


def _lenient(student: Any) -> None:
    """Accept two starts that a stricter test would tell apart."""
    sums = student.Accumulator(2)
    sums.add(1, "2")
    sums.add(3, 4)
    assert sums.data in ([4.0, 6.0], [5.0, 7.0])


def _list(exercise: Exercise, *entries: str) -> None:
    path = exercise.hidden_dir / "survivors.yml"
    path.write_text("survivors:\n" + "".join(entries), encoding="utf-8")


SURVIVOR = '"Accumulator.__init__: self.data = [0.0] * n => self.data = [1.0] * n"'


def test_a_reviewed_survivor_is_accepted(exercise: Exercise) -> None:
    """An equivalent one is taken out of the count, another one counts against the share."""
    (exercise.solution_dir / "mistakes.py").write_text(
        '@mistake(task="softmax", label="empty")\ndef softmax(row):\n    return []\n',
        encoding="utf-8",
    )
    checks = {**CHECKS, "test_public.py::test_counts": ("accumulator", "1.5", _lenient)}
    _list(exercise, f"  - mutant: {SURVIVOR}\n    reason: Both are fine.\n    equivalent: true\n")
    report = verify(exercise, [ToyGrader(checks)])
    assert report.problems == ()
    assert report.mutants_killed == report.mutants
    assert report.equivalent == 1
    _list(exercise, f"  - mutant: {SURVIVOR}\n    reason: Both are fine.\n")
    second = verify(exercise, [ToyGrader(checks)])
    assert second.mutants == report.mutants + 1
    assert second.mutants_killed == report.mutants_killed


def test_a_listed_mutant_that_is_noticed_or_gone_is_a_problem(exercise: Exercise) -> None:
    """The reviewed list holds nothing else than survivors."""
    _list(
        exercise,
        f"  - mutant: {SURVIVOR}\n    reason: A.\n",
        '  - mutant: "softmax: return 1 => pass"\n    reason: B.\n',
    )
    noticed, gone = verify(exercise, [ToyGrader()]).problems
    assert noticed.where.endswith("survivors.yml:2:13")
    assert "is noticed now" in noticed.what
    assert gone.where.endswith("survivors.yml:4:13")
    assert "no such mutant" in gone.what


def test_our_own_fault_is_not_taken_for_a_caught_mutant(exercise: Exercise) -> None:
    """A broken grader says nothing about the suite."""
    checks = {**CHECKS, "test_public.py::test_counts": ("accumulator", "1.5", _faulty)}
    report = verify(exercise, [ToyGrader(checks)])
    assert any("the grader itself failed" in problem.what for problem in report.problems)


def _faulty(student: Any) -> None:
    """Break down where the answer is wrong."""
    try:
        check_counts(student)
    except AssertionError:
        raise ConnectionError from None


def test_a_file_that_cannot_be_read_is_a_problem_and_not_an_exception(
    exercise: Exercise,
) -> None:
    """The gate goes on with the next exercise."""
    exercise.reference.write_text("def f(:\n", encoding="utf-8")
    problem = _only_problem(verify(exercise, [ToyGrader()]))
    assert "softmax.py:1:" in problem
    assert "not Python" in problem
