"""The grader as one file that students install: a wheel built from this checkout.

The build backend of `pyproject.toml` is called in a process of its own on a copy of the
package, so nothing is fetched, nothing is left behind in the checkout, and what an earlier
build left there cannot slip in.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import grader
from grader.errors import CourseError

_BUILD = "import importlib, sys; importlib.import_module(sys.argv[1]).build_wheel(sys.argv[2])"
_TOP_FILES = ("pyproject.toml", "README.md", "LICENSE")
_TIMEOUT_S = 300
_EPOCH_S = "315532800"
"""1980, the first year a zip can hold: the same source gives the same wheel."""


def build_wheel(into: Path) -> Path:
    """Build the wheel of the grader that is running.

    Args:
        into: Folder to write it into.

    Returns:
        The wheel.

    Raises:
        CourseError: If the grader does not run from a checkout, or the build fails.
    """
    checkout = Path(grader.__file__).resolve().parents[1]
    project = checkout / "pyproject.toml"
    if not project.is_file():
        what = "the grader was installed from a wheel, so no wheel can be built from it."
        what_now = "Run `pip install -e .` in a checkout of the grader and try again there."
        raise CourseError(str(checkout), what, what_now)
    backend = tomllib.loads(project.read_text(encoding="utf-8"))["build-system"]["build-backend"]
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        _copy_package(checkout, Path(folder))
        done = subprocess.run(
            [sys.executable, "-c", _BUILD, backend, str(into.resolve())],
            cwd=folder,
            env=os.environ | {"SOURCE_DATE_EPOCH": _EPOCH_S},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_S,
            check=False,
        )
    wheels = sorted(into.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        last = done.stderr.strip().splitlines()[-1:] or ["it wrote no wheel"]
        what = f"the build of the wheel failed ({last[0]})."
        what_now = f"Install the build backend with `pip install {backend.partition('.')[0]}`."
        raise CourseError(str(project), what, what_now)
    return wheels[0]


def _copy_package(checkout: Path, folder: Path) -> None:
    """Copy what a build reads, and nothing that an earlier one wrote."""
    for name in _TOP_FILES:
        if (checkout / name).is_file():
            shutil.copy(checkout / name, folder / name)
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
    shutil.copytree(checkout / "grader", folder / "grader", ignore=ignore)
