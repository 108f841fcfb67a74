# ruff: noqa: E501 - one line a case
"""Training judged on real processes: honest code passes, and every known way to cheat does not.

One small exercise trains softmax regression by the recipe of the course, against the course's
own calibration. Everything is graded at the best level of this host.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from grader import course, pipeline
from grader.data import find
from grader.judge.plugin import derived_seed
from grader.model import Course, Outcome, TrainingMode, TrainingRecord, Verdict

ROOT = Path(__file__).parents[3]
CALIBRATION = ROOT / "tests" / "hidden" / "03-06-softmax" / "calibration.json"
EXERCISE = """\
title: Softmax regression
section: "3.6"
module: work
points: 4
limits: {wall_time_s: 60, exercise_wall_time_s: 400, memory_mib: 300}
tasks:
  train_ch3:
    title: Training
    points: 4
"""
HIDDEN = '''\
import pytest
from grader.judge import expect

@pytest.mark.task("train_ch3")
@pytest.mark.points(1)
def test_shapes(student):
    """W and b have the right shapes."""
    W, b = student.softmax_params()
    expect.shape(W, (784, 10), what="W")

@pytest.mark.task("train_ch3")
@pytest.mark.points(3)
@pytest.mark.training("softmax-regression")
def test_it_learns(training):
    """It learns."""
    training.run()
'''
PUBLIC = '''\
import pytest

@pytest.mark.task("train_ch3")
@pytest.mark.points(0)
@pytest.mark.training("softmax-regression")
def test_it_learns_a_little(training):
    """It learns a little."""
    training.run()
'''
RIGHT = """\
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
SLOW_LEARNER = RIGHT.replace("p -= lr *", "p -= 0.45 * lr *")


def _write(root: Path) -> Course:
    """Write the course, with the calibration of the real exercise."""
    name = "03-06-work"
    (root / "autograde.yml").write_text('title: Small\nexercises: ["*"]\n', "utf-8")
    for path, text in {
        f"assignments/{name}/exercise.yml": EXERCISE,
        f"assignments/{name}/work.py": "",
        f"assignments/{name}/test_public.py": PUBLIC,
        f"solutions/{name}/work.py": RIGHT,
        f"tests/hidden/{name}/test_work.py": HIDDEN,
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    shutil.copy(CALIBRATION, root / "tests" / "hidden" / name / "calibration.json")
    return course.load_course(root)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[pipeline.Session, Course]]:
    """Open one warm session for all tests of this module."""
    found = _write(tmp_path_factory.mktemp("course"))
    with pipeline.Session(found, found.exercises) as session:
        yield session, found


def _grade(
    small: tuple[pipeline.Session, Course],
    source: str,
    mode: TrainingMode = TrainingMode.JUDGE,
    wall_time_s: float = 400,
) -> Verdict:
    session, found = small
    limits = replace(found.exercises[0].limits, exercise_wall_time_s=wall_time_s)
    exercise = replace(found.exercises[0], limits=limits)
    grade = session.grade_source(exercise, source, training=mode)
    (verdict,) = (v for v in grade.verdicts if v.test.training)
    return verdict


def _record(verdict: Verdict) -> TrainingRecord:
    assert verdict.training is not None, verdict.message
    return verdict.training


def test_right_code_passes_at_once(small: tuple[pipeline.Session, Course]) -> None:
    """One attempt, all points, and a record with its evidence."""
    verdict = _grade(small, RIGHT)
    record = _record(verdict)

    assert verdict.outcome is Outcome.PASSED, verdict.message
    assert verdict.points == 3
    assert record.reason == "passed"
    assert record.value is not None
    assert record.threshold is not None
    assert record.value >= record.threshold
    (attempt,) = record.attempts
    assert len(attempt.losses) == len(record.band) == 20
    assert attempt.losses[-1] < attempt.losses[0]
    assert (record.data, record.device, record.steps) == ("fashion-mnist-small", "cpu", 200)


def test_another_start_passes_too(small: tuple[pipeline.Session, Course]) -> None:
    """Right code in another style, here with weights that start at zero, is good enough."""
    source = RIGHT.replace(
        "torch.normal(0, 0.01, size=(784, 10), requires_grad=True)",
        "torch.zeros(784, 10, requires_grad=True)",
    )

    assert _grade(small, source).outcome is Outcome.PASSED


