"""Hand-ins that want to be taken for trained ones, next to right ones, in jailed cells.

`test_training.py` has those that an attempt ends early. These go to the end, or try the parts of
torch and of the loop that stand beside them in the cell. One session grades all of them, and
right code after them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from grader import course, pipeline
from grader.data import find
from grader.model import Course, Outcome, TrainingMode, TrainingRecord, Verdict

ROOT = Path(__file__).parents[3]
EXERCISE = """\
title: Work
section: "{section}"
module: work
points: 4
limits: {{wall_time_s: 10, exercise_wall_time_s: {seconds}}}
tasks:
  learns:
    title: Learning
    points: 4
    defines: [{name}]
"""
HIDDEN = '''\
import pytest

@pytest.mark.task("learns")
@pytest.mark.points(4)
@pytest.mark.training("{recipe}")
def test_it_learns(training):
    """It learns."""
    training.run()
'''
SOFTMAX = """\
import torch

lr = 0.1
W = b = None

def softmax_params():
    W = torch.normal(0, 0.01, size=(784, 10), requires_grad=True)
    return W, torch.zeros(10, requires_grad=True)

def net(X):
    return torch.softmax(X.reshape(-1, 784) @ W + b, dim=1)

def cross_entropy(y_hat, y):
    return -torch.log(y_hat[range(len(y_hat)), y])

def updater(batch_size):
    with torch.no_grad():
        for p in (W, b):
            p -= lr * p.grad / batch_size
            p.grad.zero_()
"""
MLP = """\
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, num_inputs, num_outputs, num_hiddens1, num_hiddens2):
        super().__init__()
        self.lin1 = nn.Linear(num_inputs, num_hiddens1)
        self.lin2 = nn.Linear(num_hiddens1, num_hiddens2)
        self.lin3 = nn.Linear(num_hiddens2, num_outputs)

    def forward(self, X):
        H = torch.relu(self.lin1(X.reshape(len(X), -1)))
        return self.lin3(torch.relu(self.lin2(H)))
"""
TRAINS = "03-06-work", "04-06-work", "05-06-work"
"""Softmax regression with ample time, a perceptron, and softmax regression in a hurry."""
KINDS = {
    TRAINS[0]: ("softmax-regression", "net", 300, SOFTMAX, "03-06-softmax"),
    TRAINS[1]: ("mlp-dropout", "Net", 300, MLP, "04-06-dropout"),
    TRAINS[2]: ("softmax-regression", "net", 15, SOFTMAX, "03-06-softmax"),
}


@dataclass(frozen=True)
class Room:
    """A warm session for the small exercises."""

    session: pipeline.Session
    course: Course

    def grade(self, name: str, source: str) -> Verdict:
        """Grade one text and return the verdict of the test that trains."""
        (exercise,) = (e for e in self.course.exercises if e.id == name)
        grade = self.session.grade_source(exercise, source, training=TrainingMode.JUDGE)
        (verdict,) = grade.verdicts
        return verdict


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """Write the exercises with the course's own calibrations, and open a session for them."""
    root = tmp_path_factory.mktemp("course")
    (root / "autograde.yml").write_text('title: Small\nexercises: ["*"]\n', "utf-8")
    for name, (recipe, defines, seconds, reference, source) in KINDS.items():
        calibration = ROOT / "tests" / "hidden" / source / "calibration.json"
        for path, text in {
            f"assignments/{name}/exercise.yml": EXERCISE.format(
                section=f"{int(name[:2])}.{int(name[3:5])}", seconds=seconds, name=defines
            ),
            f"assignments/{name}/work.py": "",
            f"assignments/{name}/test_public.py": "",
            f"solutions/{name}/work.py": reference,
            f"tests/hidden/{name}/test_work.py": HIDDEN.format(recipe=recipe),
            f"tests/hidden/{name}/calibration.json": calibration.read_text("utf-8"),
        }.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, "utf-8")
    found = course.load_course(root)
    with pipeline.Session(found, found.exercises) as session:
        yield Room(session, found)


