"""Import torchvision beside any torch, also one that its compiled part does not match.

The torchvision wheel of the public index is compiled against CUDA libraries. Beside a
CPU-only torch that part cannot be loaded, and `import torchvision` then ends in
`operator torchvision::nms does not exist`, because it describes operators that nobody
defined. The datasets, transforms and models of the course need none of them. So this
module defines what is missing, in plain torch, and then imports torchvision. Where the
compiled part loads it changes nothing. Nothing happens before `import_torchvision` is
called, so no interpreter is touched that did not ask.

It needs only the standard library and torch, so that it also runs inside a cell.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor
    from torch.library import Library

SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
"""Operators that torchvision 0.26 to 0.28 describes when it is imported (0.28 added qnms)."""

_libraries: list[Library] = []
"""A library object takes its definitions along when it dies; they must stay."""


def import_torchvision() -> ModuleType:
    """Import torchvision, having defined the operators that its compiled part lacks.

    Returns:
        The module `torchvision`, which any later `import torchvision` finds as well.

    Raises:
        ModuleNotFoundError: torchvision is not installed.
    """
    if "torchvision" in sys.modules:
        return sys.modules["torchvision"]
    matches = _load_compiled_part()
    if not matches:
        _define_missing()
    torchvision = importlib.import_module("torchvision")
    if not matches:
        # `ops.nms` asks whether the compiled part is there before it calls the operator.
        boxes = importlib.import_module("torchvision.ops.boxes")
        boxes._assert_has_ops = lambda: None  # type: ignore[attr-defined]  # noqa: SLF001
    return torchvision


def nms(dets: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Keep the best box of each group of overlapping boxes.

    Args:
        dets: (n, 4), the corners x1, y1, x2, y2 of each box.
        scores: (n,), the higher the better.
        iou_threshold: A box goes when its intersection over union with a better box that
            stays is greater than this.

    Returns:
        (k,) int64, the boxes that stay, best first; of equal scores the earlier box first.
    """
    import torch

    x1, y1, x2, y2 = dets.unbind(1)
    areas = (x2 - x1) * (y2 - y1)
    candidates = scores.argsort(descending=True, stable=True)
    kept = []
    while candidates.numel():
        best, candidates = candidates[0], candidates[1:]
        kept.append(best)
        width = torch.minimum(x2[best], x2[candidates]) - torch.maximum(x1[best], x1[candidates])
        height = torch.minimum(y2[best], y2[candidates]) - torch.maximum(y1[best], y1[candidates])
        overlap = width.clamp(min=0) * height.clamp(min=0)
        iou = overlap / (areas[best] + areas[candidates] - overlap)
        # Two empty boxes give 0 / 0: not a number, hence not greater, hence kept.
        candidates = candidates[~(iou > iou_threshold)]
    return torch.stack(kept) if kept else scores.new_empty(0, dtype=torch.int64)


def _load_compiled_part() -> bool:
    """Load torchvision's own operators, as it would itself, and say whether they are there."""
    import torch

    package = importlib.util.find_spec("torchvision")
    if package is None or package.origin is None:
        message = "No module named 'torchvision'"
        raise ModuleNotFoundError(message, name="torchvision")
    finder = importlib.machinery.FileFinder(
        str(Path(package.origin).parent),
        (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES),
    )
    compiled = finder.find_spec("_C")
    if compiled is None or compiled.origin is None:
        return False
    try:
        torch.ops.load_library(compiled.origin)
    except OSError:  # another torch, or CUDA libraries that this host has not
        return False
    return True


def _define_missing() -> None:
    """Define the operators of `SCHEMAS` that do not exist in this process yet."""
    import torch

    library = torch.library.Library("torchvision", "FRAGMENT")
    for schema in SCHEMAS:
        name = schema.partition("(")[0]
        if not hasattr(torch.ops.torchvision, name):
            library.define(schema)
            library.impl(name, nms, "CompositeExplicitAutograd")
    _libraries.append(library)
