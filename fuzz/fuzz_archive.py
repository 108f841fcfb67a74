"""Coverage-guided bytes for the reader of zip files: files or a `SubmissionError`, nothing else."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

import atheris
from common import start

with atheris.instrument_imports(include=["grader.collect", "zipfile"]):
    from grader.collect.archive import ZipTree
    from grader.collect.limits import IntakeLimits
    from grader.collect.tree import Kind
    from grader.errors import SubmissionError

LIMITS = IntakeLimits(archive_mib=1, archive_members=50, unpacked_mib=1, depth=4)
MOST_BYTES = 1 << 16
FOLDER = Path(tempfile.mkdtemp(prefix="autograde-fuzz-"))


def one_input(data: bytes) -> None:
    """Read bytes as a zip file and everything in it; no name may lead out of it."""
    path = FOLDER / "work.zip"
    path.write_bytes(data)
    try:
        tree = ZipTree(path, LIMITS)
    except SubmissionError:
        return
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        for name, kind in tree.entries(folder).items():
            if name in ("", ".", "..") or "/" in name or "\\" in name or "\0" in name:
                raise AssertionError(name)
            full = f"{folder}/{name}" if folder else name
            if kind is Kind.FOLDER:
                waiting.append(full)
                continue
            try:
                if len(tree.read(full, MOST_BYTES).data) > MOST_BYTES:
                    raise AssertionError(full)
            except SubmissionError:
                pass


def seeds() -> list[bytes]:
    """Zip files stored and deflated, with folders, a link, a climbing name and a bomb."""
    found = []
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        for names in (["work.py"], ["a/b/work.py", "a/c.ipynb"], ["../x"], ["a", "a/b"]):
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w", method) as archive:
                for name in names:
                    archive.writestr(name, b"x = 1\n" * 20)
            found.append(buffer.getvalue())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.py", bytes(200_000))
        link = zipfile.ZipInfo("link.py")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return [*found, buffer.getvalue()]


if __name__ == "__main__":
    start(one_input, seeds())
