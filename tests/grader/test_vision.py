"""Facts about importing torchvision beside any torch, and about nms in plain torch."""

from __future__ import annotations

import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import msgspec._core
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.vision import nms
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]
WORTH_MANY_IMPORTS = """
import sys
from grader.vision import import_torchvision
assert "torch" not in sys.modules, "importing grader.vision alone must stay cheap"
module = import_torchvision()
assert import_torchvision() is module
"""

Box = tuple[int, int, int, int]


def run(code: str, *, path: Path = ROOT) -> str:
    """Run code in a fresh interpreter, `path` before everything installed."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": f"{path}:{ROOT}", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_torchvision_works_beside_the_installed_torch() -> None:
    """Datasets, transforms, models and nms can be used after the import."""
    out = run(
        WORTH_MANY_IMPORTS
        + """
import torch, torchvision
from torchvision import datasets, models, transforms
assert torchvision is module
assert issubclass(datasets.FashionMNIST, torch.utils.data.Dataset)
assert transforms.Resize(4)(torch.zeros(1, 8, 8)).shape == (1, 4, 4)
assert models.get_model("squeezenet1_1")(torch.zeros(1, 3, 32, 32)).shape == (1, 1000)
boxes = torch.tensor([[0.0, 0, 2, 2], [0, 0, 2, 1.9], [5, 5, 6, 6]])
print(torchvision.ops.nms(boxes, torch.tensor([0.5, 0.6, 0.1]), 0.5).tolist())
"""
    )
    assert out == "[1, 2]\n"


def test_nothing_is_defined_where_the_compiled_part_loads(tmp_path: Path) -> None:
    """A torchvision that matches its torch is imported as it is."""
    package = tmp_path / "torchvision"
    package.mkdir()
    (package / "__init__.py").write_text("here = True\n", encoding="utf-8")
    # Any shared library that loads will do for the compiled part.
    shutil.copy(msgspec._core.__file__, package / "_C.so")
    out = run(
        WORTH_MANY_IMPORTS
        + """
import torch
assert module.here
print(hasattr(torch.ops.torchvision, "nms"))
""",
        path=tmp_path,
    )
    assert out == "False\n"


def test_a_missing_torchvision_is_said_plainly(tmp_path: Path) -> None:
    """Without torchvision the import fails as any import of it would."""
    out = run(
        """
import importlib.util
find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name == "torchvision" else find_spec(name)
from grader.vision import import_torchvision
try:
    import_torchvision()
except ModuleNotFoundError as error:
    print(error.name, "|", error)
"""
    )
    assert out == "torchvision | No module named 'torchvision'\n"


def obvious_nms(boxes: list[Box], scores: list[int], threshold: Fraction) -> list[int]:
    """The slow way: a box stays unless a better one that stays overlaps it too much."""

    def area(box: Box) -> int:
        return (box[2] - box[0]) * (box[3] - box[1])

    def iou(a: Box, b: Box) -> Fraction:
        width = min(a[2], b[2]) - max(a[0], b[0])
        height = min(a[3], b[3]) - max(a[1], b[1])
        common = max(width, 0) * max(height, 0)
        return Fraction(common, area(a) + area(b) - common)

    kept: list[int] = []
    for index in sorted(range(len(boxes)), key=lambda i: (-scores[i], i)):
        if all(iou(boxes[index], boxes[other]) <= threshold for other in kept):
            kept.append(index)
    return kept


corner = st.integers(0, 4)
side = st.integers(1, 4)
box = st.tuples(corner, corner, side, side).map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3]))


@given(
    scored=st.lists(st.tuples(box, st.integers(0, 3)), max_size=12),
    threshold=st.integers(0, 8).map(lambda eighths: Fraction(eighths, 8)),
)
def test_nms_keeps_what_the_obvious_way_keeps(
    scored: list[tuple[Box, int]], threshold: Fraction
) -> None:
    """Order, ties and an overlap of exactly the threshold included."""
    boxes = [b for b, _ in scored]
    scores = [s for _, s in scored]
    kept = nms(
        torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4),
        torch.tensor(scores, dtype=torch.float32),
        float(threshold),
    )
    assert kept.dtype == torch.int64
    assert kept.tolist() == obvious_nms(boxes, scores, threshold)


@pytest.mark.parametrize("count", [0, 1])
def test_nms_of_few_boxes(count: int) -> None:
    """No box gives no box, one box gives itself."""
    assert nms(torch.ones(count, 4), torch.ones(count), 0.5).tolist() == list(range(count))


def test_two_empty_boxes_both_stay() -> None:
    """An overlap of nothing with nothing is no overlap."""
    assert nms(torch.zeros(2, 4), torch.ones(2), 0.5).tolist() == [0, 1]
