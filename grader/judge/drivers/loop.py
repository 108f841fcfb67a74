"""The loop of every training recipe, the part that is the same for all of them.

It holds no label of held-out data and no threshold. The rate falls linearly to 0, one thread
computes, and no optimizer of torch is used, so that nothing depends on what a submission may
have put in its place.
"""

from __future__ import annotations

from typing import Any

import torch

PROBE_VALUES = 20
running: dict[str, Any] = {}


def descend(params: list[torch.Tensor], rate: float, clip: float = 0.0) -> None:
    """Take one step along the gradients, cut to a global norm if `clip` is not 0."""
    with torch.no_grad():
        found = [p for p in params if p.grad is not None]
        scale = 1.0
        if clip:
            norm = float(torch.stack([p.grad.norm() for p in found if p.grad is not None]).norm())
            scale = min(1.0, clip / max(norm, 1e-12))
        for p in found:
            p.sub_(p.grad, alpha=rate * scale)  # type: ignore[arg-type]
            p.grad = None


class Batches:
    """Batches of pairs, in an order that follows from a seed."""

    def __init__(self, data: list[torch.Tensor], settings: dict[str, Any]) -> None:
        """Keep inputs and targets, each (n, ...)."""
        self.data = data
        self.size = int(settings["batch"])
        self.generator = torch.Generator().manual_seed(settings["order"])
        self.order = torch.empty(0, dtype=torch.long)

    def next(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the next batch; the size divides the number of examples."""
        if not len(self.order):
            self.order = torch.randperm(len(self.data[0]), generator=self.generator)
        chosen, self.order = self.order[: self.size], self.order[self.size :]
        return self.data[0][chosen], self.data[1][chosen]


def begin(
    student: Any,
    model: str,
    data: list[torch.Tensor],
    probe: torch.Tensor,
    settings: dict[str, Any],
) -> list[float]:
    """Build the model from the student's parts; return what it says before it learns.

    Args:
        student: Its module.
        model: The class that joins the parts; this text holds no other.
        data: What to learn from.
        probe: A fixed input for `scores`.
        settings: `steps`, `rate`, and what the class asks for.
    """
    torch.set_num_threads(1)
    running["run"] = globals()[model](student, data, settings)
    running["settings"] = settings
    with torch.no_grad():
        first = running["run"].scores(probe).flatten()[:PROBE_VALUES]
    running["run"].state = None
    return [float(value) for value in first]


def advance(student: Any, first: int, count: int) -> list[float]:
    """Take steps and return the loss of each.

    Args:
        student: Its module.
        first: Number of the first step, from 0.
        count: How many.
    """
    del student
    settings = running["settings"]
    steps, rate = settings["steps"], settings["rate"]
    return [
        running["run"].step(rate * (1 - number / steps)) for number in range(first, first + count)
    ]


def predict(student: Any, inputs: torch.Tensor) -> torch.Tensor:
    """Return the scores of inputs that were never seen before."""
    del student
    with torch.no_grad():
        scores: torch.Tensor = running["run"].scores(inputs)
    return scores.detach()
