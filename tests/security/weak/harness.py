"""The weak harness as tests see it: hand something in, and be told in which ways it won."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from grader.cell import scratch
from tests.security.canaries import Canaries
from tests.security.corpus import Entry
from tests.security.weak.suite import HIDDEN_INPUT, POINTS

ROOT = Path(__file__).parents[3]
MEMORY_MIB = 150
OUTPUT_BYTES = 64 << 10
PAGE_CHARACTERS = 2 << 20
LINE_CHARACTERS = 20_000
FILES = 2000
MARKS = re.compile("[\u0300-\u036f]{100}")


@dataclass(frozen=True, slots=True)
class Bitten:
    """What a hand-in did to the weak harness.

    Attributes:
        ways: `points`, `score`, `canary`, `hang`, `memory`, `output`, `left`, `page`, `reader`,
            `files`; none if it was graded as it deserves.
        said: What was seen, for a person.
    """

    ways: frozenset[str]
    said: str


class Harness:
    """One warm weak harness, with canaries around it."""

    def __init__(self, course_root: Path, canaries: Canaries, place: Path) -> None:
        """Start it.

        Args:
            course_root: Of a course with the target, whose files may be read.
            canaries: To be looked at after each hand-in.
            place: A folder for what is handed in.
        """
        self._canaries = canaries
        self._place = place
        self._course_root = course_root
        self._count = 0
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "tests.security.weak.server"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        """Return the harness."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        self._popen.communicate()

    def values(self) -> dict[str, str]:
        """Return what hand-ins are told."""
        own = {"GRADER_PID": str(self._popen.pid), "COURSE": str(self._course_root)}
        return self._canaries.values() | own

    def hand_in(self, entry: Entry, how: str) -> Bitten:
        """Hand one in.

        Args:
            entry: What.
            how: `beside` its tests, or over the `channel`.
        """
        self._count += 1
        place = self._place / str(self._count)
        place.mkdir(parents=True)
        self._canaries.remember()
        path = entry.lay_out(place / "hand-in", self.values())
        seen = self._ask(path, place, how)
        try:
            return self._bitten(entry, seen, path, place)
        finally:
            scratch.remove(str(place))

    def _ask(self, path: Path, place: Path, how: str) -> dict[str, Any]:
        request = {
            "how": how,
            "path": str(path),
            "place": str(place),
            "other_drive": str(self._canaries.folder),
        }
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        self._popen.stdin.write(json.dumps(request) + "\n")
        self._popen.stdin.flush()
        seen: dict[str, Any] = json.loads(self._popen.stdout.readline())
        return seen

    def _bitten(self, entry: Entry, seen: dict[str, Any], path: Path, place: Path) -> Bitten:
        ways = {seen["ended_by"]} - {""}
        touched = self._canaries.touched()
        score = _score(seen, path, place)
        if score is None:
            phase = place / "phase"
            ways.add(phase.read_text("ascii") if phase.exists() else "score")
            if "ReaderError" in seen["output"]:
                ways.add("reader")
        elif score > entry.points:
            ways.add("points")
        found = {
            "canary": bool(touched),
            "memory": seen["peak_mib"] > MEMORY_MIB or "MemoryError" in seen["output"],
            "output": seen["output_bytes"] > OUTPUT_BYTES,
            "left": seen["left"] > 0,
            "page": _page_is_bad(entry, place, seen),
            "files": sum(len(names) for _, _, names in os.walk(place)) > FILES,
        }
        ways |= {name for name, yes in found.items() if yes}
        told = {key: seen[key] for key in ("status", "cpu_s", "peak_mib", "left")}
        return Bitten(frozenset(ways), f"{score} points, {told}, {touched} {seen['output'][-400:]}")


def _score(seen: dict[str, Any], path: Path, place: Path) -> float | None:
    """Believe a file, a printed line or an exit status, whatever says most."""
    found: list[float] = []
    folder = path if path.is_dir() else place / "hand-in" / "unpacked"
    with contextlib.suppress(OSError, ValueError):
        found.append(float(json.loads((folder / "results.json").read_text("utf-8"))["score"]))
    found += [float(text) for text in re.findall(r"^SCORE (\d+)$", seen["output"], re.MULTILINE)]
    if seen["status"] == 0:
        found.append(POINTS)
    return max(found, default=None)


def _page_is_bad(entry: Entry, place: Path, seen: dict[str, Any]) -> bool:
    """Look for what must not be shown on the page, under which everything printed is shown."""
    page = place / "page.html"
    text = page.read_text("utf-8", "replace") if page.exists() else ""
    text += seen["output"]
    return (
        any(part in text for part in (*entry.absent, *entry.absent_page))
        or any(part not in text.partition("</pre>")[2] for part in entry.present)
        or str(int(HIDDEN_INPUT)) in text
        or len(text) > PAGE_CHARACTERS
        or max(map(len, text.splitlines()), default=0) > LINE_CHARACTERS
        or MARKS.search(text) is not None
    )
