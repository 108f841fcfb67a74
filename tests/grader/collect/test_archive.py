"""Zip files, honest and hostile."""

from __future__ import annotations

import io
import os
import stat
import struct
import tempfile
import warnings
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.collect.archive import ZipTree
from grader.collect.limits import IntakeLimits
from grader.collect.tree import Kind
from grader.errors import SubmissionError

LIMITS = IntakeLimits()


def opened(data: bytes, limits: IntakeLimits = LIMITS) -> ZipTree:
    """Write the bytes to a file and open it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "alice.zip"
        path.write_bytes(data)
        return ZipTree(path, limits)


def listed(*members: tuple[str, int]) -> bytes:
    """Make a zip of empty members with these names and Unix modes."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as archive:
        warnings.simplefilter("ignore")  # that a name stands twice
        for name, mode in members:
            info = zipfile.ZipInfo("x")
            info.filename = name
            info.external_attr = mode << 16
            archive.writestr(info, b"")
    return buffer.getvalue()


def patched(data: bytes, signature: bytes, offset: int, value: bytes) -> bytes:
    """Change some bytes of the first record with this signature."""
    at = data.index(signature) + offset
    return data[:at] + value + data[at + len(value) :]


def test_files_and_folders_are_listed_and_read(kit: SimpleNamespace) -> None:
    """A zip reads like a folder, also where it lists no folders."""
    tree = opened(kit.zipped({"a/softmax.py": "x = 1\n", "b.txt": "b", "c/": ""}))
    assert tree.entries("") == {"a": Kind.FOLDER, "b.txt": Kind.FILE, "c": Kind.FOLDER}
    assert tree.entries("a") == {"softmax.py": Kind.FILE}
    assert tree.entries("nothing") == {}
    assert tree.read("a/softmax.py", 100).data == b"x = 1\n"


def test_the_time_is_the_archives_own(tmp_path: Path, kit: SimpleNamespace) -> None:
    """Times inside a zip have no zone and are its author's word."""
    path = tmp_path / "a.zip"
    path.write_bytes(kit.zipped({"a.py": "x"}))
    os.utime(path, (0, 0))
    assert ZipTree(path, LIMITS).read("a.py", 9).modified_at.year == 1970


@pytest.mark.parametrize(
    ("name", "mode", "reason"),
    [
        ("../softmax.py", 0, "part of its name"),
        ("/etc/passwd", 0, "absolute"),
        ("a\\b.py", 0, "backslash"),
        ("C:/a.py", 0, "drive"),
        ("a.py\0.txt", 0, "control character"),
        ("softmax.py", stat.S_IFLNK | 0o777, "is a link"),
        ("softmax.py", stat.S_IFIFO, "neither a file nor a folder"),
        ("softmax.py", stat.S_IFCHR, "neither a file nor a folder"),
        ("softmax.py", stat.S_IFDIR, "both a file and a folder"),
        ("softmax/", stat.S_IFREG, "both a file and a folder"),
    ],
)
def test_one_hostile_member_refuses_the_archive(name: str, mode: int, reason: str) -> None:
    """Links, devices and names that leave the folder are refused, whether asked for or not."""
    with pytest.raises(SubmissionError, match=reason):
        opened(listed(("fine.py", stat.S_IFREG), (name, mode)))


@pytest.mark.parametrize(
    "names",
    [
        ("a.py", "a.py"),
        ("a.py", "A.py"),
        ("B/a.py", "b/c.py"),
        ("é.py", "e\u0301.py"),
        ("a", "a/b.py"),
        ("a/b.py", "a"),
    ],
)
def test_two_members_of_one_name_refuse_the_archive(names: tuple[str, ...]) -> None:
    """Which of the two would be graded depends on the system, so neither is."""
    with pytest.raises(SubmissionError, match=r"twice|same name"):
        opened(listed(*((name, 0) for name in names)))


def test_a_folder_may_be_listed_before_and_with_its_files() -> None:
    """What ordinary programs write is read."""
    assert opened(listed(("a/", stat.S_IFDIR), ("a/b.py", 0), ("a/c/", 0))).entries("a") == {
        "b.py": Kind.FILE,
        "c": Kind.FOLDER,
    }


def test_an_encrypted_member_is_refused(kit: SimpleNamespace) -> None:
    """Nobody is asked for a password."""
    data = patched(kit.zipped({"a.py": "x"}), b"PK\x01\x02", 8, struct.pack("<H", 1))
    with pytest.raises(SubmissionError, match="encrypted"):
        opened(data)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression_is_refused(kit: SimpleNamespace, method: int) -> None:
    """Only what every program writes is inflated."""
    with pytest.raises(SubmissionError, match="unusual"):
        opened(kit.zipped({"a.py": "x"}, method))


def test_inflating_stops_one_byte_past_the_limit(kit: SimpleNamespace) -> None:
    """A megabyte of zeros in a kilobyte of zip is not inflated to the end."""
    tree = opened(kit.zipped({"a.py": bytes(1 << 20)}))
    with pytest.raises(SubmissionError, match="more than 1 KiB"):
        tree.read("a.py", 1024)


def test_a_size_that_lies_is_not_believed(kit: SimpleNamespace) -> None:
    """A member that inflates to more than it says is damaged, not cut."""
    data = kit.zipped({"a.py": bytes(1 << 20)})
    data = patched(data, b"PK\x01\x02", 24, struct.pack("<I", 10))
    with pytest.raises(SubmissionError, match="damaged"):
        opened(data).read("a.py", 1024)


