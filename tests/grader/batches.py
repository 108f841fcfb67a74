"""A class on the disk, and `autograde batch` as a teacher runs it on it."""

from __future__ import annotations

import contextlib
import csv
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.grader.conftest import RIGHT, STUB, write_course
from tests.patience import PATIENCE_S

MARK = "AUTOGRADE_TEST_BATCH"
TEXTS = {
    RIGHT: 6,
    RIGHT.replace("return X * 2", "return X * 3"): 2,
    RIGHT.replace("self.total += n", "self.total -= n"): 4,
    STUB: 0,
    "def double(X:\n": 0,
}
"""What students hand in, and the points that it earns."""
Kept = dict[str, tuple[int, int]]


@dataclass
class Batch:
    """A class of one exercise, and the command that grades it."""

    folder: Path
    students: int
    slowly: bool = False
    expected: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Write course and class; `slowly` makes each hand-in take a second."""
        (self.folder / "course").mkdir()
        write_course(self.folder / "course", modules=("demo",))
        about = self.folder / "course" / "assignments" / "01-01-demo" / "exercise.yml"
        # A verdict must not depend on how busy the machine is.
        about.write_text(about.read_text("utf-8").replace("wall_time_s: 60", "wall_time_s: 120"))
        wait = "import time\ntime.sleep(1)\n" if self.slowly else ""
        for number in range(self.students):
            text, points = list(TEXTS.items())[number % len(TEXTS)]
            path = self.folder / "class" / f"s{number:02}" / "demo.py"
            path.parent.mkdir(parents=True)
            path.write_text(f"{wait}{text}\n# {number}\n", "utf-8")
            self.expected[path.parent.name] = points

    def start(
        self,
        out: Path,
        options: Sequence[str] = ("--jobs", "1"),
        env: Mapping[str, str] = os.environ,
    ) -> subprocess.Popen[str]:
        """Run the command in a session of its own."""
        words = ["batch", str(self.folder / "class"), "--out", str(out)]
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "grader", *words),
                *("--course", str(self.folder / "course"), *options),
            ],
            cwd=self.folder,
            env={**env, MARK: str(self.folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def end(self, process: subprocess.Popen[str]) -> tuple[int, str]:
        """Wait for its end; return its exit code and what it complained of."""
        try:
            _, said = process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            kill(process)
            raise
        usual = (" graded", "Isolation level", "What would raise it")
        lines = [line for line in said.splitlines() if line.strip()]
        complaints = [line for line in lines if not any(word in line for word in usual)]
        return process.returncode, "\n".join(complaints)

    def finish(self, out: Path, options: Sequence[str] = ("--jobs", "1")) -> tuple[int, str]:
        """Run the command to its end."""
        return self.end(self.start(out, options))

    def wait_for(self, out: Path, verdicts: int, process: subprocess.Popen[str]) -> None:
        """Wait until so many verdicts are on the disk."""
        while len(kept(out)) < verdicts:
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)

    def marked(self) -> list[psutil.Process]:
        """Find every process of ours, whoever its parent is now."""
        found = []
        for one in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if one.environ().get(MARK) == str(self.folder) and runs(one):
                    found.append(one)
        return found

    def leftovers(self, family: Sequence[psutil.Process] = ()) -> list[psutil.Process]:
        """Wait until everybody has gone, and return who has not."""
        ends_s = time.monotonic() + PATIENCE_S
        while True:
            alive = [*filter(runs, family), *self.marked()]
            if not alive or time.monotonic() > ends_s:
                return alive
            time.sleep(0.05)


def runs(process: psutil.Process) -> bool:
    """Tell whether a process is there and has not ended."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """List a process and all its descendants."""
    with contextlib.suppress(psutil.NoSuchProcess):
        head = psutil.Process(process.pid)
        return [head, *head.children(recursive=True)]
    return []


def kill(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Pull the plug: everybody dies at once, the head first; return who was there."""
    found = family(process)
    for one in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    process.communicate()
    return found


def kept(out: Path) -> Kept:
    """List the verdicts that are on the disk, and by which write."""
    found = {}
    for path in (out / "journal").rglob("[!.]*.json"):
        stat = path.stat()
        found[path.parents[1].name] = (stat.st_ino, stat.st_mtime_ns)
    return found


def book(out: Path) -> bytes:
    """Read the gradebook."""
    return (out / "gradebook.csv").read_bytes()


def scores(out: Path) -> dict[str, int]:
    """Read the totals of everybody who has one."""
    rows = csv.DictReader(book(out).decode().splitlines())
    return {row["username"]: int(row["total"]) for row in rows if row["total"]}