def test_a_slow_learner_earns_a_part(small: tuple[pipeline.Session, Course]) -> None:
    """Between floor and threshold, after three attempts, the points are a part in thousandths."""
    verdict = _grade(small, SLOW_LEARNER)

    assert verdict.outcome is Outcome.FAILED
    assert verdict.points is not None
    assert 0 < verdict.points < 3
    assert (verdict.points * 1000).denominator == 1
    assert len(_record(verdict).attempts) == 3
    assert "74.5 % are asked for" in verdict.message


@pytest.mark.parametrize(
    "ends", ["time.sleep(99)", "raise ValueError", "os._exit(1)"], ids=["late", "raises", "exits"]
)
def test_a_further_attempt_takes_nothing_away(
    small: tuple[pipeline.Session, Course], ends: str
) -> None:
    """What the first attempt earned stays, whatever becomes of the second."""
    session, found = small
    limits = replace(found.exercises[0].limits, exercise_wall_time_s=15)
    second = derived_seed(5, "test_work.py::test_it_learns", "attempt 1") % 2**32
    source = f"import os, time\n{SLOW_LEARNER}\nif torch.initial_seed() == {second}:\n    {ends}\n"

    grade = session.grade_source(
        replace(found.exercises[0], limits=limits), source, seed=5, training=TrainingMode.JUDGE
    )
    (verdict,) = (v for v in grade.verdicts if v.test.training)
    record = _record(verdict)

    assert verdict.outcome is Outcome.FAILED
    assert verdict.points is not None
    assert 0 < verdict.points < 3
    assert [attempt.value is None for attempt in record.attempts] == [False, True]
    assert record.value == record.attempts[0].value


@pytest.mark.parametrize("kind", ["complex64", "bool"])
def test_predictions_that_are_no_real_numbers_are_wrong(
    small: tuple[pipeline.Session, Course], kind: str
) -> None:
    """They are the student's mistake, and no fault that leaves the points open."""
    scores = "torch.softmax(X.reshape(-1, 784) @ W + b, dim=1)"
    asked = f"{scores} if torch.is_grad_enabled() else ({scores}).to(torch.{kind})"

    verdict = _grade(small, RIGHT.replace(scores, asked))

    assert verdict.outcome is Outcome.FAILED
    assert verdict.points == 0
    assert f"torch.{kind}; real numbers are wanted" in verdict.message


def test_a_seed_of_its_own_is_told(small: tuple[pipeline.Session, Course]) -> None:
    """Attempts that all begin alike are called what they are."""
    source = SLOW_LEARNER.replace(
        "    W = torch.normal", "    torch.manual_seed(3)\n    W = torch.normal"
    )

    assert "sets a random seed of its own" in _grade(small, source).message


def _memorised_by_index() -> str:
    labels = find.load_images("fashion-mnist-small").test_labels.tolist()
    return (
        RIGHT
        + f"""
LABELS = torch.tensor({labels})
place = 0

def net(X):
    global place
    if torch.is_grad_enabled() or len(X) != 250:
        return torch.softmax(X.reshape(-1, 784) @ W + b, dim=1)
    found = LABELS[place : place + len(X)]
    place += len(X)
    return torch.nn.functional.one_hot(found, 10).float()
"""
    )


def _memorised_by_image() -> str:
    images = find.load_images("fashion-mnist-small")
    sums = images.test_images.reshape(2000, -1).astype(np.int64)
    keys = (sums * np.arange(1, 785)).sum(1).tolist()
    table = dict(zip(keys, images.test_labels.tolist(), strict=True))
    return (
        RIGHT
        + f"""
TABLE = {table}

def net(X):
    pixels = (X.reshape(-1, 784) * 255).round().long()
    keys = (pixels * torch.arange(1, 785)).sum(1).tolist()
    if torch.is_grad_enabled():
        return torch.softmax(X.reshape(-1, 784) @ W + b, dim=1)
    found = torch.tensor([TABLE.get(key, 0) for key in keys])
    return torch.nn.functional.one_hot(found, 10).float()
"""
    )


