"""The file of `--engine-config`: read strictly, mistakes with their place."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from grader.batch.cluster_file import Kubernetes, Local, Slurm, read_cluster_file
from grader.errors import CourseError

SLURM = "provider: slurm\ncores: 8\nmemory_gb: 32\n"
KUBERNETES = "provider: kubernetes\nimage: registry/autograde:1\ncores: 2\nmemory_gb: 8\n"


def _read(folder: Path, text: str) -> Local | Slurm | Kubernetes:
    path = folder / "cluster.yml"
    path.write_text(text, "utf-8")
    return read_cluster_file(path)


def test_a_local_cluster_listens_to_this_machine_alone(tmp_path: Path) -> None:
    """Unless another address is asked for."""
    found = _read(tmp_path, "provider: local\nblocks: 2\nworkers: 1\n")
    assert found == Local(provider="local", blocks=2, workers=1, address="127.0.0.1")
    assert found.python == sys.executable
    assert _read(tmp_path, "provider: local\naddress: 10.0.0.5\n").address == "10.0.0.5"


def test_what_slurm_is_asked_for(tmp_path: Path) -> None:
    """Partition, account and the like; the time limit in seconds, too."""
    more = 'nodes: 2\nwalltime: "01:30:10"\npartition: gpu\naccount: cs.101\nexclusive: true\n'
    found = _read(tmp_path, SLURM + more)
    assert isinstance(found, Slurm)
    assert (found.nodes, found.partition, found.account) == (2, "gpu", "cs.101")
    assert found.walltime_s == 5410
    assert found.exclusive


def test_what_kubernetes_is_asked_for(tmp_path: Path) -> None:
    """The image brings its own interpreter."""
    found = _read(tmp_path, f"{KUBERNETES}volumes: {{claim: /data}}\n")
    assert isinstance(found, Kubernetes)
    assert (found.image, found.volumes) == ("registry/autograde:1", {"claim": "/data"})
    assert found.python == "python3"


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("blocks: 2\n", "1:1", "`provider` is missing"),
        ("provider: pbs\n", "1:11", "`pbs` is no provider"),
        ("provider: [slurm]\n", "1:11", "is no provider"),
        ("provider: local\nblock: 2\n", "2:1", "Did you mean `blocks`?"),
        ("provider: local\nblocks: 0\n", "2:9", "greater than or equal to 1"),
        ("provider: local\nblocks: two\n", "2:9", "a whole number"),
        ("provider: local\naddress: here\n", "2:10", "must be an IP address"),
        ("provider: slurm\ncores: 4\n", "1:1", "`memory_gb` is missing"),
        (SLURM + "walltime: 90\n", "4:11", "must be text"),
        (SLURM + 'walltime: "90"\n', "4:11", "must be hours, minutes and seconds"),
        (SLURM + 'partition: "a\\n#SBATCH --uid=0"\n', "4:12", "must be one word"),
        (SLURM + "python: python; rm -r /\n", "4:9", "must be one word"),
        (KUBERNETES, "1:1", "`volumes` is missing"),
        ("provider: !!python/name:os.system\n", "1:11", "tag"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, place: str, said: str) -> None:
    """File, line, column, what is wrong."""
    with pytest.raises(CourseError) as caught:
        _read(tmp_path, text)
    assert caught.value.where == f"{tmp_path / 'cluster.yml'}:{place}"
    assert said in str(caught.value)
