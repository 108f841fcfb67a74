"""Fetching a data set from its home: resumed where it broke off, kept only if it is right."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from grader.data import find
from grader.data.sets import DataFile, DataSet
from grader.errors import UsageError

TIMEOUT_S = 30.0
CHUNK_BYTES = 1 << 16
Progress = Callable[[str, int], None]
"""Called with a file's name and the bytes that are here."""


def fetch(wanted: DataSet, progress: Progress) -> Path:
    """Bring a set to this machine.

    Args:
        wanted: The set; files of it that are right already are not fetched again.
        progress: Told how far each file is.

    Returns:
        The folder that holds it.

    Raises:
        UsageError: Without a network, without a place, or if what came is not the set.
    """
    found = find.find(wanted)
    if found.folder is not None:
        return found.folder
    folder = find.own_folder() / wanted.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in wanted.files:
            fetch_file(file, folder, progress)
    except OSError as error:
        raise _unreachable(wanted, folder, error) from error
    return folder


def fetch_file(file: DataFile, folder: Path, progress: Progress) -> None:
    """Bring one file into a folder, going on where an earlier try ended.

    Raises:
        UsageError: If what came is not the file.
        OSError: If the network or the disk fails; what came so far is kept for the next try.
    """
    path = folder / Path(file.url).name
    if path.is_file() and not find.check(file, path):
        return
    part = path.with_name(f"{path.name}.part")
    _receive(file, part, progress)
    why = find.check(file, part)
    if why:
        part.unlink()
        what = f"what {file.url} gave is not the file: {why}."
        raise UsageError(file.name, what, "Try again later; a proxy may have answered instead.")
    part.replace(path)


def _receive(file: DataFile, part: Path, progress: Progress) -> None:
    here = part.stat().st_size if part.is_file() else 0
    request = urllib.request.Request(file.url)  # noqa: S310 - addresses stand in `sets.py`
    if here:
        request.add_header("Range", f"bytes={here}-")
    try:
        answer = urllib.request.urlopen(request, timeout=TIMEOUT_S)  # noqa: S310 - as above
    except urllib.error.HTTPError as error:
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # everything is here already; the hash decides
        raise
    with answer:
        resumed = answer.status == HTTPStatus.PARTIAL_CONTENT
        here = here if resumed else 0
        with part.open("ab" if resumed else "wb") as out:
            while chunk := answer.read(CHUNK_BYTES):
                here += len(chunk)
                if here > file.size + find.PACKED_SLACK_BYTES:
                    break
                out.write(chunk)
                progress(file.name, here)


def _unreachable(wanted: DataSet, folder: Path, error: OSError) -> UsageError:
    reason = getattr(error, "reason", None) or error
    homes = ", ".join(sorted({file.url.rpartition("/")[0] for file in wanted.files}))
    what_now = (
        f"Run it again where there is a network (it goes on where it ended), or copy the files "
        f"of {homes} into {folder}."
    )
    return UsageError(wanted.name, f"it could not be fetched ({reason}).", what_now)