def _weights_from_elsewhere() -> str:
    """Learn good weights beforehand and carry them in the source; training changes nothing."""
    images = find.load_images("fashion-mnist-small")
    X = torch.from_numpy(images.train_images).double().reshape(5000, -1) / 255
    Y = torch.nn.functional.one_hot(torch.from_numpy(images.train_labels).long(), 10).double()
    W = torch.linalg.solve(X.T @ X + 50 * torch.eye(784, dtype=torch.float64), X.T @ Y)
    right = (torch.from_numpy(images.test_images).double().reshape(2000, -1) / 255 @ W).argmax(1)
    share = (right == torch.from_numpy(images.test_labels).long()).double().mean()
    assert share > 0.77, "the weights themselves are good, so that only the grader stops them"
    packed = base64.b64encode(W.numpy().astype(np.float16).tobytes()).decode()
    return (
        RIGHT
        + f"""
import base64
import numpy
BYTES = base64.b64decode("{packed}")
GOOD = torch.from_numpy(numpy.frombuffer(BYTES, numpy.float16).reshape(784, 10).astype("float32"))

def net(X):
    return torch.softmax(10 * (X.reshape(-1, 784) @ GOOD) + 0 * (W.sum() + b.sum()), dim=1)
"""
    )


LEARNS_NOTHING = {
    "labels by index": _memorised_by_index,
    "labels by image": _memorised_by_image,
    "weights in the source": _weights_from_elsewhere,
    "a loss of zero": lambda: (
        RIGHT + "\ndef cross_entropy(y_hat, y):\n    return 0 * y_hat.sum(1)\n"
    ),
    "no update": lambda: RIGHT + "\ndef updater(batch_size):\n    W.grad = b.grad = None\n",
    "one class": lambda: RIGHT.replace(
        "return torch.softmax(",
        "return torch.eye(10)[len(X) * [3]] if not torch.is_grad_enabled() else torch.softmax(",
    ),
}


@pytest.mark.parametrize("forged", LEARNS_NOTHING.values(), ids=LEARNS_NOTHING)
def test_what_does_not_learn_here_is_at_chance(
    small: tuple[pipeline.Session, Course], forged: object
) -> None:
    """Labels and weights from elsewhere mean nothing, because classes are numbered anew."""
    verdict = _grade(small, forged())  # type: ignore[operator]

    assert verdict.outcome is Outcome.FAILED
    assert verdict.points == 0
    value = _record(verdict).value
    assert value is not None
    assert value < 0.6, "a few classes may keep their numbers by chance, most never do"


@pytest.mark.parametrize(
    "broken",
    [
        RIGHT + "\ndef cross_entropy(y_hat, y):\n    return y_hat.sum(1) * float('nan')\n",
        RIGHT + "\ndef cross_entropy(y_hat, y):\n    return y_hat.sum(1) * float('inf')\n",
        RIGHT
        + "\ndef updater(batch_size):\n    W.data.fill_(float('inf')); W.grad = b.grad = None\n",
    ],
    ids=["nan", "infinite", "infinite weights"],
)
def test_broken_numbers_end_the_run_early(
    small: tuple[pipeline.Session, Course], broken: str
) -> None:
    """Nan and infinity are never good, and no further step is taken after them."""
    verdict = _grade(small, broken)

    assert verdict.outcome is Outcome.FAILED
    assert verdict.points == 0
    assert "became nan or infinite" in verdict.message
    assert all(len(attempt.losses) < 20 for attempt in _record(verdict).attempts)


@pytest.mark.parametrize(
    ("forged", "outcome"),
    [
        (RIGHT.replace("    with torch", "    import time; time.sleep(9)\n    with torch"), Outcome.TIMEOUT),
        (RIGHT.replace("def net(X):", "def net(X):\n    for _ in range(10 ** 6): X.sum()"), Outcome.TIMEOUT),
        (RIGHT.replace("def net(X):", "def net(X):\n    torch.ones(10 ** 10)"), Outcome.MEMORY),
        (RIGHT.replace("def net(X):", "def net(X):\n    return torch.ones(len(X), 10 ** 6)"), Outcome.ERROR),
        (RIGHT.replace("def net(X):", "def net(X):\n    W.data = torch.load('weights.pt')"), Outcome.ERROR),
        (RIGHT + "\ndef updater(batch_size):\n    import os; os._exit(0)\n", Outcome.CRASHED),
    ],
    ids=["sleeps", "too slow", "too large", "large scores", "a file of weights", "exits"],
)  # fmt: skip
def test_a_run_that_cannot_end_is_its_own_outcome(
    small: tuple[pipeline.Session, Course], forged: str, outcome: Outcome
) -> None:
    """Budget, memory and exceptions are told as what they are, and earn nothing."""
    wall_time_s = 40 if outcome is Outcome.TIMEOUT else 400
    verdict = _grade(small, forged, wall_time_s=wall_time_s)

    assert verdict.outcome is outcome, verdict.message
    assert verdict.points == 0
    assert [attempt.value for attempt in _record(verdict).attempts] == [None]


