"""A cluster by Parsl: the same tasks as `engine.py`, judged on nodes.

Parsl starts blocks (jobs of a scheduler) with worker processes in them and hands tasks out;
`node.py` is what runs there. A task whose worker or node is lost is handed out again, twice at
most, and what it had already made durable is not judged again. What a student's code does is a
verdict and comes back as one. A block that ends early is replaced; blocks that never come up end
the batch.
"""

from __future__ import annotations

import contextlib
import importlib.util
import queue
import re
import shutil
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from grader import report
from grader.batch import node, providers
from grader.batch.cluster_file import AnyCluster
from grader.batch.judging import TRIES, Finished, Job, open_grade
from grader.errors import AutogradeError, CellError, UsageError
from grader.model import Exercise, Isolation

FOLDER = "cluster"
"""Below the folder of the batch: Parsl's logs and job scripts, kept if something went wrong."""
_BEAT_S = 0.5
_BROKEN_BLOCKS = 3
"""So many blocks in a row that never came up are no accident."""
_VISIBLE_S = 90.0
"""How long a shared disk may take to show the head what a node has written."""
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_./@+,:=-]+")


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """How a batch uses its cluster.

    Attributes:
        cluster: What the file of `--engine-config` says.
        setup: What every node has to know.
        exercises: Whose cells have to fit into the memory of a node.
        check: Told the isolation of a node that gives too little; raises.
        beat: Called about twice a second while nothing else happens.
    """

    cluster: AnyCluster
    setup: node.Setup
    exercises: Sequence[Exercise]
    check: Callable[[Isolation], None]
    beat: Callable[[], None] = field(default=lambda: None)


@dataclass(frozen=True, slots=True)
class _Sent:
    task: tuple[Job, ...]
    attempt: int


