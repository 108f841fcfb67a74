"""Facts about the documents: commands exist, links lead somewhere, pins agree."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer.main
from packaging.requirements import Requirement
from typer.testing import CliRunner

from grader.cli import app
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]
LISTED = subprocess.run(
    ["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
)
DOCUMENTS = [ROOT / name for name in LISTED.stdout.splitlines()]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

BLOCK = re.compile(r"^ *```console\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)")
SPOKEN = re.compile(r"`autograde ([a-z]+)")
GROUP = typer.main.get_command(app)
COMMANDS = set(typer.main.get_group(app).commands)


def console_lines() -> list[tuple[Path, str]]:
    """Every command that a document tells its reader to type."""
    return [
        (path, line.strip().removeprefix("$ "))
        for path in DOCUMENTS
        for block in BLOCK.findall(path.read_text(encoding="utf-8"))
        for line in block.splitlines()
        if line.strip().startswith("$ ")
    ]


def readme_lines() -> list[str]:
    """README's commands, in order."""
    return [line for path, line in console_lines() if path == ROOT / "README.md"]


def parts() -> list[tuple[str, list[str]]]:
    """The same, each `a && b` taken apart into its programs."""
    return [
        (path.relative_to(ROOT).as_posix(), shlex.split(part))
        for path, line in console_lines()
        for part in line.split("&&")
    ]


def check_autograde(arguments: list[str]) -> None:
    """Parse a command line of ours to the end, without running it."""
    name, command, rest, context = "autograde", GROUP, arguments, None
    while hasattr(command, "resolve_command"):
        context = command.make_context(name, list(rest), parent=context)
        name, command, rest = command.resolve_command(context, list(rest))
    command.make_context(name, rest, parent=context).close()


def check_nox(arguments: list[str]) -> None:
    """A session that a document names must be one of the noxfile's."""
    wanted = arguments[arguments.index("-s") + 1] if "-s" in arguments else "tests"
    assert f"def {wanted}(" in (ROOT / "noxfile.py").read_text(encoding="utf-8")


def check_pip(arguments: list[str]) -> None:
    """An extra that a document installs must be declared."""
    for extra in re.findall(r"\.\[(\w+)\]", " ".join(arguments)):
        assert extra in PROJECT["optional-dependencies"]


CHECKS = {"autograde": check_autograde, "nox": check_nox, "pip": check_pip}
TAKEN_ON_TRUST = {"cp", "echo", "git", "mkdir", "pre-commit", "printf", "python3", "sudo"}


@pytest.mark.parametrize(("document", "words"), parts(), ids=lambda one: str(one)[:60])
def test_each_command_of_a_document_can_be_typed(document: str, words: list[str]) -> None:
    """Its program, subcommand and options exist."""
    program = Path(words[0]).name
    if words[0].startswith(".ci/"):
        assert os.access(ROOT / words[0], os.X_OK)
    elif program not in TAKEN_ON_TRUST:
        CHECKS[program](words[1:])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_link_and_command_in_passing_is_real(document: Path) -> None:
    """Relative links lead to files, and `autograde x` in a sentence is a command."""
    text = document.read_text(encoding="utf-8")
    missing = [link for link in LINK.findall(text) if not (document.parent / link).exists()]
    unknown = set(SPOKEN.findall(text)) - COMMANDS
    assert not missing
    assert not unknown


def test_readme_begins_with_two_commands() -> None:
    """The first installs and grades, the second is the gate; CI runs just these two."""
    first, second = readme_lines()[:2]
    assert first.startswith("python3 -m venv .venv && .venv/bin/pip install ")
    assert second == ".venv/bin/nox"
    (pin,) = (Requirement(word) for word in first.split() if "==" in word)
    (torch,) = (one for one in map(Requirement, PROJECT["dependencies"]) if one.name == "torch")
    (pinned,) = pin.specifier
    assert pin.name == "torch"
    assert pinned.version in torch.specifier


def test_readme_s_first_command_grades_the_sample(tmp_path: Path) -> None:
    """Without a path the sample hand-in is graded, and gets a page."""
    words = shlex.split(readme_lines()[0].rpartition("&&")[2])
    assert words == [".venv/bin/autograde", "grade", "--exit-zero", "--html", "report.html"]
    page = tmp_path / "report.html"
    command = [sys.executable, "-m", "grader", *words[1:-1], str(page)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "<html" in page.read_text(encoding="utf-8")


def test_an_author_can_follow_contributing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file that it tells an author to write is one that `autograde new` makes."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`((?:assignments|solutions|tests)/[\w/-]*04-99-demo/[\w.]+)`", text))
    assert told
    monkeypatch.chdir(tmp_path)
    Path("autograde.yml").write_text("title: A course\nexercises: ['*']\n", encoding="utf-8")
    Path("solutions").mkdir()
    shutil.copytree(ROOT / "assignments" / "04-06-dropout", "assignments/04-06-dropout")
    made = CliRunner().invoke(app, ["new", "04-99-demo"])
    assert made.exit_code == 0, made.output
    assert {name for name in told if not Path(name).is_file()} == set()


def test_each_trap_of_another_system_is_held_by_a_test_that_exists() -> None:
    """A line whose test was renamed or removed promises something that nobody holds."""
    text = (ROOT / "docs" / "systems.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    told = [row for row in rows if not row.startswith("| trap |")]
    named = [re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row) for row in told]
    assert len(told) > 30
    for row, tests in zip(told, named, strict=True):
        assert tests, row
        for file, name in tests:
            source = (ROOT / file).read_text("utf-8")
            assert re.search(rf"^def {name}\(", source, re.MULTILINE), f"{file}::{name}"
