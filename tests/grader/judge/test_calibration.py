"""Stored calibrations: round trips, what fits what, and the evidence of the course itself."""

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ET
from pathlib import Path

import msgspec
import pytest

from grader import course
from grader.errors import CourseError
from grader.judge import calibration, plot
from grader.judge.calibration import CalibrationFile, Entry, Key, ReferenceRun
from grader.judge.recipes import RECIPES
from grader.judge.threshold import ACCURACY_OF_TEN, RUNS, unusable

ROOT = Path(__file__).parents[3]
KEY = Key("mlp", "a" * 64, "small", "b" * 64, "cpu", "2.13")
CALIBRATED = sorted((ROOT / "tests" / "hidden").glob("*/calibration.json"))


def _entry(count: int = RUNS, key: Key = KEY) -> Entry:
    runs = (ReferenceRun(n, 0.8 + n / 1000, 1.5, (2.0, 1.0 + n / 100)) for n in range(count))
    return Entry(key, tuple(runs), {"metric": "accuracy"})


def _file(*entries: Entry) -> CalibrationFile:
    return CalibrationFile(calibration.SCHEMA, entries)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """Every value survives, one run a line."""
    file = _file(_entry(), _entry(3, msgspec.structs.replace(KEY, torch="2.12")))
    (tmp_path / calibration.FILE_NAME).write_text(calibration.to_text(file), "utf-8")

    assert calibration.read(tmp_path) == file


def test_a_missing_file_holds_nothing(tmp_path: Path) -> None:
    """An exercise that was never calibrated has no entries, which is no error."""
    assert calibration.read(tmp_path).entries == ()


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    """A file that is none is the author's to mend."""
    (tmp_path / calibration.FILE_NAME).write_text('{"schema": "other"}', "utf-8")

    with pytest.raises(CourseError, match=calibration.FILE_NAME):
        calibration.read(tmp_path)


def test_an_entry_is_replaced_by_its_key() -> None:
    """More runs of the same key take the place of fewer; other keys stay."""
    other = _entry(2, msgspec.structs.replace(KEY, device="gpu"))
    file = calibration.replaced(_file(_entry(1), other), _entry(2))

    assert file.entries == (other, _entry(2))


def test_runs_of_a_changed_recipe_give_way() -> None:
    """What was measured before a recipe changed is worth nothing; other devices stay."""
    before = _entry(key=msgspec.structs.replace(KEY, recipe_sha256="c" * 64))
    elsewhere = _entry(2, msgspec.structs.replace(KEY, device="gpu"))

    assert calibration.replaced(_file(before, elsewhere), _entry(1)).entries == (
        elsewhere,
        _entry(1),
    )


@pytest.mark.parametrize(
    ("stored", "fits", "exactly"),
    [
        (_entry(), True, True),
        (_entry(RUNS - 1), False, False),
        (_entry(key=msgspec.structs.replace(KEY, torch="2.12")), True, False),
        (_entry(key=msgspec.structs.replace(KEY, device="gpu")), True, False),
        (_entry(key=msgspec.structs.replace(KEY, data_sha256="c" * 64)), False, False),
        (_entry(key=msgspec.structs.replace(KEY, recipe_sha256="c" * 64)), False, False),
    ],
    ids=["same", "unfinished", "torch", "device", "data", "recipe"],
)
def test_what_a_calibration_may_stand_for(stored: Entry, *, fits: bool, exactly: bool) -> None:
    """Recipe and data have to be the same; device and version may be checked."""
    entry, exact = _file(stored).usable(KEY, ACCURACY_OF_TEN)

    assert (entry is not None, exact) == (fits, exactly)


