"""Where a recipe is trained: on the CPU, or on a graphics card of this host.

A threshold belongs to one class of device, so the choice follows from what is calibrated, from
what the recipe needs and from what the command asked for; never from what a submission says.
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.model import CPU, Device


class NoDeviceError(Exception):
    """This host cannot train a recipe where it was asked to; never the student's fault."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one recipe is trained.

    Attributes:
        device: Class of the device: `cpu`, or the name of a card.
        driver: Version of a card's driver; empty on a CPU.
    """

    device: str = CPU
    driver: str = ""

    @property
    def is_card(self) -> bool:
        """Whether it is a graphics card."""
        return self.device != CPU


@dataclass(frozen=True, slots=True)
class Site:
    """What a host has, and what the command asked for.

    Attributes:
        wanted: The command's choice.
        card: Name of the kind of card that cells can have; empty without one.
        driver: Version of its driver.
        why_not: Why there is no card; empty if there is one.
    """

    wanted: Device
    card: str = ""
    driver: str = ""
    why_not: str = ""

    def places(self, meant: Device, title: str) -> tuple[Place, ...]:
        """Return where a recipe may be trained, the place to prefer first.

        Args:
            meant: Where the recipe can be trained at all.
            title: Of the recipe.

        Returns:
            One place, or the card and the CPU: then the first counts if it is calibrated.

        Raises:
            NoDeviceError: If it needs a card and there is none.
        """
        here = Place(self.card, self.driver)
        if meant is Device.CUDA and not self.card:
            msg = f"{title} needs a graphics card, and {self.why_not}"
            raise NoDeviceError(msg)
        if meant is Device.CPU or not self.card:
            return (Place(),)
        if meant is Device.CUDA or self.wanted is Device.CUDA:
            return (here,)
        return (here, Place())
