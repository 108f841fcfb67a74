"""Where the cells of a batch run: workers of this machine, or nodes of a cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from grader import pipeline
from grader.batch import capacity, node
from grader.batch.cluster import ClusterEngine, ClusterSettings
from grader.batch.cluster_file import AnyCluster
from grader.batch.engine import Engine, Settings
from grader.batch.journal import Journal
from grader.cell.card import device_class
from grader.commands import common
from grader.model import Isolation

if TYPE_CHECKING:
    from grader.commands.requests import Request


def engine_for(
    request: Request,
    journal: Journal,
    digests: dict[str, str],
    beat: Callable[[], None],
) -> Engine | ClusterEngine:
    """Make what judges the hand-ins of a class.

    Args:
        request: What was asked for.
        journal: Held by this run.
        digests: What each exercise is judged with, by its id.
        beat: Called about twice a second while nothing else happens.

    Raises:
        UsageError: If the cluster cannot be used as it was described.
    """
    if request.cluster is None:
        return _local(request, journal, beat)
    return _cluster(request, request.cluster, journal, digests, beat)


def _local(request: Request, journal: Journal, beat: Callable[[], None]) -> Engine:
    course, exercises = request.course, request.exercises
    level = pipeline.BEST_LEVEL if request.level is None else request.level

    def open_session() -> pipeline.Session:
        return pipeline.Session(course, exercises, level=level, device=request.device)

    def check(isolation: Isolation) -> None:
        common.check_level(course, isolation, asked=request.level is not None)

    workers = capacity.workers_for(exercises, request.jobs)
    return Engine(
        Settings(open_session, check, journal.keep, request.training_mode, workers, beat=beat)
    )


def _cluster(
    request: Request,
    cluster: AnyCluster,
    journal: Journal,
    digests: dict[str, str],
    beat: Callable[[], None],
) -> ClusterEngine:
    def check(isolation: Isolation) -> None:
        common.check_level(request.course, isolation, asked=False)

    setup = node.Setup(
        root=request.course.root.resolve(),
        digests=digests,
        level=pipeline.BEST_LEVEL if request.level is None else request.level,
        min_level=request.course.min_level if request.level is None else 0,
        training=request.training_mode,
        device=request.device,
        device_class=device_class(request.device),
        out=journal.folder,
        holder=journal.holder_text(),
    )
    return ClusterEngine(ClusterSettings(cluster, setup, request.exercises, check, beat))
