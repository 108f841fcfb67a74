"""How much of a hand-in is read, and the word for a file that is not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IntakeLimits:
    """Bounds on what is read; everything beyond is refused, never cut.

    Attributes:
        source_kib: Python text of one exercise: a module, or a notebook's code cells together.
            A page of code has 2 KiB. CPython's parser takes up to 1000 times the size of a
            hostile text in memory and, for one f-string, quadratic time: 128 KiB cost at most
            1.2 s and 150 MiB, 1 MiB costs more than 20 s and 1 GiB.
        notebook_kib: A notebook file, pictures in its outputs included.
        notebook_cells: Cells of one notebook.
        archive_mib: A zip file.
        archive_members: Files and folders listed in a zip.
        unpacked_mib: What a zip says it would unpack to.
        folder_entries: Names in one folder that is looked into.
        name_length: Characters of a name inside the hand-in, folders included.
        depth: Folders inside each other in a zip.
        git_timeout_s: Time for one question to git.
    """

    source_kib: int = 128
    notebook_kib: int = 16 * 1024
    notebook_cells: int = 2000
    archive_mib: int = 64
    archive_members: int = 10_000
    unpacked_mib: int = 1024
    folder_entries: int = 20_000
    name_length: int = 240
    depth: int = 16
    git_timeout_s: int = 5


class Refused(Exception):
    """A file that is not read, and why, as the end of a sentence that starts with its name."""


def in_words(size: int) -> str:
    """Write a number of bytes for people: `3.4 MiB`, `128 KiB`, `17 bytes`."""
    for unit, name in ((1024 * 1024, "MiB"), (1024, "KiB")):
        if size >= unit:
            return f"{size / unit:.1f}".removesuffix(".0") + f" {name}"
    return f"{size} bytes"
