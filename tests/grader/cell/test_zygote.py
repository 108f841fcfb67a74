"""The warm process: what it falls back to, and what it spares its cells."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import psutil
import pytest

if TYPE_CHECKING:
    from conftest import Ward

POWERLESS_BOX = """
import json, os, sys
from grader.cell import jail_view, launch
view = jail_view.readable()
if os.geteuid() == 0:
    launch.stage(view.paths)
    launch.give_up_root()
python = [sys.executable, "-I", "-B", "-m", "grader.cell.zygote", sys.argv[1]]
call = launch.box_command(view, python)
while "--cap-add" in call:
    at = call.index("--cap-add")
    del call[at : at + 2]
os.execve(call[0], call, launch.ENVIRONMENT | {"TMPDIR": launch.BOX_SCRATCH})
"""


def test_a_box_without_namespaces_of_its_own_says_so(ward_of: Callable[[int], Ward]) -> None:
    """Where the system refuses them, cells are flat, and the level and its reason tell it."""
    ward_of(3)  # skips where there is none
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        options = {
            "boxed": True,
            "probe": True,
            "card": {"nodes": [], "folders": []},
            "control": theirs.fileno(),
            "parent": 0,
        }
        done = subprocess.run(
            [sys.executable, "-c", POWERLESS_BOX, json.dumps(options)],
            pass_fds=[theirs.fileno()],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        hello = json.loads(ours.recv(4096))
    assert hello["level"] == 2
    assert "may not make namespaces" in hello["reason"]


@pytest.mark.parametrize(
    "source",
    [
        "import torch; p = torch.ones(2).requires_grad_(); torch.optim.Adam([p]).zero_grad()",
        "import torch; torch.optim.SGD([torch.nn.Parameter(torch.ones(2))], lr=0.1)",
        "from torch.utils.data import *; list(DataLoader([1, 2, 3], 2, shuffle=True))",
        "import torch; torch.distributions.multinomial.Multinomial(3, torch.ones(2)).sample()",
        "import torch; torch.save({'a': torch.ones(2)}, 'f'); torch.load('f')",
        "import torchvision; from torchvision import transforms; transforms.ToTensor()",
        "import collections, hashlib, math, os, random, re, string, tarfile, time, zipfile",
    ],
    ids=["adam", "sgd", "loader", "multinomial", "save", "torchvision", "stdlib"],
)
def test_cells_import_nothing_that_the_warm_process_could_have(source: str, jailed: Ward) -> None:
    """What every exercise uses is in memory before the first cell is forked."""
    probe = f"""
import sys
before = set(sys.modules)
{source}
print(sorted(set(sys.modules) - before))
"""
    with jailed.cell() as cell:
        assert cell.say(probe) == "[]"


def test_the_warm_process_has_one_thread(jailed: Ward) -> None:
    """A fork of more would hang in its children, so none may be there."""
    warm = psutil.Process(jailed.host._warm._popen.pid)  # type: ignore[attr-defined]
    family = [warm, *warm.children(recursive=True)]
    assert {member.num_threads() for member in family} == {1}


def test_a_cell_finds_no_descriptor_but_its_own(jailed: Ward) -> None:
    """Input, output and the channel: nothing of the host is left open."""
    with jailed.cell() as cell:
        said = cell.say("""
import os
found = []
for fd in range(1024):
    try: os.fstat(fd)
    except OSError: continue
    found.append(fd)
print(found)
""")
        assert said == "[0, 1, 2, 3]"


def test_cells_of_one_host_differ_from_the_moment_they_are_made(jailed: Ward) -> None:
    """Each cell is a fork of the same untouched process, whatever the last one did."""
    with jailed.cell() as first:
        first.say("import builtins, os; builtins.print_ = 1; os.environ['LEFT'] = '1'")
    with jailed.cell() as second:
        said = second.say(
            "import builtins, os; print(hasattr(builtins, 'print_'), 'LEFT' in os.environ)"
        )
        assert said == "False False"
    assert "LEFT" not in os.environ
