"""Every misbehaving hand-in bites where nothing stops it, or the corpus proves nothing.

The weak harness runs a hand-in beside its tests, in one process, with no jail; what `bites` in
`expected.json` says must be seen there. What merely is right or wrong must not bite.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.security.canaries import plant, variable
from tests.security.corpus import Entry, entries
from tests.security.target import POINTS, RIGHT, write_target
from tests.security.weak.harness import Bitten, Harness

LANES = 2
ALIVE = [pytest.param(entry, entry.how, id=entry.id) for entry in entries()]
PLAIN = {
    "zeros": "import torch\ndef curve(X):\n    return torch.zeros_like(X)\n",
    "the question": "def curve(X):\n    return X\n",
    "constant": "import torch\ndef curve(X):\n    return torch.full((3, 4), 1.5)\n",
    "no function": "x = 1\n",
    "raises": "def curve(X):\n    raise ValueError('not yet')\n",
    "other words": "def words(n):\n    return ['a'] * n\n",
    "no parts": "def parts(X):\n    yield from ()\n",
}


class Lanes:
    """Weak harnesses side by side: one hand-in sleeps while another works."""

    def __init__(self, scratch: Path, stack: contextlib.ExitStack) -> None:
        self._found: dict[tuple[str, str], Future[Bitten]] = {}
        self._pools = []
        self._harnesses = []
        for lane in range(LANES):
            pool = ThreadPoolExecutor(1, thread_name_prefix=f"weak{lane}")
            stack.callback(pool.shutdown, cancel_futures=True)
            root = scratch / f"course-{lane}"
            root.mkdir()
            course = write_target(root)
            canaries = stack.enter_context(plant())
            harness = Harness(course.root, canaries, scratch / f"place-{lane}")
            self._harnesses.append(stack.enter_context(harness))
            self._pools.append(pool)

    def plan(self, entry: Entry, how: str) -> Future[Bitten]:
        lane = len(self._found) % LANES
        task = self._pools[lane].submit(self._harnesses[lane].hand_in, entry, how)
        self._found[entry.id, how] = task
        return task

    def found(self, entry: Entry, how: str) -> Bitten:
        return self._found[entry.id, how].result()


@pytest.fixture(scope="module")
def lanes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lanes]:
    """Return the weak harnesses, at work on all hand-ins that were selected."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(variable())
        found = Lanes(tmp_path_factory.mktemp("weak"), stack)
        for item in request.session.items:
            callspec = getattr(item, "callspec", None)
            if callspec is not None and {"entry", "how"} <= set(callspec.params):
                found.plan(callspec.params["entry"], callspec.params["how"])
        yield found


@pytest.mark.parametrize(("entry", "how"), ALIVE)
def test_a_misbehaving_hand_in_bites_the_weak_harness(entry: Entry, how: str, lanes: Lanes) -> None:
    """It wins in the way that it says."""
    if entry.root and os.geteuid() != 0:
        pytest.skip("it bites nobody but root")
    bitten = lanes.found(entry, how)
    assert entry.bites in bitten.ways, f"{sorted(bitten.ways)}: {bitten.said}"


@pytest.mark.parametrize("how", ["beside", "channel"])
@pytest.mark.parametrize("name", ["right", *PLAIN])
def test_what_is_merely_right_or_wrong_bites_nobody(
    name: str, how: str, lanes: Lanes, tmp_path: Path
) -> None:
    """A control: the bites are the attacks', not the harness's."""
    (tmp_path / "hand-in").mkdir()
    (tmp_path / "hand-in" / "target.py").write_text(PLAIN.get(name, RIGHT), "utf-8")
    due = POINTS if name == "right" else 0
    control = Entry(str(tmp_path / "hand-in"), "control", "own", points=due)
    bitten = lanes.plan(control, how).result()
    assert not bitten.ways, bitten.said
    assert bitten.said.startswith(f"{due}"), bitten.said
