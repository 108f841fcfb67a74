"""Models of data that are drawn anew in each attempt. Runs in the cell beside the student."""

from __future__ import annotations

from typing import Any

import torch

from grader.judge.drivers.loop import Batches, descend


class EdgeKernel:
    """The student's layer, `Conv2D`, which takes one image at a time."""

    def __init__(self, student: Any, data: list[torch.Tensor], settings: dict[str, Any]) -> None:
        """Make a layer whose kernel turns the images into the targets' shape.

        Args:
            student: Its module.
            data: Images (n, h, w) and targets (n, h', w').
            settings: `batch` and `order`.
        """
        images, targets = data
        height, width = images.shape[1] - targets.shape[1], images.shape[2] - targets.shape[2]
        self.layer = student.Conv2D((height + 1, width + 1))
        self.batches = Batches(data, settings)

    def step(self, rate: float) -> float:
        """Take one step and return the mean loss of its batch."""
        images, targets = self.batches.next()
        loss = ((self.scores(images) - targets) ** 2).mean()
        loss.backward()
        descend(list(self.layer.parameters()), rate)
        return float(loss.detach())

    def scores(self, images: torch.Tensor) -> torch.Tensor:
        """Return what the layer makes of images (n, h, w)."""
        return torch.stack([self.layer(image) for image in images])


class LinearRegression:
    """The student's parameters, model, loss and update."""

    def __init__(self, student: Any, data: list[torch.Tensor], settings: dict[str, Any]) -> None:
        """Draw the parameters.

        Args:
            student: Its module, with `linreg_params`, `linreg`, `squared_loss` and `sgd`.
            data: Features (n, 2) and labels (n, 1).
            settings: `batch` and `order`.
        """
        self.student = student
        self.w, self.b = student.linreg_params()
        self.batches = Batches(data, settings)

    def step(self, rate: float) -> float:
        """Take one step and return the mean loss of its batch."""
        X, y = self.batches.next()
        loss = self.student.squared_loss(self.scores(X), y).sum()
        loss.backward()
        self.student.sgd([self.w, self.b], rate, len(X))
        return float(loss.detach()) / len(X)

    def scores(self, features: torch.Tensor) -> torch.Tensor:
        """Return (n, 1) predictions of features (n, 2)."""
        predicted: torch.Tensor = self.student.linreg(features, self.w, self.b)
        return predicted


class WeightDecay:
    """A linear model whose loss has the student's penalty, `l2_penalty`, on its weights."""

    def __init__(self, student: Any, data: list[torch.Tensor], settings: dict[str, Any]) -> None:
        """Draw the parameters.

        Args:
            student: Its module, with `init_params` and `l2_penalty`.
            data: Features (n, 200) and labels (n, 1).
            settings: `batch`, `order` and `strength` of the penalty.
        """
        self.w, self.b = student.init_params()
        self.penalty = student.l2_penalty
        self.strength = settings["strength"]
        self.batches = Batches(data, settings)

    def step(self, rate: float) -> float:
        """Take one step and return the loss of its batch without the penalty."""
        X, y = self.batches.next()
        loss = ((self.scores(X) - y) ** 2).mean() / 2
        (loss + self.strength * self.penalty(self.w)).sum().backward()
        descend([self.w, self.b], rate)
        return float(loss.detach())

    def scores(self, features: torch.Tensor) -> torch.Tensor:
        """Return (n, 1) predictions of features (n, 200)."""
        predicted: torch.Tensor = features @ self.w + self.b
        return predicted
