"""A level below the highest is never in force in silence: stderr, page and result tell it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from grader.cell import levels
from grader.cell.attacks import QUICK
from grader.cell.doctor import Examination
from grader.model import Finding
from tests.grader.conftest import RIGHT, write_course
from tests.patience import PATIENCE_S
from tests.security.layers import environment, runner


@pytest.mark.parametrize("words", [[], ["--level", "2"], ["--level", "0"]], ids=" ".join)
def test_a_lower_level_is_told_in_every_output(words: list[str], tmp_path: Path) -> None:
    """Without bubblewrap the course's level 2 is enough, and still it is said."""
    if "0" not in words and (reason := levels.why_not(2)[0]):
        pytest.skip(f"no level 2 here: {reason}")
    level = int(words[1]) if words else 2
    root = tmp_path / "course"
    root.mkdir()
    write_course(root, ("demo",))
    (tmp_path / "demo.py").write_text(RIGHT, "utf-8")
    (tmp_path / "bin").mkdir()
    page, stored = tmp_path / "page.html", tmp_path / "result.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "grader", "grade", str(tmp_path / "demo.py"), *words),
            *("--html", str(page), "--out", str(stored)),
        ],
        cwd=root,
        env=os.environ | {"PATH": str(tmp_path / "bin")},  # no bubblewrap there
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert f"Isolation level {level} of 3 is in force" in done.stderr
    assert json.loads(stored.read_text("utf-8"))["isolation"]["level"] == level
    assert f"level {level}" in page.read_text("utf-8")


def test_a_session_would_see_that_a_layer_is_off() -> None:
    """What a worker tries before it grades finds a jail without its filter of system calls."""
    level = 3 if not levels.why_not(3)[0] else 2
    if levels.why_not(level)[0]:
        pytest.skip(f"no jail here: {levels.why_not(level)[0]}")
    with (
        closing(Examination()) as examination,
        runner.host(level, ("seccomp",)) as host,
    ):
        found = {probe.title: probe for probe in examination.probes(host, QUICK)}
    broken = found["Cells cannot signal each other through locks on shared files."]
    assert broken.finding is Finding.FAIL, broken
    assert found["Files of the grader cannot be read."].finding is Finding.PASS


def test_nothing_is_graded_where_a_promise_does_not_hold(tmp_path: Path) -> None:
    """The whole grader in an environment without the filter: no score, exit code 3, and why."""
    if levels.why_not(2)[0]:
        pytest.skip(f"no jail here: {levels.why_not(2)[0]}")
    root = tmp_path / "course"
    root.mkdir()
    write_course(root, ("demo",))
    (tmp_path / "demo.py").write_text(RIGHT, "utf-8")
    with environment.lacking(("seccomp",)) as python:
        done = subprocess.run(
            [python, "-m", "grader", "grade", str(tmp_path / "demo.py")],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )
    assert done.returncode == 3, done.stderr
    assert "does not hold here" in done.stderr
    assert "6 / 6" not in done.stdout
