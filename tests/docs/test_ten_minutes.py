"""README's ten minutes for teachers: every command is run, then what a push runs on GitHub.

Nothing is fetched: the wheel that was released is installed for real, in an environment that
sees the packages of this one but not its grader.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.docs.steps import run_step, steps_of
from tests.grader.export.runner import obeyed
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
TITLE = "## For teachers: set up a course in ten minutes\n"
WHO = {f"GIT_{role}_{what}": "ada@example.edu" for role in ("AUTHOR", "COMMITTER")
       for what in ("NAME", "EMAIL")}  # fmt: skip


def _commands() -> list[str]:
    """The commands of the section, in order."""
    section = (ROOT / "README.md").read_text("utf-8").partition(TITLE)[2].partition("\n## ")[0]
    return [line[2:] for line in section.splitlines() if line.startswith("$ ")]


PATIENCE = "limits: {wall_time_s: 600, exercise_wall_time_s: 3600, cpu_time_s: 600}\n"
"""Added to the course: what is proven here does not depend on how busy the machine is."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which a teacher typed all of it."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "autograde").symlink_to(ROOT)
    environment = os.environ | WHO | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    for command in _commands():
        done = subprocess.run(
            ["bash", "-c", command], cwd=folder, env=environment, text=True, timeout=PATIENCE_S,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        if command.endswith("> course/autograde.yml"):
            with (folder / "course" / "autograde.yml").open("a", encoding="utf-8") as settings:
                settings.write(PATIENCE)
    return folder


def test_a_teacher_gets_from_an_empty_folder_to_a_graded_push(desk: Path) -> None:
    """The push earns all points of the hidden tests, and the files that are named are there."""
    with (desk / "graded" / "gradebook.csv").open(newline="", encoding="utf-8") as file:
        (ada,) = csv.DictReader(file)
    assert ada["username"] == "ada"
    written = yaml.safe_load(
        (desk / "course/assignments/06-02-corr2d/exercise.yml").read_text("utf-8")
    )
    assert float(ada["06-02-corr2d"]) == float(written["points"])
    assert (desk / "graded" / "class.html").is_file()
    assert (desk / "course" / ".github" / "workflows" / "autograde-class.yml").is_file()
    for name in ("handout", "hand-ins/ada"):
        assert not (desk / name / "solutions").exists()
        assert not (desk / name / "tests").exists()


@pytest.fixture
def runner() -> Iterator[Path]:
    """A Python as `setup-python` gives it: our packages at hand, but no grader."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # the jail runs as a user of its own, who must be able to read it
        packages = folder / "packages"
        packages.mkdir()
        for entry in Path(sysconfig.get_path("purelib")).iterdir():
            if "autograde" not in entry.name:
                (packages / entry.name).symlink_to(entry)
        home = folder / "python"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
        scheme = {"base": str(home), "platbase": str(home)}
        inside = Path(sysconfig.get_path("purelib", "venv", scheme))
        (inside / "runner.pth").write_text(f"{packages}\n", "utf-8")
        yield home / "bin"


def test_the_workflow_of_a_push_installs_and_grades(
    desk: Path, runner: Path, tmp_path: Path
) -> None:
    """Each step's shell, in a fresh clone of what was pushed, in the environment of Actions."""
    clone = tmp_path / "workspace"
    upstream = str(desk / "server" / "our-class" / "ada.git")
    subprocess.run(["git", "clone", "-q", upstream, str(clone)], check=True)
    steps = {step["name"]: step for step in steps_of(clone / ".github/workflows/autograde.yml")}
    path = f"{runner}{os.pathsep}{os.environ['PATH']}"
    offline = {"PATH": path, "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    installed = run_step(steps["Install"], clone, **offline)
    assert installed.returncode == 0, installed.stdout
    assert re.search(r"Successfully installed autograde-\d", installed.stdout)
    done = run_step(steps["Check"], clone, PATH=path)
    assert done.returncode == 0, done.stdout
    assert [c.name for c in obeyed(done.stdout)] == ["notice", "notice", "notice"]
    assert "Provisional" in (tmp_path / "runner" / "summary").read_text("utf-8")
    where = shutil.which("autograde", path=path)
    assert where == str(runner / "autograde")
