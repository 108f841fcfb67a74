"""Private folders of flat cells: what is too much, and that all of it can be removed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from grader.cell import scratch
from grader.cell.scratch import Excess

LIMIT_BYTES = 1 << 20
LIMIT_FILES = 100


def test_an_ordinary_folder_is_within_bounds(tmp_path: Path) -> None:
    """A few files in a few folders are fine."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").write_bytes(bytes(1000))
    assert scratch.excess(str(tmp_path), LIMIT_BYTES, LIMIT_FILES) is None


def test_too_many_bytes_are_too_much(tmp_path: Path) -> None:
    """Bytes add up over files and folders."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one").write_bytes(b"x" * (LIMIT_BYTES // 2 + 4096))
    (tmp_path / "two").write_bytes(b"x" * (LIMIT_BYTES // 2 + 4096))
    assert scratch.excess(str(tmp_path), LIMIT_BYTES, LIMIT_FILES) is Excess.BYTES


def test_too_many_files_are_too_much(tmp_path: Path) -> None:
    """Empty files count as well."""
    for index in range(LIMIT_FILES + 1):
        (tmp_path / str(index)).touch()
    assert scratch.excess(str(tmp_path), LIMIT_BYTES, LIMIT_FILES) is Excess.FILES


def test_a_tree_too_deep_to_measure_is_too_much(tmp_path: Path) -> None:
    """Depth is bounded, so that measuring is."""
    path = tmp_path
    for _ in range(scratch.MAX_DEPTH + 3):
        path = path / "d"
        path.mkdir()
    assert scratch.excess(str(tmp_path), LIMIT_BYTES, LIMIT_FILES) is Excess.DEPTH


def test_as_many_files_as_allowed_are_fine(tmp_path: Path) -> None:
    """A limit of files is what may be there, folders counted."""
    (tmp_path / "folder").mkdir()
    for index in range(LIMIT_FILES - 1):
        (tmp_path / "folder" / str(index)).touch()
    assert scratch.excess(str(tmp_path), LIMIT_BYTES, LIMIT_FILES) is None


def test_a_path_too_long_to_follow_is_too_deep(tmp_path: Path) -> None:
    """Long names reach the end of what a path may be before the depth that is looked at."""
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(tmp_path)
        for _ in range(scratch.MAX_DEPTH - 2):
            Path("d" * 200).mkdir()
            os.chdir("d" * 200)
    finally:
        os.fchdir(here)
        os.close(here)
    assert scratch.excess(str(tmp_path), LIMIT_BYTES, LIMIT_FILES) is Excess.DEPTH
    scratch.remove(str(tmp_path))


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    """Neither for measuring nor for removing."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_bytes(b"x" * (2 * LIMIT_BYTES))
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link").symlink_to(outside)
    assert scratch.excess(str(inside), LIMIT_BYTES, LIMIT_FILES) is None
    scratch.remove(str(inside))
    assert not inside.exists()
    assert (outside / "kept").exists()


def test_a_tree_of_any_depth_is_removed(tmp_path: Path) -> None:
    """Deeper than Python recurses and longer than a path may be."""
    folder = tmp_path / "deep"
    folder.mkdir()
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(folder)
        for _ in range(1500):
            Path("folder").mkdir(mode=0o500)
            Path("folder").chmod(0o700)
            os.chdir("folder")
        Path("file").touch()
    finally:
        os.fchdir(here)
        os.close(here)
    scratch.remove(str(folder))
    assert not folder.exists()


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc"), st.booleans())))
def test_any_tree_is_removed(shape: list[tuple[str, str, bool]]) -> None:
    """Files, folders and closed folders, in any order."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as parent:
        folder = str(Path(parent, "folder"))
        Path(folder).mkdir()
        for outer, inner, closed in shape:
            place = Path(folder, outer)
            place.mkdir(exist_ok=True)
            place.chmod(0o700)
            Path(place, inner).touch()
            if closed:
                place.chmod(0)
        scratch.remove(folder)
        assert not Path(folder).exists()
