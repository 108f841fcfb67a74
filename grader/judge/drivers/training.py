"""The loops of the training recipes. This text is sent into the cell and runs beside the student.

It holds no label of held-out data and no threshold. The rate falls linearly to 0, the order of
the batches follows from a seed, one thread computes, and no optimizer of torch is used, so that
nothing depends on what a submission may have put in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional as F

PROBE_VALUES = 20
PREDICT_BATCH = 250


class Images:
    """Batches of labelled images, in an order that follows from a seed."""

    def __init__(
        self, images: torch.Tensor, labels: torch.Tensor, settings: dict[str, Any]
    ) -> None:
        """Scale the pixels to 0 to 1.

        Args:
            images: (n, 28, 28), uint8.
            labels: (n,), uint8.
            settings: `batch`, `order` (a seed), `steps`, `rate`.
        """
        self.X = scaled(images)
        self.y = labels.long()
        self.size = settings["batch"]
        self.generator = torch.Generator().manual_seed(settings["order"])
        self.order = torch.empty(0, dtype=torch.long)

    def next(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the next batch; the size divides the number of images."""
        if not len(self.order):
            self.order = torch.randperm(len(self.X), generator=self.generator)
        chosen, self.order = self.order[: self.size], self.order[self.size :]
        return self.X[chosen], self.y[chosen]


def scaled(images: torch.Tensor) -> torch.Tensor:
    """Return images (n, 28, 28) of bytes as (n, 1, 28, 28) of floats from 0 to 1."""
    return images.float().div_(255).unsqueeze(1)


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


class SoftmaxRegression:
    """The student's parameters, model, loss and update."""

    def __init__(self, student: Any, data: list[torch.Tensor], settings: dict[str, Any]) -> None:
        """Draw the parameters, or take those that the module has already."""
        self.student = student
        self.batches = Images(data[0], data[1], settings)
        if hasattr(student, "softmax_params"):
            student.W, student.b = student.softmax_params()

    def step(self, rate: float) -> float:
        """Take one step and return the mean loss of its batch."""
        X, y = self.batches.next()
        loss = self.student.cross_entropy(self.student.net(X), y).sum()
        loss.backward()
        self.student.lr = rate
        self.student.updater(len(X))
        return float(loss.detach()) / len(X)

    def scores(self, images: torch.Tensor) -> torch.Tensor:
        """Return (n, 10) scores of images (n, 28, 28)."""
        scores: torch.Tensor = self.student.net(scaled(images))
        return scores


class Network:
    """A classifier of the student's, trained with the cross-entropy of its scores."""

    def __init__(
        self, net: torch.nn.Module, data: list[torch.Tensor], settings: dict[str, Any]
    ) -> None:
        """Take over a network."""
        self.net = net
        self.batches = Images(data[0], data[1], settings)

    def step(self, rate: float) -> float:
        """Take one step and return the mean loss of its batch."""
        self.net.train()
        X, y = self.batches.next()
        loss = F.cross_entropy(self.net(X), y)
        loss.backward()
        descend(list(self.net.parameters()), rate)
        return float(loss.detach())

    def scores(self, images: torch.Tensor) -> torch.Tensor:
        """Return (n, 10) scores of images (n, 28, 28)."""
        self.net.eval()
        scores: torch.Tensor = self.net(scaled(images))
        return scores


def mlp_dropout(student: Any, data: list[torch.Tensor], settings: dict[str, Any]) -> Network:
    """Train the student's perceptron with dropout."""
    return Network(student.Net(784, 10, 256, 256), data, settings)


def lenet_batch_norm(student: Any, data: list[torch.Tensor], settings: dict[str, Any]) -> Network:
    """Train the student's LeNet with batch normalization."""
    return Network(student.bn_lenet(), data, settings)


class Characters:
    """The student's GRU as a model of the next character."""

    def __init__(self, student: Any, data: list[torch.Tensor], settings: dict[str, Any]) -> None:
        """Draw the parameters.

        Args:
            student: Its module.
            data: [(n,) uint8, the training text as character numbers].
            settings: As for `Images`, and `length`, `vocabulary`, `hidden`, `clip`.
        """
        self.student = student
        self.corpus = data[0].long()
        self.settings = settings
        self.generator = torch.Generator().manual_seed(settings["order"])
        self.params = student.get_params(settings["vocabulary"], settings["hidden"], "cpu")
        self.state: Any = None

    def step(self, rate: float) -> float:
        """Take one step on pieces of the text from random places; return the mean loss."""
        length, batch = self.settings["length"], self.settings["batch"]
        places = torch.randint(len(self.corpus) - length, (batch,), generator=self.generator)
        pieces = torch.stack([self.corpus[p : p + length + 1] for p in places.tolist()])
        state = self.student.init_gru_state(batch, self.settings["hidden"], "cpu")
        outputs, _ = self.student.gru(self._one_hot(pieces[:, :-1].T), state, self.params)
        loss = F.cross_entropy(outputs, pieces[:, 1:].T.reshape(-1))
        loss.backward()
        descend(list(self.params), rate, self.settings["clip"])
        return float(loss.detach())

    def scores(self, characters: torch.Tensor) -> torch.Tensor:
        """Return (n, vocabulary) scores of what follows, one character of n texts at a time."""
        if self.state is None:
            hidden = self.settings["hidden"]
            self.state = self.student.init_gru_state(len(characters), hidden, "cpu")
        inputs = self._one_hot(characters.long()[None])
        outputs, self.state = self.student.gru(inputs, self.state, self.params)
        scores: torch.Tensor = outputs
        return scores

    def _one_hot(self, numbers: torch.Tensor) -> torch.Tensor:
        return F.one_hot(numbers, self.settings["vocabulary"]).float()


RECIPES: dict[str, Callable[[Any, list[torch.Tensor], dict[str, Any]], Any]] = {
    "softmax-regression": SoftmaxRegression,
    "mlp-dropout": mlp_dropout,
    "lenet-batch-norm": lenet_batch_norm,
    "character-gru": Characters,
}
running: dict[str, Any] = {}


def begin(
    student: Any,
    recipe: str,
    data: list[torch.Tensor],
    probe: torch.Tensor,
    settings: dict[str, Any],
) -> list[float]:
    """Build the student's model and return what it says to a fixed input before it learns.

    Args:
        student: Its module.
        recipe: One of `RECIPES`.
        data: What to learn from.
        probe: A fixed input for `scores`.
        settings: See the classes.
    """
    torch.set_num_threads(1)
    running["run"] = RECIPES[recipe](student, data, settings)
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
