"""Training on a graphics card: against the bare loop, and with 1, 2, 4 and 8 hand-ins at a time.

    python benchmarks/card.py [RECIPE...]

It prints what `docs/gpu.md` tells, as JSON. The bare loop is the recipe's own text in a process
without a judge: the same data, steps and predictions, on the same card, in the same run. Both are
timed from where torch has been imported, so both start CUDA once.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

from grader import course, pipeline
from grader.model import Course, Device, Outcome, TrainingMode, TrainingRecord

ROOT = Path(__file__).parents[1]
PARTS = ROOT / "tests" / "grader" / "judge" / "recipe_parts.py"
RECIPES = {  # right parts, and what a hand-in of them defines
    "lenet-batch-norm-full": (
        ROOT / "solutions" / "07-05-batch-norm" / "batch_norm.py",
        "batch_norm, BatchNorm, bn_lenet",
    ),
    "resnet-18": (PARTS, "Residual"),
    "vgg-11": (PARTS, "vgg_block"),
}
AT_ONCE = (1, 2, 4, 8)
REPEATS = 3
EXERCISE = """\
title: {recipe}
section: "7.{number}"
module: parts
points: 4
limits: {{exercise_wall_time_s: 900}}
tasks:
  training:
    title: Training
    points: 4
    defines: [{defines}]
"""
SUITE = """\
import pytest

@pytest.mark.task("training")
@pytest.mark.points(4)
@pytest.mark.training("{recipe}")
def test_it_learns(training):
    \"\"\"It learns.\"\"\"
    training.run()
"""
BARE = """\
import importlib.util, json, sys, time
import torch
from grader.judge import recipes
recipe = recipes.RECIPES[sys.argv[1]]
problem = recipes.problem(recipe, 1)
spec = importlib.util.spec_from_file_location("parts", sys.argv[2])
parts = importlib.util.module_from_spec(spec)
spec.loader.exec_module(parts)
space = {}
exec(compile(recipe.driver_text, "driver.py", "exec"), space)
began_s = time.monotonic()
torch.backends.cudnn.deterministic = True
torch.manual_seed(1)
torch.cuda.init()
settings = {**recipe.settings, "order": 1}
model = space[recipe.model]
build = model.build
model.build = lambda self, student: build(self, student).cuda()
started_s = time.monotonic()
data = [part.cuda() for part in problem.train]
space["begin"](parts, recipe.model, data, problem.probe.cuda(), settings)
space["advance"](parts, 0, recipe.steps)
value = problem.measure(lambda inputs: space["predict"](parts, inputs.cuda()).cpu())
ended_s = time.monotonic()
print(json.dumps({"seconds": ended_s - began_s, "loop_s": ended_s - started_s, "value": value}))
"""


def write_course(root: Path, recipes: list[str]) -> Course:
    """Write a course with one exercise for each recipe, answered by its right parts."""
    (root / "autograde.yml").write_text('title: Cards\nexercises: ["*"]\n', "utf-8")
    for number, recipe in enumerate(recipes, 1):
        parts, defines = RECIPES[recipe]
        name = f"07-{number:02}-{recipe}"
        texts = {
            f"assignments/{name}/exercise.yml": EXERCISE.format(
                recipe=recipe, number=number, defines=defines
            ),
            f"assignments/{name}/parts.py": "",
            f"assignments/{name}/test_public.py": "",
            f"tests/hidden/{name}/test_parts.py": SUITE.format(recipe=recipe),
        }
        for path, text in texts.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, "utf-8")
        (root / "solutions" / name).mkdir(parents=True)
        shutil.copy(parts, root / "solutions" / name / "parts.py")
    return course.load_course(root)


def bare(recipe: str) -> dict[str, float]:
    """Run the bare loop in a process of its own."""
    call = [sys.executable, "-W", "ignore", "-c", BARE, recipe, str(RECIPES[recipe][0])]
    done = subprocess.run(call, check=True, capture_output=True, text=True, cwd=ROOT)
    found: dict[str, float] = json.loads(done.stdout)
    say(f"{recipe}: bare {found}")
    return found


def say(line: str) -> None:
    """Tell how far it is."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def graded(session: pipeline.Session, found: Course, number: int, seed: int) -> TrainingRecord:
    """Measure one hand-in as the grader does."""
    exercise = found.exercises[number]
    source = exercise.reference.read_text("utf-8")
    grade = session.grade_source(exercise, source, seed=seed, training=TrainingMode.MEASURE)
    (verdict,) = grade.verdicts
    if verdict.outcome is not Outcome.PASSED or verdict.training is None:
        msg = f"{exercise.id}: {verdict.outcome}: {verdict.message}"
        raise RuntimeError(msg)
    return verdict.training


def measure(recipes: list[str]) -> dict[str, Any]:
    """Return all figures."""
    with tempfile.TemporaryDirectory() as folder:
        found = write_course(Path(folder), recipes)
        sessions = [
            pipeline.Session(found, found.exercises, device=Device.CUDA) for _ in range(AT_ONCE[-1])
        ]
        try:
            environment = dict(sessions[0].environment)
            for session in sessions:
                session.cases  # noqa: B018 - waits until it is ready
            told: dict[str, Any] = {"environment": environment, "recipes": {}}
            for number, recipe in enumerate(recipes):
                graded(sessions[0], found, number, 0)  # whatever is done once, is done
                told["recipes"][recipe] = {
                    "one": _against_bare(sessions[0], found, number, recipe),
                    "at_once": [_at_once(sessions, found, number, many) for many in AT_ONCE],
                }
        finally:
            for session in sessions:
                session.close()
    return told


def _against_bare(
    session: pipeline.Session, found: Course, number: int, recipe: str
) -> dict[str, Any]:
    loops, ours, values, peaks = [], [], [], []
    for seed in range(REPEATS):
        loops.append(bare(recipe))
        started_s = time.monotonic()
        record = graded(session, found, number, seed)
        ours.append(time.monotonic() - started_s)
        say(f"{recipe}: graded {ours[-1]:.2f} s")
        values.append(record.value)
        peaks.append(record.attempts[0].gpu_peak_mib)
    bare_s = median(loop["seconds"] for loop in loops)
    return {
        "bare_s": [round(loop["seconds"], 2) for loop in loops],
        "bare_loop_s": [round(loop["loop_s"], 2) for loop in loops],
        "graded_s": [round(seconds, 2) for seconds in ours],
        "ratio": round(median(ours) / bare_s, 3),
        "bare_values": [loop["value"] for loop in loops],
        "values": values,
        "gpu_peak_mib": peaks,
    }


def _at_once(
    sessions: list[pipeline.Session], found: Course, number: int, many: int
) -> dict[str, Any]:
    started_s = time.monotonic()
    with ThreadPoolExecutor(many) as pool:
        runs = [
            pool.submit(graded, session, found, number, seed)
            for seed, session in enumerate(sessions[:many])
        ]
        for run in runs:
            run.result()
    seconds = time.monotonic() - started_s
    say(f"{many} at once: {seconds:.2f} s")
    return {
        "at_once": many,
        "seconds": round(seconds, 2),
        "per_minute": round(60 * many / seconds, 1),
    }


def main() -> None:
    """Measure and print."""
    print(json.dumps(measure(sys.argv[1:] or list(RECIPES)), indent=1))


if __name__ == "__main__":
    main()
