"""What is tried: the catalogues' mistakes, further wrong versions, and the right alternatives."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import course
from grader.course.catalogue import read_alternatives, read_catalogue
from grader.judge.recipes import RECIPES
from grader.model import Course, Exercise


@dataclass(frozen=True, slots=True)
class Variant:
    """One version of a student's module.

    Attributes:
        name: Unique in its exercise.
        label: What it does, completing "a version that ...".
        source: The whole module.
    """

    name: str
    label: str
    source: str


@dataclass(frozen=True, slots=True)
class Change:
    """A wrong version, written as the text of the reference that it replaces.

    Attributes:
        name: Of the variant.
        label: What it does wrong.
        old: Text of the reference; all its occurrences are replaced.
        new: What stands there instead.
    """

    name: str
    label: str
    old: str
    new: str


FURTHER = {
    "03-06-softmax": (
        Change(
            "clamped_probabilities",
            "takes the logarithm of at least 0.2, so that hopeless examples teach nothing",
            "-torch.log(y_hat[range(len(y_hat)), y])",
            "-torch.log(y_hat[range(len(y_hat)), y].clamp(min=0.2))",
        ),
        Change(
            "smoothed_labels",
            "gives a tenth of each label to the other classes",
            "-torch.log(y_hat[range(len(y_hat)), y])",
            "-0.9 * torch.log(y_hat[range(len(y_hat)), y]) - 0.1 * torch.log(y_hat).mean(1)",
        ),
        Change(
            "squared_loss",
            "squares what is missing to probability 1",
            "-torch.log(y_hat[range(len(y_hat)), y])",
            "(1 - y_hat[range(len(y_hat)), y]) ** 2",
        ),
        Change(
            "focal_loss",
            "weights each loss with what is missing to probability 1",
            "-torch.log(y_hat[range(len(y_hat)), y])",
            "-(1 - y_hat[range(len(y_hat)), y]) * torch.log(y_hat[range(len(y_hat)), y])",
        ),
        Change(
            "images_turned",
            "reads the images column by column",
            "X.reshape((-1, W.shape[0]))",
            "X.reshape(-1, 28, 28).transpose(1, 2).reshape((-1, W.shape[0]))",
        ),
        Change(
            "bias_twice",
            "adds the bias twice",
            "W) + b)",
            "W) + 2 * b)",
        ),
        Change(
            "cooled_logits",
            "divides the logits by 2",
            "W) + b)",
            "W) / 2 + b)",
        ),
    ),
    "04-06-dropout": (
        Change(
            "sigmoid_for_relu", "uses the sigmoid instead of ReLU", "torch.relu", "torch.sigmoid"
        ),
        Change("tanh_for_relu", "uses tanh instead of ReLU", "torch.relu", "torch.tanh"),
        Change(
            "leaky_relu",
            "uses a leaky ReLU",
            "torch.relu",
            "nn.functional.leaky_relu",
        ),
        Change(
            "absolute_value",
            "takes absolute values instead of ReLU",
            "torch.relu",
            "torch.abs",
        ),
        Change(
            "one_probability",
            "uses the second probability in both places",
            "dropout_layer(H1, dropout1)",
            "dropout_layer(H1, dropout2)",
        ),
        Change(
            "drops_inputs",
            "drops inputs instead of units of the first hidden layer",
            "H1 = torch.relu(self.lin1(X.reshape(-1, self.num_inputs)))\n"
            "        if self.training:\n            H1 = dropout_layer(H1, dropout1)",
            "X = X.reshape(-1, self.num_inputs)\n"
            "        X = dropout_layer(X, dropout1) if self.training else X\n"
            "        H1 = torch.relu(self.lin1(X))",
        ),
        Change(
            "rescaled_at_prediction",
            "rescales while predicting, as the first paper did, and not while training",
            "return mask * X / (1.0 - dropout)",
            "return mask * X",
        ),
        Change(
            "rescaled_by_hand",
            "rescales by the share that happened to be kept",
            "return mask * X / (1.0 - dropout)",
            "return mask * X / mask.float().mean().clamp(min=0.01)",
        ),
    ),
    "07-05-batch-norm": (
        Change("eps_hundredth", "uses eps = 1e-2", "eps=1e-5", "eps=1e-2"),
        Change("tanh_for_sigmoid", "uses tanh instead of the sigmoid", "nn.Sigmoid()", "nn.Tanh()"),
        Change(
            "mixed_activations",
            "uses ReLU in one place and the sigmoid elsewhere",
            "BatchNorm(6, num_dims=4), nn.Sigmoid()",
            "BatchNorm(6, num_dims=4), nn.ReLU()",
        ),
        Change(
            "mixed_pooling",
            "takes maxima in one place and averages in the other",
            "BatchNorm(6, num_dims=4), nn.Sigmoid(), nn.AvgPool2d(2)",
            "BatchNorm(6, num_dims=4), nn.Sigmoid(), nn.MaxPool2d(2)",
        ),
        Change(
            "gamma_is_fixed",
            "cuts gamma off from autograd",
            "self.gamma,\n",
            "self.gamma.data,\n",
        ),
        Change(
            "beta_is_fixed",
            "cuts beta off from autograd",
            "self.beta,\n",
            "self.beta.data,\n",
        ),
        Change(
            "mean_deviation",
            "takes the mean absolute deviation for the standard deviation",
            "var = ((X - mean) ** 2).mean(axes, keepdim=True)",
            "var = (X - mean).abs().mean(axes, keepdim=True) ** 2",
        ),
        Change(
            "mean_is_constant",
            "cuts the mean off from autograd",
            "mean = X.mean(axes, keepdim=True)",
            "mean = X.detach().mean(axes, keepdim=True)",
        ),
    ),
    "09-01-gru": (
        Change(
            "outputs_before_the_step",
            "computes outputs from the state before the step",
            "        H = Z * H + (1 - Z) * C\n        outputs.append(H @ W_hq + b_q)",
            "        outputs.append(H @ W_hq + b_q)\n        H = Z * H + (1 - Z) * C",
        ),
        Change(
            "no_output_bias",
            "leaves the bias of the outputs out",
            "H @ W_hq + b_q",
            "H @ W_hq",
        ),
        Change(
            "outputs_squashed",
            "sends the outputs through tanh",
            "H @ W_hq + b_q)",
            "torch.tanh(H) @ W_hq + b_q)",
        ),
        Change(
            "hard_gates",
            "cuts the gates off linearly instead of using the sigmoid",
            "torch.sigmoid(",
            "torch.nn.functional.hardsigmoid(",
        ),
        Change("relu_candidate", "uses ReLU for the candidate", "torch.tanh(", "torch.relu("),
        Change(
            "one_gate",
            "uses the update gate for both gates",
            "R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)",
            "R = Z",
        ),
        Change(
            "reset_from_candidate",
            "computes the reset gate with the weights of the candidate",
            "R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)",
            "R = torch.sigmoid(X @ W_xh + H @ W_hh + b_h)",
        ),
        Change(
            "gates_without_state",
            "leaves the state out of both gates",
            "R = torch.sigmoid(X @ W_xr + H @ W_hr + b_r)",
            "R, Z = torch.sigmoid(X @ W_xr + b_r), torch.sigmoid(X @ W_xz + b_z)",
        ),
        Change(
            "short_memory",
            "cuts the gradient of the update gate's share",
            "H = Z * H + (1 - Z) * C",
            "H = Z * H.detach() + (1 - Z) * C",
        ),
    ),
}
"""Wrong versions beside the catalogues', chosen because they may well train."""

