"""`autograde batch` and `autograde export` as an instructor uses them: real processes."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
import pytest

from grader import report
from grader.model import Course
from tests.grader.conftest import RIGHT, write_course

COMMAND = [sys.executable, "-m", "grader"]
WRONG = RIGHT.replace("X * 2", "X * 3")
HANGING = RIGHT.replace("return X * 2", "while True: pass")
CLASS = {
    "ada": (RIGHT, RIGHT),
    "bob": (WRONG, RIGHT),
    "cem": (HANGING, "def ("),
    "dan": ("import os\nos._exit(0)\n", RIGHT),
}
PATIENCE_S = 120


@dataclass(frozen=True)
class School:
    """A course, a class, and what a run without any trouble made of it."""

    course: Course
    hand_ins: Path
    out: Path
    code: int
    said: str

    @property
    def gradebook(self) -> bytes:
        return (self.out / "gradebook.csv").read_bytes()

    def command(self, out: Path, *more: str) -> list[str]:
        return [*COMMAND, "batch", str(self.hand_ins), "--out", str(out), *more]

    def run(self, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
        return _run(self.command(out, *more), self.course.root)


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=600, check=False
    )


def _hand_in(folder: Path, *sources: str) -> None:
    for module, name, source in zip(
        ("demo", "more"), ("01-01-demo", "01-02-more"), sources, strict=False
    ):
        (folder / name).mkdir(parents=True)
        (folder / name / f"{module}.py").write_text(source, "utf-8")


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> School:
    """Four who handed in, one who did not, one whose archive is broken; graded once."""
    root = tmp_path_factory.mktemp("school")
    (root / "course").mkdir()
    course = write_course(root / "course")
    for name, sources in CLASS.items():
        _hand_in(root / "class" / name, *sources)
    (root / "class" / "eve.zip").write_bytes(b"PK no zip")
    roster = ["username,first_name", *(f"{n},{n.title()}" for n in (*CLASS, "eve", "fay"))]
    (root / "class" / "roster.csv").write_text("\n".join(roster), "utf-8")
    made = School(course, root / "class", root / "out", 0, "")
    done = made.run(made.out)
    return School(course, root / "class", root / "out", done.returncode, done.stdout)


def _verdicts(out: Path) -> list[Path]:
    return sorted((out / "journal").rglob("*.json"))


def _start(school: School, out: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        school.command(out), cwd=school.course.root,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def _wait_for(process: subprocess.Popen[str], happened: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while process.poll() is None and not happened() and time.monotonic() < deadline_s:
        time.sleep(0.01)


def _family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    whole = psutil.Process(process.pid)
    return [whole, *whole.children(recursive=True)]


def _rows(out: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((out / "gradebook.csv").read_text("utf-8"))))


def _is_under_way(process: subprocess.Popen[str], out: Path, judged: int) -> bool:
    """Tell whether the workers have started and this many verdicts are durable."""
    begun = (out / "class.json").exists() and len(_family(process)) > 1
    return begun and len(_verdicts(out)) >= judged


def test_everybody_has_a_row_and_everybody_read_a_page(school: School) -> None:
    """Right answers earn everything, wrong ones their share, nobody the work of another."""
    rows = _rows(school.out)
    assert [(r["username"], r["01-01-demo"], r["01-02-more"], r["flags"]) for r in rows] == [
        ("ada", "6", "6", ""),
        ("bob", "2", "6", ""),
        ("cem", "2", "0", ""),
        ("dan", "0", "6", ""),
        ("eve", "", "", "unreadable"),
        ("fay", "", "", "not_submitted"),
    ]
    for name in CLASS:
        grade = report.read_result(school.out / "results" / name)
        assert grade.submission.owner == name
        assert "</html>" in (school.out / "results" / name / "report.html").read_text("utf-8")


def test_what_could_not_be_read_is_listed_and_told_by_the_exit_code(school: School) -> None:
    """The others are graded."""
    assert school.code == 1
    assert "4 of 6 graded" in school.said
    listed = (school.out / "needs-a-person.txt").read_text("utf-8")
    assert "  eve: " in listed
    assert "not a zip file" in listed


def test_the_same_command_again_repeats_nothing(school: School) -> None:
    """No file of the journal or of the results is written a second time, nor a worker started."""
    files = [*_verdicts(school.out), *(school.out / "results").rglob("*.*")]
    before = {path: path.stat().st_mtime_ns for path in files}
    book = school.gradebook
    done = _run(
        [sys.executable, "-X", "importtime", *school.command(school.out, "--json")[1:]],
        school.course.root,
    )
    assert json.loads(done.stdout)["graded"] == 4
    assert {path: path.stat().st_mtime_ns for path in files} == before
    assert school.gradebook == book
    assert "torch" not in done.stderr


def test_a_changed_suite_judges_its_exercise_alone(school: School, tmp_path: Path) -> None:
    """The verdicts on the other exercise stay as they are."""
    shutil.copytree(school.course.root, tmp_path / "course")
    shutil.copytree(school.out, tmp_path / "out")
    suite = tmp_path / "course/tests/hidden/01-02-more/test_more.py"
    suite.write_text(suite.read_text("utf-8").replace("points(1)", "points(1.0)"), "utf-8")
    before = _verdicts(tmp_path / "out")
    done = _run(school.command(tmp_path / "out"), tmp_path / "course")
    new = set(_verdicts(tmp_path / "out")) - set(before)
    assert done.returncode == 1, done.stderr
    assert sorted(path.parts[-3:-1] for path in new) == [(n, "01-02-more") for n in sorted(CLASS)]
    assert (tmp_path / "out" / "gradebook.csv").read_bytes() == school.gradebook


def test_killed_at_any_moment_it_ends_in_the_same_gradebook(school: School, tmp_path: Path) -> None:
    """The whole tree is killed three times, each time further on; then it is let through."""
    out = tmp_path / "out"
    for judged in (0, 2, 5):
        process = _start(school, out)
        _wait_for(process, partial(_is_under_way, process, out, judged))
        for member in reversed(_family(process)):
            with contextlib.suppress(psutil.Error):
                member.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert 'graded": true' not in (out / "class.json").read_text("utf-8")
    survived = {path: path.read_bytes() for path in _verdicts(out)}
    assert len(survived) >= 5
    done = school.run(out)
    assert done.returncode == school.code, done.stderr
    assert (out / "gradebook.csv").read_bytes() == school.gradebook
    assert {path: path.read_bytes() for path in survived} == survived
    assert len(_verdicts(out)) == len(_verdicts(school.out))


def test_ctrl_c_writes_what_was_judged(school: School, tmp_path: Path) -> None:
    """It ends with 130 and leaves no process; the same command goes on."""
    out = tmp_path / "out"
    process = _start(school, out)
    _wait_for(process, (out / "results" / "ada" / "result.json").exists)
    family = _family(process)
    process.send_signal(signal.SIGINT)
    said, complaints = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130, complaints
    assert "Traceback" not in complaints
    rows = {row["username"]: row for row in _rows(out)}
    assert rows["ada"]["total"] == "12"
    assert rows["cem"]["flags"] == "not_graded"
    assert "graded." in said
    _, alive = psutil.wait_procs(family, timeout=20)
    assert alive == []


def test_a_fault_of_ours_is_no_zero_and_ends_with_3(school: School, tmp_path: Path) -> None:
    """The row is open, the page says so, and the same command tries again."""
    shutil.copytree(school.course.root, tmp_path / "course")
    suite = tmp_path / "course/tests/hidden/01-01-demo/test_demo.py"
    good = suite.read_text("utf-8")
    suite.write_text(good.replace("generator=rng", "generator=gone"), "utf-8")
    _hand_in(tmp_path / "class" / "ada", RIGHT)
    command = [*COMMAND, "batch", "../class", "--out", "../out", "-e", "demo"]
    done = _run(command, tmp_path / "course")
    assert done.returncode == 3, done.stderr
    (row,) = _rows(tmp_path / "out")
    assert (row["01-01-demo"], row["total"], row["flags"]) == ("", "", "needs_a_person")
    assert "ada: 01-01-demo" in (tmp_path / "out/needs-a-person.txt").read_text("utf-8")
    suite.write_text(good, "utf-8")
    assert _run(command, tmp_path / "course").returncode == 0
    assert not (tmp_path / "out/needs-a-person.txt").exists()


def test_the_best_attempt_counts_if_that_is_asked_for(school: School, tmp_path: Path) -> None:
    """Of several in the exchange; by default the latest does."""
    for day, source in ((1, WRONG), (2, RIGHT), (3, WRONG + "\n")):
        folder = tmp_path / "inbound" / f"ada+01-01-demo+2026-10-0{day} 10:00:00 UTC+r"
        folder.mkdir(parents=True)
        (folder / "demo.py").write_text(source, "utf-8")
    command = [*COMMAND, "batch", str(tmp_path), "--out", str(tmp_path / "out"), "-e", "demo"]
    totals = []
    for policy in ("best", "latest"):
        done = _run([*command, "--attempt", policy], school.course.root)
        assert done.returncode == 0, done.stderr
        (row,) = _rows(tmp_path / "out")
        totals.append(row["total"])
    assert totals == ["6", "2"]


def test_a_full_disk_loses_nothing(school: School, tmp_path: Path) -> None:
    """It is said in words; with more room the same command ends in the same gradebook."""
    (tmp_path / "disk").mkdir()
    inside = (
        'mount -t tmpfs -o size=$1 tmpfs disk && cp -r saved/. disk && shift && ("$@"); '
        "code=$?; cp -r disk/. saved; exit $code"
    )
    (tmp_path / "saved").mkdir()

    def run_with(size: str) -> subprocess.CompletedProcess[str]:
        out = ["--out", str(tmp_path / "disk"), "--course", str(school.course.root)]
        command = [*COMMAND, "batch", str(school.hand_ins), *out, "--level", "0"]
        wrapped = ["unshare", "-rm", "sh", "-c", inside, "sh", size, *command]
        return _run(wrapped, tmp_path)

    if _run(["unshare", "-rm", "mount", "-t", "tmpfs", "none", "disk"], tmp_path).returncode:
        pytest.skip("this host lets nobody mount anything")
    full = run_with("80k")
    assert full.returncode == 2, full.stdout + full.stderr
    assert "No space left on device" in full.stderr
    assert "Traceback" not in full.stderr
    kept = {p.relative_to(tmp_path): p.read_bytes() for p in _verdicts(tmp_path / "saved")}
    done = run_with("20m")
    assert done.returncode == school.code, done.stderr
    assert (tmp_path / "saved/gradebook.csv").read_bytes() == school.gradebook
    assert {path: (tmp_path / path).read_bytes() for path in kept} == kept


def test_a_dry_run_writes_nothing(school: School, tmp_path: Path) -> None:
    """It says what was found, who is missing and what is wrong, as text and as JSON."""
    out = tmp_path / "out"
    said = school.run(out, "--dry-run").stdout
    assert "5 hand-ins of 5 people" in said
    assert "nothing handed in: fay" in said
    data = json.loads(school.run(out, "--dry-run", "--json").stdout)
    assert [a["owner"] for a in data["attempts"]] == [*CLASS, "eve"]
    assert {a["layout"] for a in data["attempts"]} == {"plain"}
    assert not out.exists()


def test_exports_are_made_from_what_is_stored(school: School, tmp_path: Path) -> None:
    """The same gradebook to the byte, and one suite per person."""
    source = ["--from", str(school.out)]
    csv_text = _run([*COMMAND, "export", "csv", *source], tmp_path).stdout
    assert csv_text.encode() == school.gradebook
    file = tmp_path / "grades.xml"
    assert _run([*COMMAND, "export", "junit", *source, "--out", str(file)], tmp_path).stdout == ""
    assert file.read_text("utf-8").count("<testsuite ") == 6
    one = _run([*COMMAND, "export", "csv", "--from", str(school.out / "results/bob")], tmp_path)
    assert "bob,,,,2,6,8,12," in one.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["batch", "nowhere"], "no such folder"),
        (["batch", ".", "--roster", "nowhere.csv"], "nowhere.csv: the file cannot be read"),
        (["batch", ".", "--level", "7"], "no isolation level"),
        (["batch", "assignments"], "one hand-in, not a class"),
        (["export", "csv", "--from", "."], "no class can be read here"),
        (["export", "gold", "--from", "."], "is no format"),
    ],
)
def test_a_wrong_command_line_says_what_is_wrong(
    school: School, arguments: list[str], words: str
) -> None:
    """Exit code 2, one message, no traceback, nothing written."""
    done = _run([*COMMAND, *arguments], school.course.root)
    assert (done.returncode, words in done.stderr) == (2, True), done.stderr
    assert "Traceback" not in done.stderr
    assert not (school.course.root / "graded").exists()