def test_patched_parts_of_torch_change_nothing(small: tuple[pipeline.Session, Course]) -> None:
    """The grader's loop uses no optimizer of torch, so that replacing them is idle."""
    source = RIGHT + "\ntorch.optim.SGD.step = torch.optim.Adam.step = lambda self: 1 / 0\n"

    assert _grade(small, source).outcome is Outcome.PASSED


def test_scores_of_the_wrong_shape_are_named(small: tuple[pipeline.Session, Course]) -> None:
    """What is no matrix of ten scores an image is the student's mistake, not ours."""
    source = RIGHT.replace("dim=1)", "dim=1)[:, :9 + torch.is_grad_enabled()]")

    verdict = _grade(small, source)

    assert verdict.outcome is Outcome.FAILED
    assert "the scores of test images" in verdict.message


def test_a_failed_unit_test_skips_the_training(small: tuple[pipeline.Session, Course]) -> None:
    """Nothing is trained before the other tests of the task pass, and the student is told."""
    verdict = _grade(small, RIGHT.replace("size=(784, 10)", "size=(784, 11)"))

    assert verdict.outcome is Outcome.SKIPPED
    assert "W and b have the right shapes" in verdict.message
    assert verdict.training is None


def test_training_can_be_left_out(small: tuple[pipeline.Session, Course]) -> None:
    """The gate asks for everything else; what was not run has no record."""
    verdict = _grade(small, RIGHT, TrainingMode.OFF)

    assert (verdict.outcome, verdict.training) == (Outcome.NOT_RUN, None)


def test_one_seed_gives_one_value(small: tuple[pipeline.Session, Course]) -> None:
    """A run can be repeated from its seed, digit by digit."""
    session, found = small
    values = []
    for _ in range(2):
        grade = session.grade_source(
            found.exercises[0], RIGHT, seed=5, training=TrainingMode.MEASURE
        )
        values += [v.training for v in grade.verdicts if v.training]

    assert values[0].value == values[1].value
    assert values[0].attempts[0].losses == values[1].attempts[0].losses


Change = Callable[[dict[str, list[dict[str, Any]]]], None]
Recalibrated = Callable[..., Verdict]


@pytest.fixture
def recalibrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recalibrated:
    """Give a function that grades right code against a changed calibration."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    found = _write(tmp_path)
    file = found.exercises[0].hidden_dir / "calibration.json"

    def grade(change: Change, *, reference: str = RIGHT, wall_time_s: float = 400) -> Verdict:
        shutil.copy(CALIBRATION, file)
        content = json.loads(file.read_text("utf-8"))
        change(content)
        file.write_text(json.dumps(content), "utf-8")
        found.exercises[0].reference.write_text(reference, "utf-8")
        with pipeline.Session(found, found.exercises) as session:
            return _grade((session, found), RIGHT, wall_time_s=wall_time_s)

    return grade


def _elsewhere(content: dict[str, list[dict[str, Any]]]) -> None:
    """Turn a calibration into one of another version of torch."""
    content["entries"][0]["key"]["torch"] = "2.99"


def test_without_a_calibration_nobody_fails(recalibrated: Recalibrated) -> None:
    """A threshold that is not there is our fault, and leaves the points open."""
    verdict = recalibrated(lambda content: content.update(entries=[]))

    assert verdict.outcome is Outcome.GRADER_FAULT
    assert verdict.points is None
    assert "no threshold was calibrated" in verdict.message


def test_another_version_is_checked_with_the_reference(
    recalibrated: Recalibrated, tmp_path: Path
) -> None:
    """Calibrated elsewhere, a threshold holds if three runs of the reference bear it out, once."""
    verdict = recalibrated(_elsewhere)
    (kept,) = (tmp_path / "cache").glob("autograde/reference-runs/*.json")
    made_ns = kept.stat().st_mtime_ns
    again = recalibrated(_elsewhere)

    assert verdict.outcome is Outcome.PASSED, verdict.message
    assert "Calibrated with cpu, torch 2.99" in _record(verdict).note
    assert _record(again).note == _record(verdict).note
    assert kept.stat().st_mtime_ns == made_ns
    assert again.duration_s < verdict.duration_s


def test_a_reference_that_does_otherwise_here_fails_nobody(
    recalibrated: Recalibrated, tmp_path: Path
) -> None:
    """Outside the stored range the answer is "not calibrated here", and is not kept."""

    def better(content: dict[str, list[dict[str, Any]]]) -> None:
        _elsewhere(content)
        for run in content["entries"][0]["runs"]:
            run["value"] += 0.1

    recalibrated(_elsewhere)
    (kept,) = (tmp_path / "cache").glob("autograde/reference-runs/*.json")
    before = kept.read_bytes()
    verdict = recalibrated(better)

    assert verdict.outcome is Outcome.GRADER_FAULT
    assert "is not calibrated here" in verdict.message
    assert kept.read_bytes() == before


def test_a_reference_that_breaks_here_fails_nobody(recalibrated: Recalibrated) -> None:
    """What the reference cannot do with this version of torch is not held against anybody."""
    broken = RIGHT.replace("return -torch.log(", "raise RuntimeError(")

    verdict = recalibrated(_elsewhere, reference=broken)

    assert verdict.outcome is Outcome.GRADER_FAULT
    assert "is not calibrated here" in verdict.message


def test_time_of_the_reference_is_not_the_students(recalibrated: Recalibrated) -> None:
    """Three runs that take longer than the exercise may leave the hand-in all of its time."""
    slow = f"import time\ntime.sleep(6)\n{RIGHT}"

    verdict = recalibrated(_elsewhere, reference=slow, wall_time_s=15)

    assert verdict.outcome is Outcome.PASSED, verdict.message
    assert verdict.duration_s > 18


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[pipeline.Session, Course]]:
    """Open a student's self-check, which trains briefly."""
    found = _write(tmp_path_factory.mktemp("check"))
    with pipeline.Session(
        found, found.exercises, level=0, public_only=True, probes=True
    ) as session:
        yield session, found


