"""Inside a cell that was given a graphics card: open it, and let everything happen on it.

Code that is right on a CPU is right here as it stands. What the judge sends lands on the card,
what a function such as `torch.zeros` makes is made there unless the call says where, and what
goes back crosses the wire as usual.

The functions of `torch` are replaced by such as add the device, instead of a mode of torch's own
(`torch.set_default_device`), which costs about a microsecond in each call of any function.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any

import torch

DEVICE = "cuda"
MAKERS = (
    "arange", "as_tensor", "asarray", "empty", "empty_strided", "eye", "full", "linspace",
    "logspace", "ones", "rand", "randint", "randn", "randperm", "scalar_tensor", "tensor",
    "tril_indices", "triu_indices", "zeros",
)  # fmt: skip
"""Functions that make a tensor and take the argument `device`."""
_SIZE_PLACE = 2
"""`torch.normal(mean, std, size)` makes one too; without a size it takes those of its arguments."""


def open_card(uuid: str, share_mib: int, memory_mib: int) -> None:
    """Start CUDA in this process, bounded, and make the card the place of all that is made.

    Args:
        uuid: Of the card.
        share_mib: What tensors may take of its memory. This bound is torch's and can be undone
            from within; the judge looks from outside too.
        memory_mib: All of its memory.

    Raises:
        RuntimeError: If CUDA does not start.
    """
    os.environ["CUDA_VISIBLE_DEVICES"] = uuid
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"  # equal runs give equal numbers
    torch.cuda.init()
    torch.cuda.set_per_process_memory_fraction(min(1.0, share_mib / memory_mib))
    torch.backends.cudnn.deterministic = True
    torch.zeros(1, device=DEVICE).item()
    for name in MAKERS:
        setattr(torch, name, _made_there(getattr(torch, name)))
    torch.normal = _drawn_there(torch.normal)


def moved(tensors: list[torch.Tensor]) -> list[torch.Tensor]:
    """Return tensors as they are on the card, each still a leaf that wants its gradient or not."""
    return [tensor.detach().to(DEVICE).requires_grad_(tensor.requires_grad) for tensor in tensors]


def _made_there(make: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    @functools.wraps(make)
    def made(*args: Any, **kwargs: Any) -> torch.Tensor:
        return make(*args, **_with_device(kwargs))

    return made


def _drawn_there(normal: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    @functools.wraps(normal)
    def drawn(*args: Any, **kwargs: Any) -> torch.Tensor:
        has_size = "size" in kwargs or len(args) > _SIZE_PLACE
        return normal(*args, **(_with_device(kwargs) if has_size else kwargs))

    return drawn


def _with_device(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Add the device, unless the call names one, or a generator, which belongs to one."""
    if kwargs.get("device") is None and kwargs.get("generator") is None:
        return {**kwargs, "device": DEVICE}
    return kwargs
