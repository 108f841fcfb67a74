"""The command line as a person uses it: real processes, exit codes, and what they print."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Sequence
from pathlib import Path

import nbformat
import psutil
import pytest

from grader.model import Course
from tests.grader.conftest import RIGHT, STUB, write_course
from tests.patience import PATIENCE_S

COMMAND = [sys.executable, "-m", "grader"]
HANGING = RIGHT.replace("self.total += n", "while True: pass")


def run(
    *arguments: str, cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `autograde` in a folder."""
    return subprocess.run(
        [*COMMAND, *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False,
        timeout=PATIENCE_S,
    )  # fmt: skip


@pytest.fixture
def own_course(tmp_path: Path) -> Course:
    """A course that a test may change."""
    (tmp_path / "course").mkdir()
    return write_course(tmp_path / "course")


def test_list_names_every_exercise(demo_course: Course) -> None:
    """As a table and as JSON."""
    assert "01-02-more" in run("list", cwd=demo_course.root).stdout
    found = json.loads(run("list", "--json", cwd=demo_course.root).stdout)
    assert [(e["id"], e["points"], e["tasks"]) for e in found] == [
        ("01-01-demo", 6.0, ["double", "counter"]),
        ("01-02-more", 6.0, ["double", "counter"]),
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["list", "softmox"], "softmox"),
        (["grade", "nowhere.py"], "nowhere.py"),
        (["grade"], "no PATH was given"),
        (["grade", ".", "--level", "9"], "no isolation level"),
        (["check", "demo", "--lang", "fr"], "no language"),
        (["release"], "no DEST was given"),
        (["watch", "0"], "01-01-demo, 01-02-more"),
        (["report", "."], "result.json"),
        (["grade", "--nonsense"], "nonsense"),
    ],
)
def test_a_wrong_command_line_says_what_is_wrong(
    demo_course: Course, arguments: Sequence[str], words: str
) -> None:
    """Exit code 2 (1 for a hand-in that cannot be read), one message, no traceback."""
    ended = run(*arguments, cwd=demo_course.root)
    assert ended.returncode in (1, 2), ended.stderr
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr


def test_outside_of_a_course_every_command_says_so(tmp_path: Path) -> None:
    """There is no autograde.yml here or above."""
    ended = run("list", cwd=tmp_path)
    assert ended.returncode == 2
    assert "autograde.yml" in ended.stderr


def test_a_typo_in_the_configuration_is_shown_with_its_place(own_course: Course) -> None:
    """file:line:column, what, what now."""
    file = own_course.root / "autograde.yml"
    file.write_text(file.read_text("utf-8") + "exercices: []\n", "utf-8")
    ended = run("list", cwd=own_course.root)
    assert ended.returncode == 2
    assert f"{file}:3:1" in ended.stderr
    assert "exercises" in ended.stderr


def test_check_tells_what_was_expected_and_what_came(own_course: Course) -> None:
    """A half-filled stub: one test fails with its values, hidden tests are not run."""
    file = own_course.exercises[0].stub
    file.write_text(
        STUB.replace("    raise NotImplementedError\n", "    return X * 3\n", 1), "utf-8"
    )
    ended = run("check", "demo", cwd=own_course.root)
    assert ended.returncode == 1, ended.stderr
    assert "expected 2, got 3" in ended.stdout
    assert "Multiply by two." in ended.stdout
    assert "test_double_of_any" not in ended.stdout
    assert "Every value is doubled" not in ended.stdout


def test_check_of_a_right_answer_ends_with_0(own_course: Course) -> None:
    """All required passed, and it does not claim that hidden tests did."""
    own_course.exercises[0].stub.write_text(RIGHT, "utf-8")
    ended = run("check", "demo", "--json", cwd=own_course.root)
    assert ended.returncode == 0, ended.stderr
    result = json.loads(ended.stdout)
    assert result["public_only"] is True
    assert [t["outcome"] for t in result["exercises"][0]["tests"]] == ["passed"]


