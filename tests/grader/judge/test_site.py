"""Where recipes are trained."""

from __future__ import annotations

import pytest

from grader.judge import calibration, training
from grader.judge.recipes import RECIPES
from grader.judge.site import NoDeviceError, Place, Site
from grader.judge.threshold import RUNS
from grader.model import Device

CARD = "Made up"
HERE = Place(CARD, "1.0")
RECIPE = RECIPES["lenet"]


def _site(wanted: Device, card: str = CARD) -> Site:
    return Site(wanted, card, "1.0" if card else "", "" if card else "this run uses none")


@pytest.mark.parametrize(
    ("wanted", "meant", "places"),
    [
        (Device.AUTO, Device.CPU, (Place(),)),
        (Device.AUTO, Device.AUTO, (HERE, Place())),
        (Device.AUTO, Device.CUDA, (HERE,)),
        (Device.CUDA, Device.CPU, (Place(),)),
        (Device.CUDA, Device.AUTO, (HERE,)),
        (Device.CUDA, Device.CUDA, (HERE,)),
    ],
)
def test_with_a_card(wanted: Device, meant: Device, places: tuple[Place, ...]) -> None:
    """A recipe that no card can train stays where it is, whatever is asked for."""
    assert _site(wanted).places(meant, "LeNet") == places


def test_without_a_card() -> None:
    """All but what needs one is trained on the CPU; that is told."""
    site = _site(Device.AUTO, card="")
    assert site.places(Device.AUTO, "LeNet") == (Place(),)
    with pytest.raises(NoDeviceError, match="ResNet-18 needs a graphics card, and this run uses"):
        site.places(Device.CUDA, "ResNet-18")


def _calibrated(place: Place, runs: int) -> calibration.CalibrationFile:
    done = tuple(calibration.ReferenceRun(seed, 0.8, 1.0, ()) for seed in range(runs))
    entry = calibration.Entry(training.key_of(RECIPE, place), done)
    return calibration.CalibrationFile(calibration.SCHEMA, (entry,))


@pytest.mark.parametrize(
    ("known", "place"),
    [
        (_calibrated(HERE, RUNS), HERE),
        (_calibrated(HERE, RUNS - 1), Place()),
        (_calibrated(Place("Another"), RUNS), Place()),
        (_calibrated(Place(), RUNS), Place()),
    ],
    ids=["this card", "not finished", "another card", "a CPU"],
)
def test_a_card_is_preferred_only_where_it_is_calibrated(
    known: calibration.CalibrationFile, place: Place
) -> None:
    """A threshold from another kind of card would cost three runs of the reference each time."""
    assert training.place_of(RECIPE, _site(Device.AUTO), known) == place


def test_a_card_asked_for_by_name_is_used_uncalibrated() -> None:
    """To calibrate it, or to let the reference bear another card's threshold out."""
    nothing = calibration.CalibrationFile(calibration.SCHEMA, ())
    assert training.place_of(RECIPE, _site(Device.CUDA), nothing) == HERE


def test_limits_on_a_card() -> None:
    """A share of the card, and room for CUDA itself; on a CPU those of the recipe."""
    assert RECIPE.limits_at(Place()) == RECIPE.limits
    found = RECIPE.limits_at(HERE)
    assert found.gpu_memory_mib == RECIPE.gpu_memory_mib > 0
    assert found.memory_mib > RECIPE.limits.memory_mib