def test_the_closest_calibration_counts() -> None:
    """The same device is closer than the same version, and either than neither."""
    exact, device, version, neither = (
        _entry(key=msgspec.structs.replace(KEY, **changed))
        for changed in ({}, {"torch": "2.12"}, {"device": "gpu"}, {"device": "gpu", "torch": "1"})
    )

    def found(*entries: Entry) -> tuple[Entry | None, bool]:
        return _file(*entries).usable(KEY, ACCURACY_OF_TEN)

    assert found(device, exact, version) == (exact, True)
    assert found(device, version, neither) == (device, False)
    assert found(neither, version) == (version, False)
    assert found(version, neither) == (version, False)
    later = msgspec.structs.replace(device, key=msgspec.structs.replace(KEY, torch="2.11"))
    assert found(device, later) == (later, False)


def test_no_threshold_stands_on_refused_or_repeated_runs() -> None:
    """A refused calibration hides no good one, and a seed that is there twice counts once."""
    dead = msgspec.structs.replace(_entry().runs[0], value=None)
    refused = msgspec.structs.replace(_entry(), runs=(dead, *_entry().runs[1:]))
    good = _entry(key=msgspec.structs.replace(KEY, device="gpu"))
    half = msgspec.structs.replace(_entry(), runs=_entry(RUNS // 2).runs * 2)

    assert _file(good, refused).usable(KEY, ACCURACY_OF_TEN) == (good, False)
    assert _file(refused).usable(KEY, ACCURACY_OF_TEN) == (None, False)
    assert _file(half).usable(KEY, ACCURACY_OF_TEN) == (None, False)
    assert calibration.summary(refused.values, ACCURACY_OF_TEN) == {}


def test_the_band_holds_every_curve() -> None:
    """At each point the lowest and the highest loss of all runs."""
    assert _entry(3).band() == ((2.0, 2.0), (1.0, 1.02))


def test_the_drawing_is_an_svg_with_a_dot_a_run() -> None:
    """It needs nothing but itself, and shows each run."""
    drawn = ET.fromstring(plot.draw(_entry(), ACCURACY_OF_TEN))

    assert len(drawn.findall("{http://www.w3.org/2000/svg}circle")) == RUNS


@pytest.mark.parametrize("path", CALIBRATED, ids=[path.parent.name for path in CALIBRATED])
def test_the_course_stands_on_its_evidence(path: Path) -> None:
    """Stored runs belong to the recipe of today, are complete, and README and stub tell them."""
    folder = ROOT / "assignments" / path.parent.name
    (stub,) = (file for file in folder.glob("*.py") if file.stem not in ("driver", "test_public"))
    told = [file.read_text("utf-8") for file in (folder / "README.md", stub)]
    for entry in calibration.read(path.parent).entries:
        recipe = RECIPES[entry.key.recipe]
        found = entry.bounds(recipe.rule)
        said = [
            recipe.rule.metric.show(value).removesuffix(" %")
            for value in (found.threshold, found.floor, found.worst, found.best)
        ]
        assert (entry.key.recipe_sha256, entry.key.data_sha256) == (
            recipe.sha256,
            recipe.data_sha256,
        )
        assert len(entry.runs) == RUNS
        assert not unusable(entry.values, recipe.rule)
        assert all(number in text for text in told for number in said), said
        assert (path.parent / f"calibration-{entry.key.recipe}.svg").read_text(
            "utf-8"
        ) == plot.draw(entry, recipe.rule)


def test_every_exercise_that_trains_is_calibrated() -> None:
    """A suite that names a recipe has runs of its reference beside it."""
    for exercise in course.load_course(ROOT).exercises:
        text = exercise.hidden_suite.read_text("utf-8")
        named = {name for name in RECIPES if f'training("{name}")' in text}
        stored = {entry.key.recipe for entry in calibration.read(exercise.hidden_dir).entries}
        assert named == stored, exercise.id


def test_bounds_are_a_plain_record() -> None:
    """What is summed up for people is what the judge derives."""
    values = _entry().values
    summary = calibration.summary(values, ACCURACY_OF_TEN)
    found = dataclasses.asdict(_entry().bounds(ACCURACY_OF_TEN))

    assert {name: summary[name] for name in found} == pytest.approx(found, abs=1e-5)
