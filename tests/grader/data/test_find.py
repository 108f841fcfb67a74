"""Finding data sets: the order of the search, and that no damaged byte is ever used."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from grader.data import find, idx
from grader.data.sets import BY_NAME, EMBEDDED, SETS
from grader.errors import UsageError

SMALL = BY_NAME["fashion-mnist-small"]


@pytest.fixture(autouse=True)
def _nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Search in this test's own folders only, and in the package."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(find, "SYSTEM", tmp_path / "system")
    monkeypatch.delenv(find.VARIABLE, raising=False)


def _copy(folder: Path) -> Path:
    shutil.copytree(EMBEDDED / "fashion-mnist-small", folder)
    return folder


def test_the_embedded_sets_are_right() -> None:
    """Each set without a home comes with the package and has its hashes."""
    embedded = [entry for entry in SETS if entry.is_embedded]

    assert len(embedded) >= 2
    for entry in embedded:
        assert find.find(entry) == find.Found(EMBEDDED / entry.name, ())


def test_the_small_images_are_balanced() -> None:
    """Each of the ten classes has 500 images to learn from and 200 to be tested on."""
    images = find.load_images("fashion-mnist-small")

    assert images.train_images.shape == (5000, 28, 28)
    assert images.test_images.shape == (2000, 28, 28)
    assert np.bincount(images.train_labels).tolist() == [500] * 10
    assert np.bincount(images.test_labels).tolist() == [200] * 10


def test_the_poem_is_a_text() -> None:
    """The embedded text is of the size that the thresholds belong to."""
    text = find.load_text("paradise-lost")

    assert len(text) == 155_863
    assert text.startswith("PARADISE LOST")


def test_the_houses_are_a_table() -> None:
    """Every house has its price, and what is unknown is an empty cell."""
    rows = find.load_table("ames")

    assert len(rows) == 2930
    assert {len(row) for row in rows} == {74}
    assert sum(int(row["Sale_Price"]) for row in rows) == 529_732_456
    assert sum(cell == "" for row in rows for cell in row.values()) == 12_121


def test_the_variable_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A right copy in $AUTOGRADE_DATA is taken before all others."""
    own = _copy(tmp_path / "own" / "fashion-mnist-small")
    _copy(tmp_path / "system" / "fashion-mnist-small")
    monkeypatch.setenv(find.VARIABLE, str(tmp_path / "own"))

    assert find.find(SMALL).folder == own


def test_the_system_comes_before_the_package(tmp_path: Path) -> None:
    """Without the variable the system's folder is taken, if it is right."""
    system = _copy(tmp_path / "system" / "fashion-mnist-small")

    assert find.find(SMALL).folder == system


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda data: data[: len(data) // 2], "ends too early"),
        (lambda data: idx.packed(idx.unpacked(data, 1 << 24)[:-1] + b"\x01"), "SHA-256"),
        (lambda data: idx.packed(idx.unpacked(data, 1 << 24) + b"\0"), "more than it should"),
        (lambda data: b"", "0 bytes"),
    ],
    ids=["cut", "one byte", "longer", "empty"],
)
def test_a_damaged_file_is_named_and_never_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: object, why: str
) -> None:
    """The search goes on behind a damaged copy, and says what it passed over."""
    file = _copy(tmp_path / "own" / "fashion-mnist-small") / "t10k-images-idx3-ubyte.gz"
    file.write_bytes(damage(file.read_bytes()))  # type: ignore[operator]
    monkeypatch.setenv(find.VARIABLE, str(tmp_path / "own"))

    found = find.find(SMALL)

    assert found.folder == EMBEDDED / "fashion-mnist-small"
    (damaged,) = found.damaged
    assert damaged.path == file
    assert why in damaged.why


def test_files_without_gzip_are_read_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Torchvision keeps its files unpacked beside the downloads."""
    folder = _copy(tmp_path / "own" / "fashion-mnist-small")
    for file in list(folder.glob("*.gz")):
        file.with_suffix("").write_bytes(idx.unpacked(file.read_bytes(), 1 << 24))
        file.unlink()
    monkeypatch.setenv(find.VARIABLE, str(tmp_path / "own"))

    assert find.find(SMALL).folder == folder


def test_a_missing_set_says_what_to_do() -> None:
    """The message names the command that brings it and the variable that points to it."""
    with pytest.raises(UsageError) as caught:
        find.load_text("time-machine")

    assert "autograde data fetch time-machine" in str(caught.value)
    assert "AUTOGRADE_DATA" in str(caught.value)


def test_an_unknown_set_names_the_known_ones() -> None:
    """A misspelt name is answered with the list."""
    with pytest.raises(UsageError, match="fashion-mnist-small"):
        find.known("fashion")


def test_a_folder_that_may_not_be_entered_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """`data` beside the course may be somebody else's, such as a database's."""
    is_file = Path.is_file

    def asked(path: Path) -> bool:
        if "data" in path.parts[:2]:
            raise PermissionError(13, "Permission denied", str(path))
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", asked)

    assert find.find(SMALL) == find.Found(EMBEDDED / SMALL.name, ())
