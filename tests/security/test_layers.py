"""Each layer is taken out alone: then some attack gets through that was stopped before.

Where two layers cover each other, both are taken out. So no layer is there for show, and the
hand-ins of the corpus would notice if one were lost.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from grader import pipeline
from grader.cell import levels
from tests.security import target, weakened
from tests.security.canaries import PREFIX, VARIABLE, plant
from tests.security.corpus import Entry, entries
from tests.security.ward import Examined, Ward, complaints

ENTRIES = {entry.id: entry for entry in entries()}
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Layer:
    """What is taken out together, and the hand-ins that then get through.

    Attributes:
        level: Of the jail.
        out: Names of layers.
        wins: Hand-ins that are no longer stopped.
        still: Hand-ins that are stopped all the same, by what is left.
    """

    level: int
    out: tuple[str, ...]
    wins: tuple[str, ...]
    still: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return its name in reports."""
        return f"level {self.level} without {' and '.join(self.out)}"


LAYERS = (
    Layer(2, ("landlock",), ("read-reference-by-path", "read-secret-file", "others-shared-places")),
    Layer(
        2,
        ("seccomp",),
        ("net-every-family", "exhaust-forks", "escape-clone", "others-file-locks"),
        ("net-server-of-the-grader",),
    ),
    Layer(
        3,
        ("landlock",),
        (),
        ("read-reference-by-path", "read-secret-file", "others-shared-places"),
    ),
    Layer(
        3,
        ("landlock", "seccomp"),
        ("net-every-family", "others-file-locks"),
        ("net-server-of-the-grader", "net-named-socket", "read-secret-file", "others-warm-process"),
    ),
    Layer(
        2,
        ("landlock", "seccomp"),
        ("net-server-of-the-grader", "net-named-socket", "others-signals", "others-warm-process"),
    ),
    Layer(2, ("seccomp", "rlimit file size"), ("exhaust-memory-memfd",)),
    Layer(2, ("rlimit address space",), ("exhaust-address-space",), ("exhaust-memory-bytes",)),
    Layer(2, ("rlimit address space", "watchdog"), ("exhaust-memory-bytes",)),
    Layer(2, ("rlimit open files",), ("exhaust-descriptors",)),
    Layer(2, ("rlimit file size",), (), ("exhaust-disk",)),
    Layer(2, ("rlimit file size", "scratch measure"), ("exhaust-disk",)),
    Layer(2, ("scratch measure",), ("exhaust-memory-scratch",)),
    Layer(3, ("rlimit threads",), (), ("exhaust-threads",)),
    Layer(3, ("rlimit threads", "watchdog"), ("exhaust-threads",)),
    Layer(2, ("rlimit CPU time",), ("exhaust-cpu",)),
    Layer(2, ("watchdog",), ("exhaust-output", "exhaust-threads")),
    Layer(2, ("deadline",), ("hang-sleep",)),
    Layer(2, ("sequence numbers",), ("protocol-wrong-sequence",)),
    Layer(2, ("checks of lengths",), ("protocol-huge-head",)),
    Layer(2, ("checks of heads",), ("protocol-bad-utf8",)),
    Layer(2, ("guarded reading",), ("protocol-value-too-deep", "protocol-changes-not-listed")),
    Layer(2, ("unchanged questions",), ("forge-question-changed", "forge-question-emptied")),
    Layer(
        2,
        ("reading of names",),
        (),
        ("game-forbidden-by-getattr",),
    ),
    Layer(2, ("watch on operators",), ("game-forbidden-by-getattr",), ("game-forbidden-by-name",)),
    Layer(2, ("reading of names", "watch on operators"), ("game-forbidden-by-name",)),
    Layer(2, ("known names only",), ("read-input-by-class-name",)),
    Layer(2, ("withheld messages",), ("read-input-by-message",)),
)
WINS = [(layer, name) for layer in LAYERS for name in layer.wins]
STILL = [(layer, name) for layer in LAYERS for name in layer.still]


