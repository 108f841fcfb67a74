"""Graphics cards, seen from the trusted side, in the words of NVIDIA's own library.

What a cell says about its card is never believed. How much memory it has taken, how much is
free, and whether the card still answers is asked of the driver, from outside.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.cell import card_view
from grader.model import CPU, Device

_BUILT_WITH = re.compile(r"^cuda(?::[^=]*)?\s*=\s*['\"]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Card:
    """One card that cells may be given.

    Attributes:
        uuid: What the driver calls it; never the same for two cards.
        name: Of its kind, for instance `NVIDIA H100 80GB HBM3`: the class of the device.
        driver: Version of the driver.
        memory_mib: All of its memory.
    """

    uuid: str
    name: str
    driver: str
    memory_mib: int


def find(wanted: Device = Device.AUTO) -> tuple[tuple[Card, ...], str]:
    """Return the cards of one kind that this machine has for cells, or none and why.

    Where cards differ, those like the first one are taken: a threshold belongs to one kind.
    `CUDA_VISIBLE_DEVICES` is honoured.

    Args:
        wanted: Where training may take place.
    """
    if wanted is Device.CPU:
        return (), "this run uses none"
    if missing := card_view.missing():
        return (), missing
    if not _torch_has_cuda():
        return (), "this torch was built without CUDA"
    import pynvml

    try:
        with library() as nvml:
            driver = str(nvml.nvmlSystemGetDriverVersion())
            cards = []
            for number in range(nvml.nvmlDeviceGetCount()):
                handle = nvml.nvmlDeviceGetHandleByIndex(number)
                card = Card(
                    str(nvml.nvmlDeviceGetUUID(handle)),
                    str(nvml.nvmlDeviceGetName(handle)),
                    driver,
                    int(nvml.nvmlDeviceGetMemoryInfo(handle).total) >> 20,
                )
                if _is_shown(number, card.uuid):
                    cards.append(card)
    except pynvml.NVMLError as error:
        return (), f"NVIDIA's library says: {error}"
    if not cards:
        return (), "CUDA_VISIBLE_DEVICES hides every card"
    return tuple(card for card in cards if card.name == cards[0].name), ""


def device_class(wanted: Device) -> str:
    """Return what verdicts depend on of the devices of this machine.

    Args:
        wanted: Where training may take place.
    """
    cards, _ = find(wanted)
    if not cards:
        return CPU
    return cards[0].name if wanted is Device.AUTO else f"{cards[0].name} only"


@contextlib.contextmanager
def library() -> Iterator[Any]:
    """Give NVIDIA's management library, opened for this process."""
    import pynvml

    pynvml.nvmlInit()
    try:
        yield pynvml
    finally:
        pynvml.nvmlShutdown()


class Monitor:
    """What the driver says about one card, now."""

    def __init__(self, card: Card) -> None:
        """Open the library for this process; close it with `close`.

        Raises:
            NVMLError: If the card does not answer.
        """
        self._open = contextlib.ExitStack()
        self._nvml = self._open.enter_context(library())
        self._handle = self._nvml.nvmlDeviceGetHandleByUUID(card.uuid)

    def used_mib(self) -> int:
        """Return the memory that all processes together have taken."""
        return int(self._nvml.nvmlDeviceGetMemoryInfo(self._handle).used) >> 20

    def used_by_mib(self, pid: int) -> int:
        """Return the memory of one process, 0 if it has none or the driver does not tell."""
        for process in self._nvml.nvmlDeviceGetComputeRunningProcesses(self._handle):
            if process.pid == pid:
                return int(process.usedGpuMemory or 0) >> 20
        return 0

    def close(self) -> None:
        """Close the library."""
        self._open.close()


def _is_shown(number: int, uuid: str) -> bool:
    """Tell whether `CUDA_VISIBLE_DEVICES` leaves a card to us."""
    wanted = os.environ.get("CUDA_VISIBLE_DEVICES")
    if wanted is None:
        return True
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    return any(name == str(number) or (len(name) > 2 and uuid.startswith(name)) for name in names)  # noqa: PLR2004 - a number is no beginning of a name


def _torch_has_cuda() -> bool:
    """Tell how torch was built, without importing it."""
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None:
        return False
    try:
        text = Path(found.origin).with_name("version.py").read_text("utf-8")
    except OSError:
        return False
    return _BUILT_WITH.search(text) is not None
