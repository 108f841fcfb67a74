"""The training recipes: what is learnt, from which data, how long, and what is measured.

A recipe belongs to the grader. The student supplies parts of the model; data, loop, order of
the batches, learning rates and seeds are fixed here and in `drivers/training.py`, whose text is
part of a recipe's hash: a threshold belongs to exactly one recipe on exactly one data set.

What stands in a cell is never enough to cheat with. The numbers of classes and characters are
exchanged anew in each attempt, so that weights or labels learnt elsewhere mean nothing. Test
inputs come in an order of their own, their labels never come, and a text is asked for character
by character, the next one only after the model has said what it expects.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import torch

from grader.data import find
from grader.data.sets import BY_NAME
from grader.judge import expect
from grader.judge.threshold import ACCURACY_OF_TEN, PERPLEXITY_OF_27, Metric, Rule
from grader.model import Limits

DRIVER = Path(__file__).parent / "drivers" / "training.py"
CLASSES = 10
TEST_BATCH = 250
SYMBOLS = 27
TRAIN_CHARACTERS = 20_000
HELD_OUT_TEXTS, HELD_OUT_LENGTH = 100, 50
Predict = Callable[[torch.Tensor], Any]
"""Sends inputs into the cell and gives what came back."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One recipe.

    Attributes:
        name: As suites call it.
        title: What it trains, for the page.
        data: Name of the data set.
        rule: How its measurements are judged.
        settings: For the driver: `steps`, `batch`, `rate` and what the model needs.
        limits: For the cell of one attempt; the CPU time is the budget.
    """

    name: str
    title: str
    data: str
    rule: Rule
    settings: dict[str, float]
    limits: Limits = field(
        default=Limits(wall_time_s=120, exercise_wall_time_s=400, cpu_time_s=90, memory_mib=1024)
    )

    @property
    def steps(self) -> int:
        """Optimiser steps of one attempt."""
        return int(self.settings["steps"])

    @property
    def data_sha256(self) -> str:
        """Hash of the data set."""
        return BY_NAME[self.data].sha256

    @property
    def sha256(self) -> str:
        """Hash of everything that a measurement depends on, but for data and student."""
        sizes = (TRAIN_CHARACTERS, HELD_OUT_TEXTS, HELD_OUT_LENGTH)
        parts = (self.name, repr(sorted(self.settings.items())), repr(sizes), _driver_text())
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            "softmax-regression",
            "softmax regression",
            "fashion-mnist-small",
            ACCURACY_OF_TEN,
            {"steps": 200, "batch": 250, "rate": 0.1},
        ),
        Recipe(
            "mlp-dropout",
            "a perceptron with dropout",
            "fashion-mnist-small",
            ACCURACY_OF_TEN,
            {"steps": 240, "batch": 250, "rate": 0.5},
        ),
        Recipe(
            "lenet-batch-norm",
            "LeNet with batch normalization",
            "fashion-mnist-small",
            ACCURACY_OF_TEN,
            {"steps": 150, "batch": 100, "rate": 0.5},
        ),
        Recipe(
            "character-gru",
            "a GRU that guesses the next character",
            "paradise-lost",
            PERPLEXITY_OF_27,
            {
                "steps": 300,
                "batch": 32,
                "rate": 4.0,
                "length": 35,
                "hidden": 64,
                "clip": 1.0,
                "vocabulary": SYMBOLS,
            },
        ),
    )
}


def driver_text() -> str:
    """Return the text that is sent into the cell."""
    return _driver_text()


@cache
def _driver_text() -> str:
    return DRIVER.read_text(encoding="utf-8")


class Problem:
    """One attempt's data: what the cell gets to learn from, and what the judge keeps."""

    def __init__(self, train: list[torch.Tensor], probe: torch.Tensor) -> None:
        """Keep what may be sent.

        Args:
            train: What to learn from.
            probe: A fixed input that the untrained model is asked about.
        """
        self.train = train
        self.probe = probe

    def measure(self, predict: Predict) -> float:
        """Ask the trained model about held-out data and return what the recipe measures.

        Returns:
            The accuracy or perplexity; nan if the model's scores are not finite.

        Raises:
            Mismatch: If the scores are no scores.
        """
        raise NotImplementedError