def _on_a_terminal(*arguments: str, cwd: Path, **more: str) -> str:
    """Run `autograde` with a terminal for its output, and give what the terminal was sent."""
    ours, theirs = pty.openpty()
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "CI", "FORCE_COLOR")}
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=env | {"TERM": "xterm-256color", "COLUMNS": "80"} | more,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    seen = b""
    with contextlib.suppress(OSError):  # Linux says so when the other end is closed
        while part := os.read(ours, 4096):
            seen += part
    os.close(ours)
    process.wait(timeout=60)
    return seen.decode()


def test_a_terminal_gets_colour_unless_no_color_is_set(own_course: Course) -> None:
    """Symbols and words are the same; with NO_COLOR and in a pipe colour alone is missing."""
    coloured = re.compile(r"\x1b\[[0-9;]*3[0-7]m")
    codes = re.compile(r"\x1b\[[0-9;]*m")
    result = own_course.root / "result.json"
    result.write_text(run("check", "demo", "--json", cwd=own_course.root).stdout, "utf-8")
    piped = run("report", "result.json", cwd=own_course.root).stdout
    bright = _on_a_terminal("report", "result.json", cwd=own_course.root)
    plain = _on_a_terminal("report", "result.json", cwd=own_course.root, NO_COLOR="1")
    assert coloured.search(bright)
    assert not coloured.search(plain)
    assert "\x1b" not in piped
    assert "! Error" in piped
    for text in (bright, plain):
        assert codes.sub("", text).replace("\r\n", "\n") == piped


def test_the_course_and_the_command_line_choose_the_language(own_course: Course) -> None:
    """`language:` in autograde.yml, `--lang` above it, and the exercise's own sentences."""
    exercise = own_course.exercises[0]
    exercise.stub.write_text(RIGHT, "utf-8")
    file = own_course.root / "autograde.yml"
    file.write_text(file.read_text("utf-8") + "language: zh\n", "utf-8")
    translation = '"Twice one is two.": "一的两倍是二。"\n'
    (exercise.assignment_dir / "zh.yml").write_text(translation, "utf-8")
    chinese = run("check", "demo", "--html", "page.html", cwd=own_course.root)
    assert chinese.returncode == 0, chinese.stderr
    assert "一的两倍是二。" in chinese.stdout
    assert "隐藏测试没有运行" in chinese.stdout
    assert '<html lang="zh-CN">' in (own_course.root / "page.html").read_text("utf-8")
    english = run("check", "demo", "--lang", "en", "--json", cwd=own_course.root)
    (own_course.root / "result.json").write_text(english.stdout, "utf-8")
    shown = run("report", "result.json", cwd=own_course.root)
    assert "一的两倍是二。" in shown.stdout
    shown = run("report", "result.json", "--lang", "en", cwd=own_course.root)
    assert "Twice one is two." in shown.stdout


def _notebook() -> str:
    cells = [nbformat.v4.new_code_cell(part) for part in ("%matplotlib inline\n" + RIGHT, "!ls")]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells))


def _write_hand_in(folder: Path, kind: str) -> Path:
    if kind == "folder":
        (folder / "work" / "01-01-demo").mkdir(parents=True)
        (folder / "work" / "01-01-demo" / "demo.py").write_text(RIGHT, "utf-8")
        return folder / "work"
    path = folder / f"demo.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("me/assignments/01-01-demo/demo.py", RIGHT)
    else:
        path.write_text(RIGHT if kind == "py" else _notebook(), "utf-8")
    return path


