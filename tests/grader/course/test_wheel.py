"""The wheel for students is built from this checkout, offline."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

import grader
from grader.course.wheel import build_wheel
from grader.errors import CourseError


def test_the_wheel_holds_the_grader_its_templates_and_nothing_else(tmp_path: Path) -> None:
    """No cache, no test, no solution."""
    wheel = build_wheel(tmp_path)
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"grader", "autograde"}
    assert "grader/course/templates/student_readme.md.j2" in names
    assert "grader/course/release.py" in names
    assert not [name for name in names if "__pycache__" in name]


def test_building_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    """A release into a repository shows no change where there is none."""
    first = build_wheel(tmp_path / "a").read_bytes()
    assert build_wheel(tmp_path / "b").read_bytes() == first


def test_an_installed_grader_says_that_it_is_no_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no pyproject.toml stands beside the package."""
    monkeypatch.setattr(grader, "__file__", str(tmp_path / "lib/grader/__init__.py"))
    with pytest.raises(CourseError, match="installed from a wheel"):
        build_wheel(tmp_path / "out")


def test_a_failing_build_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the backend's last line, and what to install."""
    (tmp_path / "grader").mkdir()
    (tmp_path / "pyproject.toml").write_text(
        '[build-system]\nbuild-backend = "no_such_backend.api"\n', encoding="utf-8"
    )
    monkeypatch.setattr(grader, "__file__", str(tmp_path / "grader/__init__.py"))
    with pytest.raises(CourseError, match="No module named 'no_such_backend'") as caught:
        build_wheel(tmp_path / "out")
    assert "pip install no_such_backend" in caught.value.what_now
