"""Models of text, joined from the student's parts. Runs in the cell beside the student."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional as F

from grader.judge.drivers.loop import descend

SIGNS = "abcdefghijklmnopqrstuvwxyz "
LINE_LENGTH = 50
MISSING = -30.0
"""Score of a sign that the vocabulary does not give back."""


def places(corpus: torch.Tensor, settings: dict[str, Any], rng: torch.Generator) -> torch.Tensor:
    """Draw where the pieces of a batch begin; each has `length` characters and one more."""
    return torch.randint(
        len(corpus) - int(settings["length"]), (int(settings["batch"]),), generator=rng
    )


class Characters:
    """The student's recurrent cell as a model of the next character."""

    PARAMS = "get_params"
    STATE = ""
    CELL = ""

    def __init__(self, student: Any, data: list[torch.Tensor], settings: dict[str, Any]) -> None:
        """Draw the parameters.

        Args:
            student: Its module.
            data: [(n,) uint8, the training text as character numbers].
            settings: `batch`, `length`, `vocabulary`, `hidden`, `clip`, `order`.
        """
        self.corpus = data[0].long()
        self.settings = settings
        self.generator = torch.Generator().manual_seed(settings["order"])
        self.cell = getattr(student, self.CELL)
        self.first_state = getattr(student, self.STATE)
        draw = getattr(student, self.PARAMS)
        self.params = draw(settings["vocabulary"], settings["hidden"], "cpu")
        self.state: Any = None

    def step(self, rate: float) -> float:
        """Take one step on pieces of the text from random places; return the mean loss."""
        length, batch = self.settings["length"], self.settings["batch"]
        starts = places(self.corpus, self.settings, self.generator)
        pieces = torch.stack([self.corpus[p : p + length + 1] for p in starts.tolist()])
        state = self.first_state(batch, self.settings["hidden"], "cpu")
        outputs, _ = self.cell(self.one_hot(pieces[:, :-1].T), state, self.params)
        loss = F.cross_entropy(outputs, pieces[:, 1:].T.reshape(-1))
        loss.backward()
        descend(list(self.params), rate, self.settings["clip"])
        return float(loss.detach())

    def scores(self, characters: torch.Tensor) -> torch.Tensor:
        """Return (n, vocabulary) scores of what follows, one character of n texts at a time."""
        if self.state is None:
            self.state = self.first_state(len(characters), self.settings["hidden"], "cpu")
        inputs = self.one_hot(characters.long()[None])
        outputs, self.state = self.cell(inputs, self.state, self.params)
        scores: torch.Tensor = outputs
        return scores

    def one_hot(self, numbers: torch.Tensor) -> torch.Tensor:
        """Return numbers as rows of zeros with a single 1."""
        return F.one_hot(numbers, self.settings["vocabulary"]).float()


class CharacterRnn(Characters):
    """With `get_params`, `init_rnn_state` and `rnn`."""

    STATE = "init_rnn_state"
    CELL = "rnn"


class CharacterGru(Characters):
    """With `get_params`, `init_gru_state` and `gru`."""

    STATE = "init_gru_state"
    CELL = "gru"


class CharacterLstm(Characters):
    """With `get_lstm_params`, `init_lstm_state` and `lstm`."""

    PARAMS = "get_lstm_params"
    STATE = "init_lstm_state"
    CELL = "lstm"


class VocabularyModel:
    """A model of the grader's that reads and writes text through the student's `Vocab`.

    From the indices of the last characters it guesses the index of the next one. Whatever the
    vocabulary confuses, the model cannot learn.
    """

    def __init__(self, student: Any, data: list[torch.Tensor], settings: dict[str, Any]) -> None:
        """Build the vocabulary of the training text, and a perceptron on top of it.

        Args:
            student: Its module.
            data: [(n,) uint8, the training text as character numbers].
            settings: `batch`, `length`, `embedding`, `hidden`, `order`.
        """
        text = [SIGNS[number] for number in data[0].tolist()]
        lines = [text[at : at + LINE_LENGTH] for at in range(0, len(text), LINE_LENGTH)]
        self.vocab = student.Vocab([list(line) for line in lines])
        self.corpus = torch.tensor(self.vocab[text])
        self.entries = list(self.vocab.to_tokens(list(range(len(self.vocab)))))
        self.settings = settings
        self.generator = torch.Generator().manual_seed(settings["order"])
        context, width, hidden = (int(settings[name]) for name in ("length", "embedding", "hidden"))
        self.params = [
            torch.randn(len(self.entries), width),
            torch.randn(context * width, hidden) / (context * width) ** 0.5,
            torch.zeros(hidden),
            torch.randn(hidden, len(self.entries)) * 0.01,
            torch.zeros(len(self.entries)),
        ]
        for param in self.params:
            param.requires_grad_()
        self.state: Any = None

    def step(self, rate: float) -> float:
        """Take one step on pieces of the text from random places; return the mean loss."""
        length = int(self.settings["length"])
        starts = places(self.corpus, self.settings, self.generator)
        pieces = self.corpus[starts[:, None] + torch.arange(length + 1)]
        loss = F.cross_entropy(self.logits(pieces[:, :-1]), pieces[:, -1])
        loss.backward()
        descend(self.params, rate)
        return float(loss.detach())

    def logits(self, context: torch.Tensor) -> torch.Tensor:
        """Return (n, entries) scores of what follows (n, length) indices."""
        table, weight, bias, out, out_bias = self.params
        hidden = torch.tanh(table[context].flatten(1) @ weight + bias)
        logits: torch.Tensor = hidden @ out + out_bias
        return logits

    def scores(self, characters: torch.Tensor) -> torch.Tensor:
        """Return (n, signs) scores of what follows, one character of n texts at a time."""
        tokens = [SIGNS[number] for number in characters.tolist()]
        indices = torch.tensor(self.vocab[tokens])[:, None]
        if self.state is None:
            length = int(self.settings["length"])
            self.state = torch.zeros(len(tokens), length, dtype=torch.long)
        self.state = torch.cat([self.state[:, 1:], indices], dim=1)
        logits = self.logits(self.state)
        scores = torch.full((len(tokens), len(SIGNS)), MISSING)
        for index, token in enumerate(self.entries):
            if token in SIGNS and len(token) == 1:
                scores[:, SIGNS.index(token)] = logits[:, index]
        return scores
