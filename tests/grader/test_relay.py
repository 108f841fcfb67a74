"""A child's answers pass through the worker, and it ends with its input or its time."""

from __future__ import annotations

import io
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from grader import orders, relay
from grader.orders import Answer

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
ANSWERS = (orders.Trouble("fault", "first", "one"), orders.Trouble("fault", "second", "two"))


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """The two ends of a pipe that stands for the worker's input."""
    ends = os.pipe()
    yield ends
    for fd in ends:
        try:
            os.close(fd)
        except OSError:
            continue


ORDER = orders.Setup(Path("course"), (), 3, public_only=False)


class _Parent:
    """A worker with a child, as far as answers go."""

    def __init__(self, work: relay.Work, ends: tuple[int, int]) -> None:
        self.out = io.BytesIO()
        self.steps = iter([None] * 9)
        self.apart = relay.Apart(work, relay.Lines(ends[0]), self.out, self.steps)

    def do(
        self, submission: str = "", patience_s: float = 60, *, is_last: bool = False
    ) -> orders.Trouble | None:
        return self.apart.do(ORDER, patience_s, submission=submission, is_last=is_last)

    @property
    def answers(self) -> list[Answer]:
        return [orders.read_answer(line) for line in self.out.getvalue().splitlines()]

    @property
    def forks(self) -> int:
        return 9 - len(list(self.steps))


@pytest.fixture
def parent(pipe: tuple[int, int]) -> Iterator[Callable[[relay.Work], _Parent]]:
    """Makes a parent, and ends its child."""
    made = []

    def make(work: relay.Work) -> _Parent:
        made.append(_Parent(work, pipe))
        return made[-1]

    yield make
    for one in made:
        one.apart.end()


Make = Callable[[relay.Work], _Parent]


def _process(_: orders.Order) -> Iterator[Answer]:
    """Tell which process it is, and how much it has done."""
    _DONE_HERE.append(1)
    yield orders.Trouble(str(os.getpid()), str(len(_DONE_HERE)), "")


_DONE_HERE: list[int] = []


def test_answers_come_in_their_order_and_from_another_process(parent: Make) -> None:
    """Nothing that the work does stays behind."""
    seen: list[orders.Order] = []

    def work(order: orders.Order) -> Iterator[Answer]:
        seen.append(order)
        assert order == ORDER
        yield from ANSWERS

    found = parent(work)
    assert found.do() is None
    assert found.answers == list(ANSWERS)
    assert seen == []


def test_a_child_stays_for_what_is_about_the_same_submission(parent: Make) -> None:
    """What is about another one gets a child that has done nothing yet; after the last it goes."""
    found = parent(_process)
    children = []
    for submission, is_last in (("ada", False), ("ada", False), ("bob", True), ("bob", False)):
        assert found.do(submission, is_last=is_last) is None
        (*_, told) = found.answers
        assert isinstance(told, orders.Trouble)
        children.append((int(told.kind), told.where))
        assert Path("/proc", told.kind).exists() is not is_last
    (ada, _), _, (bob, _), (again, _) = children
    assert children == [(ada, "1"), (ada, "2"), (bob, "1"), (again, "1")]
    assert len({ada, bob, again, os.getpid()}) == 4
    assert not Path("/proc", str(ada)).exists()
    assert found.forks == 3


def test_what_was_answered_before_an_early_end_is_kept(parent: Make) -> None:
    """And the end is told, whether by an exception or by a signal; the next order is done."""

    def raising(_: orders.Order) -> Iterator[Answer]:
        yield ANSWERS[0]
        raise ValueError

    def dying(_: orders.Order) -> Iterator[Answer]:
        yield ANSWERS[0]
        os.kill(os.getpid(), signal.SIGKILL)

    for work, status in ((raising, "1"), (dying, "-9")):
        found = parent(work)
        for _ in range(2):
            trouble = found.do("ada")
            assert trouble is not None
            assert trouble.what == f"the judge of this exercise ended early ({status})"
        assert found.answers == [ANSWERS[0]] * 2
        assert found.forks == 2


