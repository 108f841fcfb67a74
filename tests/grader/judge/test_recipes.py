"""The recipes: what they draw, what leaves the judge, what a hash belongs to, and that they learn.

Here the loops run in this process, with the parts of `recipe_parts.py`: whether a cell is in
between makes no difference to what a recipe draws, trains and measures.
"""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from grader.data import find
from grader.judge import drivers, recipes
from grader.judge.recipes import RECIPES, Recipe, images
from grader.judge.threshold import at_chance
from tests.grader.judge import recipe_parts as parts

ALONE = (
    "linear-regression",
    "weight-decay",
    "lenet",
    "residual-net",
    "character-rnn",
    "character-lstm",
)
"""Recipes without an exercise of their own."""
QUICK = ("linear-regression", "weight-decay")


class Loop:
    """A recipe's text, run here as a cell would run it."""

    def __init__(self, recipe: Recipe, student: Any) -> None:
        self.recipe, self.student = recipe, student
        self.space: dict[str, Any] = {}
        exec(compile(recipe.driver_text, recipe.name, "exec"), self.space)

    def train(
        self, seed: int, *, one_batch: bool = False, steps: int = 0
    ) -> tuple[list[float], Any]:
        """Take all steps, or some at the full rate; return the losses and the problem."""
        torch.manual_seed(seed)
        problem = recipes.problem(self.recipe, seed)
        data = problem.one_batch(self.recipe) if one_batch else problem.train
        settings = {**self.recipe.settings, "order": seed}
        if steps:
            settings["steps"] = 10**9
        model = self.recipe.model
        self.space["begin"](self.student, model, data, problem.probe, settings)
        losses = self.space["advance"](self.student, 0, steps or self.recipe.steps)
        return losses, problem

    def value(self, seed: int) -> float:
        """Train and measure."""
        _, problem = self.train(seed)
        return float(problem.measure(lambda inputs: self.space["predict"](self.student, inputs)))


@pytest.mark.parametrize("name", ALONE)
def test_a_probe_of_right_parts_goes_downhill(name: str) -> None:
    """Within the few steps of a probe, with room between what is usual and what is asked for."""
    recipe = RECIPES[name]
    loop = Loop(recipe, parts)
    for one_batch, share in ((False, recipe.probe.falls), (True, recipe.probe.learnt)):
        losses, _ = loop.train(5, one_batch=one_batch, steps=recipe.probe.steps)
        first, last = math.fsum(losses[:3]) / 3, math.fsum(losses[-5:]) / 5
        assert last < 0.95 * share * first, (one_batch, first, last)


@pytest.mark.parametrize("name", QUICK)
def test_right_parts_learn(name: str) -> None:
    """Three seeds come out alike, and far from chance."""
    recipe = RECIPES[name]
    values = [Loop(recipe, parts).value(seed) for seed in (1, 2, 3)]

    assert not any(at_chance(value, recipe.rule) for value in values)
    assert max(values) < 1.06 * min(values)


WRONG: dict[str, tuple[str, dict[str, Any]]] = {
    "a step uphill": (
        "linear-regression",
        {"sgd": lambda params, lr, n: parts.sgd(params, -lr, n)},
    ),
    "a line through zero": (
        "linear-regression",
        {"linreg": lambda X, w, b: X @ w + 0 * b},
    ),
    "no penalty": ("weight-decay", {"l2_penalty": lambda w: 0 * w.sum()}),
    "a penalty of the bias": ("weight-decay", {"l2_penalty": lambda w: w.sum()}),
}


@pytest.mark.parametrize(("name", "change"), WRONG.values(), ids=WRONG)
def test_wrong_parts_measure_worse(name: str, change: dict[str, Any]) -> None:
    """What is wrong enough to matter stands outside of what right parts reach."""
    wrong = SimpleNamespace(**{**vars(parts), **change})
    recipe = RECIPES[name]
    right, found = Loop(recipe, parts).value(1), Loop(recipe, wrong).value(1)

    assert not found < (1 + recipe.rule.margin) * right


def test_a_cell_holds_only_what_it_trains() -> None:
    """The text of one recipe holds no model of another, and runs without the package."""
    for recipe in RECIPES.values():
        text = recipe.driver_text
        assert "grader" not in text.replace("the grader", "")
        assert f"class {recipe.model}" in text
        others = {other.model for other in RECIPES.values() if other.model != recipe.model}
        assert not [name for name in others if f"class {name}(" in text or f"class {name}:" in text]
        assert "RECIPES" not in text