@pytest.mark.parametrize("kind", ["folder", "py", "ipynb", "zip"])
def test_grade_takes_a_hand_in_of_every_kind(
    demo_course: Course, tmp_path: Path, kind: str
) -> None:
    """A file asks for its exercise, a folder or zip for all: what is missing is no error."""
    path = _write_hand_in(tmp_path, kind)
    ended = run("grade", str(path), "--json", cwd=demo_course.root)
    result = json.loads(ended.stdout)
    found = {e["id"]: (e["status"], e["score"]) for e in result["exercises"]}
    if kind in ("py", "ipynb"):
        assert found == {"01-01-demo": ("submitted", 6)}
        assert (ended.returncode, result["max_score"]) == (0, 6)
    else:
        assert found == {"01-01-demo": ("submitted", 6), "01-02-more": ("not_submitted", 0)}
        assert (ended.returncode, result["max_score"]) == (1, 12)


def test_report_shows_a_stored_result_again(demo_course: Course, tmp_path: Path) -> None:
    """Nothing is run: text, page and JSON come from result.json."""
    path = _write_hand_in(tmp_path, "py")
    files = ("--out", str(tmp_path / "result.json"), "--html", str(tmp_path / "a.html"))
    graded = run("grade", str(path), *files, cwd=demo_course.root)
    shown = run("report", str(tmp_path), "--html", str(tmp_path / "b.html"), cwd=demo_course.root)
    assert shown.returncode == graded.returncode == 0
    assert shown.stdout == graded.stdout
    assert (tmp_path / "a.html").read_text("utf-8") == (tmp_path / "b.html").read_text("utf-8")


def test_a_host_below_the_courses_level_is_refused_unless_asked_by_name(
    own_course: Course, tmp_path: Path
) -> None:
    """The message names the level, the reason and the way out."""
    (own_course.root / "autograde.yml").write_text(
        'title: Demo\nexercises: ["*"]\nsandbox: {min_level: 3}\n', "utf-8"
    )
    path = _write_hand_in(tmp_path, "py")
    (tmp_path / "bin").mkdir()
    env = os.environ | {"PATH": str(tmp_path / "bin")}  # no bubblewrap there
    refused = run("grade", str(path), "-e", "demo", cwd=own_course.root, env=env)
    assert refused.returncode == 2, refused.stdout
    assert "the course asks for 3" in refused.stderr
    asked = run(
        "grade", str(path), "-e", "demo", "--level", "0", "--json", cwd=own_course.root, env=env
    )
    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout)["isolation"]["level"] == 0


@pytest.fixture
def hanging(tmp_path: Path) -> tuple[Course, Path]:
    """A course with patience and a hand-in whose second exercise hangs after one good test."""
    root = tmp_path / "patient"
    root.mkdir()
    course = write_course(root)
    for exercise in course.exercises:
        file = exercise.assignment_dir / "exercise.yml"
        file.write_text(
            file.read_text("utf-8").replace("wall_time_s: 60", "wall_time_s: 600"), "utf-8"
        )
    work = tmp_path / "work"
    for exercise, source in zip(course.exercises, (RIGHT, HANGING), strict=True):
        (work / exercise.id).mkdir(parents=True)
        (work / exercise.id / f"{exercise.module}.py").write_text(source, "utf-8")
    return course, work


def _start_and_wait_for_the_second_exercise(
    course: Course, *arguments: str
) -> tuple[subprocess.Popen[bytes], int]:
    """Start a run on a terminal and return once its progress shows the second exercise."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "grade", *arguments], cwd=course.root, stderr=theirs, stdout=subprocess.DEVNULL
    )
    os.close(theirs)
    seen = b""
    while b"01-02-more" not in seen:
        seen += os.read(ours, 4096)
    return process, ours


def test_ctrl_c_writes_what_was_judged(hanging: tuple[Course, Path], tmp_path: Path) -> None:
    """Exit code 130, a result marked incomplete, and the finished exercise in it."""
    course, work = hanging
    out = tmp_path / "result.json"
    process, terminal = _start_and_wait_for_the_second_exercise(
        course, str(work), "--out", str(out)
    )
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    os.close(terminal)
    result = json.loads(out.read_text("utf-8"))
    assert result["complete"] is False
    first, second = result["exercises"]
    assert first["score"] == 6
    assert "not_run" in {t["outcome"] for t in second["tests"]}
    assert "passed" in {t["outcome"] for t in second["tests"]}


def test_a_killed_grader_leaves_no_process_behind(hanging: tuple[Course, Path]) -> None:
    """Worker, judge, warm process and cell die with the command."""
    course, work = hanging
    process, terminal = _start_and_wait_for_the_second_exercise(course, str(work))
    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) >= 3
    process.kill()
    process.wait(timeout=60)
    os.close(terminal)
    _, alive = psutil.wait_procs(family, timeout=60)
    assert alive == []


BLOCKER = """
import os, sys
for name in ("fcntl", "resource", "pwd", "grp", "termios"):
    sys.modules[name] = None