ALONE = """

for _found in list(globals().values()):
    if "lockstep" in getattr(_found, "__name__", "") and hasattr(_found, "pytestmark"):
        _found.pytestmark = [m for m in _found.pytestmark if m.name != "depends_on"]
"""
"""Lets lockstep tests run whatever other tests say: what they catch is counted by itself."""


def right_variants(exercise: Exercise) -> tuple[Variant, ...]:
    """Return the reference and the alternatives."""
    reference = exercise.reference.read_text(encoding="utf-8")
    others = (Variant(a.name, "", a.source) for a in read_alternatives(exercise))
    return (Variant("reference", "", reference), *others)


def wrong_variants(exercise: Exercise) -> tuple[Variant, ...]:
    """Return the catalogue's mistakes in what training uses, and the further ones.

    Raises:
        ValueError: If a further one changes text that the reference does not hold.
    """
    reference = exercise.reference.read_text(encoding="utf-8")
    used = trained_names(reference, _asked(exercise))
    catalogue = (m for m in read_catalogue(exercise) if m.replaces in used)
    found = [Variant(m.name, m.label, m.source) for m in catalogue]
    for change in FURTHER.get(exercise.id, ()):
        if change.old not in reference:
            msg = f"{exercise.id} {change.name}: the reference does not hold {change.old!r}"
            raise ValueError(msg)
        source = reference.replace(change.old, change.new)
        found.append(Variant(change.name, change.label, source))
    if len({variant.name for variant in found}) < len(found):
        msg = f"{exercise.id}: two variants share a name"
        raise ValueError(msg)
    return tuple(found)


def _asked(exercise: Exercise) -> list[str]:
    """Return what the training loops of an exercise's recipes ask of a module, by name."""
    suite = exercise.hidden_suite.read_text(encoding="utf-8")
    loops = "".join(
        RECIPES[name].driver_text for name in re.findall(r'training\("([\w-]+)"\)', suite)
    )
    # Some are asked for by a name that stands in the class: CELL = "gru".
    return re.findall(r'(?:student\.|= ")(\w+)', loops)


def trained_names(reference: str, asked: Iterable[str]) -> frozenset[str]:
    """Return the top-level names of a module that some of its names need, themselves included.

    Args:
        reference: Text of the module.
        asked: What the training loops ask of a module; other modules' names do no harm.
    """
    needs = {
        node.name: {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        for node in ast.parse(reference).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    found, due = set(), set(asked) & needs.keys()
    while due:
        name = due.pop()
        found.add(name)
        due |= (needs[name] & needs.keys()) - found
    return frozenset(found)


def undisturbed(found: Course, chosen: Sequence[Exercise], folder: Path) -> Course:
    """Copy exercises to where lockstep tests depend on no other test.

    Args:
        found: The course.
        chosen: Some of its exercises.
        folder: An empty one.
    """
    for exercise in chosen:
        for part in (exercise.assignment_dir, exercise.solution_dir, exercise.hidden_dir):
            shutil.copytree(part, folder / part.relative_to(found.root))
        suite = folder / exercise.hidden_suite.relative_to(found.root)
        suite.write_text(suite.read_text(encoding="utf-8") + ALONE, encoding="utf-8")
    shutil.copy(found.root / "autograde.yml", folder)
    return course.load_course(folder)
