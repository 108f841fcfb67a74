"""Each misbehaving hand-in wins where nothing stands in its way; else it would prove nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.security.canaries import PREFIX, VARIABLE, plant
from tests.security.corpus import Entry, entries
from tests.security.target import MARKER, RIGHT, open_folder, write_target
from tests.security.weak import LARGE_MIB, POINTS

OUTSIDE = (Path("/tmp/results.json"), Path("/tmp/result.json"))
"""Where hand-ins write that hope for a grader of another make."""


class Weak:
    """The two harnesses, with canaries."""

    def __init__(self, root: Path) -> None:
        """Start the server."""
        course = root / "course"
        course.mkdir()
        self._course = write_target(course).root
        self._root = root
        self._count = 0
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.security.weak"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env=os.environ | {VARIABLE: f"{PREFIX}-weak", "OMP_NUM_THREADS": "1"},
            start_new_session=True,
            pass_fds=[],
        )

    def bites(self, entry: Entry | _Plain, harness: str) -> set[str]:
        """Return in which ways a hand-in wins."""
        self._count += 1
        was_there = {path for path in OUTSIDE if path.exists()}
        with plant() as canaries:
            canaries.remember()
            place = self._root / f"weak-{self._count}"
            values = canaries.values() | {
                "GRADER_PID": str(self._server.pid),
                "COURSE": str(self._course),
            }
            entry.lay_out(place, values)
            self._ask({"folder": str(place), "harness": harness})
            found = self._found(entry, place, json.loads(self._answer()))
            if canaries.touched():
                found.add("canary")
        for path in set(OUTSIDE) - was_there:
            path.unlink(missing_ok=True)
        for child in psutil.Process(self._server.pid).children(recursive=True):
            found.add("left")
            child.kill()
        return found

    def _found(self, entry: Entry | _Plain, place: Path, told: dict[str, Any]) -> set[str]:
        found = {name for name in ("hang", "left") if told[name]}
        if told["grown_mib"] > LARGE_MIB:
            found.add("memory")
        score = _score(place)
        if score is None:
            found.add("score")
        elif score > entry.points:
            found.add("points")
        said = (place / "output").read_text("utf-8", "replace")
        page = said + ((place / "page").read_text("utf-8") if (place / "page").exists() else "")
        if len(said) > 1 << 20:
            found.add("output")
        if _shows_too_much(entry, page):
            found.add("page")
        return found

    def _ask(self, order: dict[str, Any]) -> None:
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()

    def _answer(self) -> str:
        assert self._server.stdout is not None
        return self._server.stdout.readline()

    def close(self) -> None:
        """End the server."""
        self._server.kill()
        self._server.communicate()


def _score(place: Path) -> float | None:
    try:
        return float(json.loads((place / "results.json").read_bytes())["score"])
    except (OSError, ValueError, KeyError):
        pass
    for line in (place / "output").read_text("utf-8", "replace").splitlines():
        if line.startswith("SCORE "):
            return float(line.split()[1])
    return None


def _shows_too_much(entry: Entry | _Plain, page: str) -> bool:
    import jinja2
    import rich.console
    import rich.errors

    if len(page) > 1 << 20 or max(map(len, page.splitlines()), default=0) > 20_000:
        return True
    if MARKER in page or any(text in page for text in (*entry.absent, *entry.absent_page)):
        return True
    if entry.id == "report-template-markup":
        return "1337" in jinja2.Template(page).render()
    if entry.present:
        with rich.console.Console(width=200).capture() as shown:
            try:
                rich.console.Console(width=200).print(page)
            except rich.errors.MarkupError:
                return True
        return any(text not in shown.get() for text in entry.present)
    return False


@pytest.fixture(scope="session")
def weak() -> Iterator[Weak]:
    """Return the harnesses."""
    with open_folder() as folder:
        found = Weak(folder)
        yield found
        found.close()


def test_a_right_and_a_wrong_hand_in_win_nothing(weak: Weak, tmp_path: Path) -> None:
    """The harnesses themselves lose no score and give no point away."""
    wrong = "def curve(X):\n    return X\n"
    for source, points in ((RIGHT, sum(POINTS.values())), (wrong, 0)):
        assert weak.bites(_Plain(source, points), "same") == set()
        assert weak.bites(_Plain(source, 0), "believing") == set()
    assert weak.bites(_Plain(RIGHT, 7), "same") == {"points"}


class _Plain:
    """A hand-in that is not in the corpus."""

    id, present, absent, absent_page = "plain", (), (), ()

    def __init__(self, source: str, points: int) -> None:
        self.source = source
        self.points = points

    def lay_out(self, place: Path, values: Mapping[str, str]) -> Path:
        """Write it."""
        place.mkdir()
        (place / "target.py").write_text(self.source, "utf-8")
        return place


@pytest.mark.parametrize("hand_in", entries(), ids=lambda entry: entry.id)
def test_a_misbehaving_hand_in_wins_against_a_grader_without_defence(
    hand_in: Entry, weak: Weak
) -> None:
    """It takes points, loses the score, touches a canary, hangs, eats memory or acts on a page."""
    if hand_in.root and os.geteuid() != 0:
        pytest.skip("it needs a grader who is root")
    first, second = (
        ("believing", "same") if hand_in.category == "protocol" else ("same", "believing")
    )
    assert weak.bites(hand_in, first) or weak.bites(hand_in, second)
