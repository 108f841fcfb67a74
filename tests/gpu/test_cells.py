"""A cell on a graphics card: it computes there, and can do nothing else that others cannot."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from grader.cell import card, leases, open_host
from grader.errors import CellError
from grader.model import Limits, Outcome
from tests.gpu.conftest import CARDS, ON_CARD
from tests.grader.cell.spoken import Spoken

Opened = Callable[..., Spoken]


def test_code_for_a_cpu_runs_on_the_card(spoken: Opened) -> None:
    """What is made, drawn and computed lies on the card without the code saying so."""
    said = spoken().say(
        "import torch\n"
        "x = torch.randn(64, 64)\n"
        "layer = torch.nn.Linear(64, 3)\n"
        "mask = (torch.rand(x.shape) > 0.5).float()\n"
        "w = torch.normal(0, 0.01, size=(64, 3), requires_grad=True)\n"
        "loss = ((layer(x * mask) + x @ w) ** 2).sum()\n"
        "loss.backward()\n"
        "print({t.device.type for t in (x, mask, w, w.grad, layer.weight.grad, loss)})\n"
        "print(torch.randperm(3, generator=torch.Generator()).device.type)\n"
        "print(torch.zeros(1, device='cpu').device.type)"
    )
    assert said.split("\n") == ["{'cuda'}", "cpu", "cpu"]


def test_a_cell_without_a_card_cannot_reach_it(spoken: Opened) -> None:
    """Neither torch nor an open call gets at the driver beside a host that has a card."""
    said = spoken(replace(ON_CARD, gpu_memory_mib=0, memory_mib=1024)).say(
        "import torch, os\n"
        "for path in ('/dev/nvidiactl', '/dev/nvidia0', '/dev/nvidia-uvm'):\n"
        "    try:\n        os.open(path, os.O_RDWR)\n        print('open')\n"
        "    except OSError as error:\n        print(type(error).__name__)\n"
        "os.environ['CUDA_VISIBLE_DEVICES'] = '0'\n"
        "print(torch.cuda.is_available())"
    )
    # Torch warns on stderr, which is the same pipe.
    assert [line for line in said.split("\n") if line.isalpha()] == ["PermissionError"] * 3 + [
        "False"
    ]


@pytest.mark.parametrize(
    "line",
    [
        "socket.socket(socket.AF_INET, socket.SOCK_STREAM)",
        "socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)",
        "socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).connect('\\0anybody')",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "open('/etc/passwd').read()",
        "open('/proc/1/environ', 'wb')",
        "open('/dev/tty', 'r')",
        "fcntl.ioctl(1, 0x5412, b'x')",
        "os.memfd_create('x')",
    ],
)
def test_everything_else_stays_shut(spoken: Opened, line: str) -> None:
    """The few things that CUDA needs open nothing else."""
    problem = spoken().load(f"import os, socket, fcntl\n{line}")
    assert "OSError" in problem["kinds"], problem


def test_more_than_its_share_is_memory(spoken: Opened) -> None:
    """Torch's own bound refuses it, which is told as what it is."""
    ending = spoken().ending("import torch\ntorch.zeros(3 << 30, dtype=torch.uint8)")
    assert ending.outcome is Outcome.MEMORY
    assert "2048 MiB of the graphics card" in ending.message


def test_a_bound_undone_from_within_is_held_from_outside(spoken: Opened) -> None:
    """The driver counts what the process has taken, whatever torch was told."""
    ending = spoken().ending(
        "import torch, time\n"
        "torch.cuda.set_per_process_memory_fraction(1.0)\n"
        "kept = torch.zeros(6 << 30, dtype=torch.uint8)\n"
        "time.sleep(30)"
    )
    assert ending.outcome is Outcome.MEMORY


def test_an_endless_kernel_is_ended(spoken: Opened) -> None:
    """Killing the process frees the card, also in the middle of work."""
    watcher = card.Monitor(CARDS[0])
    before_mib = watcher.used_mib()
    spoken_ = spoken(replace(ON_CARD, wall_time_s=5.0))
    ending = spoken_.ending(
        "import torch\nx = torch.randn(8192, 8192)\n"
        "for _ in range(10**9):\n    x = (x @ x).clamp(-1, 1)\n"
    )
    assert ending.outcome is Outcome.TIMEOUT
    spoken_.cell.close()
    ends_s = time.monotonic() + 10
    while watcher.used_mib() > before_mib + 64 and time.monotonic() < ends_s:
        time.sleep(0.05)
    assert watcher.used_mib() <= before_mib + 64
    watcher.close()


def test_a_wrong_index_is_the_students_exception(spoken: Opened) -> None:
    """An assertion on the card ends the code, not the card: the next cell works."""
    problem = spoken().load(
        "import torch\nx = torch.zeros(3)\ny = x[torch.tensor([7])]\nprint(y.sum().item())"
    )
    assert "assert" in problem["text"]
    assert spoken().say("import torch\nprint(torch.ones(2).sum().item())") == "2.0"


def test_what_it_takes_is_counted(spoken: Opened) -> None:
    """The peak holds the tensors and the process's own context."""
    found = spoken()
    found.say("import torch, time\nkept = torch.zeros(1 << 30, dtype=torch.uint8)\ntime.sleep(1)")
    assert 1024 < (found.cell.card_peak_mib or 0) < 1024 + leases.CONTEXT_MIB


def test_a_card_that_others_fill_is_waited_for() -> None:
    """Not the student's fault: it is said who needs what."""
    hold = (
        "import sys, torch\nfree, _ = torch.cuda.mem_get_info()\n"
        "kept = torch.empty(free - (1 << 30), dtype=torch.uint8, device='cuda')\n"
        "print('held', flush=True)\nsys.stdin.read()"
    )
    command = [sys.executable, "-c", hold]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(CellError, match="to spare for 1 s"):
            leases.take(CARDS, 2048, wait_s=1.0)
        other.kill()
    leases.take(CARDS, 2048, wait_s=30.0).release()


def test_a_share_is_free_once_its_cell_is_gone(spoken: Opened) -> None:
    """Closing a cell leaves no lease behind."""
    for _ in range(3):
        spoken(replace(ON_CARD, gpu_memory_mib=CARDS[0].memory_mib // 2)).cell.close()


def test_a_host_without_a_card_says_so() -> None:
    """A cell that asks for a card gets none by accident."""
    host = open_host(2 if os.getuid() else 3, Limits())
    try:
        with pytest.raises(CellError, match="without a graphics card"):
            host.open(ON_CARD)
    finally:
        host.close()
