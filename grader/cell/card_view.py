"""What of a graphics card a box shows: the driver's device nodes and its own libraries.

Shown is not given: only a jail that was asked for with a card may open the nodes (`jail.py`)
and speak to the driver behind them (`jail_filter.py`).
"""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass
from pathlib import Path

from grader.cell.jail_view import outermost

DEV = Path("/dev")
CONTROL = ("nvidiactl", "nvidia-uvm")
"""The two nodes that all cards share."""
_CARD = re.compile(r"nvidia\d+")
_MAPS = Path("/proc/self/maps")


@dataclass(frozen=True, slots=True)
class CardView:
    """Paths of a card's driver.

    Attributes:
        nodes: Device nodes.
        folders: Folders of libraries, as far as the view of Python lacks them.
    """

    nodes: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


def missing() -> str:
    """Say why no card can be shown; empty if one can."""
    names = {path.name for path in DEV.glob("nvidia*")}
    if not any(_CARD.fullmatch(name) for name in names) or "nvidiactl" not in names:
        return "this machine has no NVIDIA card, or its driver is not loaded"
    if "nvidia-uvm" not in names:
        return f"{DEV / 'nvidia-uvm'} is missing; `sudo nvidia-modprobe -u -c 0` makes it"
    return ""


def nodes() -> tuple[str, ...]:
    """Return the device nodes of all cards."""
    cards = sorted(path.name for path in DEV.glob("nvidia*") if _CARD.fullmatch(path.name))
    return tuple(str(DEV / name) for name in (*CONTROL, *cards))


def read(shown: tuple[str, ...]) -> CardView:
    """Return what to show of the driver beside some paths.

    The driver's library is loaded, to learn where it lies, and not used: whoever calls this
    becomes another program soon after.

    Args:
        shown: Paths that are shown anyhow.

    Raises:
        OSError: If the driver's library cannot be loaded.
    """
    ctypes.CDLL("libcuda.so.1")
    lines = _MAPS.read_text("utf-8", "replace").splitlines()
    files = {line.split(maxsplit=5)[5] for line in lines if "/libcuda.so" in line}
    found = {str(Path(file).parent) for file in files}
    beside = (path for path in outermost([*shown, *found]) if path not in shown)
    return CardView(nodes(), tuple(beside))
