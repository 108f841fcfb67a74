"""The light process's end of a worker, without one that would have to import torch."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import client, orders
from grader.client import Worker
from grader.errors import CellError
from tests.patience import PATIENCE_S

SETUP = orders.Setup(Path("/nowhere"), (), 0, public_only=True)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that stands in Python's place; each test writes its own."""
    path = tmp_path / "python"
    path.touch(mode=0o755)
    monkeypatch.setattr(client.sys, "executable", str(path))
    return path


def test_a_worker_that_ends_is_an_error_of_ours_and_can_be_closed(program: Path) -> None:
    """Whether it goes before or after it has heard what to serve."""
    program.write_text("#!/bin/sh\nread line\n")
    worker = Worker(SETUP)
    with pytest.raises(CellError, match="ended unexpectedly"):
        worker.ready()
    worker.close()
    assert not worker.is_alive
    with pytest.raises(CellError, match="is closed"):
        worker.receive()


def test_a_worker_whose_pipes_are_closed_is_gone_when_that_is_told(program: Path) -> None:
    """The system closes them a moment before the process can be seen to have ended."""
    program.write_text("#!/bin/sh\nread line\nexec >&-\nexec <&-\nsleep 0.3\n")
    worker = Worker(SETUP)
    with pytest.raises(CellError, match="ended unexpectedly"):
        worker.receive()
    assert not worker.is_alive
    worker.close()


def test_an_answer_out_of_turn_is_not_taken_for_being_ready(program: Path) -> None:
    """Being done is no answer to what can be served."""
    program.write_text(
        "#!/bin/sh\nread line\necho '"
        + orders.to_line(orders.Done()).decode().strip()
        + "'\nread more\n"
    )
    worker = Worker(SETUP)
    with pytest.raises(CellError, match="out of turn"):
        worker.ready()
    worker.close()


def test_trouble_names_whose_fault_it_is(program: Path) -> None:
    """A suite that cannot be used is the course's."""
    trouble = orders.Trouble("course", "tests/hidden/x", "it has no test", "Write one.")
    program.write_text(
        "#!/bin/sh\nread line\necho '" + orders.to_line(trouble).decode().strip() + "'\nread more\n"
    )
    worker = Worker(SETUP)
    with pytest.raises(client.CourseError, match="it has no test"):
        worker.ready()
    worker.close()


def test_a_worker_that_does_not_hear_is_killed(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time that it has for closing its cells."""
    monkeypatch.setattr(client, "CLOSE_TIMEOUT_S", 0.1)
    program.write_text(f"#!/bin/sh\nexec sleep {PATIENCE_S:g}\n")
    worker = Worker(SETUP)
    worker.close()
    assert not worker.is_alive
