"""The warm-up: what the warm process imports and runs once, so that no cell has to.

Nothing here is about any exercise, because every cell inherits all of it.
"""

from __future__ import annotations

import contextlib
import importlib
import os

USUAL_MODULES = (
    "collections", "functools", "hashlib", "inspect", "itertools", "math", "random", "re",
    "string", "tarfile", "time", "traceback", "zipfile", "numpy", "torch.distributions",
    "torch.utils.data", "torch.utils._python_dispatch", "grader.cell.guest",
)  # fmt: skip


def warm(*, card: bool = False) -> None:
    """Import and run once what every exercise uses.

    Args:
        card: Whether cells may open a graphics card. Then no gradient is computed here: the first
            backward pass of a process counts its cards, and torch believes that number for good,
            in every process that is forked from it.
    """
    import torch

    torch.set_num_threads(1)
    _import_usual_modules()
    x = torch.linspace(0, 1, 12).reshape(4, 3)
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9),
        torch.optim.Adam(net.parameters(), lr=0.1),
    ]
    data = torch.utils.data.TensorDataset(x, torch.tensor([0, 1, 0, 1]))
    for inputs, labels in torch.utils.data.DataLoader(data, batch_size=2, shuffle=True):
        for optimizer in optimizers:
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(net(inputs), labels)
            if not card:
                loss.backward()
            optimizer.step()
    torch.distributions.Multinomial(10, torch.ones(3) / 3).sample()
    torch.save({}, os.devnull)


def _import_usual_modules() -> None:
    """Import what students' code and the guest use, so that no cell has to."""
    for name in USUAL_MODULES:
        importlib.import_module(name)
    from grader import vision

    with contextlib.suppress(ImportError):  # a course may do without
        vision.import_torchvision()
