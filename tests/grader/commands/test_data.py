"""`autograde data` as a person uses it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from grader.cli import app
from grader.data.sets import EMBEDDED

if TYPE_CHECKING:
    import pytest


def test_list_tells_what_is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Embedded sets are always here, with their hash and licence."""
    monkeypatch.setenv("AUTOGRADE_DATA", str(tmp_path))

    rows = json.loads(CliRunner().invoke(app, ["data", "list", "--json"]).stdout)

    (poem,) = (row for row in rows if row["name"] == "paradise-lost")
    assert poem["where"] == "with autograde"
    assert len(poem["sha256"]) == 64
    assert poem["licence"].startswith("public domain")


def test_verify_names_a_damaged_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cut file ends the command with 1, and its path and reason are printed."""
    shutil.copytree(EMBEDDED / "fashion-mnist-small", tmp_path / "fashion-mnist-small")
    cut = tmp_path / "fashion-mnist-small" / "train-labels-idx1-ubyte.gz"
    cut.write_bytes(cut.read_bytes()[:100])
    monkeypatch.setenv("AUTOGRADE_DATA", str(tmp_path))

    done = CliRunner().invoke(app, ["data", "verify"])

    assert done.exit_code == 1
    assert f"{cut}: it ends too early; it is not used" in done.stdout


def test_embedded_sets_need_no_fetching() -> None:
    """Asking for one says so instead of asking the network."""
    done = CliRunner().invoke(app, ["data", "fetch", "paradise-lost"])

    assert done.exit_code == 0
    assert "comes with autograde" in done.stdout
