"""On a node of the cluster: what one of Parsl's worker processes does for the batch.

The process keeps one judge with its warm worker and serves task after task with it. Verdicts are
durable in the journal, on the disk that head and nodes share, before anything is returned. What
crosses between head and node is one line of JSON each way: Parsl pickles its messages, and text
is all that there is to pickle. A student's code stands in it as text and runs in a cell only.
"""

from __future__ import annotations

import signal
import socket
from collections import Counter
from dataclasses import replace
from pathlib import Path

import msgspec

from grader import course, orders, pipeline, report
from grader.batch.journal import Journal
from grader.batch.judging import Job, Judge
from grader.batch.keys import exercise_digest
from grader.batch.texts import Texts
from grader.errors import AutogradeError, CellError, CourseError, UsageError
from grader.model import Device, HandIn, Isolation, Submission, TrainingMode

COURSE, USAGE, FAULT = "course", "usage", "fault"
"""Kinds of trouble; another node may not have the last one."""


class Setup(msgspec.Struct, frozen=True):
    """What all tasks of a batch have in common.

    Attributes:
        root: The course's folder.
        digests: What each exercise is judged with, by its id; the node has to see the same.
        level: Isolation wanted, or -1 for the best that the node gives.
        min_level: Isolation below which nothing is judged.
        training: What becomes of tests that train.
        device: Where they may do so.
        device_class: What the head has for that; the digests were made with it.
        out: The folder of the batch.
        holder: Text of the file in it that says who holds it.
    """

    root: Path
    digests: dict[str, str]
    level: int
    min_level: int
    training: TrainingMode
    device: Device
    device_class: str
    out: Path
    holder: str


class Piece(msgspec.Struct, frozen=True):
    """One exercise of the task's attempt: the hand-in and the place of its verdicts."""

    hand_in: HandIn
    path: Path


class Order(msgspec.Struct, frozen=True):
    """One task.

    Attributes:
        setup: See there.
        submission: The attempt, without its hand-ins.
        pieces: What of it is to be judged.
    """

    setup: Setup
    submission: Submission
    pieces: tuple[Piece, ...]


class Judged(msgspec.Struct, frozen=True, tag=True):
    """The task has ended; texts of the results that a fault of ours leaves open, by path."""

    open: dict[str, str]


class Weak(msgspec.Struct, frozen=True, tag=True):
    """Nothing was judged, because the node isolates too little."""

    isolation: Isolation


class Trouble(msgspec.Struct, frozen=True, tag=True):
    """Nothing more can be judged here.

    Attributes:
        kind: One of the three words above.
        where: See `AutogradeError`.
        what: See `AutogradeError`.
        what_now: See `AutogradeError`.
    """

    kind: str
    where: str
    what: str
    what_now: str = ""

    def error(self) -> AutogradeError:
        """Give it back as what it was on the node."""
        kinds = {COURSE: CourseError, USAGE: UsageError}
        return kinds.get(self.kind, CellError)(self.where, self.what, self.what_now)


Answer = Judged | Weak | Trouble


def to_text(message: Order | Answer) -> str:
    """Write a message as one line of JSON."""
    return msgspec.json.encode(message, enc_hook=orders.encode_other).decode()


def read_order(text: str) -> Order:
    """Read what the head sent."""
    return msgspec.json.decode(text, type=Order, dec_hook=orders.decode_other)


def read_answer(text: str) -> Answer:
    """Read what a node answered."""
    found: Answer = msgspec.json.decode(text, type=Answer, dec_hook=orders.decode_other)
    return found


class _TooWeakError(AutogradeError):
    """The node isolates less than the batch asks for."""

    def __init__(self, isolation: Isolation) -> None:
        self.isolation = isolation
        super().__init__("isolation", f"level {isolation.level} is too low")


class _Node:
    """The judge of this process, and the course as this node sees it."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._journal = Journal(setup.out)
        if self._journal.holder_text() != setup.holder:
            what = f"{socket.gethostname()} does not see what the head has written there."
            what_now = "Name a folder with --out on a disk that all nodes share."
            raise UsageError(str(setup.out), what, what_now)
        found = course.load_course(setup.root)
        self._exercises = {e.id: e for e in found.exercises if e.id in setup.digests}
        seen = {
            name: exercise_digest(one, setup.training, device=setup.device_class)
            for name, one in self._exercises.items()
        }
        if seen != setup.digests:
            what = f"{socket.gethostname()} sees another course than the head."
            raise UsageError(str(setup.root), what, "Put the course on a disk that all share.")

        def open_session() -> pipeline.Session:
            chosen = tuple(self._exercises.values())
            return pipeline.Session(found, chosen, level=setup.level, device=setup.device)

        def check(isolation: Isolation) -> None:
            if isolation.level < setup.min_level:
                raise _TooWeakError(isolation)

        self._judge = Judge(
            open_session, check, self._journal.keep, training=setup.training, faults=Counter()
        )

    def judge(self, order: Order) -> Judged:
        """Judge what no node has judged before."""
        jobs = [
            Job(
                replace(order.submission, hand_ins=(piece.hand_in,)),
                self._exercises[piece.hand_in.exercise_id],
                str(piece.path),
                Texts(),
            )
            for piece in order.pieces
            if self._journal.recall(piece.path, self._setup.min_level) is None
        ]
        left_open = self._judge.judge(jobs) if jobs else {}
        return Judged({str(path): report.result_text(grade) for path, grade in left_open.items()})


_nodes: list[_Node] = []
"""The one of this process, once it has served a task."""


def judge(text: str) -> str:
    """Serve one task; Parsl calls this in a worker process.

    Args:
        text: An `Order`.

    Returns:
        An `Answer`. Nothing is raised: an exception would be pickled.
    """
    from grader.cell import jail_calls  # of Linux alone, as clusters are

    # Whoever is killed takes this process along, and with it its worker and all cells.
    jail_calls.die_with_parent(signal.SIGKILL)
    order = read_order(text)
    try:
        if not _nodes:
            _nodes.append(_Node(order.setup))
        return to_text(_nodes[0].judge(order))
    except _TooWeakError as error:
        return to_text(Weak(error.isolation))
    except AutogradeError as error:
        kinds = {CourseError: COURSE, UsageError: USAGE}
        kind = kinds.get(type(error), FAULT)
        return to_text(Trouble(kind, error.where, error.what, error.what_now))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is our fault and is told
        what = f"{socket.gethostname()}: {type(error).__name__}: {error}"
        return to_text(Trouble(FAULT, "cluster", what))