def test_half_a_line_of_a_child_that_ended_is_no_answer(parent: Make) -> None:
    """Whatever is said next would stand on the same line."""

    def work(_: orders.Order) -> Iterator[Answer]:
        orders.to_line = lambda _: b'{"type": "Judg'  # in the child
        yield ANSWERS[0]
        os._exit(3)

    found = parent(work)
    trouble = found.do()
    assert trouble is not None
    assert "ended early (3)" in trouble.what
    assert found.out.getvalue() == b""


def test_a_child_that_ended_between_two_orders_is_told_of(parent: Make) -> None:
    """The order was not done; the next one finds a new child."""
    found = parent(_process)
    assert found.do("ada") is None
    (first,) = found.answers
    assert isinstance(first, orders.Trouble)
    os.kill(int(first.kind), signal.SIGKILL)
    trouble = found.do("ada")
    assert trouble is not None
    assert "ended early (-9)" in trouble.what
    assert found.do("ada") is None
    assert found.forks == 2


def test_a_child_that_is_not_done_in_time_is_ended(parent: Make) -> None:
    """The worker waits for nobody for ever."""

    def work(_: orders.Order) -> Iterator[Answer]:
        time.sleep(600)
        yield ANSWERS[0]

    found = parent(work)
    trouble = found.do(patience_s=0.2)
    assert not found.answers
    assert trouble is not None
    assert "was not done after 0 s" in trouble.what


def test_the_end_of_the_input_ends_the_child(parent: Make, pipe: tuple[int, int]) -> None:
    """Nobody is left who would read its answers."""

    def work(_: orders.Order) -> Iterator[Answer]:
        time.sleep(600)
        yield ANSWERS[0]

    found = parent(work)
    os.close(pipe[1])
    started_s = time.monotonic()
    trouble = found.do()
    assert trouble is not None
    assert "ended early (-9)" in trouble.what
    assert time.monotonic() - started_s < 60


def test_a_child_is_ended_whatever_it_does(pipe: tuple[int, int]) -> None:
    """Where nobody takes its answers any more, nobody waits for the next one."""

    class Gone(io.BytesIO):
        def write(self, _: object) -> int:
            raise BrokenPipeError

    def work(_: orders.Order) -> Iterator[Answer]:
        yield orders.Trouble("fault", str(os.getpid()), "")
        time.sleep(600)

    apart = relay.Apart(work, relay.Lines(pipe[0]), Gone(), iter(()))
    before = {child.pid for child in psutil.Process().children()}
    started_s = time.monotonic()
    with pytest.raises(BrokenPipeError):
        apart.do(ORDER, 60)
    apart.end()
    assert {child.pid for child in psutil.Process().children()} == before
    assert time.monotonic() - started_s < 60


def test_a_long_order_and_a_long_answer_pass(parent: Make) -> None:
    """Both are longer than a pipe holds."""
    long = "x" * 1_000_000

    def work(order: orders.Order) -> Iterator[Answer]:
        assert isinstance(order, orders.Setup)
        yield orders.Trouble("fault", "here", str(order.root))

    found = parent(work)
    order = orders.Setup(Path(long), (), 3, public_only=False)
    assert found.apart.do(order, 60) is None
    assert found.answers == [orders.Trouble("fault", "here", long)]


def test_lines_are_whole_however_they_come(pipe: tuple[int, int]) -> None:
    """Read here or by a thread, one after the other, and then nothing."""
    os.write(pipe[1], b"one\ntw")
    lines = relay.Lines(pipe[0])
    assert lines.next_line() == b"one"
    os.write(pipe[1], b"o\nthree\nhalf")
    assert lines.next_line() == b"two"
    watched = relay.WatchedLines(lines, grace_s=10**8)  # after which it ends this process
    assert watched.next_line() == b"three"
    os.close(pipe[1])
    assert watched.next_line() is None
