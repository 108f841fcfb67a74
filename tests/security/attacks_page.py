"""Writes docs/attacks.md from what the tests know.

    python tests/security/attacks_page.py

A test compares the page with what this would write, so neither can go astray.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.security.corpus import Entry, entries
from tests.security.layers.table import LAYERS, Layer

PAGE = Path(__file__).parents[2] / "docs" / "attacks.md"
WAYS = {
    "points": "earns what it should not",
    "score": "leaves no score",
    "canary": "touches what it may not",
    "hang": "keeps the grader waiting",
    "memory": "fills the grader's memory",
    "output": "floods the output",
    "left": "leaves a process behind",
    "page": "acts on the page or its reader",
    "reader": "breaks the reader",
    "files": "fills the disk with files",
}
NOT_TRIED = {
    "C04": "A GPU held, hung or poisoned: tried on a real card by tests/gpu, where there is one "
    "(docs/gpu.md).",
    "R10": "One bit a run by time or exit status: inputs are drawn afresh in each run, and how "
    "often a student may hand in is the course's to say (docs/security.md).",
}
"""Rows of the list of threats without a hand-in, and why."""
INTRO = """\
# Attacks and layers

Every misbehaving hand-in of `tests/submissions/`, what it does to a harness without any boundary,
and what stops it here. This page is written by `python tests/security/attacks_page.py`; a test
compares the two.

* **bites**: how it wins against the weak harness of `tests/security/weak/`, which runs hand-ins
  beside their tests, in one process. `nox -s boundary` looks whether each of them wins.
* **decisive**: layers whose removal *alone* lets it through
  (`tests/security/layers_of_cells.py`, `tests/security/test_layers_around.py`). Most attacks meet
  several layers, so an empty field means that no single one decides.

docs/security.md says which of these claims have been seen, and where.

## Layers

| layer | acts in | without it | |
|---|---|---|---|
"""


def render() -> str:
    """Return the page."""
    return INTRO + _layers() + _attacks(entries()) + _untried()


def _layers() -> str:
    return "".join(
        f"| {layer.name} | {layer.where} | {', '.join(layer.witnesses)} | {_remark(layer)} |\n"
        for layer in LAYERS
    )


def _remark(layer: Layer) -> str:
    if layer.behind:
        return f"only if {layer.behind} is off too"
    if layer.level != LAYERS[0].level:
        return f"at level {layer.level}"
    return layer.why


def _attacks(found: tuple[Entry, ...]) -> str:
    decisive: dict[str, list[str]] = defaultdict(list)
    for layer in LAYERS:
        for name in layer.witnesses if not layer.behind else ():
            decisive[name].append(layer.name)
    lines = []
    for category in dict.fromkeys(entry.category for entry in found):
        members = [entry for entry in found if entry.category == category]
        lines.append(f"\n## {category} ({len(members)})\n")
        lines.append("| attack | what it does | row | bites | decisive |")
        lines.append("|---|---|---|---|---|")
        for entry in members:
            name = entry.id.removeprefix(f"{category}-")
            said = entry.says.replace("|", "\\|")
            layers = ", ".join(decisive[entry.id])
            lines.append(f"| {name} | {said} | {entry.threat} | {WAYS[entry.bites]} | {layers} |")
    return "\n".join(lines) + "\n"


def _untried() -> str:
    rows = "".join(f"* **{row}**: {why}\n" for row, why in NOT_TRIED.items())
    return f"\n## Without a hand-in\n\n{rows}"


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
