"""What `autograde batch` says of a class whose disk or whose names are odd, as it is typed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.commands import common
from tests.grader.conftest import RIGHT, write_course


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a class of one, in a course that stands around."""
    write_course(tmp_path)
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "class" / "hw-submissions" / os.fsdecode(b"hw-J\xe9r")
    folder.mkdir(parents=True)
    (folder / "demo.py").write_text(RIGHT, "utf-8")
    return tmp_path / "class"


def test_a_path_that_is_no_utf8_is_listed(root: Path) -> None:
    """With an escape for the byte, in the data too."""
    done = CliRunner().invoke(app, ["batch", "class", "--dry-run", "--json"])
    assert done.exit_code == 0, done.output
    (found,) = json.loads(done.stdout)["attempts"]
    assert (found["owner"], Path(found["path"]).name) == ("J%e9r", "hw-J%e9r")
    assert root.is_dir()


def test_a_class_of_which_a_part_cannot_be_opened_is_not_graded_well(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exit code and a line say so, though nobody's own hand-in is known to be in it."""
    (root / "roster.csv").write_text("username\nada\n", "utf-8")
    scandir = os.scandir

    def failing(path: Any) -> Any:
        if str(path).endswith("hw-submissions"):
            raise OSError(5, "Input/output error", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", failing)
    done = CliRunner().invoke(app, ["batch", "class"])
    assert done.exit_code == common.FAULT, done.output
    told = Path("graded/needs-a-person.txt").read_text("utf-8")
    assert "hw-submissions: this cannot be opened (Input/output error)" in told
