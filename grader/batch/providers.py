"""From the file of `--engine-config` to what Parsl wants: provider, executor, configuration."""

from __future__ import annotations

import math
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from grader.batch import capacity
from grader.batch.cluster_file import AnyCluster, Kubernetes, Local, Slurm
from grader.errors import UsageError
from grader.model import Exercise

LABEL = "autograde"
HEARTBEAT_S = 5
LOST_AFTER_S = 30
"""Silence after which head and nodes give each other up."""
_POLL_S = 1.0
_MIB_PER_GB = 1024
_INTERCHANGE = "parsl.executors.high_throughput.interchange"
_POOL = "parsl.executors.high_throughput.process_worker_pool"
_DRAIN = 0.9
"""Share of the walltime after which a block takes no new task."""


def workers_per_node(cluster: AnyCluster, exercises: Sequence[Exercise]) -> int:
    """Decide how many workers a node carries without swapping.

    Raises:
        UsageError: If it carries none.
    """
    if isinstance(cluster, Local):
        asked = cluster.workers and cluster.workers * cluster.blocks
        return max(1, capacity.workers_for(exercises, asked) // cluster.blocks)
    each_mib = capacity.mib_per_worker(exercises)
    room = cluster.memory_gb * _MIB_PER_GB // each_mib
    if room < 1:
        need = math.ceil(each_mib / _MIB_PER_GB)
        what = f"{cluster.memory_gb} GB of memory hold no worker, which needs {need} GB."
        raise UsageError("memory_gb", what, "Ask for more memory, or lower the cells' limit.")
    return min(cluster.workers or cluster.cores, room)


def provider_of(cluster: AnyCluster) -> Any:
    """Give Parsl's provider.

    Raises:
        UsageError: If a part that it needs is not installed or not set up.
    """
    # A file of a student that lies in the working folder must not be imported for ours.
    init = f"{cluster.worker_init}\nexport PYTHONSAFEPATH=1"
    blocks = {"init_blocks": cluster.blocks, "min_blocks": 0, "max_blocks": cluster.blocks}
    match cluster:
        case Local():
            from parsl.providers import LocalProvider

            return LocalProvider(worker_init=init, **blocks)
        case Slurm():
            from parsl.launchers import SingleNodeLauncher, SrunLauncher
            from parsl.providers import SlurmProvider

            return SlurmProvider(
                partition=cluster.partition,
                account=cluster.account,
                qos=cluster.qos,
                constraint=cluster.constraint,
                nodes_per_block=cluster.nodes,
                cores_per_node=cluster.cores,
                mem_per_node=cluster.memory_gb,
                walltime=cluster.walltime,
                exclusive=cluster.exclusive,
                worker_init=init,
                launcher=SrunLauncher() if cluster.nodes > 1 else SingleNodeLauncher(),
                **blocks,
            )
        case Kubernetes():
            return _kubernetes(cluster, init, blocks)


def _kubernetes(cluster: Kubernetes, init: str, blocks: dict[str, int]) -> Any:
    from parsl.errors import OptionalModuleMissing
    from parsl.providers import KubernetesProvider

    memory = f"{cluster.memory_gb}Gi"
    try:
        return KubernetesProvider(
            image=cluster.image,
            namespace=cluster.namespace,
            max_cpu=float(cluster.cores),
            init_cpu=float(cluster.cores),
            max_mem=memory,
            init_mem=memory,
            worker_init=init,
            secret=cluster.image_pull_secret,
            persistent_volumes=list(cluster.volumes.items()),
            service_account_name=cluster.service_account,
            **blocks,
        )
    except OptionalModuleMissing:
        what = "Kubernetes needs its Python client, which is not installed."
        what_now = "Run `pip install autograde[kubernetes]`."
        raise UsageError("provider: kubernetes", what, what_now) from None
    except Exception as error:
        if type(error).__name__ != "ConfigException":
            raise
        what = f"no cluster is set up here ({error})."
        what_now = "Let `kubectl` reach the cluster first; KUBECONFIG names its file."
        raise UsageError("provider: kubernetes", what, what_now) from None


def configuration(
    cluster: AnyCluster,
    workers: int,
    folder: Path,
    watch_blocks: Callable[[Any, dict[str, Any]], None],
) -> Any:
    """Give Parsl's configuration.

    Args:
        cluster: What the file says.
        workers: On each node.
        folder: For Parsl's logs and job scripts, on the shared disk.
        watch_blocks: Told about once a second how the blocks are.
    """
    from parsl.config import Config
    from parsl.executors import HighThroughputExecutor
    from parsl.executors.high_throughput.executor import DEFAULT_LAUNCH_CMD

    python = f"{shlex.quote(cluster.python)} -P -m"
    pool = f"{python} grader.batch.tether {python} {_POOL}"
    drain_s = int(cluster.walltime_s * _DRAIN) if isinstance(cluster, Slurm) else None
    executor = HighThroughputExecutor(
        label=LABEL,
        provider=provider_of(cluster),
        address=cluster.address,
        max_workers_per_node=workers,
        cores_per_worker=1e-6,  # how many fit has been decided
        heartbeat_period=HEARTBEAT_S,
        heartbeat_threshold=LOST_AFTER_S,
        drain_period=drain_s,
        # Whoever can connect can send a pickle, so only who holds this run's keys can connect.
        encrypted=True,
        launch_cmd=DEFAULT_LAUNCH_CMD.replace("process_worker_pool.py", pool, 1),
        interchange_launch_cmd=[
            *(sys.executable, "-P", "-m", "grader.batch.tether"),
            *(sys.executable, "-P", "-m", _INTERCHANGE),
        ],
        block_error_handler=watch_blocks,
    )
    return Config(
        executors=[executor],
        strategy="simple",
        strategy_period=_POLL_S,
        run_dir=str(folder),
        internal_tasks_max_threads=1,
        usage_tracking=0,
    )
