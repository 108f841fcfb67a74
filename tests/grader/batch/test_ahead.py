"""Work that is done in forked children: in order, told honestly, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from grader.batch import ahead
from grader.batch.ahead import in_children
from tests.patience import PATIENCE_S

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="there is no `fork` to rely on"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]


@pytest.fixture(autouse=True)
def shares_of_three(monkeypatch: pytest.MonkeyPatch, alone: None) -> None:
    """Few items make several children."""
    monkeypatch.setattr(ahead, "SHARE", 3)


def test_children_do_the_work_and_the_first_is_left_to_the_caller(tmp_path: Path) -> None:
    """Every item comes in its order; a share has one process of its own."""

    def do(item: int) -> bytes:
        (tmp_path / str(item)).touch()
        return f"{item} {os.getpid()}".encode()

    (first, nothing), *found = in_children(range(8), do, 2)
    assert (first, nothing) == (0, None)
    told = [(done or b"").decode().split() for _, done in found]
    assert [(item, int(number)) for (item, _), (number, _) in zip(found, told, strict=True)] == [
        (item, item) for item in range(1, 8)
    ]
    makers = [pid for _, pid in told]
    assert len({*makers, str(os.getpid())}) == 4
    assert len({*makers[:3]}) == len({*makers[3:6]}) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == list("1234567")


def test_no_more_run_side_by_side_than_are_allowed() -> None:
    """Items are made no further ahead than the children that can take them."""
    others = len(psutil.Process().children())
    most = 0

    def watched() -> Iterator[int]:
        nonlocal most
        for item in range(16):
            most = max(most, len(psutil.Process().children()) - others)
            yield item

    assert len(list(in_children(watched(), lambda item: time.sleep(0.02) or b"", 2))) == 16
    assert most == 2


@pytest.mark.parametrize("how", ["raise", "kill"])
def test_a_child_that_fails_has_done_nothing(how: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Its share is left to the caller, who meets the error where it can be told."""

    def do(item: int) -> bytes:
        if item == 5 and how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if item == 5:
            raise OSError
        return b""

    found = dict(in_children(range(8), do, 2))
    assert [item for item, done in found.items() if done is None] == [0, 4, 5, 6]
    assert capfd.readouterr() == ("", "")


def test_whoever_gives_up_waits_for_what_is_in_the_works(tmp_path: Path) -> None:
    """Nothing is left running, and no file half written."""

    def do(item: int) -> bytes:
        time.sleep(0.05)
        (tmp_path / str(item)).touch()
        return b""

    before = psutil.Process().children()
    running = in_children(range(20), do, 2)
    assert [next(running) for _ in range(2)] == [(0, None), (1, b"")]
    running.close()
    assert psutil.Process().children() == before
    assert len(list(tmp_path.iterdir())) % 3 == 0


def test_beside_a_thread_nothing_is_forked() -> None:
    """It might hold a lock that nobody would give back in a child."""
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    try:
        found = list(in_children(range(8), lambda _: b"", 2))
        assert found == [(item, None) for item in range(8)]
    finally:
        end.set()
        thread.join()


def test_children_die_with_their_parent(tmp_path: Path) -> None:
    """Otherwise they would hold the lock of the folder when the same command is given again."""
    program = (
        "import pathlib, sys, time\n"
        "from grader.batch.ahead import in_children\n"
        "def do(item):\n"
        "    pathlib.Path(sys.argv[1], str(item)).touch()\n"
        f"    time.sleep({PATIENCE_S:g})\n"
        "    return b''\n"
        "list(in_children(range(200), do, 2))\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)])
    deadline_s = time.monotonic() + PATIENCE_S
    while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < deadline_s:
        time.sleep(0.02)
    children = psutil.Process(parent.pid).children()
    assert len(children) == 2
    parent.kill()
    parent.wait()
    _, alive = psutil.wait_procs(children, timeout=PATIENCE_S)
    assert alive == []
