"""Proof that training is judged well: what each kind of test catches, and what it fails wrongly.

    python benchmarks/proof.py

Trains every wrong variant of what the course trains, and every right alternative, with several
seeds; grades right code many times over; and writes what came of it. Each finding is kept at
once (`results/training-proof.jsonl`), so that a run that was killed goes on where it ended, and
all of it follows from seeds. What is found becomes `docs/training-proof.md`.
"""

from __future__ import annotations

import argparse
import contextlib
import queue
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import proof_pages
from proof_evidence import Evidence, Grading, Run, Suite, short
from proof_variants import Variant, right_variants, undisturbed, wrong_variants

from grader import course, pipeline
from grader.judge import calibration
from grader.model import (
    Course,
    Exercise,
    ExerciseGrade,
    Outcome,
    TrainingMode,
    TrainingRecord,
    Verdict,
)

ROOT = Path(__file__).parents[1]
EVIDENCE = ROOT / "benchmarks" / "results" / "training-proof.jsonl"
PAGE = ROOT / "docs" / "training-proof.md"
FIRST_SEED, SUITE_SEED, GRADING_SEED = 1001, 1, 5001
FEWEST_GRADINGS = 20
"""Of right code of one exercise; cheap recipes are graded more often."""


@dataclass(frozen=True, slots=True)
class Subject:
    """An exercise that trains, with what is tried on it.

    Attributes:
        exercise: The exercise.
        recipes: Names of its recipes.
        suite: Hash of its hidden suite.
        variants: The wrong ones.
        right: The reference first, then the alternatives.
        seconds: What one run of all its recipes takes, as its calibration says.
    """

    exercise: Exercise
    recipes: tuple[str, ...]
    suite: str
    variants: tuple[Variant, ...]
    right: tuple[Variant, ...]
    seconds: float


Pool = queue.SimpleQueue[pipeline.Session]
Job = Callable[[pipeline.Session], None]


def main() -> None:
    """Measure what is missing, then write evidence and page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2, help="runs at the same time")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each variant")
    parser.add_argument("--gradings", type=int, default=200, help="gradings of right code")
    parser.add_argument("--evidence", type=Path, default=EVIDENCE)
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--variant", action="append", help="try these only; all by default")
    parser.add_argument("only", nargs="*", help="exercises; all that train by default")
    options = parser.parse_args()
    found = course.load_course(ROOT)
    chosen = course.select(found, options.only) if options.only else found.exercises
    prove(
        found,
        chosen,
        Evidence(options.evidence),
        jobs=options.jobs,
        seeds=options.seeds,
        gradings=options.gradings,
        names=options.variant,
    )
    text = proof_pages.page(found, Evidence(options.evidence))
    options.page.write_text(text, encoding="utf-8")
    print(text)


def prove(
    found: Course,
    chosen: Sequence[Exercise],
    evidence: Evidence,
    *,
    jobs: int,
    seeds: int,
    gradings: int,
    names: Sequence[str] | None = None,
) -> None:
    """Measure what the evidence does not hold yet.

    Args:
        found: The course.
        chosen: Its exercises; those that train nothing are passed over.
        evidence: What is known, and where findings are kept.
        jobs: Runs at the same time.
        seeds: Runs of each variant.
        gradings: Whole gradings of right code.
        names: Variants to try beside the reference; all by default.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = undisturbed(found, chosen, Path(folder))
        with _sessions(copy, jobs) as pool:
            subjects = [s for e in copy.exercises if (s := _subject(e, found, pool, names))]
            _forget(subjects, evidence, pool)
            for number in range(seeds):
                for subject in sorted(subjects, key=lambda one: one.seconds):
                    name = f"{subject.exercise.id}, seed {number + 1}"
                    _work(name, _run_jobs(subject, evidence, number), pool, jobs)
                    if number == 0:
                        name = f"{subject.exercise.id}, tests"
                        _work(name, _suite_jobs(subject, evidence), pool, jobs)
        with _sessions(found, jobs, [subject.exercise.id for subject in subjects]) as pool:
            plan_of_gradings = _grading_jobs(found, subjects, evidence, gradings)
            _work("gradings", plan_of_gradings, pool, jobs)
    evidence.tidy()