def test_a_self_check_trains_briefly(checked: tuple[pipeline.Session, Course]) -> None:
    """Both losses fall, nothing is measured, and the test is worth nothing."""
    verdict = _grade(checked, RIGHT)
    record = _record(verdict)
    ordinary, one_batch = record.attempts

    assert verdict.outcome is Outcome.PASSED, verdict.message
    assert (verdict.points, record.value, record.threshold) == (0, None, None)
    assert record.is_probe
    assert len(ordinary.losses) == len(one_batch.losses) == record.steps < 100
    for attempt in record.attempts:
        first, last = attempt.ends
        assert last < first


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (RIGHT.replace("p -= lr *", "p -= 0 * lr *"), "The loss hardly falls"),
        (
            RIGHT.replace("y_hat[range(len(y_hat)), y]", "y_hat[range(len(y_hat)), y].roll(1, 0)")
            .replace("X.reshape(-1, 784) @ W", "0 * X.reshape(-1, 784) @ W"),
            "short training run",
        ),
        (RIGHT + "\ndef cross_entropy(y_hat, y):\n    return y_hat.sum(1) * float('nan')\n", "nan"),
    ],
    ids=["no step", "blind", "nan"],
)  # fmt: skip
def test_a_probe_says_what_does_not_learn(
    checked: tuple[pipeline.Session, Course], wrong: str, words: str
) -> None:
    """The student reads which of the two losses stays where it was."""
    verdict = _grade(checked, wrong)

    assert verdict.outcome is Outcome.FAILED
    assert words in verdict.message


def test_a_grade_has_no_probe(small: tuple[pipeline.Session, Course]) -> None:
    """What counts is the measurement alone."""
    session, found = small

    assert [case.is_probe for case in session.cases[found.exercises[0].id]] == [False, False]


def test_points_of_a_part_are_exact() -> None:
    """The verdict gives a part only to a failed test, and never more than the test is worth."""
    case = _case()
    part = Fraction(1, 3)

    assert Verdict(case, Outcome.FAILED, earned=part).points == part
    assert Verdict(case, Outcome.FAILED, earned=Fraction(99)).points == case.points
    assert Verdict(case, Outcome.TIMEOUT, earned=part).points == 0
    assert Verdict(case, Outcome.PASSED, earned=part).points == case.points


def _case() -> object:
    from grader.model import TestCase, Visibility

    return TestCase("t::a", "03-06-work", "train_ch3", "It learns.", Fraction(3), Visibility.HIDDEN)
