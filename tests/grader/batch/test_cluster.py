"""Clusters by Parsl, on real processes: blocks here, and jobs of an imitated Slurm."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.grader.batches import Batch, kept, runs, scores

if TYPE_CHECKING:
    import psutil

pytest.importorskip("parsl", reason="the extra `cluster` is not installed")

SLURM = Path(__file__).parent / "slurm"
HIDE_PARSL = "import sys; sys.modules['parsl'] = None; from grader.cli import main; main()"


@pytest.fixture
def batch(tmp_path: Path) -> Iterator[Batch]:
    """A class whose hand-ins take a second each; nothing may be left of it."""
    made = Batch(tmp_path, students=10, slowly=True)
    yield made
    assert made.leftovers() == []


def _options(batch: Batch, text: str) -> tuple[str, ...]:
    file = batch.folder / "cluster.yml"
    file.write_text(text, "utf-8")
    return ("--engine", "parsl", "--engine-config", str(file))


def _of_command(batch: Batch, words: str) -> list[psutil.Process]:
    """Find processes of ours by their command line."""
    return [one for one in batch.marked() if re.search(words, " ".join(one.cmdline()))]


def test_a_killed_worker_and_a_killed_block_cost_nobody_anything(batch: Batch) -> None:
    """Their workers die with them, the block is replaced, and nothing is judged twice."""
    out = batch.folder / "out"
    process = batch.start(out, _options(batch, "provider: local\nblocks: 2\nworkers: 1\n"))
    batch.wait_for(out, 1, process)
    judge = _of_command(batch, r"-m grader\.worker$")[0]
    parent = judge.parent()
    assert parent is not None
    orphans = judge.children(recursive=True)
    parent.kill()
    while any(map(runs, [judge, *orphans])):
        time.sleep(0.05)
    before = kept(out)
    batch.wait_for(out, len(before) + 1, process)
    pool = _of_command(batch, r"tether .*process_worker_pool")[0]
    os.killpg(os.getpgid(pool.pid), signal.SIGKILL)
    assert batch.end(process) == (0, "")
    assert scores(out) == batch.expected
    assert kept(out).items() >= before.items()
    assert not (out / "cluster").exists()


def test_slurm_runs_it_and_ctrl_c_cancels_its_jobs(batch: Batch) -> None:
    """What was judged until then is kept; the same command does the rest."""
    out, jobs = batch.folder / "out", batch.folder / "jobs"
    jobs.mkdir()
    env = os.environ | {"PATH": f"{SLURM}:{os.environ['PATH']}", "FAKE_SLURM": str(jobs)}
    text = (
        "provider: slurm\ncores: 1\nmemory_gb: 4\npartition: teaching\naccount: d2l\n"
        'walltime: "00:30:00"\naddress: 127.0.0.1\nworker_init: export HELLO=nodes\n'
    )
    process = batch.start(out, _options(batch, text), env)
    batch.wait_for(out, 2, process)
    process.send_signal(signal.SIGINT)
    assert batch.end(process) == (130, "Interrupted: writing what was judged.")
    assert batch.leftovers() == []
    (script,) = (out / "cluster").glob("*/submit_scripts/*block-0*[0-9]")
    asked = set(re.findall(r"^#SBATCH (.*)$", script.read_text("utf-8"), re.MULTILINE))
    assert asked >= {
        "--partition=teaching", "--account=d2l", "--mem=4g", "--cpus-per-task=1", "--time=30",
        "--nodes=1",
    }  # fmt: skip
    before = kept(out)
    assert 2 <= len(before) < batch.students
    assert batch.end(batch.start(out, _options(batch, text), env)) == (0, "")
    assert scores(out) == batch.expected
    assert kept(out).items() >= before.items()


def test_blocks_that_never_come_up_end_the_batch(batch: Batch) -> None:
    """Their complaint is told, and where their logs are; nobody gets a zero."""
    out = batch.folder / "out"
    text = "provider: local\nblocks: 3\nworkers: 1\nworker_init: echo no such module >&2; exit 3\n"
    code, said = batch.finish(out, _options(batch, text))
    assert code == 3
    assert "the blocks of the cluster do not come up" in said
    assert f"{out}/cluster" in said
    assert "Traceback" not in said
    assert scores(out) == {}


def test_a_folder_that_scripts_cannot_name_is_refused(batch: Batch) -> None:
    """Before anything is started."""
    text = "provider: local\n"
    code, said = batch.finish(batch.folder / "my class", _options(batch, text))
    assert code == 2
    assert "a space or another such character" in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--engine", "parsl"], "Add --engine-config FILE"),
        (["--engine-config", "x.yml"], "Add --engine parsl"),
        (["--engine", "parsl", "--engine-config", "x.yml"], "x.yml: the file is missing"),
    ],
)
def test_the_two_options_go_together(batch: Batch, options: list[str], said: str) -> None:
    """One without the other is a mistake."""
    code, complaint = batch.finish(batch.folder / "out", options)
    assert code == 2
    assert said in complaint


def test_without_parsl_the_install_command_is_told(batch: Batch) -> None:
    """It is an extra."""
    words = ["batch", "class", "--course", "course", *_options(batch, "provider: local\n")]
    done = subprocess.run(
        [sys.executable, "-c", HIDE_PARSL, *words],
        cwd=batch.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Run `pip install autograde[cluster]`." in done.stderr