def problem(recipe: Recipe, seed: int) -> Problem:
    """Draw one attempt's data.

    Args:
        recipe: The recipe.
        seed: From which the exchange of classes or characters follows, and the test order.

    Raises:
        UsageError: If the data set is not on this machine.
    """
    rng = torch.Generator().manual_seed(seed)
    if recipe.rule.metric is Metric.ACCURACY:
        return _ImageProblem(recipe.data, rng)
    return _TextProblem(recipe.data, rng)


class _ImageProblem(Problem):
    """Images whose classes are numbered anew."""

    def __init__(self, data: str, rng: torch.Generator) -> None:
        images = _images(data)
        numbers = torch.randperm(CLASSES, generator=rng).to(torch.uint8)
        labels = numbers[torch.from_numpy(images.train_labels).long()]
        height, width = images.train_images.shape[1:]
        ramps = (torch.arange(2 * height * width) % 251).to(torch.uint8).reshape(2, height, width)
        super().__init__([torch.from_numpy(images.train_images), labels], ramps)
        order = torch.randperm(len(images.test_labels), generator=rng)
        self._inputs = torch.from_numpy(images.test_images)[order]
        self._labels = numbers[torch.from_numpy(images.test_labels).long()][order].long()

    def measure(self, predict: Predict) -> float:
        right = 0
        for start in range(0, len(self._inputs), TEST_BATCH):
            inputs = self._inputs[start : start + TEST_BATCH]
            scores = predict(inputs.clone())
            expect.shape(scores, (len(inputs), CLASSES), what="the scores of test images")
            if not torch.isfinite(scores).all():
                return math.nan
            right += int((scores.argmax(1) == self._labels[start : start + TEST_BATCH]).sum())
        return right / len(self._inputs)


class _TextProblem(Problem):
    """A text whose letters are numbered anew."""

    def __init__(self, data: str, rng: torch.Generator) -> None:
        numbers = torch.randperm(SYMBOLS, generator=rng).to(torch.uint8)
        text = numbers[_characters(data)]
        super().__init__([text[:TRAIN_CHARACTERS].clone()], torch.zeros(3, dtype=torch.uint8))
        span = HELD_OUT_LENGTH + 1
        held_out = text[TRAIN_CHARACTERS : TRAIN_CHARACTERS + HELD_OUT_TEXTS * span]
        pieces = held_out.reshape(HELD_OUT_TEXTS, span)
        self._texts = pieces[torch.randperm(HELD_OUT_TEXTS, generator=rng)]

    def measure(self, predict: Predict) -> float:
        total = 0.0
        for place in range(HELD_OUT_LENGTH):
            scores = predict(self._texts[:, place].clone())
            expect.shape(scores, (HELD_OUT_TEXTS, SYMBOLS), what="the scores of characters")
            if not torch.isfinite(scores).all():
                return math.nan
            # The judge turns scores into probabilities itself, so that they add up to 1.
            surprise = -scores.double().log_softmax(1)
            following = self._texts[:, place + 1].long()
            total += float(surprise[range(HELD_OUT_TEXTS), following].mean())
        return math.exp(min(total / HELD_OUT_LENGTH, 100.0))


@cache
def _images(name: str) -> find.Images:
    return find.load_images(name)


@cache
def _characters(name: str) -> torch.Tensor:
    """Return a text as numbers: 0 for a run of anything but letters, 1 to 26 for a to z."""
    text = re.sub("[^a-z]+", " ", find.load_text(name).lower())
    return torch.tensor([0 if sign == " " else ord(sign) - 96 for sign in text])
