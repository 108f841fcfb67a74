"""`autograde calibrate` on a small exercise: what is kept, resumed and refused."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from grader.cell import card
from grader.cli import app
from grader.commands.calibration import _keep, _Plan, _plot_name
from grader.errors import CellError, CourseError
from grader.judge import calibration, threshold
from grader.judge.calibration import Key
from grader.judge.recipes import RECIPES
from grader.model import TrainingAttempt, TrainingRecord
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
    monkeypatch.setattr(calibration, "RUNS", 2)
    shutil.rmtree(tmp_path / "tests" / "hidden" / "03-06-work" / "__pycache__", ignore_errors=True)
    (tmp_path / "tests" / "hidden" / "03-06-work" / "calibration.json").unlink()
    idle = RIGHT + "\ndef updater(batch_size):\n    W.grad = b.grad = None\n"
    (tmp_path / "solutions" / "03-06-work" / "work.py").write_text(idle, "utf-8")

    done = _calibrate(tmp_path)

    assert done.exit_code == 1
    assert "refused, because 2 of 2 runs of the reference have learnt nothing" in done.stdout
    assert len(_runs(tmp_path)) == 2


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("\ndef updater(batch_size):\n    raise ValueError\n", "error: Your code raised"),
        ("\ndef updater(batch_size):\n    raise SystemExit\n", "crashed: "),
    ],
    ids=["raises", "exits"],
)
def test_a_reference_that_cannot_be_trained_is_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str, told: str
) -> None:
    """It is told and nothing is kept, so that the same command runs the same seeds again."""
    _write(tmp_path)
    file = tmp_path / "tests" / "hidden" / "03-06-work" / "calibration.json"
    file.unlink()
    (tmp_path / "solutions" / "03-06-work" / "work.py").write_text(RIGHT + broken, "utf-8")

    done = _calibrate(tmp_path)

    assert isinstance(done.exception, CourseError)
    assert f"the reference could not be trained ({told}" in str(done.exception)
    assert not file.exists()


def test_a_reference_whose_numbers_break_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs that end in nan are kept as evidence; there is nothing to draw."""
    _write(tmp_path)
    for module in (threshold, calibration):
        monkeypatch.setattr(module, "RUNS", 2)
    file = tmp_path / "tests" / "hidden" / "03-06-work" / "calibration.json"
    file.unlink()
    broken = RIGHT + "\ndef cross_entropy(y_hat, y):\n    return (y_hat * torch.nan).sum(1)\n"
    (tmp_path / "solutions" / "03-06-work" / "work.py").write_text(broken, "utf-8")

    for _ in range(2):
        done = _calibrate(tmp_path)
        assert done.exit_code == 1, done.output
        assert "refused, because 2 of 2 runs of the reference have learnt nothing" in done.stdout
    assert [run["value"] for run in _runs(tmp_path)] == [None, None]


def test_two_calibrations_at_once_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of several devices write one file in turns, and a seed that comes twice counts once."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    found = _write(tmp_path).exercises[0]
    (found.hidden_dir / "calibration.json").unlink()
    recipe = RECIPES["softmax-regression"]
    record = TrainingRecord("softmax-regression", "", "accuracy", "", "", "", "", 1)

    def write(device: str) -> None:
        key = Key(recipe.name, recipe.sha256, recipe.data, recipe.data_sha256, device, "2.13")
        plan = _Plan(found, None, "", key, recipe.rule)  # type: ignore[arg-type]
        for seed in (*range(8), 3):
            attempt = TrainingAttempt(seed, 0.77 + seed / 1000, 1.0, ())
            _keep(found.hidden_dir, plan, seed, replace(record, attempts=(attempt,)))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, ("cpu", "A", "B", "C")))
    entries = calibration.read(found.hidden_dir).entries

    assert sorted(entry.key.device for entry in entries) == ["A", "B", "C", "cpu"]
    assert all([run.seed for run in entry.runs] == list(range(8)) for entry in entries)


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