def _record(verdict: Verdict) -> TrainingRecord:
    assert verdict.training is not None, verdict.message
    return verdict.training


LEARNS_FROM_WHAT_IT_IS_ASKED = """
seen = []

def updater(batch_size):
    W.grad = b.grad = None

def net(X):
    if torch.is_grad_enabled() or len(X) != 250:
        return torch.softmax(X.reshape(-1, 784) @ W + b, dim=1)
    seen.append(X.reshape(-1, 784))
    pixels = torch.cat(seen)
    centres = pixels[:10].clone()
    for _ in range(5):
        nearest = torch.cdist(pixels, centres).argmin(1)
        for place in range(10):
            if (nearest == place).any():
                centres[place] = pixels[nearest == place].mean(0)
    return -torch.cdist(X.reshape(-1, 784), centres)
"""
CLAIMS_TO_HAVE_TRAINED = """
import sys

def take_over(frame, event, arg):
    space = frame.f_globals
    if "running" in space and "advance" in space:
        space["advance"] = lambda student, first, count: [2.3 / (1 + i) for i in range(count)]
        space["begin"].__globals__["descend"] = lambda params, rate, clip=0.0: None
        sys.setprofile(None)

sys.setprofile(take_over)
"""
FORGED = {
    "learns from test images": (TRAINS[0], SOFTMAX + LEARNS_FROM_WHAT_IT_IS_ASKED),
    "replaces the loop": (TRAINS[0], SOFTMAX + CLAIMS_TO_HAVE_TRAINED),
    "replaces the loss of torch by zero": (
        TRAINS[1],
        MLP + "\nnn.functional.cross_entropy = lambda scores, y: 0 * scores.sum()\n",
    ),
    "replaces backward": (TRAINS[1], MLP + "\ntorch.Tensor.backward = lambda self: None\n"),
    "hides its parameters": (TRAINS[1], MLP + "\nNet.parameters = lambda self: iter(())\n"),
}


@pytest.mark.parametrize(("name", "source"), FORGED.values(), ids=FORGED)
def test_who_does_not_train_has_learnt_nothing(room: Room, name: str, source: str) -> None:
    """Whatever the loop reports, held-out images are what counts, and they are at chance."""
    verdict = room.grade(name, source)

    assert verdict.outcome is Outcome.FAILED, verdict.message
    assert verdict.points == 0
    value = _record(verdict).value
    assert value is not None
    assert value < 0.6, "a few groups may happen to bear the numbers of their classes"


def test_tuning_on_test_images_earns_nothing(room: Room) -> None:
    """Each image is asked about once, in an order of its own, so own guesses are all there is."""
    source = (
        SOFTMAX
        + """
asked = set()

def net(X):
    scores = torch.softmax(X.reshape(-1, 784) @ W + b, dim=1)
    if not torch.is_grad_enabled() and len(X) == 250:
        images = {bytes((x * 255).byte().numpy()) for x in X}
        assert not asked & images, "an image came twice"
        asked.update(images)
        with torch.enable_grad():
            guesses = torch.softmax(X.reshape(-1, 784) @ W + b, dim=1)
            (-torch.log(guesses.max(1).values)).mean().backward()
        with torch.no_grad():
            W.sub_(0.1 * W.grad)
            W.grad = b.grad = None
    return scores
"""
    )
    verdict = room.grade(TRAINS[0], source)
    record = _record(verdict)

    assert verdict.outcome in {Outcome.PASSED, Outcome.FAILED}, verdict.message
    assert not record.suspicious
    assert record.value is not None
    assert record.best is not None
    assert record.value <= record.best + 0.01, "no better than the reference at its best"