class Bench:
    """One weakened session a level, whose layers come and go."""

    def __init__(self, scratch: Path, stack: ExitStack) -> None:
        """Start nothing yet."""
        self._scratch = scratch
        self._stack = stack
        self._wards: dict[int, Ward] = {}

    def try_out(self, level: int, layers: tuple[str, ...], entry: Entry) -> Examined:
        """Grade a hand-in while layers are out."""
        ward = self._ward(level)
        control = self._control(level) / "layers"
        control.write_text(",".join(layers), "ascii")
        try:
            return ward.examine(entry)
        finally:
            control.write_text("", "ascii")

    def _control(self, level: int) -> Path:
        return self._scratch / f"control-{level}"

    def _ward(self, level: int) -> Ward:
        if level in self._wards:
            return self._wards[level]
        reason, _ = levels.why_not(level)
        if reason:
            pytest.skip(f"no level {level} here: {reason}")
        control = self._control(level)
        control.mkdir()
        (control / "layers").write_text("", "ascii")
        root = self._scratch / f"course-{level}"
        root.mkdir()
        self._wards[level] = self._stack.enter_context(
            Ward(
                target.write_target(root, quick=True),
                level,
                self._stack.enter_context(plant()),
                self._scratch,
                start=lambda course, wanted: _weakened_session(course, wanted, control),
            )
        )
        return self._wards[level]


def _weakened_session(course: pipeline.Course, level: int, control: Path) -> pipeline.Session:
    """Return a session whose worker is the weakened one."""
    start = subprocess.Popen

    def started(command: list[str], **options: object) -> object:
        script = [sys.executable, weakened.HERE, "worker", str(control)]
        environment = {**os.environ, **options.pop("env", {}), "PYTHONPATH": str(ROOT)}
        return start(script, env=environment, **options)

    with pytest.MonkeyPatch.context() as patch:
        fake = SimpleNamespace(**vars(subprocess) | {"Popen": started})
        patch.setattr(pipeline, "subprocess", fake)
        return pipeline.Session(course, course.exercises, level=level)


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    """Return the weakened sessions."""
    os.environ.setdefault(VARIABLE, f"{PREFIX}-layers")
    with ExitStack() as stack:
        yield Bench(stack.enter_context(target.open_folder()), stack)


@pytest.mark.parametrize(("layer", "name"), WINS, ids=[f"{la}-{n}" for la, n in WINS])
def test_without_a_layer_an_attack_gets_through(layer: Layer, name: str, bench: Bench) -> None:
    """There is a complaint; with the layer in place the corpus finds none."""
    entry = ENTRIES[name]
    assert complaints(entry, bench.try_out(layer.level, layer.out, entry))


@pytest.mark.parametrize("name", ["read-secret-file", "exhaust-threads", "forge-question-changed"])
def test_with_every_layer_in_place_the_same_session_stops_attacks(name: str, bench: Bench) -> None:
    """It is the missing layer that makes the difference, not the way in which it is taken out."""
    assert not complaints(ENTRIES[name], bench.try_out(2, (), ENTRIES[name]))


@pytest.mark.parametrize(("layer", "name"), STILL, ids=[f"{la}-{n}" for la, n in STILL])
def test_without_a_layer_another_one_still_holds(layer: Layer, name: str, bench: Bench) -> None:
    """Defence in depth: what is left stops the attack."""
    found = bench.try_out(layer.level, layer.out, ENTRIES[name])
    assert found.grade is not None
    assert found.grade.score is not None
    assert found.grade.score <= ENTRIES[name].points
    assert not found.touched


HERE = (
    ("escapes in text", "grader.report.text._escape", lambda text: text, "report-escapes"),
    (
        "names in archives",
        "grader.collect.archive.check_name",
        lambda name, limits: tuple(name.split("/")),
        "intake-zip-with-parent-names",
    ),
)


@pytest.mark.parametrize(("layer", "place", "patch", "name"), HERE, ids=[item[0] for item in HERE])
def test_without_a_layer_of_the_light_process_an_attack_gets_through(
    layer: str, place: str, patch: object, name: str, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Intake and reports run in this very process."""
    assert not complaints(ENTRIES[name], bench.try_out(2, (), ENTRIES[name]))
    monkeypatch.setattr(place, patch)
    assert complaints(ENTRIES[name], bench.try_out(2, (), ENTRIES[name]))


def test_without_escaping_markup_reaches_the_page(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The templates escape by default; switched off, a script would run."""
    import jinja2

    from grader.report import html

    real, entry = jinja2.Environment, ENTRIES["report-markup"]
    monkeypatch.setattr(jinja2, "Environment", lambda **o: real(**o | {"autoescape": False}))
    html._environment.cache_clear()
    try:
        assert complaints(entry, bench.try_out(2, (), entry))
    finally:
        html._environment.cache_clear()
