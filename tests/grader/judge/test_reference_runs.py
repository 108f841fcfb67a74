"""What the reference did on this machine is kept, whole, and believed only for what it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.judge import reference_runs
from grader.judge.calibration import Key

KEY = Key("softmax-regression", "0" * 64, "fashion-mnist-small", "1" * 64, "cpu", "2.12")
TEXT = "def net(X):\n    return X\n"
VALUES = (0.7, 0.71, 0.72)


@dataclass
class Cache:
    """The user's cache."""

    folder: Path

    @property
    def files(self) -> list[Path]:
        """What stands in it."""
        return [path for path in self.folder.rglob("*") if path.is_file()]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    """Give an empty one."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return Cache(tmp_path)


def test_what_was_kept_is_found(cache: Cache) -> None:
    """One file, to the last digit."""
    assert reference_runs.recall(KEY, TEXT) == ()
    reference_runs.keep(KEY, TEXT, VALUES)
    assert reference_runs.recall(KEY, TEXT) == VALUES
    assert len(cache.files) == 1


@pytest.mark.parametrize("field", Key.__struct_fields__)
def test_it_is_good_for_nothing_else(cache: Cache, field: str) -> None:
    """Another recipe, other data, another device or version: measured anew."""
    reference_runs.keep(KEY, TEXT, VALUES)
    assert reference_runs.recall(msgspec.structs.replace(KEY, **{field: "other"}), TEXT) == ()
    assert reference_runs.recall(KEY, f"{TEXT}# changed\n") == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300))
def test_a_damaged_file_is_no_measurement(cache: Cache, content: bytes) -> None:
    """Whatever it holds: nothing is found, nothing breaks, and it is written anew."""
    reference_runs.keep(KEY, TEXT, VALUES)
    (file,) = cache.files
    file.write_bytes(content)
    assert reference_runs.recall(KEY, TEXT) == ()
    reference_runs.keep(KEY, TEXT, VALUES)
    assert reference_runs.recall(KEY, TEXT) == VALUES


def test_a_file_moved_to_another_name_is_not_believed(cache: Cache) -> None:
    """Its name alone does not say what was measured."""
    other = msgspec.structs.replace(KEY, torch="2.13")
    reference_runs.keep(other, TEXT, VALUES)
    (file,) = cache.files
    reference_runs.keep(KEY, TEXT, (0.1, 0.1, 0.1))
    (own,) = set(cache.files) - {file}
    file.replace(own)
    assert reference_runs.recall(KEY, TEXT) == ()


def test_without_a_cache_nothing_breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no folder can be made, it is measured again each time."""
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    reference_runs.keep(KEY, TEXT, VALUES)
    assert reference_runs.recall(KEY, TEXT) == ()