def test_labels_by_heart_with_a_key_are_flagged(room: Room) -> None:
    """Who works out the new numbers of the classes and knows all labels is shown to a person."""
    images = find.load_images("fashion-mnist-small")
    weights = np.arange(1, 785)
    keys, tests = (
        (pixels.reshape(len(pixels), -1).astype(np.int64) * weights).sum(1).tolist()
        for pixels in (images.train_images[:300], images.test_images)
    )
    known = dict(zip(keys, images.train_labels[:300].tolist(), strict=True))
    table = dict(zip(tests, images.test_labels.tolist(), strict=True))
    source = (
        SOFTMAX
        + f"""
KNOWN, TABLE, numbers, batch = {known}, {table}, {{}}, []

def keys(X):
    pixels = (X.reshape(-1, 784) * 255).round().long()
    return (pixels * torch.arange(1, 785)).sum(1).tolist()

def net(X):
    if torch.is_grad_enabled() or len(X) != 250:
        batch[:] = keys(X)
        return torch.softmax(X.reshape(-1, 784) @ W + b, dim=1)
    found = [numbers[TABLE[key]] for key in keys(X)]
    return torch.nn.functional.one_hot(torch.tensor(found), 10).float()

def cross_entropy(y_hat, y):
    for key, number in zip(batch, y.tolist()):
        if key in KNOWN:
            numbers[KNOWN[key]] = number
    return -torch.log(y_hat[range(len(y_hat)), y])
"""
    )
    verdict = room.grade(TRAINS[0], source)

    assert _record(verdict).value == 1
    assert _record(verdict).suspicious


def test_nothing_is_left_of_an_earlier_attempt(room: Room) -> None:
    """Each attempt has a cell and a scratch folder of its own: weights cannot be put by."""
    source = SOFTMAX.replace("p -= lr *", "p -= 0.3 * lr *") + (
        """
import os, tempfile
places = {os.getcwd(), tempfile.gettempdir(), "/tmp", "/dev/shm", os.path.expanduser("~")}
files = [os.path.join(place, "weights-of-an-attempt") for place in sorted(places)]
found = [file for file in files if os.path.exists(file)]
assert not found, found
for file in files:
    try:
        with open(file, "w") as out:
            out.write("weights")
    except OSError:
        pass
"""
    )
    verdict = room.grade(TRAINS[0], source)

    assert verdict.outcome is Outcome.FAILED, verdict.message
    assert len(_record(verdict).attempts) == 3


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_scores_that_are_no_numbers_are_never_right(room: Room, value: str) -> None:
    """A model that is broken when it is asked has broken, however well it was trained."""
    source = SOFTMAX + (
        f"""
def net(X):
    scores = torch.softmax(X.reshape(-1, 784) @ W + b, dim=1)
    return scores if torch.is_grad_enabled() else scores * float("{value}")
"""
    )
    verdict = room.grade(TRAINS[0], source)

    assert verdict.outcome is Outcome.FAILED
    assert verdict.points == 0
    assert "became nan or infinite" in verdict.message


def test_a_model_100_times_too_slow_runs_out_of_time(room: Room) -> None:
    """It is told that its time ran out, and earns nothing."""
    slow = (
        "def net(X):\n    for _ in range(100 * 5): torch.softmax(X.reshape(-1, 784) @ W + b, dim=1)"
    )
    verdict = room.grade(TRAINS[2], SOFTMAX.replace("def net(X):", slow))

    assert verdict.outcome is Outcome.TIMEOUT, verdict.message
    assert verdict.points == 0


def test_a_model_100_times_too_large_runs_out_of_memory(room: Room) -> None:
    """It is told that its memory ran out, and earns nothing."""
    large = MLP.replace(
        "super().__init__()",
        "super().__init__()\n        num_hiddens1 *= 100\n        num_hiddens2 *= 100",
    )
    verdict = room.grade(TRAINS[1], large)

    assert verdict.outcome is Outcome.MEMORY, verdict.message
    assert verdict.points == 0


@pytest.mark.parametrize("name", TRAINS[:2])
def test_right_code_next_to_them_earns_everything(room: Room, name: str) -> None:
    """The same session goes on to grade right code as if nothing had been tried on it."""
    source = (
        KINDS[name][3] + "\ntorch.optim.SGD.step = torch.optim.Adam.step = lambda self: 1 / 0\n"
    )
    verdict = room.grade(name, source)

    assert verdict.outcome is Outcome.PASSED, verdict.message
    assert not _record(verdict).suspicious
