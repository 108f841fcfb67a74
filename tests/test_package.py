"""Facts about the package as a whole: what it loads and what it ships."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
import zipfile
from datetime import UTC, datetime
from fractions import Fraction
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from grader import report
from grader.model import Grade, Isolation, Submission
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[1]
HEAVY = ("torch", "torchvision", "numpy", "pytest", "nbconvert", "nbformat", "jinja2", "psutil")
RUN_AND_TELL = f"""
import atexit, sys
atexit.register(
    lambda: print("loaded:", *sorted(sys.modules.keys() & set({HEAVY!r})), file=sys.stderr)
)
from grader.cli import main
main()
"""
COURSE = {
    "autograde.yml": "title: A small course\nexercises: ['*']\n",
    "assignments/04-99-demo/exercise.yml": (
        'title: Demo\nsection: "4.99"\nmodule: demo\npoints: 4\n'
        "tasks:\n  demo: {title: The demo, points: 4}\n"
    ),
}


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course of one exercise, enough for commands that run nothing."""
    for name, text in COURSE.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def heavy_parts_of(*arguments: str, cwd: Path) -> list[str]:
    """Run `autograde` with these arguments and return the heavy packages it has loaded."""
    done = subprocess.run(
        [sys.executable, "-c", RUN_AND_TELL, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr  # 1: the hand-in is no good
    return done.stderr.rpartition("loaded:")[2].split()


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["grade", "--help"], ["list"], ["list", "demo", "--json"]],
    ids=" ".join,
)
def test_commands_that_run_no_student_code_load_nothing_heavy(
    course: Path, arguments: list[str]
) -> None:
    """Help and lists answer at once, because torch and its like are never imported."""
    assert heavy_parts_of(*arguments, cwd=course) == []


def test_a_stored_result_is_shown_without_torch(course: Path) -> None:
    """Pages are drawn again from the file alone; only the page itself wants its templates."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    submission = Submission("0" * 64, "someone", "hand-in", now, ())
    nothing = Fraction(0)
    grade = Grade(submission, (), nothing, nothing, Isolation(3), {}, now)
    report.write_result(grade, course / "result.json")
    assert heavy_parts_of("report", str(course), cwd=course) == []
    html = ["--html", str(course / "page.html")]
    assert heavy_parts_of("report", str(course), *html, cwd=course) == ["jinja2"]


def test_what_is_declared_is_what_is_imported() -> None:
    """Each dependency is imported somewhere in the package, and each import is declared."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {Requirement(one).name for one in project["dependencies"]}
    declared |= {Requirement(one).name for one in project["optional-dependencies"]["cluster"]}
    imported = set()
    for path in (ROOT / "grader").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Import(names=names):
                    imported |= {name.name.partition(".")[0] for name in names}
                case ast.ImportFrom(module=str(module), level=0):
                    imported.add(module.partition(".")[0])
                case ast.Call(args=[ast.Constant(value=str(module)), *_]):
                    if "import_module" in ast.unparse(node.func):
                        imported.add(module.partition(".")[0])
    imported -= sys.stdlib_module_names | {"grader"}
    homes = packages_distributions()
    # What comes with another, in the version that it asks for.
    parts = {"pydantic_core": "pydantic", "markupsafe": "jinja2"}
    assert {parts.get(name, homes.get(name, [name])[0].lower()) for name in imported} == declared


def test_the_wheel_holds_the_package_and_nothing_else(tmp_path: Path) -> None:
    """Every file of `grader/` is shipped, templates included; tests and solutions are not."""
    listed = ["git", "ls-files", "grader", "pyproject.toml", "README.md", "LICENSE"]
    tracked = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
    source = tmp_path / "source"
    for name in [*tracked.stdout.split(), "tests/hidden/04-99-demo/test_demo.py", "solutions/x.py"]:
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes() if (ROOT / name).exists() else b"")
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--no-index", "-w", tmp_path, source], check=True, timeout=PATIENCE_S)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    shipped = {name for name in names if ".dist-info/" not in name}
    assert shipped == {name for name in tracked.stdout.split() if name.startswith("grader/")}
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
