"""What a training recipe is, and the two halves of one attempt's data."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from grader.data.sets import BY_NAME
from grader.judge import drivers
from grader.judge.site import Place
from grader.judge.source import closure, without_docstrings
from grader.judge.threshold import Rule
from grader.model import Device, Limits

DRAWN = "drawn"
"""What a recipe calls its data if they are drawn anew in each attempt."""
CARD_CPU_TIME_S = 180
CARD_HOST_MEMORY_MIB = 4096
Predict = Callable[[torch.Tensor], Any]
"""Sends inputs into the cell and gives what came back."""


class Problem:
    """One attempt's data: what the cell gets to learn from, and what the judge keeps.

    Attributes:
        train: What to learn from.
        probe: A fixed input that the untrained model is asked about.
    """

    def __init__(self, recipe: Recipe, rng: torch.Generator) -> None:
        """Draw the data.

        Args:
            recipe: Whose data they are.
            rng: From which everything random in them follows.

        Raises:
            UsageError: If the data set is not on this machine.
        """
        del recipe, rng
        self.train: list[torch.Tensor] = []
        self.probe = torch.empty(0)

    def one_batch(self, recipe: Recipe) -> list[torch.Tensor]:
        """Return as much of `train` as one step sees."""
        return [part[: int(recipe.settings["batch"])] for part in self.train]

    def measure(self, predict: Predict) -> float:
        """Ask the trained model about held-out data and return what the recipe measures.

        Returns:
            What the recipe's metric says; nan if the model's scores are not finite.

        Raises:
            Mismatch: If the scores are no scores.
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Probe:
    """A short training run that a student sees before handing in.

    Attributes:
        steps: Of each of its two parts, at the recipe's rate without its fall.
        falls: Share of the first losses that the last ones of ordinary training stay below.
        learnt: The same for training on a single batch again and again.
    """

    steps: int
    falls: float
    learnt: float


@dataclass(frozen=True, slots=True)
class Recipe:
    """One recipe.

    Attributes:
        name: As suites call it.
        title: What it trains, for the page.
        model: The class of the drivers that joins the student's parts.
        data: Name of the data set, or `DRAWN`.
        problem: Draws the data of one attempt.
        rule: How its measurements are judged.
        settings: For driver and problem: `steps`, `batch`, `rate` and what the model needs.
        probe: The short run for students; no part of the measurement.
        limits: For the cell of one attempt; the CPU time is the budget.
        device: Where it can be trained: only on a CPU, on either, or only on a graphics card.
        gpu_memory_mib: Its share of a card there.
    """

    name: str
    title: str
    model: str
    data: str
    problem: type[Problem]
    rule: Rule
    settings: dict[str, float]
    probe: Probe
    limits: Limits = field(
        default=Limits(wall_time_s=120, exercise_wall_time_s=400, cpu_time_s=90, memory_mib=1024)
    )
    device: Device = Device.CPU
    gpu_memory_mib: int = 2048

    def limits_at(self, place: Place) -> Limits:
        """Return the limits for the cell of one attempt.

        Starting CUDA takes a gigabyte of ordinary memory and seconds of CPU time.
        """
        if not place.is_card:
            return self.limits
        return replace(
            self.limits,
            cpu_time_s=max(CARD_CPU_TIME_S, self.limits.cpu_time_s),
            memory_mib=max(CARD_HOST_MEMORY_MIB, self.limits.memory_mib),
            gpu_memory_mib=self.gpu_memory_mib,
        )

    @property
    def steps(self) -> int:
        """Optimiser steps of one attempt."""
        return int(self.settings["steps"])

    @property
    def driver_text(self) -> str:
        """What is sent into the cell."""
        return drivers.text_of(self.model)

    @property
    def data_sha256(self) -> str:
        """Hash of the data set; of the text that draws them, where they are drawn."""
        if self.data == DRAWN:
            return _hash(self._problem_text)
        return BY_NAME[self.data].sha256

    @property
    def sha256(self) -> str:
        """Hash of everything that a measurement depends on, but for data and student.

        Docstrings are not.
        """
        settings = repr(sorted(self.settings.items()))
        driver = without_docstrings(self.driver_text.encode()).decode()
        return _hash(f"{self.name}\0{settings}\0{self._problem_text}\0{driver}")

    @property
    def _problem_text(self) -> str:
        """What draws the data and measures, with the helpers beside it."""
        file = Path(inspect.getfile(self.problem))
        text = closure((file,), (self.problem.__name__,))
        return without_docstrings(text.encode()).decode()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
