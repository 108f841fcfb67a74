"""`autograde batch` as a teacher runs it: killed, interrupted, on a full disk, twice at once."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.commands import grading
from tests.grader.batches import Batch, Kept, book, family, kept, kill, scores

KILLS = 20
STUDENTS = 15


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Batch]:
    """Right, wrong, unfinished and broken hand-ins of one exercise."""
    made = Batch(tmp_path_factory.mktemp("batch"), STUDENTS)
    yield made
    assert made.leftovers() == []


@pytest.fixture(scope="module")
def undisturbed(batch: Batch) -> tuple[bytes, float]:
    """The gradebook of a run that nobody disturbs, and how long it takes."""
    out = batch.folder / "undisturbed"
    started_s = time.monotonic()
    assert batch.finish(out) == (0, "")
    took_s = time.monotonic() - started_s
    assert scores(out) == batch.expected
    assert set(kept(out)) == set(batch.expected)
    return book(out), took_s


def test_copies_are_found_when_a_class_is_judged_and_when_it_was(tmp_path: Path) -> None:
    """Texts are in no verdict, and hand-ins that differ in a comment are looked at all the same."""
    batch, out = Batch(tmp_path, 2), tmp_path / "out"
    own = "\n".join(
        f"def own{n}(x, y):\n    return [x * {n}, max(y, x + {n}) // 3, len(str(y)) - x]"
        for n in range(9)
    )
    for path in (tmp_path / "class").glob("*/demo.py"):
        path.write_text(f"{path.read_text('utf-8')}\n{own}\n# {path}\n", "utf-8")
    for _ in range(2):
        assert batch.finish(out) == (0, "")
        (pair,) = json.loads((out / "class-page.json").read_text("utf-8"))["pairs"]
        assert [side["people"] for side in pair["sides"]] == [["s00"], ["s01"]]
        assert all("def own" in str(side["lines"]) for side in pair["sides"])


def test_interrupted_while_it_reads_it_says_that_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has to wonder what became of the class; the folder is free at once."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    batch, out = Batch(tmp_path, 1), tmp_path / "out"
    words = ["batch", str(tmp_path / "class"), "--out", str(out)]
    with monkeypatch.context() as patch:
        patch.setattr(grading, "read_all", interrupted)
        done = CliRunner().invoke(app, [*words, "--course", str(tmp_path / "course")])
    assert done.exit_code == 130
    assert "Interrupted before anything was judged; nothing is lost." in done.output
    assert batch.finish(out) == (0, "")


def test_killed_at_any_moment_it_goes_on(batch: Batch, undisturbed: tuple[bytes, float]) -> None:
    """Twenty kills spread over a run: nothing is judged twice, and the gradebook is the same."""
    right, took_s = undisturbed
    draw = random.Random(20)
    moments = [(number + draw.random()) / KILLS * took_s for number in range(KILLS)]
    draw.shuffle(moments)
    folder, before = 0, Kept()
    while moments:
        out = batch.folder / f"killed-{folder}"
        process = batch.start(out)
        try:
            process.communicate(timeout=moments[-1])
        except subprocess.TimeoutExpired:
            moments.pop()
            assert batch.leftovers(kill(process)) == []
        else:
            # It was through before its moment came: the next folder is for that.
            assert process.returncode == 0
            assert book(out) == right
            folder += 1
        after = kept(out)
        assert after.items() >= before.items(), "finished work was done again"
        before = after if process.returncode < 0 else Kept()
    out = batch.folder / f"killed-{folder}"
    assert batch.finish(out) == (0, "")
    assert book(out) == right
    assert kept(out).items() >= before.items()
    assert not list(out.rglob(".*.json.*")), "halves of files are left"


def test_ctrl_c_writes_what_was_judged(batch: Batch, undisturbed: tuple[bytes, float]) -> None:
    """It ends with 130 and leaves no process; the same command does the rest."""
    out = batch.folder / "interrupted"
    process = batch.start(out)
    batch.wait_for(out, 3, process)
    people = family(process)
    process.send_signal(signal.SIGINT)
    assert batch.end(process) == (130, "Interrupted: writing what was judged.")
    assert batch.leftovers(people) == []
    judged = kept(out)
    rows = book(out).splitlines()[1:]
    assert len(rows) == STUDENTS
    assert sum(b"not_graded" not in row for row in rows) == len(judged)
    assert batch.finish(out) == (0, "")
    assert book(out) == undisturbed[0]
    assert kept(out).items() >= judged.items()


def test_two_at_once_are_refused(batch: Batch) -> None:
    """The second names the first and touches nothing."""
    out = batch.folder / "twice"
    first = batch.start(out)
    while not (out / "batch.json").is_file():
        assert first.poll() is None
        time.sleep(0.01)
    code, said = batch.finish(out)
    assert code == 2
    assert f"another batch works here: process {first.pid} on " in said
    assert batch.leftovers(kill(first)) == []


@pytest.fixture
def small_disk(batch: Batch) -> Iterator[Path]:
    """A disk on which half of the class fits."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    place = batch.folder / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=400k", "small", str(place)]
    if subprocess.run(words, capture_output=True, check=False).returncode != 0:
        pytest.skip("this container does not let root mount a disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_told_and_loses_nothing(
    batch: Batch, small_disk: Path, undisturbed: tuple[bytes, float]
) -> None:
    """With more room the same command goes on from what was written."""
    out = small_disk / "out"
    code, said = batch.finish(out)
    assert code == 2
    assert "the disk is full" in said or "No space left on device" in said
    assert "Free some space" in said
    assert "what stood there before is intact" in said
    assert "Traceback" not in said
    before = kept(out)
    assert 0 < len(before) < STUDENTS
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    assert batch.finish(out) == (0, "")
    assert book(out) == undisturbed[0]
    assert kept(out).items() >= before.items()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    code, said = batch.finish(out)
    assert code == 2
    assert "nothing can be written here (Read-only file system)" in said
