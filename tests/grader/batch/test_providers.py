"""What Parsl is told of a cluster."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.batch import capacity, providers
from grader.batch.cluster_file import Kubernetes, Local, Slurm
from grader.errors import UsageError
from grader.model import Course, Exercise

pytest.importorskip("parsl", reason="the extra `cluster` is not installed")

PODS: dict[str, Any] = {
    "provider": "kubernetes", "image": "registry/autograde:1", "cores": 2, "memory_gb": 8,
    "volumes": {"claim": "/data"}, "namespace": "teaching", "service_account": "grader",
}  # fmt: skip
KUBECONFIG = """\
{apiVersion: v1, kind: Config, current-context: c, users: [{name: u, user: {}}],
 clusters: [{name: k, cluster: {server: "https://127.0.0.1:1"}}],
 contexts: [{name: c, context: {cluster: k, user: u}}]}
"""
SHOW_PODS = """
import json, sys
from grader.batch import providers
from grader.batch.cluster_file import Kubernetes
found = providers.provider_of(Kubernetes(**json.loads(sys.argv[1])))
names = ("image namespace max_cpu init_cpu max_mem init_mem persistent_volumes "
         "service_account_name init_blocks max_blocks worker_init")
print(json.dumps({name: getattr(found, name) for name in names.split()}))
"""


@pytest.fixture
def exercise(demo_course: Course) -> Exercise:
    """An exercise whose cells may use a gibibyte."""
    demo = demo_course.exercises[0]
    return replace(demo, limits=replace(demo.limits, memory_mib=1024))


def test_a_node_carries_as_many_workers_as_its_memory_holds(exercise: Exercise) -> None:
    """Or as many as it has cores, or as are asked for."""
    each_mib = capacity.mib_per_worker([exercise])
    room = 16 * 1024 // each_mib
    node = Slurm(provider="slurm", cores=64, memory_gb=16)
    assert providers.workers_per_node(node, [exercise]) == room
    asked = node.model_copy(update={"workers": 2})
    assert providers.workers_per_node(asked, [exercise]) == 2
    few = node.model_copy(update={"cores": 3})
    assert providers.workers_per_node(few, [exercise]) == 3
    small = node.model_copy(update={"memory_gb": 1})
    with pytest.raises(UsageError, match=r"1 GB of memory hold no worker, which needs 2 GB"):
        providers.workers_per_node(small, [exercise])


def test_blocks_on_this_machine_share_its_memory(
    exercise: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Together they have no more workers than a batch without a cluster."""
    monkeypatch.setattr(capacity, "_free_mib", lambda: 9000)
    room = (9000 - capacity.RESERVE_MIB) // capacity.mib_per_worker([exercise])
    cluster = Local(provider="local", blocks=2, workers=64)
    assert providers.workers_per_node(cluster, [exercise]) == room // 2


def test_only_who_holds_the_keys_can_connect(tmp_path: Path) -> None:
    """Parsl's messages are pickles, so every connection is authenticated, also on loopback."""
    cluster = Local(provider="local", blocks=2)
    (executor,) = providers.configuration(cluster, 1, tmp_path, lambda *_: None).executors
    assert executor.encrypted
    assert executor.address == executor.loopback_address == "127.0.0.1"
    assert executor.all_addresses == {"127.0.0.1"}
    # Nothing that lies in a working folder is imported.
    assert executor.launch_cmd.startswith(f"{sys.executable} -P -m grader.batch.tether ")
    assert "PYTHONSAFEPATH=1" in executor.provider.worker_init


def test_pods_are_what_the_file_asks_for(tmp_path: Path) -> None:
    """Parsl's own class holds it, where its client is installed."""
    if importlib.util.find_spec("kubernetes") is None:
        pytest.skip("the extra `kubernetes` is not installed")
    (tmp_path / "config").write_text(KUBECONFIG, "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", SHOW_PODS, json.dumps(PODS)],
        env=os.environ | {"KUBECONFIG": str(tmp_path / "config")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == {
        "image": "registry/autograde:1",
        "namespace": "teaching",
        "max_cpu": 2.0,
        "init_cpu": 2.0,
        "max_mem": "8Gi",
        "init_mem": "8Gi",
        "persistent_volumes": [["claim", "/data"]],
        "service_account_name": "grader",
        "init_blocks": 1,
        "max_blocks": 1,
        "worker_init": "\nexport PYTHONSAFEPATH=1",
    }


def test_without_its_client_the_install_command_is_told() -> None:
    """Kubernetes is an extra of its own."""
    if importlib.util.find_spec("kubernetes") is not None:
        pytest.skip("the extra `kubernetes` is installed")
    with pytest.raises(UsageError, match=r"pip install autograde\[kubernetes\]"):
        providers.provider_of(Kubernetes(**PODS))
