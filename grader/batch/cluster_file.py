"""Reading the file of `--engine-config` as strictly as the files of the course.

Whatever is wrong in it is a `CourseError` with `file:line:column`. What may stand in it depends
on the provider: each has a model here.
"""

from __future__ import annotations

import ipaddress
import re
import sys
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from grader.course.explain import either, validate
from grader.course.yamlpos import read_document

_WALLTIME = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d)")
_WORD = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_.:@/=,+-]*")
_LINE_LENGTH = 200


def _walltime(text: str) -> str:
    if not _WALLTIME.fullmatch(text):
        msg = 'must be hours, minutes and seconds in quotes, for instance "01:30:00"'
        raise ValueError(msg)
    return text


def _word(text: str) -> str:
    """Refuse what would end a line or a word of a job script, or be an option."""
    if len(text) > _LINE_LENGTH or not _WORD.fullmatch(text):
        msg = "must be one word of letters, digits and _ . : @ / = , + -"
        raise ValueError(msg)
    return text


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        msg = "must be an IP address that the nodes can reach, for instance 10.0.0.5"
        raise ValueError(msg) from None


Word = Annotated[str, AfterValidator(_word)]
Walltime = Annotated[str, AfterValidator(_walltime)]
Address = Annotated[str, AfterValidator(_address)]
Count = Annotated[int, Field(ge=1, le=10_000)]


class Cluster(BaseModel):
    """What all providers share.

    Attributes:
        blocks: Jobs of the scheduler, or pods, side by side.
        workers: On each node; as many as there are cores by default, and never more than the
            memory holds.
        worker_init: Shell lines before the workers start, such as `module load python`.
        python: The interpreter on the nodes, in an environment that holds autograde.
        address: Where the nodes reach the head.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    blocks: Count = 1
    workers: Count | None = None
    worker_init: Annotated[str, Field(max_length=10_000)] = ""
    python: Word = sys.executable
    address: Address | None = None


class Local(Cluster):
    """Blocks on this machine; for trying a set-up, and for tests."""

    provider: Literal["local"]
    address: Address | None = "127.0.0.1"


class Slurm(Cluster):
    """Jobs of Slurm.

    Attributes:
        cores: Of each node, used by the batch.
        memory_gb: Of each node.
        nodes: Of each job.
        walltime: Of each job; what runs when it ends is judged again by another.
        partition: Passed to `sbatch`, as are account, qos and constraint.
        exclusive: Whether a job has its nodes for itself.
    """

    provider: Literal["slurm"]
    cores: Count
    memory_gb: Count
    nodes: Count = 1
    walltime: Walltime = "01:00:00"
    partition: Word | None = None
    account: Word | None = None
    qos: Word | None = None
    constraint: Word | None = None
    exclusive: bool = False

    @property
    def walltime_s(self) -> int:
        """The same in seconds."""
        hours, minutes, seconds = map(int, self.walltime.split(":"))
        return (hours * 60 + minutes) * 60 + seconds


class Kubernetes(Cluster):
    """Pods of Kubernetes.

    Attributes:
        cores: Of each pod.
        memory_gb: Of each pod.
        image: Holds Python and autograde.
        namespace: Where the pods are made.
        volumes: Persistent volume claims and where each is mounted; the folder of the batch and
            the course have to stand on them, at the same path as here.
        service_account: Of the pods.
        image_pull_secret: For a private registry.
    """

    provider: Literal["kubernetes"]
    cores: Count
    memory_gb: Count
    image: Word
    namespace: Word = "default"
    volumes: dict[Word, Word] = Field(min_length=1)
    service_account: Word | None = None
    image_pull_secret: Word | None = None
    python: Word = "python3"


AnyCluster: TypeAlias = Local | Slurm | Kubernetes
_MODELS: dict[str, type[AnyCluster]] = {
    "local": Local,
    "slurm": Slurm,
    "kubernetes": Kubernetes,
}


def read_cluster_file(path: Path) -> AnyCluster:
    """Read and check the file.

    Raises:
        CourseError: With the place of what is wrong.
    """
    document = read_document(path)
    data = document.data
    named = data.get("provider") if isinstance(data, dict) else None
    known = either(list(_MODELS))
    if named is None:
        raise document.error((), "the key `provider` is missing.", f"Add {known}.")
    if not isinstance(named, str) or named not in _MODELS:
        raise document.error(("provider",), f"`{named}` is no provider.", f"Use {known}.")
    return validate(_MODELS[named], document)
