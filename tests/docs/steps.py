"""The steps of a job, run on this machine as the runner of GitHub Actions runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.patience import PATIENCE_S

BIN = Path(sys.executable).parent


def steps_of(file: Path) -> list[dict[str, Any]]:
    """Read the steps of an action, or of the only job of a workflow."""
    found = yaml.safe_load(file.read_text("utf-8"))
    if "runs" in found:
        steps: list[dict[str, Any]] = found["runs"]["steps"]
    else:
        (job,) = found["jobs"].values()
        steps = job["steps"]
    return steps


def run_step(
    step: dict[str, Any], workspace: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the shell of one step: a file, bash -e, both streams one."""
    files = workspace.parent / "runner"
    files.mkdir(exist_ok=True)
    script = files / "step.sh"
    script.write_text(step["run"], "utf-8")
    own = {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION_PATH": str(workspace),
        "GITHUB_ENV": str(files / "env"),
        "GITHUB_OUTPUT": str(files / "output"),
        "GITHUB_STEP_SUMMARY": str(files / "summary"),
        "GITHUB_WORKSPACE": str(workspace),
        "RUNNER_OS": "Linux",
        "RUNNER_TEMP": str(files),
    }
    shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
    return subprocess.run(
        shell, cwd=workspace, env=os.environ | own | environment, text=True, timeout=PATIENCE_S,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
