"""Recipes that learn to tell pictures of clothes apart."""

from __future__ import annotations

import math
from functools import cache

import torch

from grader.data import find
from grader.judge import expect
from grader.judge.recipes.base import Predict, Probe, Problem, Recipe
from grader.judge.threshold import ACCURACY_OF_TEN
from grader.model import Device, Limits

SMALL = "fashion-mnist-small"
FULL = "fashion-mnist"


class ImageProblem(Problem):
    """Images whose classes are numbered anew."""

    CLASSES = 10
    TEST_BATCH = 250

    def __init__(self, recipe: Recipe, rng: torch.Generator) -> None:
        """Draw them."""
        images = _images(recipe.data)
        numbers = torch.randperm(self.CLASSES, generator=rng).to(torch.uint8)
        labels = numbers[torch.from_numpy(images.train_labels).long()]
        height, width = images.train_images.shape[1:]
        self.train = [torch.from_numpy(images.train_images), labels]
        ramps = torch.arange(2 * height * width) % 251
        self.probe = ramps.to(torch.uint8).reshape(2, height, width)
        order = torch.randperm(len(images.test_labels), generator=rng)
        self._inputs = torch.from_numpy(images.test_images)[order]
        self._labels = numbers[torch.from_numpy(images.test_labels).long()][order].long()

    def measure(self, predict: Predict) -> float:
        """Return the share of test images whose class has the highest score."""
        right = 0
        for start in range(0, len(self._inputs), self.TEST_BATCH):
            inputs = self._inputs[start : start + self.TEST_BATCH]
            scores = predict(inputs.clone())
            expect.shape(scores, (len(inputs), self.CLASSES), what="the scores of test images")
            if not torch.isfinite(scores).all():
                return math.nan
            labels = self._labels[start : start + self.TEST_BATCH]
            right += int((scores.argmax(1) == labels).sum())
        return right / len(self._inputs)


@cache
def _images(name: str) -> find.Images:
    return find.load_images(name)


def _recipe(name: str, title: str, model: str, settings: dict[str, float], probe: Probe) -> Recipe:
    return Recipe(
        name,
        title,
        model,
        SMALL,
        ImageProblem,
        ACCURACY_OF_TEN,
        settings,
        probe,
        device=Device.AUTO,
    )


def _on_card(name: str, title: str, model: str, settings: dict[str, float]) -> Recipe:
    """Return a recipe on all images that takes minutes on a CPU; a smaller one stands beside it."""
    return Recipe(
        name,
        title,
        model,
        FULL,
        ImageProblem,
        ACCURACY_OF_TEN,
        settings,
        Probe(steps=30, falls=0.9, learnt=0.7),
        Limits(wall_time_s=300, exercise_wall_time_s=900, cpu_time_s=300, memory_mib=4096),
        Device.CUDA,
    )


RECIPES = (
    _recipe(
        "softmax-regression",
        "softmax regression",
        "SoftmaxRegression",
        {"steps": 200, "batch": 250, "rate": 0.1},
        Probe(steps=30, falls=0.9, learnt=0.8),
    ),
    _recipe(
        "mlp-dropout",
        "a perceptron with dropout",
        "DropoutMlp",
        {"steps": 240, "batch": 250, "rate": 0.5},
        Probe(steps=40, falls=0.9, learnt=0.7),
    ),
    _recipe(
        "lenet",
        "LeNet",
        "LeNet",
        {"steps": 200, "batch": 100, "rate": 0.1},
        Probe(steps=60, falls=0.95, learnt=0.8),
    ),
    _recipe(
        "lenet-batch-norm",
        "LeNet with batch normalization",
        "BatchNormLeNet",
        {"steps": 150, "batch": 100, "rate": 0.5},
        Probe(steps=30, falls=0.9, learnt=0.7),
    ),
    _recipe(
        "residual-net",
        "a small residual network",
        "ResidualNet",
        {"steps": 150, "batch": 100, "rate": 0.1},
        Probe(steps=30, falls=0.9, learnt=0.7),
    ),
    _on_card(
        "lenet-batch-norm-full",
        "LeNet with batch normalization on all images",
        "BatchNormLeNet",
        {"steps": 720, "batch": 250, "rate": 0.5},
    ),
    _on_card(
        "resnet-18",
        "ResNet-18",
        "ResNet18",
        {"steps": 720, "batch": 250, "rate": 0.1},
    ),
    _on_card(
        "vgg-11",
        "VGG-11",
        "Vgg11",
        {"steps": 960, "batch": 125, "rate": 0.1},
    ),
)
