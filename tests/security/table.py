"""Writes docs/attacks.md: every misbehaving hand-in, and the layers without which it gets through.

Run as `python -m tests.security.table`; a test holds that the page is up to date.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

from tests.security.corpus import Entry, entries
from tests.security.target import POINTS
from tests.security.test_layers import HERE, LAYERS

PAGE = Path(__file__).parents[2] / "docs" / "attacks.md"
CATEGORIES = {
    "forge": "Forged answers",
    "exit": "Early ends",
    "protocol": "Forged frames",
    "inject": "Changes to the interpreter",
    "read": "Reading what is secret",
    "intake": "Hand-ins that harm whoever reads them",
    "escape": "Ways out of the jail",
    "net": "Network",
    "others": "Harm to other processes",
    "exhaust": "Using everything up",
    "hang": "Never ending",
    "crash": "Crashes",
    "report": "Acting on whoever reads the report",
    "game": "Points without the work",
}
INTRODUCTION = """\
# Attacks and layers

This page is written by `python -m tests.security.table`; do not edit it by hand. What the levels
promise stands in [security.md](security.md).

`tests/submissions/` holds {count} misbehaving hand-ins for a small exercise of {points} points.
Each is graded in a warm session of level 3 and of level 2 (`tests/security/test_corpus.py`). Its
points, outcomes and messages have to be as its `expected.json` says, a right hand-in after it
earns full marks in the same session, no canary is touched and no process is left. Each also has
to win against a grader without any defence (`test_liveness.py`); an attack that cannot win
anywhere would prove nothing.

**At most** is what a hand-in may earn; some do part of the work rightly. **Gets through without**
names layers that were taken out in a test and made the difference (`test_layers.py`). Where it is
empty, no single layer was tried, or several stop it.
"""


def layers_of() -> dict[str, list[str]]:
    """Return for each hand-in the layers without which it gets through."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for layer in LAYERS:
        for name in layer.wins:
            found[name].append(f"{' + '.join(layer.out)} ({layer.level})")
    for title, _, _, name in HERE:
        found[name].append(title)
    found["report-markup"].append("escaping templates")
    return found


def page() -> str:
    """Return the page."""
    known = entries()
    layers = layers_of()
    parts = [INTRODUCTION.format(count=len(known), points=POINTS)]
    parts += ["## Layers, taken out one by one\n", _layers()]
    counts = Counter(entry.category for entry in known)
    for category, title in CATEGORIES.items():
        rows = [_row(entry, layers) for entry in known if entry.category == category]
        head = "| hand-in | what it tries | at most | gets through without |\n|---|---|---|---|\n"
        parts.append(f"## {title} ({counts[category]})\n\n{head}{''.join(rows)}")
    return "\n".join(parts)


def _layers() -> str:
    rows = ["| level | taken out | gets through | stopped all the same |", "|---|---|---|---|"]
    for layer in LAYERS:
        cells = (", ".join(layer.wins) or "nothing tried", ", ".join(layer.still))
        rows.append(f"| {layer.level} | {' + '.join(layer.out)} | {cells[0]} | {cells[1]} |")
    for title, _, _, name in HERE:
        rows.append(f"| any | {title} | {name} | |")
    rows.append("| any | escaping templates | report-markup | |")
    return "\n".join(rows) + "\n"


def _row(entry: Entry, layers: dict[str, list[str]]) -> str:
    most = entry.read if entry.read == "refused" else str(entry.points)
    level = " (level 3 only)" if entry.level > 2 else ""
    says = entry.says.replace("|", "\\|")
    return f"| {entry.id}{level} | {says} | {most} | {'; '.join(layers.get(entry.id, []))} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
