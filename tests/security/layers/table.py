"""Layers around the cells, and which attacks turn red without each.

How a layer is switched off stands in `around.py`: it is patched in the test's own process, and
is no option of the program.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of the boundary.

    Attributes:
        name: As the document has it.
        where: `intake` or `report`.
        witnesses: Attacks that turn red without it.
        why: Where nothing turns red: why it is there all the same.
    """

    name: str
    where: str
    witnesses: tuple[str, ...] = ()
    why: str = ""

    @property
    def row(self) -> str:
        """What docs/security.md says of it."""
        seen = ", ".join(f"`{name}`" for name in self.witnesses)
        return f"| {self.name} | {seen or self.why} |"


LAYERS = (
    Layer("intake: links", "intake", ("intake-link-to-the-reference",)),
    Layer(
        "intake: kinds of files",
        "intake",
        why="What is no file is set aside when its folder is listed; the open file is asked once "
        "more, because a folder may change while it is read.",
    ),
    Layer("intake: size of code", "intake", ("intake-large-source",)),
    Layer("intake: names in archives", "intake", ("intake-zip-with-parent-names",)),
    Layer("intake: links in archives", "intake", ("intake-zip-with-a-link",)),
    Layer("intake: number of files", "intake", ("intake-zip-of-many",)),
    Layer("intake: nesting", "intake", ("intake-nested-source",)),
    Layer("report: escaping", "report", ("report-markup",)),
    Layer("report: cleaning", "report", ("report-escapes", "report-bidi")),
)
