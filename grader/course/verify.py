"""The gate of an exercise: its tests are tested.

    the stub        fails every test, because nothing is written yet
    the reference   earns full marks on several seeds, and so does every alternative
    each mistake    of the catalogue loses points, and has a fingerprint of its own
    the mutants     of the reference are noticed, 95 % of them at least

The gate grades through a function that it is given, so that it never meets the machinery
that runs code. Texts are graded side by side where several such functions are given.
"""

from __future__ import annotations

import dataclasses
import json
import queue
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from functools import partial

from grader.course.catalogue import Mistake, read_alternatives, read_catalogue
from grader.course.checks import static_problems
from grader.course.config import show_points
from grader.course.findings import Fingerprinted, Grader, Problem, Report
from grader.course.fingerprints import check_fingerprints
from grader.course.mutants import Mutant, make_mutants
from grader.course.stub import SOURCE_LIMIT_BYTES, stub_text
from grader.course.survivors import read_survivors, survivors_file, unknown_survivors
from grader.course.translations import stale_translations
from grader.course.yamlpos import read_text
from grader.errors import CourseError
from grader.model import Exercise, ExerciseGrade, Outcome

SEEDS = (1, 2, 3)
MIN_KILLED = Fraction(95, 100)
PATIENCE = 6
"""A right answer may take so many times its wall time, which says as much about the load of the
author's machine as about the answer; its CPU time is the student's."""
SLOWER, MIN_WALL_S = 10, 1.0
"""A mutant may hang; ten times the reference's time, and a second at least, is ample."""
_NOT_WRITTEN = "not written yet"
_SHOWN = 5


