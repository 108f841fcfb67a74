"""Folders, opened without following links."""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.collect import tree as tree_module
from grader.collect.limits import IntakeLimits, Refused
from grader.collect.tree import FolderTree, Kind, utc
from grader.errors import AutogradeError, SubmissionError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="makes links and FIFOs")


@pytest.fixture(params=["by handle", "by path"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Open relative to folders as POSIX can, and by checked paths as on Windows."""
    monkeypatch.setattr(tree_module, "_BY_HANDLE", request.param == "by handle")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with one of everything, and a secret beside it."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "answer.py").write_text("SECRET = 1\n")
    root = tmp_path / "alice"
    (root / "folder").mkdir(parents=True)
    (root / "folder" / "a.py").write_bytes(b"a = 1\n")
    (root / "link.py").symlink_to(tmp_path / "secret" / "answer.py")
    (root / "dangling.py").symlink_to("nothing.py")
    (root / "away").symlink_to(tmp_path / "secret")
    (root / "loop").symlink_to("loop")
    os.mkfifo(root / "fifo.py")
    return root


def test_a_file_is_read_with_its_time(way: None, root: Path) -> None:
    """The bytes and the time of the last change come back."""
    os.utime(root / "folder" / "a.py", (0, 86400))
    file = FolderTree(root, IntakeLimits()).read("folder/a.py", 100)
    assert file.data == b"a = 1\n"
    assert file.modified_at.isoformat() == "1970-01-02T00:00:00+00:00"


@pytest.mark.parametrize("name", ["link.py", "dangling.py", "away/answer.py", "loop", "loop/x"])
def test_no_link_is_followed(way: None, root: Path, name: str) -> None:
    """A link is refused, as the file and as a folder on the way to it."""
    with pytest.raises(Refused, match=r"link|not a regular file"):
        FolderTree(root, IntakeLimits()).read(name, 100)


@pytest.mark.parametrize("name", ["fifo.py", "folder"])
def test_only_regular_files_are_read(way: None, root: Path, name: str) -> None:
    """A FIFO without a writer does not hang the reader, and a folder is not a file."""
    with pytest.raises(Refused):
        FolderTree(root, IntakeLimits()).read(name, 100)


def test_a_socket_is_refused(way: None, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket in the folder is not a file."""
    monkeypatch.chdir(root)  # the path of a socket may have 108 bytes
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.py")
        with pytest.raises(Refused):
            FolderTree(root, IntakeLimits()).read("s.py", 100)


def test_the_size_limit_is_exact(way: None, root: Path) -> None:
    """A file of the limit is read, one byte more is refused."""
    tree = FolderTree(root, IntakeLimits())
    assert len(tree.read("folder/a.py", 6).data) == 6
    with pytest.raises(Refused, match="more than 5 bytes"):
        tree.read("folder/a.py", 5)


def test_a_file_that_is_larger_than_it_says_is_refused() -> None:
    """The kernel's files claim to be empty; what is read is counted all the same."""
    if not Path("/proc/self/maps").exists():
        pytest.skip("no /proc")
    with pytest.raises(Refused, match="grew beyond 10 bytes"):
        FolderTree(Path("/proc/self"), IntakeLimits()).read("maps", 10)


def test_a_missing_file_is_refused_in_words(way: None, root: Path) -> None:
    """The system's reason is passed on."""
    with pytest.raises(Refused, match="no such file"):
        FolderTree(root, IntakeLimits()).read("b.py", 100)


def test_a_listing_says_what_each_name_is(way: None, root: Path) -> None:
    """Links are links, wherever they point."""
    assert FolderTree(root, IntakeLimits()).entries("") == {
        "folder": Kind.FOLDER,
        "link.py": Kind.LINK,
        "dangling.py": Kind.LINK,
        "away": Kind.LINK,
        "loop": Kind.LINK,
        "fifo.py": Kind.OTHER,
    }


@pytest.mark.parametrize("name", ["away", "fifo.py", "nothing", "loop"])
def test_what_cannot_be_listed_is_empty(way: None, root: Path, name: str) -> None:
    """No listing leaves the folder."""
    assert FolderTree(root, IntakeLimits()).entries(name) == {}


Fail = Callable[[str, int], None]
OURS = [
    errno.EIO,
    errno.ESTALE,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.EACCES,
    errno.EPERM,
]
THEIRS = [errno.ENOENT, errno.ELOOP, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ENXIO]


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch) -> Fail:
    """Let one name fail to be opened, as on a disk that dies."""

    def set_up(name: str, number: int) -> None:
        def failing(call: Callable[..., Any]) -> Callable[..., Any]:
            def instead(path: Any, *rest: Any, **options: Any) -> Any:
                if not isinstance(path, int) and Path(path).name == name:
                    raise OSError(number, os.strerror(number), str(path))
                return call(path, *rest, **options)

            return instead

        monkeypatch.setattr(os, "open", failing(os.open))
        monkeypatch.setattr(os, "scandir", failing(os.scandir))

    return set_up


@pytest.mark.parametrize("number", OURS, ids=errno.errorcode.get)
def test_what_this_machine_fails_to_read_is_never_the_hand_ins_fault(
    way: None, root: Path, fail: Fail, number: int
) -> None:
    """A folder is not empty for it, and a file not unreadable: nothing is known of either."""
    tree = FolderTree(root, IntakeLimits())
    fail("a.py", number)
    with pytest.raises(AutogradeError, match="this machine fails to read it"):
        tree.read("folder/a.py", 100)
    fail("folder", number)
    with pytest.raises(AutogradeError, match=os.strerror(number).lower()) as caught:
        tree.entries("folder")
    assert not isinstance(caught.value, SubmissionError)
    assert (caught.value.where, caught.value.exit_code) == (str(root / "folder"), 3)


@pytest.mark.parametrize("number", THEIRS, ids=errno.errorcode.get)
def test_what_the_hand_in_is_like_is_told_as_before(
    way: None, root: Path, fail: Fail, number: int
) -> None:
    """What has vanished or is no file is part of what is graded."""
    tree = FolderTree(root, IntakeLimits())
    fail("a.py", number)
    with pytest.raises(Refused):
        tree.read("folder/a.py", 100)
    fail("folder", number)
    assert tree.entries("folder") == {}


def test_a_disk_that_dies_while_a_file_is_read_is_ours(
    way: None, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening it is not all that can fail."""

    def dying(_handle: int, _count: int) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "read", dying)
    with pytest.raises(AutogradeError, match=r"a\.py: this machine fails to read it"):
        FolderTree(root, IntakeLimits()).read("folder/a.py", 100)


def test_a_folder_of_countless_names_is_refused(way: None, root: Path) -> None:
    """Listing stops at the limit."""
    with pytest.raises(SubmissionError, match="more than 3 names"):
        FolderTree(root, IntakeLimits(folder_entries=3)).entries("")


def test_times_that_no_calendar_holds_are_harmless() -> None:
    """A file may claim any time."""
    assert utc(1e300) == utc(0)
