"""The training recipes: what is learnt, from which data, how long, and what is measured.

    base      what a recipe is
    images    models of images
    text      models of characters
    drawn     models of data that are drawn anew in each attempt

A recipe belongs to the grader. The student supplies parts of the model; data, loop, order of
the batches, learning rates and seeds are fixed here and in `grader/judge/drivers`, whose text
is part of a recipe's hash: a threshold belongs to exactly one recipe on exactly one data set.

What stands in a cell is never enough to cheat with. The numbers of classes and characters are
exchanged anew in each attempt, so that weights or labels learnt elsewhere mean nothing. Test
inputs come in an order of their own, their labels never come, and a text is asked for character
by character, the next one only after the model has said what it expects.
"""

from __future__ import annotations

import torch

from grader.judge.recipes import drawn, images, text
from grader.judge.recipes.base import Probe, Problem, Recipe

__all__ = ["RECIPES", "Probe", "Problem", "Recipe", "problem"]

RECIPES = {recipe.name: recipe for recipe in (*images.RECIPES, *text.RECIPES, *drawn.RECIPES)}


def problem(recipe: Recipe, seed: int) -> Problem:
    """Draw one attempt's data.

    Args:
        recipe: The recipe.
        seed: From which everything random in the data follows.

    Raises:
        UsageError: If the data set is not on this machine.
    """
    return recipe.problem(recipe, torch.Generator().manual_seed(seed))
