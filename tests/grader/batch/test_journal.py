"""The folder of a batch: one holder, whole files, nothing damaged is believed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.batch.journal import Journal
from grader.errors import UsageError
from grader.model import Grade
from tests.grader.report import grades

HOLD = """
import sys
from pathlib import Path
from grader.batch.journal import Journal
with Journal(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_two_batches_in_one_folder_are_refused(tmp_path: Path) -> None:
    """The second is told who holds it; a killed holder holds nothing."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(UsageError, match=f"process {holder.pid} on ") as caught:
        Journal(tmp_path).__enter__()
    assert "since 20" in str(caught.value)
    holder.kill()
    holder.communicate()
    with Journal(tmp_path):
        pass


def test_verdicts_come_back_as_they_were_kept(tmp_path: Path, one: Grade) -> None:
    """Below the level that is asked for they do not."""
    with Journal(tmp_path) as journal:
        path = journal.path("ada", "03-06-softmax", "k")
        assert journal.recall(path, 0) is None
        journal.keep(path, one)
        found = journal.recall(path, one.isolation.level)
        assert found is not None
        assert found.score == one.score
        assert journal.recall(path, one.isolation.level + 1) is None


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"schema": "other"}', b"\xff\xff"])
def test_damaged_verdicts_are_judged_again(tmp_path: Path, one: Grade, damage: bytes) -> None:
    """Nothing is guessed from them."""
    with Journal(tmp_path) as journal:
        path = journal.path("ada", "03-06-softmax", "k")
        journal.keep(path, one)
        assert journal.recall(path, 0) is not None
        path.write_bytes(damage)
        assert journal.recall(path, 0) is None


def test_halves_of_files_are_swept(tmp_path: Path) -> None:
    """What a killed run left between writing and renaming; nothing else."""
    half = tmp_path / "journal" / "ada" / "e" / ".k.json.x1y2z3ab"
    own = tmp_path / "results" / "ada" / ".notes"
    for path in (half, own):
        path.parent.mkdir(parents=True)
        path.write_text("{", "utf-8")
    with Journal(tmp_path):
        pass
    assert (half.exists(), own.exists()) == (False, True)


def _found(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in (folder / "journal/ada/e").iterdir()}


def test_what_a_killed_regrade_set_aside_first_is_kept(tmp_path: Path) -> None:
    """The same command again does not take for the original what stood there in between."""
    with Journal(tmp_path) as journal:
        path = journal.path("ada", "e", "k")
        path.parent.mkdir(parents=True)
        path.write_bytes(b"first")
        journal.set_aside(path)
        path.write_bytes(b"interim")
    with Journal(tmp_path) as journal:  # killed before: another process
        journal.set_aside(path)
        assert _found(tmp_path) == {".k.before": b"first"}
        path.write_bytes(b"last")
        journal.end_regrade(["another"])
        assert _found(tmp_path) == {".k.before": b"first", "k.json": b"last"}
        journal.end_regrade(["e"])
        assert _found(tmp_path) == {"k.before": b"first", "k.json": b"last"}
        journal.set_aside(path)  # the next regrade, on purpose
        path.write_bytes(b"newest")
        journal.end_regrade(["e"])
        assert _found(tmp_path) == {"k.before": b"last", "k.json": b"newest"}


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """It says which, and what to do."""
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(UsageError, match="Name another folder with --out"):
        Journal(tmp_path / "file" / "out").__enter__()


def test_the_holder_is_forgotten_at_the_end(tmp_path: Path) -> None:
    """Nobody is told of a process that has ended."""
    with Journal(tmp_path):
        assert str(os.getpid()) in (tmp_path / "batch.json").read_text("utf-8")
    assert not (tmp_path / "batch.json").exists()


@pytest.fixture
def one() -> Grade:
    """A grade of one exercise."""
    return grades.grade(grades.all_passed())
