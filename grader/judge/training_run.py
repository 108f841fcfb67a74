"""One training run of a hand-in in an open cell: what the judge sends, asks for, and believes."""

from __future__ import annotations

import itertools
import math
from typing import Any

import torch

from grader.judge import expect, recipes
from grader.judge.recipes import Recipe
from grader.judge.session import Session

CURVE_POINTS = 20


def train(
    session: Session, recipe: Recipe, seed: int, losses: list[float]
) -> tuple[float, tuple[float, ...]]:
    """Run one attempt in an open cell.

    Args:
        session: The cell, with the student's module and the driver loaded.
        recipe: What to train.
        seed: Of the attempt.
        losses: Is filled with one mean loss per part of the run.

    Returns:
        What was measured (nan if the run broke), and what the untrained model said.
    """
    problem = recipes.problem(recipe, seed)
    settings = {**recipe.settings, "order": seed}
    start = _numbers(_drive(session, "begin", recipe.model, problem.train, problem.probe, settings))
    # Once more, because the code that built the model may have set a seed of its own.
    session.seed(seed)
    ends = [recipe.steps * part // CURVE_POINTS for part in range(CURVE_POINTS + 1)]
    for first, end in itertools.pairwise(ends):
        found = _advance(session, first, end - first)
        if not all(math.isfinite(loss) for loss in found):
            return math.nan, start
        losses.append(round(math.fsum(found) / len(found), 5))
    value = problem.measure(lambda inputs: _predicted(session, inputs))
    return value, start


def train_briefly(
    session: Session, recipe: Recipe, seed: int, data: list[torch.Tensor], probe: torch.Tensor
) -> tuple[float, ...]:
    """Take the steps of one part of a probe and return their losses."""
    # So many steps are announced that the rate does not fall during the few that are taken.
    settings = {**recipe.settings, "order": seed, "steps": 10**9}
    _drive(session, "begin", recipe.model, data, probe, settings)
    losses = _advance(session, 0, recipe.probe.steps)
    expect.that(all(map(math.isfinite, losses)), "A loss became nan or infinite.")
    return losses


def _advance(session: Session, first: int, count: int) -> tuple[float, ...]:
    """Take some steps and return the loss of each."""
    losses = _numbers(_drive(session, "advance", first, count))
    expect.that(len(losses) == count, "The training did not take all of its steps.")
    return losses


def _drive(session: Session, name: str, *args: Any) -> Any:
    return session.evaluate("drive", {"name": name}, args=list(args), kwargs={})


def _predicted(session: Session, inputs: torch.Tensor) -> Any:
    """Ask for predictions; what is no real number cannot be compared with others."""
    found = _drive(session, "predict", inputs)
    if isinstance(found, torch.Tensor):
        real = not found.is_complex() and found.dtype is not torch.bool
        expect.that(real, f"The predictions are of {found.dtype}; real numbers are wanted.")
    return found


def _numbers(value: Any) -> tuple[float, ...]:
    """Take a list of floats from the cell, and nothing else."""
    right = isinstance(value, list) and all(type(item) is float for item in value)
    expect.that(right, "The losses of the training are not numbers.")
    return tuple(value)