class ClusterEngine:
    """Judges tasks on the nodes of a cluster."""

    def __init__(self, settings: ClusterSettings) -> None:
        """Start nothing yet.

        Raises:
            UsageError: If Parsl is not installed, or its scripts could not name the folder.
        """
        require_parsl()
        out = settings.setup.out
        if not _PLAIN_PATH.fullmatch(str(out)):
            what = "job scripts cannot name a folder with a space or another such character."
            raise UsageError(str(out), what, "Name another one with --out.")
        self._settings = settings
        self._folder = out / FOLDER
        self._workers = providers.workers_per_node(settings.cluster, settings.exercises)
        self._ended: queue.SimpleQueue[tuple[_Sent, Future[str]] | AutogradeError]
        self._ended = queue.SimpleQueue()
        self._broken = 0

    def run(self, tasks: Sequence[tuple[Job, ...]]) -> Generator[Finished, None, None]:
        """Judge everything; close the iterator to end early, which loses what is in flight.

        Args:
            tasks: What is judged together; none of them empty.

        Yields:
            Each task when all of it is durable or left open.

        Raises:
            AutogradeError: If the batch cannot go on.
        """
        waiting = deque(_Sent(task, 1) for task in tasks)
        in_flight = 0
        with self._parsl() as submit:
            while waiting or in_flight:
                while waiting and in_flight < self._window:
                    sent = waiting.popleft()
                    future = submit(node.to_text(self._order(sent.task)))
                    future.add_done_callback(partial(self._note, sent))
                    in_flight += 1
                sent, future = self._next()
                in_flight -= 1
                finished = self._finished(sent, future)
                if finished is None:
                    waiting.appendleft(replace(sent, attempt=sent.attempt + 1))
                else:
                    yield finished

    @property
    def _window(self) -> int:
        """Tasks that Parsl knows of: enough for it to keep every block, no more in memory."""
        nodes = getattr(self._settings.cluster, "nodes", 1) * self._settings.cluster.blocks
        return 2 * nodes * self._workers

    @contextlib.contextmanager
    def _parsl(self) -> Iterator[Callable[[str], Future[str]]]:
        """Start Parsl, give what submits a task, and end all of it."""
        from parsl import python_app
        from parsl.dataflow.dflow import DataFlowKernel

        kernel = DataFlowKernel(
            providers.configuration(
                self._settings.cluster, self._workers, self._folder, self._watch_blocks
            )
        )
        try:
            yield python_app(node.judge, data_flow_kernel=kernel, cache=False)
        finally:
            _end(kernel)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _order(self, task: tuple[Job, ...]) -> node.Order:
        pieces = tuple(node.Piece(job.whole.hand_ins[0], job.path) for job in task)
        attempt = replace(task[0].submission, hand_ins=())
        return node.Order(self._settings.setup, attempt, pieces)

    def _note(self, sent: _Sent, future: Future[str]) -> None:
        self._ended.put((sent, future))

    def _next(self) -> tuple[_Sent, Future[str]]:
        while True:
            try:
                ended = self._ended.get(timeout=_BEAT_S)
            except queue.Empty:
                self._settings.beat()
                continue
            if isinstance(ended, AutogradeError):
                raise ended
            return ended

    def _finished(self, sent: _Sent, future: Future[str]) -> Finished | None:
        """Say what became of a task; None if it has to be handed out again.

        Raises:
            AutogradeError: If the batch cannot go on.
        """
        from parsl.executors.errors import BadStateException

        lost = future.exception()
        if isinstance(lost, BadStateException):
            raise self._failure(str(lost))
        if lost is not None:
            return self._give_up(sent, str(lost))
        match node.read_answer(future.result()):
            case node.Judged(open=texts):
                self._broken = 0
                return self._judged(sent, texts)
            case node.Weak(isolation=isolation):
                self._settings.check(isolation)
                raise CellError("cluster", f"a node isolates too little ({isolation.reason})")
            case node.Trouble(kind=node.FAULT, what=what) as trouble:
                self._broken += 1
                if self._broken >= TRIES * max(2, self._window):
                    raise trouble.error()
                return self._give_up(sent, what)
            case node.Trouble() as trouble:
                raise trouble.error()

    def _judged(self, sent: _Sent, texts: dict[str, str]) -> Finished:
        left_open = {}
        for job in sent.task:
            text = texts.get(str(job.path))
            if text is None:
                _wait_for(job.path)
            else:
                left_open[job.path] = report.parse_result(text.encode(), job.path)
        return Finished(sent.task, left_open)

    def _give_up(self, sent: _Sent, why: str) -> Finished | None:
        if sent.attempt < TRIES:
            return None
        why = f"its worker was lost {TRIES} times ({why})"
        unjudged = [job for job in sent.task if not job.path.is_file()]
        return Finished(sent.task, {job.path: open_grade(job, why) for job in unjudged})

    def _watch_blocks(self, executor: Any, status: dict[str, Any]) -> None:
        """End the batch if blocks do not come up; Parsl calls this in a thread of its own."""
        del executor
        from parsl.jobs.states import JobState

        newest = [status[name] for name in sorted(status, key=int)][-_BROKEN_BLOCKS:]
        never_up = [one for one in newest if one.state is JobState.MISSING]
        if len(never_up) == _BROKEN_BLOCKS:
            said = next((one.stderr_summary or one.message for one in reversed(never_up)), "")
            self._ended.put(self._failure(said or "they said nothing"))

    def _failure(self, why: str) -> CellError:
        what = f"the blocks of the cluster do not come up: {' '.join(why.split())[-500:]}"
        return CellError("cluster", what, f"Logs and job scripts are in {self._folder}.")


def require_parsl() -> None:
    """Refuse to go on without Parsl.

    Raises:
        UsageError: If it is not installed.
    """
    if importlib.util.find_spec("parsl") is None:
        what = "Parsl, which speaks to clusters, is not installed."
        raise UsageError("--engine parsl", what, "Run `pip install autograde[cluster]`.")


def _end(kernel: Any) -> None:
    """End the blocks and everything that Parsl has started here."""
    executor = kernel.executors[providers.LABEL]
    kernel.cleanup()
    if executor.bad_state_is_set:
        # Parsl does not touch the blocks of an executor that it holds for broken.
        live = [job for block, job in executor.blocks_to_job_id.items()
                if not executor.status_facade[block].terminal]  # fmt: skip
        if live:
            executor.provider.cancel(live)


def _wait_for(path: Path) -> None:
    """Wait until this machine sees what a node has written.

    Raises:
        UsageError: If it never does.
    """
    ends_s = time.monotonic() + _VISIBLE_S
    while not path.is_file():
        if time.monotonic() > ends_s:
            what = "a node has written these verdicts, but they do not appear on this machine."
            what_now = "Name a folder with --out on a disk that all nodes share."
            raise UsageError(str(path), what, what_now)
        time.sleep(_BEAT_S)
        with contextlib.suppress(OSError):
            list(path.parent.iterdir())  # a network disk looks again