def test_a_changed_byte_is_noticed(kit: SimpleNamespace) -> None:
    """The checksum is compared."""
    data = kit.zipped({"a.py": "x = 1"}, zipfile.ZIP_STORED).replace(b"x = 1", b"x = 2")
    with pytest.raises(SubmissionError, match="damaged"):
        opened(data).read("a.py", 1024)


@pytest.mark.parametrize(
    ("offset", "value"),
    [(6, b"\xff\xff"), (8, b"\x20\0"), (20, b"\x01\0\0\0"), (42, b"\xff\xff\xff\x7f")],
    ids=["version", "feature", "size", "offset"],
)
def test_headers_that_make_no_sense_are_damage(
    kit: SimpleNamespace, offset: int, value: bytes
) -> None:
    """What trips the reader of zips is the archive's fault, not ours."""
    with pytest.raises(SubmissionError):
        opened(patched(kit.zipped({"a.py": "x" * 99}), b"PK\x01\x02", offset, value)).read(
            "a.py", 99
        )


def test_a_member_longer_than_its_archive_is_damage(kit: SimpleNamespace) -> None:
    """The bytes end before the member does."""
    data = kit.zipped({"a.py": "x"}, zipfile.ZIP_STORED)
    data = patched(data, b"PK\x01\x02", 20, struct.pack("<II", 5000, 5000))
    with pytest.raises(SubmissionError, match="damaged"):
        opened(data).read("a.py", 9999)


def test_a_name_in_no_encoding_is_damage(kit: SimpleNamespace) -> None:
    """The flag says UTF-8, the bytes say otherwise."""
    data = patched(kit.zipped({"a.py": "x"}), b"PK\x01\x02", 8, struct.pack("<H", 0x800))
    with pytest.raises(SubmissionError, match="not a zip file"):
        opened(patched(data, b"PK\x01\x02", 46, b"\xff"))


def test_an_offset_beyond_every_file_is_damage(kit: SimpleNamespace) -> None:
    """The long form of the format has offsets of 64 bits."""
    data = kit.zipped({"a.py": "x"}, zipfile.ZIP_STORED)
    extra = struct.pack("<HHQ", 1, 8, 2**64 - 1)
    data = patched(data, b"PK\x01\x02", 42, b"\xff\xff\xff\xff")
    data = patched(data, b"PK\x01\x02", 30, struct.pack("<H", len(extra)))
    end = data.index(b"PK\x05\x06")
    size = struct.unpack_from("<I", data, end + 12)[0] + len(extra)
    data = data[:end] + extra + data[end : end + 12] + struct.pack("<I", size) + data[end + 16 :]
    with pytest.raises(SubmissionError):
        opened(data).read("a.py", 99)


def test_the_sum_of_sizes_is_limited(kit: SimpleNamespace) -> None:
    """Also files that nobody would read count, because such an archive is no hand-in."""
    data = kit.zipped({"a.bin": bytes(1 << 20), "b.bin": bytes(1 << 20)})
    with pytest.raises(SubmissionError, match="unpacks to more than 1 MiB"):
        opened(data, IntakeLimits(unpacked_mib=1))


def test_members_that_share_bytes_are_refused(kit: SimpleNamespace) -> None:
    """Two names for the same compressed bytes are a bomb's first half."""
    data = kit.zipped({"a.py": "x" * 500, "b.py": "y" * 500}, zipfile.ZIP_STORED)
    second = data.rindex(b"PK\x01\x02")
    data = data[: second + 42] + struct.pack("<I", 0) + data[second + 46 :]
    with pytest.raises(SubmissionError, match="overlaps"):
        opened(data)


def test_members_are_counted_before_they_are_parsed(kit: SimpleNamespace) -> None:
    """An archive of very many names is refused."""
    data = kit.zipped({f"{at}.py": "" for at in range(12)})
    with pytest.raises(SubmissionError, match="more than 10 files"):
        opened(data, IntakeLimits(archive_members=10))


def test_a_large_archive_is_refused_unread(tmp_path: Path) -> None:
    """The size is asked first."""
    path = tmp_path / "a.zip"
    with path.open("wb") as file:
        file.truncate(2 << 20)
    with pytest.raises(SubmissionError, match="more than 1 MiB"):
        ZipTree(path, IntakeLimits(archive_mib=1))


def test_control_characters_do_not_reach_the_message() -> None:
    """A name in an archive cannot drive the reader's terminal."""
    with pytest.raises(SubmissionError) as caught:
        opened(listed(("a\x1b]0;owned\x07.py", 0)))
    assert "\x1b" not in str(caught.value)


def read_everything(data: bytes) -> None:
    """Read all of an archive, or be told why not."""
    try:
        tree = opened(data)
        folders = [""]
        for folder in folders:
            for name, kind in tree.entries(folder).items():
                path = f"{folder}/{name}".removeprefix("/")
                if kind is Kind.FOLDER:
                    folders.append(path)
                else:
                    tree.read(path, 1000)
    except SubmissionError:
        pass


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    """Whatever is called a zip is read or refused in words."""
    read_everything(data)
    read_everything(b"PK\x03\x04" + data)


@given(st.data())
def test_no_damage_raises_anything_else(kit: SimpleNamespace, data: st.DataObject) -> None:
    """A real archive with some bytes changed is read or refused in words."""
    archive = bytearray(kit.zipped({"a/softmax.py": "x = 1\n" * 20, "b.py": "y"}))
    for _ in range(data.draw(st.integers(1, 4))):
        archive[data.draw(st.integers(0, len(archive) - 1))] = data.draw(st.integers(0, 255))
    read_everything(bytes(archive))