def test_a_hash_follows_what_is_computed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A sentence may be better tomorrow; a changed step, setting or name is another recipe."""
    recipe = RECIPES["edge-kernel"]
    texts = {file.name: file.read_text("utf-8") for file in drivers.FILES}

    def changed(old: str, new: str) -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        assert old in texts["loop.py"]
        for name, text in texts.items():
            (folder / name).write_text(text.replace(old, new), "utf-8")
        monkeypatch.setattr(drivers, "FILES", tuple(folder / file.name for file in drivers.FILES))
        return recipe.sha256

    today = recipe.sha256
    assert changed("Take steps and return", "Go on and return") == today
    assert changed("1 - number / steps", "1 - number / (2 * steps)") != today
    monkeypatch.undo()
    assert recipe.sha256 == today


def test_edges_differ_between_attempts_and_carry_noise() -> None:
    """No kernel fits two attempts, and no kernel fits one without an error."""
    problems = [recipes.problem(RECIPES["edge-kernel"], seed) for seed in range(8)]
    shapes = {tuple(problem.train[1].shape[1:]) for problem in problems}

    assert shapes == {(8, 9), (9, 8)}
    for problem in problems:
        images, targets = problem.train
        dim = 1 if targets.shape[1] < images.shape[1] else 2
        steps = images.diff(dim=dim)
        spread = [float(targets[steps == value].std()) for value in (-1, 0, 1)]
        assert spread == pytest.approx([0.1] * 3, rel=0.1)


def test_labels_of_test_images_never_leave_the_judge() -> None:
    """What is sent for prediction are images alone, each once, in an order of the attempt's own."""
    images = find.load_images("fashion-mnist-small")
    orders = []
    for seed in (1, 2):
        sent: list[torch.Tensor] = []

        def predict(inputs: torch.Tensor, sent: list[torch.Tensor] = sent) -> torch.Tensor:
            sent.append(inputs)
            return torch.zeros(len(inputs), 10)

        problem = recipes.problem(RECIPES["softmax-regression"], seed)
        value = problem.measure(predict)
        together = torch.cat(sent)
        orders.append(together)
        assert value == pytest.approx(0.1)
        assert together.dtype == torch.uint8
        assert sorted(map(bytes, together.numpy())) == sorted(map(bytes, images.test_images))
    assert not torch.equal(*orders)


def test_classes_are_numbered_anew_in_each_attempt() -> None:
    """The same image has another number in another attempt, but equal images stay together."""
    first, second = (recipes.problem(RECIPES["mlp-dropout"], seed).train[1] for seed in (1, 2))
    pairs = set(zip(first.tolist(), second.tolist(), strict=True))

    assert len(pairs) == 10
    assert not torch.equal(first, second)


def test_a_text_is_asked_for_character_by_character() -> None:
    """The next character comes only after the model has said what it expects."""
    problem = recipes.problem(RECIPES["character-gru"], 3)
    sent: list[torch.Tensor] = []

    def predict(inputs: torch.Tensor) -> torch.Tensor:
        sent.append(inputs)
        return torch.zeros(len(inputs), 27)

    assert problem.measure(predict) == pytest.approx(27)
    assert {tuple(inputs.shape) for inputs in sent} == {(100,)}
    assert len(sent) == 50


def test_scores_are_made_probabilities_by_the_judge() -> None:
    """Claiming every character to be likely at once helps nobody."""
    problem = recipes.problem(RECIPES["character-gru"], 3)

    assert problem.measure(lambda inputs: torch.full((len(inputs), 27), 1e6)) == pytest.approx(27)


def test_a_hash_belongs_to_one_recipe() -> None:
    """No two recipes share a hash, so no threshold can stand for another."""
    assert len({recipe.sha256 for recipe in RECIPES.values()}) == len(RECIPES)


def test_batches_divide_the_data() -> None:
    """A last batch of a few examples would move the measurement by points."""
    for name, recipe in RECIPES.items():
        if recipe.data == images.FULL:  # not on every machine
            assert 60_000 % recipe.settings["batch"] == 0, name
            continue
        data = recipes.problem(recipe, 1).train
        if len(data) > 1:
            assert len(data[0]) % recipe.settings["batch"] == 0, name


@pytest.mark.parametrize("name", ["resnet-18", "vgg-11"])
def test_a_network_for_a_card_is_built_of_right_parts(name: str) -> None:
    """Images of the full set go in, ten scores come out, and every block gets its gradient."""
    recipe = RECIPES[name]
    space: dict[str, Any] = {}
    exec(compile(recipe.driver_text, name, "exec"), space)
    model = object.__new__(space[recipe.model])

    net = model.build(parts)
    scores = net(torch.rand(2, 1, 28, 28))
    scores.sum().backward()

    assert scores.shape == (2, 10)
    assert all(param.grad is not None for param in net.parameters())


@pytest.mark.parametrize("seed", range(5))
def test_vgg_starts_where_it_can_learn(seed: int) -> None:
    """Scores depend on the image from the start; after Xavier they differ by less than .001."""
    recipe = RECIPES["vgg-11"]
    space: dict[str, Any] = {}
    exec(compile(recipe.driver_text, recipe.name, "exec"), space)
    torch.manual_seed(seed)

    net = object.__new__(space[recipe.model]).build(parts).eval()
    scores = net(torch.rand(64, 1, 28, 28)).detach()

    assert float(scores.std(dim=0).mean()) > 0.01
