"""`autograde calibrate` on a small exercise: what is kept, resumed and refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from grader.cell import card
from grader.cli import app
from grader.commands.calibration import _plot_name
from grader.errors import CellError
from grader.judge import threshold
from grader.judge.calibration import Key
from tests.grader.judge.test_training import RIGHT, _write


def _calibrate(root: Path, *options: str) -> Any:
    return CliRunner().invoke(app, ["calibrate", "--cores", "1", "--course", str(root), *options])


def _runs(root: Path) -> list[dict[str, Any]]:
    file = root / "tests" / "hidden" / "03-06-work" / "calibration.json"
    (entry,) = json.loads(file.read_text("utf-8"))["entries"]
    return list(entry["runs"])


def test_a_killed_calibration_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that are stored are not repeated, missing ones are added, and a drawing is made."""
    _write(tmp_path)
    before = _runs(tmp_path)
    file = tmp_path / "tests" / "hidden" / "03-06-work" / "calibration.json"
    content = json.loads(file.read_text("utf-8"))
    kept = [{**run, "seconds": 99.0} for run in before[:19]]
    content["entries"][0]["runs"] = kept
    file.write_text(json.dumps(content), "utf-8")

    done = _calibrate(tmp_path)

    assert done.exit_code == 0, done.output
    assert "19 runs are here, 1 to go" in done.stderr
    runs = _runs(tmp_path)
    assert runs[:19] == kept
    assert [run["seed"] for run in runs] == list(range(20))
    assert (file.parent / "calibration-softmax-regression.svg").is_file()


def test_a_reference_that_learns_nothing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its values are kept as evidence, but no threshold stands on them."""
    _write(tmp_path)
    monkeypatch.setattr(threshold, "RUNS", 2)
    shutil.rmtree(tmp_path / "tests" / "hidden" / "03-06-work" / "__pycache__", ignore_errors=True)
    (tmp_path / "tests" / "hidden" / "03-06-work" / "calibration.json").unlink()
    idle = RIGHT + "\ndef updater(batch_size):\n    W.grad = b.grad = None\n"
    (tmp_path / "solutions" / "03-06-work" / "work.py").write_text(idle, "utf-8")

    done = _calibrate(tmp_path)

    assert done.exit_code == 1
    assert "refused, because 2 of 2 runs of the reference have learnt nothing" in done.stdout
    assert len(_runs(tmp_path)) == 2


def test_an_exercise_that_trains_nothing_is_passed_over(demo_course: Any) -> None:
    """There is nothing to calibrate, which is no error."""
    done = _calibrate(demo_course.root)

    assert done.exit_code == 0
    assert "trains anything" in done.stderr


@pytest.mark.skipif(bool(card.find()[0]), reason="this machine has a card")
def test_a_card_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    """Nothing is trained, and nothing that was measured is lost."""
    _write(tmp_path)
    before = _runs(tmp_path)

    done = _calibrate(tmp_path, "--device", "cuda")

    assert isinstance(done.exception, CellError)
    assert done.exception.exit_code == 3
    assert "no NVIDIA card" in str(done.exception)
    assert "--device auto" in str(done.exception)
    assert _runs(tmp_path) == before


@pytest.mark.parametrize(
    ("device", "name"),
    [
        ("cpu", "calibration-lenet.svg"),
        ("NVIDIA H100 80GB HBM3", "calibration-lenet-nvidia-h100-80gb-hbm3.svg"),
    ],
)
def test_each_kind_of_device_has_a_drawing_of_its_own(device: str, name: str) -> None:
    """That of a card does not take the place of the one for the CPU."""
    assert _plot_name(Key("lenet", "", "", "", device, "2.13")) == name