@contextlib.contextmanager
def _sessions(found: Course, jobs: int, names: Sequence[str] = ()):  # noqa: ANN202 - a Pool
    exercises = [e for e in found.exercises if not names or e.id in names]
    with contextlib.ExitStack() as stack:
        pool: Pool = queue.SimpleQueue()
        for _ in range(jobs):
            pool.put(stack.enter_context(pipeline.Session(found, exercises)))
        yield pool


def _subject(
    exercise: Exercise, found: Course, pool: Pool, names: Sequence[str] | None
) -> Subject | None:
    """Collect what is tried on an exercise; None if it trains nothing."""
    session = pool.get()
    recipes = tuple(case.training for case in session.cases[exercise.id] if case.training)
    pool.put(session)
    if not recipes:
        return None
    (own,) = (e for e in found.exercises if e.id == exercise.id)
    texts = [path.read_text(encoding="utf-8") for path in sorted(own.hidden_dir.glob("*.py"))]
    entries = [e for e in calibration.read(own.hidden_dir).entries if e.key.recipe in recipes]
    seconds = sum(run.seconds for entry in entries for run in entry.runs) / 20
    reference, *others = right_variants(own)
    wrong = wrong_variants(own)
    if names is not None:
        wrong = tuple(variant for variant in wrong if variant.name in names)
        others = [variant for variant in others if variant.name in names]
    suite = short("".join(texts))
    return Subject(exercise, recipes, suite, wrong, (reference, *others), max(seconds, 0.1))


def _forget(subjects: Sequence[Subject], evidence: Evidence, pool: Pool) -> None:
    """Forget the runs of recipes under which the reference no longer does what it did."""
    session = pool.get()
    for subject in subjects:
        reference = subject.right[0]
        known = [
            evidence.run(subject.exercise.id, r, reference, FIRST_SEED) for r in subject.recipes
        ]
        if None in known:
            continue
        if _measure(session, subject, reference, FIRST_SEED) != known:
            _say(f"{subject.exercise.id}: trains otherwise than it did; its runs are made anew")
            evidence.forget(subject.exercise.id)
    pool.put(session)


def _suite_jobs(subject: Subject, evidence: Evidence) -> list[Job]:
    def job(variant: Variant, session: pipeline.Session) -> None:
        grade = session.grade_source(subject.exercise, variant.source, seed=SUITE_SEED)
        lost = [v for v in grade.verdicts if not v.test.training and _is_lost(v)]
        lockstep = sorted({_function(v) for v in lost if "lockstep" in _function(v)})
        unit = sorted({_function(v) for v in lost if "lockstep" not in _function(v)})
        evidence.add(
            Suite(
                subject.exercise.id,
                variant.name,
                short(variant.source),
                subject.suite,
                tuple(lockstep),
                tuple(unit),
            )
        )

    return [
        partial(job, variant)
        for variant in (*subject.right, *subject.variants)
        if not evidence.suite(subject.exercise.id, subject.suite, variant)
    ]


def _run_jobs(subject: Subject, evidence: Evidence, number: int) -> list[Job]:
    """Plan one run of each variant, from the second on only of those that train."""
    seed = FIRST_SEED + number

    def job(variant: Variant, session: pipeline.Session) -> None:
        for run in _measure(session, subject, variant, seed):
            evidence.add(run)

    def is_due(variant: Variant) -> bool:
        if all(evidence.run(subject.exercise.id, r, variant, seed) for r in subject.recipes):
            return False
        reference, name = subject.right[0], subject.exercise.id
        first = [(r, evidence.run(name, r, variant, FIRST_SEED)) for r in subject.recipes]
        return variant in subject.right or any(
            run is None or run.tells(evidence.run(name, r, reference, FIRST_SEED))
            for r, run in first
        )

    return [
        partial(job, variant) for variant in (*subject.right, *subject.variants) if is_due(variant)
    ]


