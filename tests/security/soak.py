"""Many hand-ins, right and hostile, in random order through one warm session.

    python tests/security/soak.py --count 2000 --seed 1

Each right one must earn full marks, whatever was graded before it. At the end nothing may be left
behind: no process, mount, descriptor or temporary file, and hardly any memory.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))

from grader import course, pipeline
from grader.model import ExerciseGrade, Outcome

GROWTH = 1.10
"""How much larger a warm process may be at the end than after the first rounds."""
WARM_UP = 20
SLACK_MIB = 3.0
PATIENCE_S = 10.0
EXERCISE = """\
title: Soak
section: "1.1"
module: soak
points: 4
limits: {wall_time_s: 1.5, cpu_time_s: 3, memory_mib: 96, output_kib: 16, threads: 16, \
scratch_mib: 4, frame_mib: 4}
tasks:
  double:
    title: Twice as much
    points: 4
"""
PUBLIC = '''\
import pytest, torch
from grader.judge import expect

@pytest.mark.task("double")
@pytest.mark.points(2)
def test_of_ones(student):
    """Twice one is two."""
    expect.close(student.double(torch.ones(2)), torch.full((2,), 2.0), what="double(X)")
'''
HIDDEN = '''\
import pytest, torch
from grader.judge import expect

@pytest.mark.task("double")
@pytest.mark.points(2)
def test_of_any(student, rng):
    """Every value is doubled."""
    X = torch.randn(3, 4, generator=rng)
    expected = 2 * X
    expect.close(student.double(X), expected, what="double(X)")
'''
RIGHT = "def double(X):\n    return X + X\n"
CALL = "import os, sys, torch\ndef double(X):\n    "
CHANNEL = f"import os, torch\nfd = 3\n{CALL}"
HOSTILE = {
    "loops": f"{CALL}while True: pass\n",
    "sleeps": f"{CALL}import time; time.sleep(99)\n",
    "ends": f"{CALL}os._exit(0)\n",
    "aborts": f"{CALL}os.abort()\n",
    "raises": f"{CALL}raise type('E' * 999, (Exception,), {{}})(X)\n",
    "recurses": f"{CALL}return double(X)\n",
    "takes memory": f"{CALL}return torch.ones(1 << 28)\n",
    "takes bytes": f"{CALL}kept = [bytearray(1 << 20) for _ in range(999)]\n",
    "prints": f"{CALL}print('x' * (1 << 20)); return X + X\n",
    "threads": f"{CALL}import threading, time\n    for _ in range(99): "
    "threading.Thread(target=time.sleep, args=(9,)).start()\n",
    "forks": f"{CALL}os.fork(); return X\n",
    "writes a file": f"{CALL}open('/tmp/x', 'wb').write(bytes(64 << 20)); return X\n",
    "many files": f"{CALL}for n in range(9999): open(f'/tmp/{{n}}', 'w').close()\n",
    "closes": f"{CALL}os.closerange(0, 64); return X\n",
    "garbage": f"{CHANNEL}os.write(fd, os.urandom(64)); return X\n",
    "half a frame": f"{CHANNEL}os.write(fd, b'AGW1' + bytes(3)); import time; time.sleep(9)\n",
    "huge claim": f"{CHANNEL}os.write(fd, b'AGW1' + b'\\xff' * 12); return X\n",
    "large answer": f"{CALL}return torch.ones(3 << 20)\n",
    "endless answer": f"{CALL}return (torch.ones(9) for _ in iter(int, 1))\n",
    "colliding keys": f"{CALL}return {{k * (2**61 - 1) for k in range(999)}}\n",
    "patches": "import torch, builtins\ntorch.equal = builtins.isinstance = lambda *a: True\n"
    "def double(X):\n    return X\n",
    "signals itself": f"{CALL}import signal\n    for s in range(1, 32):\n        "
    "try: signal.signal(s, signal.SIG_IGN)\n        except Exception: pass\n    "
    "os.kill(os.getpid(), 19); return X\n",
    "kills others": f"{CALL}os.kill(-1, 9)\n",
    "exec": f"{CALL}os.execv('/bin/sh', ['sh', '-c', 'sleep 99'])\n",
    "shared memory": f"{CALL}import mmap; mmap.mmap(-1, 200 << 20).write(bytes(200 << 20))\n",
    "collects": f"{CALL}import gc; gc.unfreeze(); gc.collect(); return X\n",
    "exits at import": "import sys\nsys.exit(3)\n",
    "not python any more": "exec('(' * 99)\ndef double(X): pass\n",
}  # fmt: skip

SLOW = ("loops", "sleeps", "half a frame", "signals itself")
"""Those that wait for their time to run out; they come more rarely."""


@dataclass
class Census:
    """What of the host a session occupies."""

    processes: set[int]
    descriptors: dict[int, int]
    memory_mib: dict[int, float]
    mounts: int
    files: set[str]


@dataclass
class Record:
    """What a soak found.

    Attributes:
        count: Hand-ins graded, the right ones among them.
        right: How many were right.
        wrong_marks: What a hand-in earned that it should not have, or lost.
        left: What was left behind.
        growth: Last over first memory of each process that lived through it.
        outcomes: How the tests of hostile hand-ins ended.
    """

    count: int = 0
    right: int = 0
    wrong_marks: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    growth: dict[str, float] = field(default_factory=dict)
    memory_mib: dict[str, list[float]] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


def write_course(root: Path) -> None:
    """Write a course of one exercise with small limits."""
    files = {
        "autograde.yml": 'title: Soak\nexercises: ["*"]\n',
        "assignments/01-01-soak/exercise.yml": EXERCISE,
        "assignments/01-01-soak/soak.py": "def double(X):\n    raise NotImplementedError\n",
        "assignments/01-01-soak/test_public.py": PUBLIC,
        "assignments/01-01-soak/README.md": "# Soak\n",
        "solutions/01-01-soak/soak.py": RIGHT,
        "tests/hidden/01-01-soak/test_soak.py": HIDDEN,
    }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


def soak(count: int, seed: int, level: int, hostile: tuple[str, ...] = tuple(HOSTILE)) -> Record:
    """Grade `count` hand-ins, every second one right, and look at what is left.

    Args:
        count: How many.
        seed: Seed of their order.
        level: Isolation level of the session.
        hostile: Which hostile texts take part.
    """
    draw = random.Random(seed)
    record, outcomes = Record(), Counter[str]()
    weights = [1 if name in SLOW else 6 for name in hostile]
    started_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="autograde-soak-") as folder, _own_temp(folder):
        write_course(Path(folder))
        found = course.load_course(Path(folder))
        (exercise,) = found.exercises
        with pipeline.Session(found, found.exercises, level=level) as session:
            worker = psutil.Process(session._worker.pid)
            before = None
            while record.count < count:
                name = "" if draw.random() < 0.5 else draw.choices(hostile, weights)[0]
                grade = session.grade_source(exercise, HOSTILE[name] if name else RIGHT)
                record.count += 1
                record.right += not name
                _judge(record, outcomes, name, grade)
                if record.count == min(WARM_UP, count // 2):
                    before = census(worker)
            if before is not None:
                _compare(record, before, _settled(worker, before))
    record.outcomes = dict(outcomes)
    record.seconds = round(time.monotonic() - started_s, 1)
    return record


@contextlib.contextmanager
def _own_temp(folder: str) -> Iterator[None]:
    """Let temporary files of the session lie where no other session has any."""
    Path(folder).chmod(0o755)
    place = Path(folder) / "temporary"
    place.mkdir(mode=0o1777)
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"], tempfile.tempdir = str(place), None
    try:
        yield
    finally:
        os.environ.pop("TMPDIR")
        if before is not None:
            os.environ["TMPDIR"] = before
        tempfile.tempdir = None


def _judge(record: Record, outcomes: Counter[str], name: str, grade: ExerciseGrade) -> None:
    found = [verdict.outcome for verdict in grade.verdicts]
    if name:
        outcomes.update(found)
    faulty = Outcome.GRADER_FAULT in found or Outcome.NOT_RUN in found
    if faulty or (not name and grade.score != 4) or (name and name != "prints" and grade.score):
        messages = [verdict.message for verdict in grade.verdicts]
        record.wrong_marks.append(f"{record.count} {name or 'right'}: {grade.score} {messages}")


def census(worker: psutil.Process) -> Census:
    """Count what the worker and everything below it occupy."""
    family = [worker, *worker.children(recursive=True)]
    gc.collect()
    temp = Path(tempfile.gettempdir())
    return Census(
        {process.pid for process in family},
        {process.pid: process.num_fds() for process in family},
        {process.pid: process.memory_full_info().pss / 2**20 for process in family},
        len(Path(f"/proc/{worker.pid}/mounts").read_text("utf-8").splitlines()),
        {path.name for path in temp.iterdir()},
    )


def _settled(worker: psutil.Process, before: Census) -> Census:
    """Count again once what was killed is gone, or the patience is."""
    ends_s = time.monotonic() + PATIENCE_S
    while True:
        now = census(worker)
        if now.processes <= before.processes or time.monotonic() > ends_s:
            return now
        time.sleep(0.1)


def _compare(record: Record, before: Census, after: Census) -> None:
    for pid in after.processes - before.processes:
        record.left.append(f"process {pid}")
    record.left += [f"file {name}" for name in sorted(after.files - before.files)]
    if after.mounts != before.mounts:
        record.left.append(f"{after.mounts - before.mounts} mounts")
    for pid in sorted(after.processes & before.processes):
        more = after.descriptors[pid] - before.descriptors[pid]
        if more > 0:
            record.left.append(f"{more} descriptors of process {pid}")
        one, two = before.memory_mib[pid], after.memory_mib[pid]
        record.growth[str(pid)] = round(two / one, 3)
        record.memory_mib[str(pid)] = [round(one, 1), round(two, 1)]
        if two > GROWTH * one and two - one > SLACK_MIB:
            record.left.append(f"{two - one:.1f} MiB of process {pid}")


def main() -> int:
    """Soak as the command line says and print the record as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--level", type=int, default=pipeline.BEST_LEVEL)
    options = parser.parse_args()
    record = soak(options.count, options.seed, options.level)
    json.dump(record.__dict__, sys.stdout, indent=1)
    sys.stdout.write("\n")
    return 1 if record.left or record.wrong_marks else 0


if __name__ == "__main__":
    sys.exit(main())
