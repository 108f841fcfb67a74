"""Recipes that learn to guess the next character of a text."""

from __future__ import annotations

import math
import re
from functools import cache

import torch

from grader.data import find
from grader.judge import expect
from grader.judge.recipes.base import Predict, Probe, Problem, Recipe
from grader.judge.threshold import PERPLEXITY_OF_27

POEM = "paradise-lost"
SIGNS = 27
"""The letters a to z, and one for a run of anything else."""


class TextProblem(Problem):
    """A text whose letters are numbered anew."""

    TRAIN_CHARACTERS = 20_000
    TEXTS, LENGTH = 100, 50
    """Held-out pieces of the text, and how many characters of each are guessed."""

    def __init__(self, recipe: Recipe, rng: torch.Generator) -> None:
        """Draw them."""
        numbers = torch.randperm(SIGNS, generator=rng).to(torch.uint8)
        text = numbers[_characters(recipe.data)]
        self.train = [text[: self.TRAIN_CHARACTERS].clone()]
        self.probe = torch.zeros(3, dtype=torch.uint8)
        end = self.TRAIN_CHARACTERS + self.TEXTS * (self.LENGTH + 1)
        pieces = text[self.TRAIN_CHARACTERS : end].reshape(self.TEXTS, self.LENGTH + 1)
        self._texts = pieces[torch.randperm(self.TEXTS, generator=rng)]

    def one_batch(self, recipe: Recipe) -> list[torch.Tensor]:
        """Return as much of the text as one piece of a step sees."""
        return [self.train[0][: int(recipe.settings["length"]) + 1]]

    def measure(self, predict: Predict) -> float:
        """Return the perplexity: e to the mean surprise, a character."""
        total = 0.0
        for place in range(self.LENGTH):
            scores = predict(self._texts[:, place].clone())
            expect.shape(scores, (self.TEXTS, SIGNS), what="the scores of characters")
            if not torch.isfinite(scores).all():
                return math.nan
            # The judge turns scores into probabilities itself, so that they add up to 1.
            surprise = -scores.double().log_softmax(1)
            following = self._texts[:, place + 1].long()
            total += float(surprise[range(self.TEXTS), following].mean())
        return math.exp(min(total / self.LENGTH, 100.0))


@cache
def _characters(name: str) -> torch.Tensor:
    """Return a text as numbers: 0 for a run of anything but letters, 1 to 26 for a to z."""
    text = re.sub("[^a-z]+", " ", find.load_text(name).lower())
    return torch.tensor([0 if sign == " " else ord(sign) - 96 for sign in text])


def _recurrent(name: str, title: str, model: str, rate: float) -> Recipe:
    settings = {"steps": 300, "batch": 32, "rate": rate, "length": 35}
    cell = {"hidden": 64, "clip": 1.0, "vocabulary": SIGNS}
    probe = Probe(steps=40, falls=0.97, learnt=0.93)
    return Recipe(name, title, model, POEM, TextProblem, PERPLEXITY_OF_27, settings | cell, probe)


RECIPES = (
    Recipe(
        "vocabulary-model",
        "a model of characters that reads through a vocabulary",
        "VocabularyModel",
        POEM,
        TextProblem,
        PERPLEXITY_OF_27,
        {"steps": 500, "batch": 200, "rate": 0.5, "length": 4, "embedding": 16, "hidden": 64},
        Probe(steps=40, falls=0.93, learnt=0.8),
    ),
    _recurrent("character-rnn", "a recurrent network of characters", "CharacterRnn", 1.0),
    _recurrent("character-gru", "a GRU that guesses the next character", "CharacterGru", 4.0),
    _recurrent("character-lstm", "an LSTM that guesses the next character", "CharacterLstm", 4.0),
)
