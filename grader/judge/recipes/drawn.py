"""Recipes that fit data which are drawn anew in each attempt."""

from __future__ import annotations

import math

import torch

from grader.judge import expect
from grader.judge.recipes.base import DRAWN, Predict, Probe, Problem, Recipe
from grader.judge.threshold import Metric, Rule


class EdgeProblem(Problem):
    """Black and white images, and their edges: which, how strong and how dark is drawn too.

    The targets are noisy, so that a perfect kernel has an error too: the noise, 0.1.
    """

    NOISE = 0.1
    TRAIN, HELD_OUT, SIZE = 100, 100, 9

    def __init__(self, recipe: Recipe, rng: torch.Generator) -> None:
        """Draw them."""
        del recipe
        upright, falling = torch.randint(2, (2,), generator=rng).tolist()
        strength, offset = (1 + torch.rand(2, generator=rng)).tolist()
        self._edge = (upright, strength if falling else -strength, offset)
        self.train = list(self._pairs(self.TRAIN, rng))
        self._inputs, self._targets = self._pairs(self.HELD_OUT, rng)
        self.probe = torch.eye(self.SIZE)[None]

    def _pairs(self, count: int, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        upright, strength, offset = self._edge
        images = torch.randint(2, (count, self.SIZE, self.SIZE), generator=rng).float()
        steps = images.diff(dim=1 if upright else 2) * strength + offset
        return images, steps + self.NOISE * torch.randn(steps.shape, generator=rng)

    def measure(self, predict: Predict) -> float:
        """Return the error of the edges."""
        return root_mean_square(predict(self._inputs.clone()), self._targets, "the edges")


class LineProblem(Problem):
    """The book's synthetic data: two features, a label, and noise of 0.01."""

    NOISE = 0.01
    TRAIN, HELD_OUT = 1000, 10_000

    def __init__(self, recipe: Recipe, rng: torch.Generator) -> None:
        """Draw them."""
        del recipe
        signs = 2.0 * torch.randint(2, (3,), generator=rng) - 1
        self._weights = signs * (2 + 3 * torch.rand(3, generator=rng))
        self.train = list(self._pairs(self.TRAIN, rng))
        self._inputs, self._targets = self._pairs(self.HELD_OUT, rng)
        self.probe = torch.eye(2)

    def _pairs(self, count: int, rng: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        X = torch.randn(count, 2, generator=rng)
        y = X @ self._weights[:2, None] + self._weights[2]
        return X, y + self.NOISE * torch.randn(y.shape, generator=rng)

    def measure(self, predict: Predict) -> float:
        """Return the error of the labels."""
        return root_mean_square(predict(self._inputs.clone()), self._targets, "the labels")


class DecayProblem(Problem):
    """The book's 20 examples of 200 features: the norm of the weights that fit them.

    The examples are always the same but for the order and the signs of the features, and each
    step sees them all, so the norm hardly depends on the attempt. The judge finds the weights by
    asking for predictions: nothing that the cell could say about them is asked for.
    """

    SEED = 4_5
    TRAIN, FEATURES = 20, 200
    FITTED = 0.5
    """Share of the labels' standard deviation that is left where a model has learnt them."""

    def __init__(self, recipe: Recipe, rng: torch.Generator) -> None:
        """Draw them."""
        del recipe
        fixed = torch.Generator().manual_seed(self.SEED)
        X = torch.randn(self.TRAIN, self.FEATURES, generator=fixed)
        noise = 0.01 * torch.randn(self.TRAIN, 1, generator=fixed)
        y = 0.01 * X.sum(1, keepdim=True) + 0.05 + noise
        signs = 2.0 * torch.randint(2, (self.FEATURES,), generator=rng) - 1
        self.train = [X[:, torch.randperm(self.FEATURES, generator=rng)] * signs, y]
        self.probe = torch.eye(self.FEATURES)[:3]

    def measure(self, predict: Predict) -> float:
        """Return the norm of the weights; infinite if they do not fit the examples."""
        X, y = self.train
        units = torch.cat([torch.zeros(1, self.FEATURES), torch.eye(self.FEATURES)])
        order = torch.randperm(len(X) + len(units))
        inputs = torch.cat([X, units])[order]
        found = predict(inputs)
        expect.shape(found, (len(inputs), 1), what="the predictions")
        if not torch.isfinite(found).all():
            return math.nan
        answers = torch.empty_like(found)
        answers[order] = found
        left = float((answers[: len(X)] - y).square().mean().sqrt())
        weights = answers[len(X) + 1 :] - answers[len(X)]
        return float(weights.norm()) if left < self.FITTED * float(y.std()) else math.inf


def root_mean_square(found: torch.Tensor, wanted: torch.Tensor, what: str) -> float:
    """Return the root of the mean squared difference, nan if it is not finite.

    Raises:
        Mismatch: If the shapes differ.
    """
    expect.shape(found, tuple(wanted.shape), what=what)
    return (
        float((found.double() - wanted).square().mean().sqrt())
        if (torch.isfinite(found).all())
        else math.nan
    )


def _fit(metric: Metric, chance: float) -> Rule:
    return Rule(metric, chance, margin=0.05, slope=0.25, ceiling=0.40)


RECIPES = (
    Recipe(
        "edge-kernel",
        "a kernel that finds edges",
        "EdgeKernel",
        DRAWN,
        EdgeProblem,
        _fit(Metric.ERROR, 0.5),
        {"steps": 100, "batch": 1, "rate": 0.3},
        Probe(steps=20, falls=0.5, learnt=0.3),
    ),
    Recipe(
        "linear-regression",
        "linear regression",
        "LinearRegression",
        DRAWN,
        LineProblem,
        _fit(Metric.ERROR, 0.5),
        {"steps": 300, "batch": 10, "rate": 0.1},
        Probe(steps=50, falls=0.5, learnt=0.5),
    ),
    Recipe(
        "weight-decay",
        "a linear model with weight decay",
        "WeightDecay",
        DRAWN,
        DecayProblem,
        _fit(Metric.NORM, 1.0),
        {"steps": 600, "batch": 20, "rate": 0.05, "strength": 3.0},
        Probe(steps=50, falls=0.9, learnt=0.9),
    ),
)
