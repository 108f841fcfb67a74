"""Verdicts on disk: each is durable before it counts.

    DIR/batch.lock, batch.json             who works here at the moment
    DIR/journal/<owner>/<exercise>/<key>.json   one exercise of one hand-in, judged
    DIR/journal/<owner>/<exercise>/<key>.before     what it replaced, at the last regrade
    DIR/journal/<owner>/<exercise>/.<key>.before    the same, until that regrade is complete
    DIR/results/<owner>/result.json, report.html
    DIR/class.json, gradebook.csv, needs-a-person.txt

A file of the journal is a result like any other, with one exercise in it. It appears whole or
not at all, so a run that is killed loses what was in flight and nothing else, and the same
command goes on where it ended.
"""

from __future__ import annotations

import functools
import json
import os
import re
import socket
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from grader import report
from grader.errors import UsageError
from grader.model import Grade

LOCK, HOLDER = "batch.lock", "batch.json"
JOURNAL, RESULTS = "journal", "results"
_HOLDER_LIMIT = 4096
_RECENT = 64
"""Verdicts that are kept in memory: they are read to know that they are there, and then to draw."""
_HALF = re.compile(r"\..+\.(json|html|csv|txt)\.[A-Za-z0-9_]+")
_BEFORE = ".before"


class Journal:
    """The folder of one batch, held by one process. Use it in a `with` statement."""

    def __init__(self, folder: Path) -> None:
        """Touch nothing yet.

        Args:
            folder: Where everything is written; made if it is missing.
        """
        self.folder = folder
        self._lock = FileLock(folder / LOCK, blocking=False)
        self._aside: set[Path] = set()

    def __enter__(self) -> Self:
        """Take the folder.

        Raises:
            UsageError: If another batch works there, or it cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout:
            what = f"another batch works here: {self._holder()}."
            what_now = "Wait until it has ended, or name another folder with --out."
            raise UsageError(str(self.folder), what, what_now) from None
        except OSError as error:
            what = f"nothing can be written here ({error.strerror or error})."
            raise UsageError(str(self.folder), what, "Name another folder with --out.") from None
        try:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            own = {"pid": os.getpid(), "host": socket.gethostname(), "since": now}
            report.write_text(self.folder / HOLDER, json.dumps(own) + "\n")
            self._sweep()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the folder back."""
        try:
            (self.folder / HOLDER).unlink(missing_ok=True)
        except OSError:
            pass  # a disk that became read-only; the lock is what counts
        finally:
            self._lock.release()

    def path(self, owner: str, exercise_id: str, key: str) -> Path:
        """Give the place of the verdicts on one exercise of one hand-in.

        Args:
            owner: Folder name of whoever handed it in.
            exercise_id: Which exercise.
            key: What the verdicts depend on.
        """
        return self.folder / JOURNAL / owner / exercise_id / f"{key}.json"

    def keep(self, path: Path, grade: Grade) -> None:
        """Make the verdicts on one exercise durable.

        Args:
            path: Their place.
            grade: A grade of this exercise alone.

        Raises:
            UsageError: If they cannot be written; what stood there before is intact.
        """
        report.write_result(grade, path)

    def recall(self, path: Path, level: int) -> Grade | None:
        """Read verdicts back.

        Args:
            path: Their place.
            level: Isolation below which they do not count.

        Returns:
            The grade of one exercise, or None if there is none that can be used.
        """
        try:
            found = path.stat()
        except OSError:
            return None
        grade = _read(path, found.st_ino, found.st_mtime_ns, found.st_size)
        if grade is None or len(grade.exercises) != 1 or grade.isolation.level < level:
            return None
        return grade

    def set_aside(self, path: Path) -> None:
        """Make verdicts count no more; they stay beside their place.

        Where a regrade that was killed has set some aside before, those stay: what it put in
        their place was never the result of anybody.

        Raises:
            UsageError: If they cannot be moved.
        """
        aside = path.with_name(f".{path.stem}{_BEFORE}")
        try:
            if aside in self._aside:
                path.unlink()
            else:
                path.replace(aside)
        except OSError as error:
            raise _cannot_set_aside(path, error) from None
        self._aside.add(aside)

    def end_regrade(self, exercises: Collection[str]) -> None:
        """Keep what was set aside until others are, now that all of it is judged again.

        Args:
            exercises: Ids of those of which every hand-in is judged.

        Raises:
            UsageError: If it cannot be moved.
        """
        for aside in sorted(path for path in self._aside if path.parent.name in exercises):
            try:
                aside.replace(aside.with_name(aside.name[1:]))
            except OSError as error:
                raise _cannot_set_aside(aside, error) from None
            self._aside.remove(aside)

    def holder_text(self) -> str:
        """Give the text of the file that says who holds the folder; empty if there is none."""
        try:
            with (self.folder / HOLDER).open("rb") as file:
                return file.read(_HOLDER_LIMIT).decode()
        except (OSError, UnicodeDecodeError):
            return ""

    def _holder(self) -> str:
        try:
            found = json.loads(self.holder_text())
            return f"process {found['pid']} on {found['host']}, since {found['since']}"
        except (ValueError, KeyError, TypeError):
            return "its lock file does not say which"

    def _sweep(self) -> None:
        """Remove the halves of files that a killed run left; nobody else writes here.

        On the way, what a killed regrade has set aside is found.
        """
        for inner in (JOURNAL, RESULTS):
            for path in (self.folder / inner).rglob(".*"):
                if _HALF.fullmatch(path.name):
                    path.unlink(missing_ok=True)
                elif inner == JOURNAL and path.suffix == _BEFORE:
                    self._aside.add(path)
        for path in self.folder.glob(".*"):
            if _HALF.fullmatch(path.name):
                path.unlink(missing_ok=True)


def _cannot_set_aside(path: Path, error: OSError) -> UsageError:
    what = f"the verdicts cannot be set aside ({error.strerror})."
    return UsageError(str(path), what, "Make the folder writable.")


@functools.lru_cache(_RECENT)
def _read(path: Path, *_version: int) -> Grade | None:
    """Read a file of the journal; None if it is damaged, or of another version of autograde."""
    if not path.is_file():
        return None
    try:
        return report.read_own(path)
    except UsageError:
        return None
