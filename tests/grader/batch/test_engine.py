"""Workers side by side, on real processes: replaced when they die, ended when told to."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from grader import client, collect
from grader.batch.engine import Engine, Settings
from grader.batch.judging import Finished, Job
from grader.batch.texts import Texts
from grader.errors import CellError, UsageError
from grader.model import Course, Grade, Isolation, Outcome
from grader.pipeline import Session
from tests.grader.conftest import RIGHT, write_course

KILLER = '''\
import os, signal
import pytest, torch

@pytest.mark.task("double")
@pytest.mark.points(3)
def test_the_worker_lives(student):
    """Doubling does not end the worker."""
    if float(student.double(torch.ones(1))) == 13:
        os.kill(os.getppid(), signal.SIGKILL)
        os._exit(1)

@pytest.mark.task("counter")
@pytest.mark.points(2)
def test_counter_counts(student):
    """A counter starts at zero."""
    assert student.Counter().total == 0
'''
POISON = RIGHT.replace("return X * 2", "return X * 13")


@dataclass
class Bench:
    """An engine over one small course, and what it did."""

    course: Course
    folder: Path
    kept: dict[Path, Grade] = field(default_factory=dict)
    sessions: list[Session] = field(default_factory=list)
    opened: int = 0

    def open(self) -> Session:
        self.opened += 1
        self.sessions.append(Session(self.course, self.course.exercises))
        return self.sessions[-1]

    def engine(
        self,
        keep: Callable[[Path, Grade], None] | None = None,
        check: Callable[[Isolation], None] = lambda isolation: None,
        **options: int,
    ) -> Engine:
        return Engine(Settings(self.open, check, keep or self.kept.__setitem__, **options))

    def task(self, name: str, source: str) -> tuple[Job, ...]:
        path = self.folder / f"{name}.py"
        path.write_text(source, "utf-8")
        exercise = self.course.exercises[0]
        submission = collect.read_submission(path, [exercise])
        return (Job(submission, exercise, name, Texts()),)

    def run(self, engine: Engine, **sources: str) -> list[Finished]:
        tasks = [self.task(name, source) for name, source in sources.items()]
        with contextlib.closing(engine.run(tasks)) as running:
            return list(running)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A course of one exercise, whose suite can kill its worker."""
    (tmp_path / "course").mkdir()
    course = write_course(tmp_path / "course", modules=("demo",))
    course.exercises[0].hidden_suite.write_text(KILLER, "utf-8")
    made = Bench(course, tmp_path)
    yield made
    assert [s for s in made.sessions if s.is_alive] == []


def test_a_worker_that_dies_is_replaced_and_its_victim_left_to_a_person(bench: Bench) -> None:
    """Three tries, then a fault of ours and no zero; the next one is graded as if nothing was."""
    done = bench.run(bench.engine(workers=1), before=RIGHT, poison=POISON, after=RIGHT)
    assert [grade.score for grade in bench.kept.values()] == [6, 6]
    assert list(bench.kept) == [Path("before"), Path("after")]
    (left,) = done[1].open.values()
    assert left.score is None
    assert {v.outcome for v in left.exercises[0].verdicts} == {
        Outcome.FAILED, Outcome.GRADER_FAULT,
    }  # fmt: skip
    assert bench.opened == 4


def test_a_worker_killed_from_outside_costs_nobody_anything(bench: Bench) -> None:
    """The hand-in is judged again in a fresh worker."""
    engine = bench.engine(workers=1)
    tasks = [bench.task(name, RIGHT) for name in ("one", "two")]
    with contextlib.closing(engine.run(tasks)) as running:
        next(running)
        with contextlib.suppress(ProcessLookupError):
            os.kill(bench.sessions[0]._worker.pid, signal.SIGKILL)
        rest = list(running)
    assert [grade.score for grade in bench.kept.values()] == [6, 6]
    assert [dict(finished.open) for finished in rest] == [{}]


def test_workers_are_recycled(bench: Bench) -> None:
    """After as many tasks as are asked for, a fresh one goes on."""
    bench.run(bench.engine(workers=1, recycle_after=1), one=RIGHT, two=RIGHT)
    assert bench.opened == 2
    assert [grade.score for grade in bench.kept.values()] == [6, 6]


def test_closing_ends_what_is_in_flight(bench: Bench) -> None:
    """What was durable is kept, what hangs is not waited for, and no process is left."""
    hanging = RIGHT.replace("return X * 2", "while True: pass")
    engine = bench.engine(workers=2)
    tasks = [bench.task("right", RIGHT), *(bench.task(f"h{i}", hanging) for i in range(3))]
    running = engine.run(tasks)
    assert next(running).jobs == tasks[0]
    family = [
        child
        for session in bench.sessions
        for child in psutil.Process(session._worker.pid).children(recursive=True)
    ]
    running.close()
    assert list(bench.kept) == [Path("right")]
    _, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []


def test_a_full_disk_ends_the_batch(bench: Bench) -> None:
    """What `keep` raises is raised by the engine."""

    def keep(path: Path, grade: Grade) -> None:
        raise UsageError(str(path), "the file cannot be written: No space left on device.")

    with pytest.raises(UsageError, match="No space left"):
        bench.run(bench.engine(keep), one=RIGHT, two=RIGHT)


def test_a_host_without_isolation_ends_the_batch(bench: Bench) -> None:
    """Nothing is graded below the level that is asked for."""

    def check(isolation: Isolation) -> None:
        raise UsageError("isolation", f"level {isolation.level} is too low")

    with pytest.raises(UsageError, match="too low"):
        bench.run(bench.engine(check=check), one=RIGHT)
    assert bench.kept == {}


def test_a_worker_that_never_starts_ends_the_batch(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After three tries, and not after three tries for each hand-in."""
    monkeypatch.setattr(client.sys, "executable", "/bin/false")
    with pytest.raises(CellError, match="ended unexpectedly"):
        bench.run(bench.engine(workers=1), one=RIGHT, two=RIGHT)
    assert bench.opened == 3
