"""The gate: `nox` runs all that must hold before a change is merged.

Every session runs in the environment that nox itself was installed into, so that the gate
asks for no network and checks what the reader has. The quick sessions come first; the tests
come last, so that their closing line is the last thing to be read.

On a machine many times slower than it should be, the gate leaves out what measures time or
takes hours there, and says so (docs/decisions/0009). Arguments switch that off.
"""

from __future__ import annotations

import functools
import os
import resource
import subprocess
import sys
import sysconfig
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "none"
nox.options.error_on_missing_interpreters = True

BIN = Path(sys.executable).parent
PYTHON = sys.executable

SLOW_IMPORT_S = 5.0
"""CPU seconds of `import torch`: 1.7 where limits and budgets were set, 4 with a cold disk."""
SMALLEST_EXERCISE = "06-02-corr2d"
OWN_TYPES_ONLY = [
    "--follow-imports=skip",
    # What strictness asks of the types of other packages, which are not looked at.
    "--allow-subclassing-any",
    "--allow-untyped-decorators",
    "--no-warn-return-any",
    "--no-warn-unused-ignores",
]
ROOMS_WITHOUT_TORCH = (
    *("batch", "collect", "course", "data", "export", "gradebook", "insight", "report", "score"),
)
LIGHT_TESTS = (
    *("tests/test_course.py", "tests/test_package.py", "tests/docs/test_documents.py"),
    *("tests/grader/test_client.py", "tests/grader/test_points.py"),
    *(f"tests/grader/{room}" for room in ROOMS_WITHOUT_TORCH),
    # What starts graders, and what comes before the gate in `.ci/run`.
    "--ignore=tests/grader/batch/test_cluster.py",
    "--ignore=tests/grader/batch/test_engine.py",
    "--deselect=tests/docs/test_documents.py::test_readme_s_first_command_grades_the_sample",
)


@functools.cache
def slow_machine() -> bool:
    """Tell whether `import torch` takes several times as long as on an ordinary machine."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([PYTHON, "-c", "import torch"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken_s = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return taken_s > SLOW_IMPORT_S


def left_out(session: nox.Session, what: str, instead: str) -> None:
    """Say what a slow machine is spared, and how to run it all the same."""
    session.warn(
        f"THIS MACHINE IS SLOW: `import torch` takes more than {SLOW_IMPORT_S:g} CPU seconds. "
        f"Left out: {what}. To run it all the same: `{instead}`."
    )


@nox.session
def lint(session: nox.Session) -> None:
    """Rules and layout of the code (`nox -s lint -- --fix` mends what it can)."""
    session.run(PYTHON, "-m", "ruff", "check", *session.posargs, external=True)
    check = () if "--fix" in session.posargs else ("--check",)
    session.run(PYTHON, "-m", "ruff", "format", *check, external=True)


@nox.session
def types(session: nox.Session) -> None:
    """Types of the program, as strictly as mypy can."""
    words = list(session.posargs)
    if not words and slow_machine():
        left_out(session, "the types of other packages", "nox -s types -- -p grader")
        words = OWN_TYPES_ONLY
    session.run(PYTHON, "-m", "mypy", *words, external=True)


@nox.session
def contracts(session: nox.Session) -> None:
    """Who may import whom: the rooms are independent and the light modules are light."""
    session.run(str(BIN / "lint-imports"), *session.posargs, external=True)


@nox.session
def verify(session: nox.Session) -> None:
    """Every exercise passes its own gate (`nox -s verify -- softmax` for one)."""
    words = list(session.posargs)
    if not words and slow_machine():
        what = f"all mutants, and all exercises but {SMALLEST_EXERCISE}"
        left_out(session, what, "nox -s verify -- --mutants")
        words = ["--no-mutants", SMALLEST_EXERCISE]
    session.run(str(BIN / "autograde"), "verify", *words, external=True)


@nox.session
def tests(session: nox.Session) -> None:
    """The program's own tests."""
    words = list(session.posargs)
    if not words and slow_machine():
        left_out(session, "every test that starts a grader or a browser", "nox -s tests -- tests")
        words = ["-n", str(os.cpu_count() or 1), *LIGHT_TESTS]
    session.run(PYTHON, "-m", "pytest", *words, external=True)


@nox.session(default=False)
def benchmarks(session: nox.Session) -> None:
    """Measure this host again; the only session that wants a network, for the rivals."""
    session.run(PYTHON, "benchmarks/compare.py", *session.posargs, external=True)
    session.run(PYTHON, "benchmarks/latency.py", external=True)


@nox.session(default=False)
def proof(session: nox.Session) -> None:
    """Measure what judging training catches; goes on where it ended (`-- dropout --jobs 1`)."""
    session.run(PYTHON, "benchmarks/proof.py", *session.posargs, external=True)


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Coverage-guided fuzzing of what reads strangers' bytes (`-- 600` seconds a target).

    atheris comes from the index into an environment of its own, which sees this one's packages;
    its wheels are for CPython 3.11 on Linux.
    """
    seconds = session.posargs[0] if session.posargs else "120"
    home = Path(session.create_tmp())
    session.run(PYTHON, "-m", "venv", str(home / "venv"), external=True)
    python = str(home / "venv" / "bin" / "python")
    session.run(python, "-m", "pip", "install", "-q", "atheris", external=True)
    packages = sysconfig.get_path("purelib")
    paths = os.pathsep.join((str(Path.cwd()), packages))
    for target in ("wire", "notebook", "archive"):
        words = [f"-max_total_time={seconds}", f"-artifact_prefix={home}/{target}-"]
        if target == "notebook":
            words.append("-dict=fuzz/notebook.dict")
        corpus = str(home / f"corpus-{target}")
        script = f"fuzz/fuzz_{target}.py"
        session.run(python, script, *words, corpus, external=True, env={"PYTHONPATH": paths})


@nox.session(default=False)
def boundary(session: nox.Session) -> None:
    """Every attack in one class and without a boundary, and every layer of a cell taken out."""
    names = ("liveness", "layers_of_cells", "hostile_class")
    files = [f"tests/security/{name}.py" for name in names]
    words = session.posargs or files
    session.run(PYTHON, "-m", "pytest", *words, external=True)


@nox.session(default=False)
def soak(session: nox.Session) -> None:
    """Thousands of right and hostile hand-ins through one warm session (`-- --count 2000`)."""
    session.run(PYTHON, "tests/security/soak.py", *session.posargs, external=True)
