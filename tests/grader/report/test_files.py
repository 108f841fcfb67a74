"""A file is there as a whole, or as it was before."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.report import write_text


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    """No temporary file stays beside it, and others may read it."""
    file = tmp_path / "page.html"
    write_text(file, "old")
    write_text(file, "neu ü\n")
    assert file.read_bytes() == "neu ü\n".encode()
    assert [f.name for f in tmp_path.iterdir()] == ["page.html"]
    assert file.stat().st_mode & 0o777 == 0o644


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    """The writing fails in its middle; what stood there is intact, and no half is left."""
    file = tmp_path / "page.html"
    write_text(file, "old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(
            UsageError, match=r"page\.html: the file cannot be written: .+\n.*space"
        ):
            write_text(file, "x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert file.read_text("utf-8") == "old"
    assert [f.name for f in tmp_path.iterdir()] == ["page.html"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "out").write_text("in the way", "utf-8")
    with pytest.raises(UsageError, match=r"out/result\.json: the file cannot be written"):
        write_text(tmp_path / "out" / "result.json", "{}")