def verify(
    exercise: Exercise,
    graders: Sequence[Grader],
    *,
    with_mutants: bool = True,
    fingerprint: Callable[[Exercise], Fingerprinted] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Run the gate of one exercise.

    Args:
        exercise: The exercise.
        graders: One for each text to grade at the same time; each is used by one thread.
        with_mutants: False to leave the mutants out, which take nearly all of the time.
        fingerprint: Takes the fingerprints of the mistakes anew.
        progress: Told in words what comes next.

    Returns:
        The report. A file that cannot be read is a problem in it, not an exception.
    """
    started_s = time.monotonic()
    gate = _Gate(exercise, graders, progress)
    gate.problems += static_problems(exercise)
    distinguished = 0
    if fingerprint is not None:
        progress("fingerprints")
        distinguished, problems = check_fingerprints(exercise, fingerprint)
        gate.problems += problems
    try:
        report = gate.run(with_mutants=with_mutants)
    except CourseError as error:
        gate.problems.append(Problem(error.where, error.what, error.what_now))
        report = Report(exercise.id)
    return dataclasses.replace(
        report,
        mistakes_distinguished=distinguished,
        seconds=time.monotonic() - started_s,
        problems=tuple(dict.fromkeys(_below_root(exercise, gate.problems))),
    )


def _below_root(exercise: Exercise, problems: Sequence[Problem]) -> list[Problem]:
    """Name files from the course's folder on, as authors do."""
    root = f"{exercise.assignment_dir.parents[1]}/"
    return [
        Problem(*(text.replace(root, "") for text in dataclasses.astuple(problem)))
        for problem in problems
    ]


class _Gate:
    """One run of the gate: collects problems while it goes."""

    def __init__(
        self, exercise: Exercise, graders: Sequence[Grader], progress: Callable[[str], None]
    ) -> None:
        self.problems: list[Problem] = []
        self._exercise = exercise
        self._patient = _patient(exercise)
        self._quick = exercise
        self._graders: queue.SimpleQueue[Grader] = queue.SimpleQueue()
        for grader in graders:
            self._graders.put(grader)
        self._width = len(graders)
        self._progress = progress

    def run(self, *, with_mutants: bool) -> Report:
        """Grade everything there is to grade, cheap and telling things first."""
        source = read_text(self._exercise.reference, SOURCE_LIMIT_BYTES)
        self._progress("stub")
        self._check_stub()
        self._progress("reference")
        grades = self._check_right_answer(str(self._exercise.reference), source)
        self._check_points(grades[0])
        tests = [verdict.test for verdict in grades[0].verdicts]
        self.problems += stale_translations(self._exercise, tests)
        alternatives = read_alternatives(self._exercise)
        for found in alternatives:
            self._progress(f"alternative {found.name}")
            self._check_right_answer(str(found.path), found.source)
        report = Report(
            self._exercise.id,
            tests=len(grades[0].verdicts),
            points=sum((verdict.test.points for verdict in grades[0].verdicts), Fraction(0)),
            alternatives=len(alternatives),
        )
        if not _is_full(grades[0]):
            return report  # a wrong reference says nothing about its mutants
        self._quick = _narrowed(self._exercise, grades)
        mistakes = read_catalogue(self._exercise)
        caught = self._check_mistakes(mistakes)
        report = dataclasses.replace(report, mistakes=len(mistakes), mistakes_caught=caught)
        return self._check_mutants(report, source) if with_mutants else report

    def _grade(self, source: str, seed: int = SEEDS[0]) -> ExerciseGrade:
        return self._with_grader(lambda grader: grader(self._patient, source, seed=seed))

    def _with_grader(self, use: Callable[[Grader], ExerciseGrade]) -> ExerciseGrade:
        grader = self._graders.get()
        try:
            return use(grader)
        finally:
            self._graders.put(grader)

    def _check_stub(self) -> None:
        grade = self._grade(stub_text(self._exercise))
        for verdict in grade.verdicts:
            if verdict.test.training:
                continue
            skipped = verdict.outcome is Outcome.SKIPPED and verdict.test.depends_on
            unwritten = verdict.outcome is Outcome.ERROR and _NOT_WRITTEN in verdict.message
            if not (skipped or unwritten):
                what = f"on the stub it ends as `{verdict.outcome}`. {verdict.message}".strip()
                what_now = "Make it call what the student has to write."
                self.problems.append(Problem(self._test(verdict.test.id), what, what_now))

    def _check_right_answer(self, where: str, source: str) -> list[ExerciseGrade]:
        """Hold a right answer to full marks on every seed."""
        grades = self._map([partial(self._grade, source, seed) for seed in SEEDS])
        told: set[str] = set()
        for seed, grade in zip(SEEDS, grades, strict=True):
            if _is_full(grade) and grade.verdicts:
                continue
            lost = [
                f"{verdict.test.id} ({verdict.outcome}): {verdict.message}"
                for verdict in grade.verdicts
                if verdict.outcome is not Outcome.PASSED and not verdict.test.training
            ]
            score = "no score" if grade.score is None else show_points(grade.score)
            shown = "; ".join(lost[:_SHOWN]) or "no test was collected"
            if shown in told:
                continue  # the same loss on every seed is one thing to mend
            told.add(shown)
            what = f"earns {score} of {show_points(grade.max_score)} with seed {seed}: {shown}"
            what_now = "Correct the answer, or the tests that fail a right one."
            self.problems.append(Problem(where, what, what_now))
        return grades

    def _check_points(self, grade: ExerciseGrade) -> None:
        """Hold the points of the tests to those of exercise.yml, task by task."""
        where = str(self._exercise.assignment_dir / "exercise.yml")
        for task in self._exercise.tasks:
            tests = [verdict.test for verdict in grade.verdicts if verdict.test.task == task.name]
            total = sum((test.points for test in tests), Fraction(0))
            if total != task.points:
                what = (
                    f"the {len(tests)} tests of the task {task.name} are worth "
                    f"{show_points(total)}, not the {show_points(task.points)} declared."
                )
                what_now = "Change the task's points, or the marks of its tests."
                self.problems.append(Problem(where, what, what_now))

    def _check_mistakes(self, mistakes: Sequence[Mistake]) -> int:
        self._progress(f"{len(mistakes)} mistakes")
        lost = self._lost([(found.source, (found.task,)) for found in mistakes])
        for found, caught in zip(mistakes, lost, strict=True):
            if not caught:
                what = f"the mistake `{found.name}` loses no points: {found.label}"
                self.problems.append(Problem(found.where, what, "Add a test that notices it."))
        return sum(lost)

    def _check_mutants(self, report: Report, source: str) -> Report:
        mutants = make_mutants(source, self._exercise.reference)
        listed = read_survivors(self._exercise)
        self._progress(f"{len(mutants)} mutants")
        killed = self._lost([(mutant.source, self._tasks_of(mutant)) for mutant in mutants])
        for mutant, dead in zip(mutants, killed, strict=True):
            if dead and mutant.key in listed:
                what = f"this mutant is noticed now: {mutant.key}"
                where = listed[mutant.key].where
                self.problems.append(Problem(where, what, "Remove the entry."))
            if not dead and mutant.key not in listed:
                self.problems.append(self._unnoticed(mutant))
        for entry, hint in unknown_survivors(listed, [mutant.key for mutant in mutants]):
            what = f"there is no such mutant: {entry.key}"
            self.problems.append(Problem(entry.where, what, hint or "Remove the entry."))
        alive = {mutant.key for mutant, dead in zip(mutants, killed, strict=True) if not dead}
        equivalent = sum(entry.equivalent for key, entry in listed.items() if key in alive)
        counted = len(mutants) - equivalent
        if sum(killed) < MIN_KILLED * counted:
            what = f"only {sum(killed)} of {counted} mutants are noticed; 95 % are asked for."
            where = str(self._exercise.hidden_suite)
            self.problems.append(Problem(where, what, "Add tests for what goes unnoticed."))
        return dataclasses.replace(
            report, mutants=counted, mutants_killed=sum(killed), equivalent=equivalent
        )

    def _unnoticed(self, mutant: Mutant) -> Problem:
        where = f"{self._exercise.reference}:{mutant.line}"
        what = f"no test notices this change: {mutant.key}"
        entry = f"- mutant: {json.dumps(mutant.key, ensure_ascii=False)}"
        what_now = (
            f"Add a test, or list it in {survivors_file(self._exercise)} with a reason:\n{entry}"
        )
        return Problem(where, what, what_now)

    def _tasks_of(self, mutant: Mutant) -> tuple[str, ...]:
        tasks = self._exercise.tasks
        return tuple(task.name for task in tasks if mutant.defines in task.defines)

    def _lost(self, texts: Sequence[tuple[str, tuple[str, ...]]]) -> list[bool]:
        """Tell of each wrong text whether it loses points."""
        grades = self._map([partial(self._grade_wrong, *text) for text in texts])
        if any(grade.score is None for grade in grades):
            what = "the grader itself failed on a wrong answer, which then says nothing."
            self.problems.append(Problem(self._exercise.id, what, "Run it again."))
        return [grade.score is not None and not _is_full(grade) for grade in grades]

    def _grade_wrong(self, source: str, tasks: tuple[str, ...]) -> ExerciseGrade:
        return self._with_grader(
            lambda grader: grader(
                self._quick, source, seed=SEEDS[0], stop_at_first_loss=True, tasks_first=tasks
            )
        )

    def _map(self, jobs: Sequence[Callable[[], ExerciseGrade]]) -> list[ExerciseGrade]:
        """Run jobs side by side, as many as there are graders; answers keep their order."""
        pool = ThreadPoolExecutor(self._width)
        try:
            return [future.result() for future in [pool.submit(job) for job in jobs]]
        finally:
            pool.shutdown(cancel_futures=True)

    def _test(self, test_id: str) -> str:
        """Say where a test stands: its file, and its name."""
        name = test_id.partition("::")[0]
        exercise = self._exercise
        public = name == exercise.public_suite.name
        folder = exercise.assignment_dir if public else exercise.hidden_dir
        return str(folder / test_id)


def _is_full(grade: ExerciseGrade) -> bool:
    """Tell whether every test gave all of its points; the gate does not train."""
    return all(
        verdict.points == verdict.test.points
        for verdict in grade.verdicts
        if not verdict.test.training
    )


def _patient(exercise: Exercise) -> Exercise:
    """Give the exercise with more wall time, for texts that are known to end."""
    limits = exercise.limits
    wide = dataclasses.replace(
        limits,
        wall_time_s=PATIENCE * limits.wall_time_s,
        exercise_wall_time_s=PATIENCE * limits.exercise_wall_time_s,
    )
    return dataclasses.replace(exercise, limits=wide)


def _narrowed(exercise: Exercise, grades: Sequence[ExerciseGrade]) -> Exercise:
    """Give the exercise with limits that fit what its reference took."""
    test_s = max(verdict.duration_s for grade in grades for verdict in grade.verdicts)
    whole_s = max(grade.duration_s for grade in grades)
    limits = exercise.limits
    narrow = dataclasses.replace(
        limits,
        wall_time_s=min(limits.wall_time_s, max(MIN_WALL_S, SLOWER * test_s)),
        exercise_wall_time_s=min(
            limits.exercise_wall_time_s, max(SLOWER * MIN_WALL_S, SLOWER * whole_s)
        ),
    )
    return dataclasses.replace(exercise, limits=narrow)
