"""The misbehaving hand-ins of tests/submissions: read, completed, copied to be graded."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "submissions"
SKIPPED = shutil.ignore_patterns("expected.json", "make.py", "__pycache__")


@dataclass(frozen=True, slots=True)
class Entry:
    """One hand-in and what must come of it.

    Attributes:
        id: Name of its folder; begins with its category.
        category: What it attacks.
        threat: Row of the list of threats, or `own`.
        points: Earned at most, of the target's seven.
        outcomes: Of its tests that were not passed; `skipped` is always fine.
        words: Part of at least one message.
        seconds: From hand-in to grade, on a busy machine.
        level: Lowest level that promises to stop it.
        bites: How it wins where nothing stops it: it takes `points`, loses the `score`, touches
            a `canary`, keeps the grader waiting (`hang`), eats `memory`, floods its `output`,
            leaves a process (`left`), gets something onto the `page`, breaks the `reader`.
        read: What intake says: `submitted`, `unreadable`, `refused`.
        absent: Texts that stand nowhere in what is shown or stored.
        absent_page: Texts that do not stand in the page.
        present: Texts that stand, as they are, in what is shown.
        root: Whether it can bite nobody but a grader who is root.
    """

    id: str
    category: str
    threat: str
    points: int = 0
    outcomes: tuple[str, ...] = ("error",)
    words: str = ""
    seconds: float = 60.0
    level: int = 2
    bites: str = "points"
    read: str = "submitted"
    absent: tuple[str, ...] = ()
    absent_page: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    root: bool = False

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return FOLDER / self.id

    @property
    def says(self) -> str:
        """What it tries, in a sentence: the first line of its text."""
        for name in ("target.py", "make.py"):
            if (self.folder / name).is_file():
                return (self.folder / name).read_text("utf-8").split('"""')[1].split("\n")[0]
        return ""

    @property
    def how(self) -> str:
        """How the weak harness is to run it: `beside` its tests, or over the `channel`.

        Only what speaks to the channel itself needs one there.
        """
        path = self.folder / "target.py"
        text = path.read_text("utf-8") if path.is_file() else ""
        speaks = any(part in text for part in ("grader.cell", "(3)", "(3,"))
        return "channel" if speaks else "beside"

    def lay_out(self, place: Path, values: Mapping[str, str]) -> Path:
        """Copy it, with what it has to know filled in; return what is to be handed in."""
        shutil.copytree(self.folder, place, ignore=SKIPPED)
        for path in place.rglob("*"):
            if path.suffix in {".py", ".pth", ".ipynb"}:
                path.write_text(filled(path.read_text("utf-8"), values), "utf-8")
        if (self.folder / "make.py").is_file():
            made: Path = _load(self.folder / "make.py").make(place, dict(values))
            return made
        return place


def filled(text: str, values: Mapping[str, str]) -> str:
    """Put values where a text has their names between two @."""
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(
        f"make_{path.parent.name.replace('-', '_')}", path
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def entries() -> tuple[Entry, ...]:
    """Return all hand-ins, by name."""
    found = []
    known = {item.name for item in fields(Entry)}
    for path in sorted(FOLDER.glob("*/expected.json")):
        raw = json.loads(path.read_text("utf-8"))
        unknown = set(raw) - known
        assert not unknown, f"{path}: {unknown}"
        values = {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}
        found.append(Entry(id=path.parent.name, **values))
    return tuple(found)