for name in ("fork", "forkpty", "pidfd_open", "setuid"):
    if hasattr(os, name):
        delattr(os, name)
"""


@pytest.fixture
def bare_python(tmp_path: Path) -> str:
    """A Python without fork and POSIX modules, also in every process that it starts."""
    wrapper = tmp_path / "python"
    wrapper.write_text(
        f"#!{sys.executable}\n{BLOCKER}"
        + textwrap.dedent(
            """
            import runpy
            sys.executable = __file__
            arguments = [a for a in sys.argv[1:] if a != "-I"]
            assert arguments[0] == "-m", arguments
            sys.argv = arguments[1:]
            sys.path[0] = os.getcwd()
            runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
            """
        ),
        "utf-8",
    )
    wrapper.chmod(0o755)
    return str(wrapper)


def test_list_check_and_watch_need_nothing_but_python(own_course: Course, bare_python: str) -> None:
    """No fork, no fcntl, no resource, no pwd: what macOS and Windows lack or may lack."""
    own_course.exercises[0].stub.write_text(RIGHT, "utf-8")
    for arguments, code in ((["list"], 0), (["check", "demo"], 0)):
        ended = subprocess.run(
            [bare_python, "-m", "grader", *arguments], cwd=own_course.root, capture_output=True,
            text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        assert ended.returncode == code, ended.stderr
    with subprocess.Popen(
        [bare_python, "-m", "grader", "watch", "demo"],
        cwd=own_course.root,
        stdout=subprocess.PIPE,
        text=True,
    ) as watching:
        try:
            _read_until(watching, "1 / 1")
            own_course.exercises[0].stub.write_text(STUB, "utf-8")
            _read_until(watching, "not written yet")
        finally:
            watching.send_signal(signal.SIGINT)
        assert watching.wait(timeout=60) == 130


def _read_until(process: subprocess.Popen[str], words: str) -> None:
    assert process.stdout is not None
    while words not in (line := process.stdout.readline()):
        assert line, f"the process ended without {words!r}"


def test_new_release_and_verify_form_a_working_course(own_course: Course) -> None:
    """A new exercise is listed, fails its gate politely, and its stub is released to nobody yet."""
    root = own_course.root
    assert run("new", "01-09-fresh", cwd=root).returncode == 0
    assert "01-09-fresh" in run("list", cwd=root).stdout
    gate = run("verify", "fresh", "--no-mutants", "--json", cwd=root)
    assert gate.returncode == 1, gate.stderr
    assert json.loads(gate.stdout)[0]["problems"]


def test_a_student_repository_is_told_apart_from_a_broken_course(own_course: Course) -> None:
    """Grade and verify say that hidden tests are not here, instead of asking to write them."""
    shutil.rmtree(own_course.root / "solutions")
    shutil.rmtree(own_course.root / "tests")
    for arguments in (["grade", "."], ["verify"]):
        ended = run(*arguments, cwd=own_course.root)
        assert ended.returncode == 2
        assert "is a student repository" in ended.stderr
        assert "Traceback" not in ended.stderr
