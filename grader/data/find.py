"""Finding a data set on this machine, and reading it.

Searched in this order: `$AUTOGRADE_DATA`, where torchvision and the book keep theirs (`data`
and `../data`), where `autograde data fetch` puts them, the system's folder, the package. What
does not have the right hash is never used; it is named, and the search goes on.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.data import idx
from grader.data.sets import BY_NAME, EMBEDDED, IMAGE_FILES, DataFile, DataSet
from grader.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VARIABLE = "AUTOGRADE_DATA"
SYSTEM = Path("/usr/share/datasets")
PACKED_SLACK_BYTES = 1 << 16
"""What a gzipped file may be larger than its content."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """A file that has the name of a set's file but not its content.

    Attributes:
        path: The file.
        why: Half a sentence.
    """

    path: Path
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    """What the search for one set brought to light.

    Attributes:
        folder: Where every file is right; None if there is no such folder.
        damaged: Files that were passed over.
    """

    folder: Path | None
    damaged: tuple[Damaged, ...]


@dataclass(frozen=True, slots=True)
class Images:
    """Labelled images.

    Attributes:
        train_images: (n, height, width), from 0 to 255.
        train_labels: (n,), classes from 0.
        test_images: (m, height, width).
        test_labels: (m,).
    """

    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.uint8]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.uint8]


def known(name: str) -> DataSet:
    """Return a set by name.

    Raises:
        UsageError: If there is none of this name.
    """
    if name not in BY_NAME:
        raise UsageError(name, "no data set has this name", f"There are {', '.join(BY_NAME)}.")
    return BY_NAME[name]


def own_folder() -> Path:
    """Return where `autograde data fetch` puts what it fetched."""
    chosen = os.environ.get(VARIABLE)
    return Path(chosen) if chosen else cache_folder()


def cache_folder() -> Path:
    """Return the user's folder for what can be fetched or measured again."""
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "autograde"


def places() -> Iterator[Path]:
    """Yield the folders that are searched, the first one first."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        yield Path(chosen)
    yield from (Path("data"), Path("..") / "data", own_folder(), SYSTEM, EMBEDDED)


def find(wanted: DataSet) -> Found:
    """Search a set and check every byte of it."""
    damaged: list[Damaged] = []
    for folder in dict.fromkeys(place / below for place in places() for below in wanted.folders):
        seen = [(file, _path(folder, file)) for file in wanted.files]
        present = [(file, path) for file, path in seen if path is not None]
        wrong = [Damaged(path, why) for file, path in present if (why := check(file, path))]
        damaged += wrong
        if len(present) == len(seen) and not wrong:
            return Found(folder, tuple(damaged))
    return Found(None, tuple(damaged))


def check(file: DataFile, path: Path) -> str:
    """Say what is wrong with a file, as half a sentence; empty if nothing is."""
    try:
        content(file, path)
    except (idx.IdxError, OSError) as error:
        return error.strerror or "it cannot be read" if isinstance(error, OSError) else str(error)
    return ""


def content(file: DataFile, path: Path) -> bytes:
    """Read the decompressed bytes of a file.

    Raises:
        IdxError: If they are not the right ones.
        OSError: If the file cannot be read.
    """
    limit_bytes = file.size + PACKED_SLACK_BYTES
    with path.open("rb") as opened:
        data = idx.unpacked(opened.read(limit_bytes + 1), file.size)
    if len(data) != file.size:
        raise idx.IdxError(f"it has {len(data)} bytes instead of {file.size}")
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise idx.IdxError("its SHA-256 is not the one of this data set")
    return data


def load_images(name: str) -> Images:
    """Load a set of labelled images.

    Args:
        name: A set in IDX files.

    Raises:
        UsageError: If it is nowhere on this machine, or every copy is damaged.
    """
    files = _load(known(name))
    return Images(*(idx.read(files[file]) for file in IMAGE_FILES))


def load_text(name: str) -> str:
    """Load a set that is one text.

    Args:
        name: Such a set.

    Raises:
        UsageError: If it is nowhere on this machine, or every copy is damaged.
    """
    (data,) = _load(known(name)).values()
    return data.decode("utf-8")


def load_table(name: str) -> list[dict[str, str]]:
    """Load a set that is one table, a row a dictionary by column; an unknown cell is empty.

    Args:
        name: Such a set.

    Raises:
        UsageError: If it is nowhere on this machine, or every copy is damaged.
    """
    return list(csv.DictReader(load_text(name).splitlines()))


def _load(wanted: DataSet) -> dict[str, bytes]:
    found = find(wanted)
    if found.folder is None:
        passed = "".join(f"; {item.path} is not it: {item.why}" for item in found.damaged)
        what_now = f"Run `autograde data fetch {wanted.name}`, or set ${VARIABLE} to its folder."
        raise UsageError(wanted.name, f"the data set is not on this machine{passed}.", what_now)
    files = {}
    for file in wanted.files:
        path = _path(found.folder, file)
        if path is None:
            raise UsageError(str(found.folder), f"{file.name} has just gone", "Run it again.")
        files[file.name] = content(file, path)
    return files


def _path(folder: Path, file: DataFile) -> Path | None:
    """Return a file as it is or gzipped; torchvision keeps both.

    A folder that may not be entered holds none: `data` may be somebody else's.
    """
    for path in (folder / file.name, folder / f"{file.name}.gz"):
        with contextlib.suppress(OSError):
            if path.is_file():
                return path
    return None