def _measure(session: pipeline.Session, subject: Subject, variant: Variant, seed: int) -> list[Run]:
    """Train a variant once by each recipe of its exercise."""
    grade = session.grade_source(
        subject.exercise, variant.source, seed=seed, training=TrainingMode.MEASURE
    )
    found = []
    for verdict in grade.verdicts:
        if not verdict.test.training:
            continue
        attempts = verdict.training.attempts if verdict.training else ()
        value = attempts[0].value if attempts else None
        losses = attempts[0].losses if attempts else ()
        if verdict.outcome is Outcome.GRADER_FAULT:
            raise SystemExit(f"{subject.exercise.id} {variant.name}: {verdict.message}")
        if verdict.outcome is Outcome.TIMEOUT and variant in subject.right:
            # Kept, it would say of the code what is true of the machine only.
            raise SystemExit(f"{variant.name}: this machine is too busy now; go on later")
        found.append(
            Run(
                subject.exercise.id,
                verdict.test.training,
                variant.name,
                short(variant.source),
                seed,
                str(verdict.outcome.value),
                value,
                short(repr((losses, value))),
            )
        )
    return found


def _grading_jobs(
    found: Course, subjects: Sequence[Subject], evidence: Evidence, gradings: int
) -> list[Job]:
    """Plan whole gradings of right code, the reference and the alternatives in turn."""
    total = sum(1 / subject.seconds for subject in subjects)

    def job(
        exercise: Exercise, variant: Variant, seed: int, suite: str, session: pipeline.Session
    ) -> None:
        grade = session.grade_source(
            exercise, variant.source, seed=seed, training=TrainingMode.JUDGE
        )
        evidence.add(_grading(grade, variant, seed, suite))

    plan: list[Job] = []
    for subject in subjects:
        (exercise,) = (e for e in found.exercises if e.id == subject.exercise.id)
        count = max(min(FEWEST_GRADINGS, gradings), round(gradings / subject.seconds / total))
        for number in range(count):
            variant, seed = subject.right[number % len(subject.right)], GRADING_SEED + number
            if not evidence.grading(exercise.id, subject.suite, variant, seed):
                plan.append(partial(job, exercise, variant, seed, subject.suite))
    return plan


def _grading(grade: ExerciseGrade, variant: Variant, seed: int, suite: str) -> Grading:
    records = [v.training for v in grade.verdicts if v.training]
    return Grading(
        grade.exercise.id,
        variant.name,
        short(variant.source),
        suite,
        seed,
        str(grade.score),
        str(grade.max_score),
        tuple(sorted(_function(v) for v in grade.verdicts if _is_lost(v))),
        {record.recipe: _values(record) for record in records},
    )


def _values(record: TrainingRecord) -> tuple[float | None, ...]:
    return tuple(attempt.value for attempt in record.attempts)


def _work(name: str, plan: Sequence[Job], pool: Pool, jobs: int) -> None:
    """Do what is planned, as many as there are sessions at a time."""
    done, lock = 0, threading.Lock()

    def work(job: Job) -> None:
        nonlocal done
        session = pool.get()
        try:
            job(session)
        finally:
            pool.put(session)
        with lock:
            done += 1
            if done % 10 == 0 or done == len(plan):
                _say(f"{name}: {done} of {len(plan)}")

    with ThreadPoolExecutor(jobs) as threads:
        try:
            for future in [threads.submit(work, job) for job in plan]:
                future.result()
        finally:
            threads.shutdown(cancel_futures=True)


def _is_lost(verdict: Verdict) -> bool:
    if verdict.outcome is Outcome.GRADER_FAULT:
        raise SystemExit(f"{verdict.test.id}: {verdict.message}")
    return verdict.points != verdict.test.points


def _function(verdict: Verdict) -> str:
    return verdict.test.id.partition("::")[2].partition("[")[0]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
