"""Zip files: every listed name is checked, nothing is unpacked to disk, little is inflated.

What an archive says about itself is a stranger's word. Sizes in its headers may refuse a file
but never admit one: what is inflated is counted while it grows, and stops one byte past the
limit. Only files that can answer an exercise are inflated at all.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from grader.collect.limits import IntakeLimits, Refused, in_words
from grader.collect.names import check_name, same, shown
from grader.collect.tree import FileBytes, FolderTree, Kind
from grader.errors import SubmissionError

_ENTRY = b"PK\x01\x02"  # opens each entry of the central directory
_LOCAL_HEADER = 30
_ENCRYPTED = 0x1
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OverflowError,  # an offset of 64 bits
    RuntimeError,  # a version or a feature that the reader does not know
    ValueError,  # a negative offset, or a name in no encoding
)
_MEND = "Zip the folder again, with plain files alone, and hand that in."


class ZipTree:
    """A zip file as a folder."""

    def __init__(self, path: Path, limits: IntakeLimits) -> None:
        """Read the file and check everything it lists.

        Args:
            path: The zip file.
            limits: For its size and what it lists.

        Raises:
            SubmissionError: If it is damaged, or if anything it lists is refused.
        """
        self._where = shown(str(path))
        try:
            file = FolderTree(path.parent, limits).read(path.name, limits.archive_mib * 1024 * 1024)
        except Refused as error:
            raise self._error(f"the file {error}") from error
        self._modified_at: datetime = file.modified_at
        # The reader builds an object for each entry, so they are counted before it sees them.
        if file.data.count(_ENTRY) > limits.archive_members:
            raise self._error(f"it lists more than {limits.archive_members} files")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(file.data))
        except _BROKEN as error:
            raise self._error("it is not a zip file that can be read") from error
        self._members: dict[str, zipfile.ZipInfo] = {}
        self._folders: dict[str, dict[str, Kind]] = {"": {}}
        self._take(self._zip.infolist(), limits)

    def entries(self, folder: str) -> Mapping[str, Kind]:
        """List one folder of the archive."""
        return self._folders.get(folder, {})

    def read(self, name: str, limit: int) -> FileBytes:
        """Inflate one file.

        Raises:
            SubmissionError: If it is damaged or grows beyond the limit.
        """
        try:
            with self._zip.open(self._members[name]) as stream:
                data = stream.read(limit + 1)
        except _BROKEN as error:
            raise self._error(f"{shown(name)} in it is damaged") from error
        if len(data) > limit:
            raise self._error(f"{shown(name)} in it has more than {in_words(limit)}")
        return FileBytes(data, self._modified_at)

    def _error(self, what: str) -> SubmissionError:
        return SubmissionError(self._where, f"{what}.", _MEND)

    def _take(self, members: Iterable[zipfile.ZipInfo], limits: IntakeLimits) -> None:
        """Check each member alone, then all of them together."""
        members = list(members)
        spelled: dict[str, str] = {}
        for member in members:
            try:
                parts = check_name(member.orig_filename, limits)
                _check_member(member)
                self._place(parts, member, spelled)
            except Refused as error:
                raise self._error(f"{shown(member.orig_filename)} in it {error}") from error
        most = limits.unpacked_mib * 1024 * 1024
        if sum(member.file_size for member in members) > most:
            raise self._error(f"it unpacks to more than {in_words(most)}")
        self._check_overlap(members)

    def _place(
        self, parts: tuple[str, ...], member: zipfile.ZipInfo, spelled: dict[str, str]
    ) -> None:
        """Put a member under its folders, and refuse a second one of the same name."""
        parent = ""
        for depth, part in enumerate(parts, start=1):
            path = f"{parent}/{part}" if parent else part
            is_file = depth == len(parts) and not member.is_dir()
            known = spelled.setdefault(same(path), path)
            if known != path:
                raise Refused(f"has the same name as {shown(known)} on some systems")
            kind = Kind.FILE if is_file else Kind.FOLDER
            listed = self._folders[parent].get(part)
            if listed is not None and (is_file or listed is not kind):
                raise Refused("is listed twice")
            self._folders[parent][part] = kind
            if is_file:
                self._members[path] = member
            else:
                self._folders.setdefault(path, {})
            parent = path

    def _check_overlap(self, members: list[zipfile.ZipInfo]) -> None:
        """Refuse members that share bytes: the trick of the zip that unpacks to petabytes."""
        end = 0
        for member in sorted(members, key=lambda member: member.header_offset):
            if member.header_offset < end:
                raise self._error(f"{shown(member.orig_filename)} in it overlaps another file")
            end = member.header_offset + _LOCAL_HEADER + member.compress_size


def _check_member(member: zipfile.ZipInfo) -> None:
    file_type = stat.S_IFMT(member.external_attr >> 16)
    if file_type == stat.S_IFLNK:
        raise Refused("is a link")
    if file_type not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise Refused("is neither a file nor a folder")
    if (file_type == stat.S_IFDIR) != member.is_dir() and file_type:
        raise Refused("is listed as both a file and a folder")
    if member.flag_bits & _ENCRYPTED:
        raise Refused("is encrypted")
    if member.compress_type not in _METHODS:
        raise Refused("is compressed in an unusual way")
