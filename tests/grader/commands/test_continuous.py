"""`autograde ci` as a job of GitHub Actions runs it: real processes, real files."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import nbformat
import pytest

from grader import collect, pipeline
from grader.commands.push import Budget
from grader.course import load_course
from grader.model import Course, Exercise, Grade
from tests.grader.conftest import RIGHT, STUB, write_course
from tests.grader.export.runner import Command, obeyed
from tests.grader.export.test_classroom50 import ENVIRONMENT, SCHEMA
from tests.patience import PATIENCE_S

AUTOGRADE = str(Path(sys.executable).with_name("autograde"))
FORGED = "::notice title=Autograding complete::Points 100/100"
LOUD = RIGHT.replace(
    "    return X * 2\n",
    f"""    import os, sys
    for end in ("\\n", "\\r", "\\r\\n"):
        print(end + "{FORGED}", end=end)
        print(end + "##[set-output name=score]100", end=end, file=sys.stderr)
    print("environment:", dict(os.environ))
    return X * 3
""",
)
CHATTY = RIGHT.replace("return X * 2", f"raise ValueError('\\n{FORGED}\\r{FORGED}')")


@dataclass
class Job:
    """A job that has ended."""

    code: int
    printed: str
    folder: Path
    files: Path

    @property
    def commands(self) -> list[Command]:
        """What Actions obeyed."""
        return obeyed(self.printed)

    @property
    def points(self) -> list[str]:
        """What the classroom took for the score."""
        return [
            c.text for c in self.commands if c.properties.get("title") == "Autograding complete"
        ]

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of the step."""
        lines = (self.files / "output").read_text("utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)

    @property
    def summary(self) -> str:
        """The summary of the step."""
        return (self.files / "summary").read_text("utf-8")

    def result(self, name: str = "result.json") -> dict[str, Any]:
        """One of the results that were written."""
        found: dict[str, Any] = json.loads((self.folder / name).read_text("utf-8"))
        return found


def hand_in(folder: Path, source: str = RIGHT, exercise: str = "01-01-demo") -> Path:
    """Write a hand-in of one exercise beside the stub of the other, and commit it."""
    for name in ("01-01-demo", "01-02-more"):
        file = folder / "assignments" / name / f"{name[6:]}.py"
        file.parent.mkdir(parents=True)
        file.write_text(source if name == exercise else STUB, "utf-8")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "x")
    return folder


def git(folder: Path, *arguments: str) -> None:
    """Run git as somebody, at a fixed time."""
    moment = "2026-10-01T16:32:01+02:00"
    who = {f"GIT_{role}_{what}": "octo@example.edu" for role in ("AUTHOR", "COMMITTER")
           for what in ("NAME", "EMAIL")}  # fmt: skip
    dates = {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
    subprocess.run(["git", *arguments], cwd=folder, env=os.environ | who | dates, check=True)


def job(folder: Path, *arguments: str, **environment: str) -> Job:
    """Run `autograde ci` as one step of a job; both streams reach the runner."""
    files = folder.parent / f"{folder.name}-runner"
    files.mkdir(exist_ok=True)
    own = {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(folder),
        "GITHUB_OUTPUT": str(files / "output"),
        "GITHUB_STEP_SUMMARY": str(files / "summary"),
        "GITHUB_ENV": str(files / "env"),
        "GITHUB_TOKEN": "ghs_planted",
        "ACTIONS_RUNTIME_TOKEN": "planted",
        "INPUT_TOKEN": "planted",
        "COURSE_TOKEN": "planted",
    }
    ended = subprocess.run(
        [AUTOGRADE, "ci", *arguments], cwd=folder, env=os.environ | own | environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    return Job(ended.returncode, ended.stdout, folder, files)


def test_what_was_begun_is_graded_and_reported(demo_course: Course, tmp_path: Path) -> None:
    """Result, page, summary, annotations, notices and outputs say the same."""
    wrong = RIGHT.replace("self.total += n", "self.total = n + 1")
    done = job(
        hand_in(tmp_path / "work", wrong), "--course", str(demo_course.root), "--legacy-result"
    )
    assert done.code == 1, done.printed
    assert [e["id"] for e in done.result()["exercises"]] == ["01-01-demo"]
    assert (done.result()["score"], done.result()["max_score"]) == (4, 6)
    assert done.points == ["Points 4/6"]
    assert (done.outputs["score"], done.outputs["max-score"]) == ("4", "6")
    assert Path(done.outputs["report-path"]).read_text("utf-8").startswith("<!doctype html>")
    assert json.loads(base64.b64decode(done.outputs["result"]))["max_score"] == 6
    assert done.summary.startswith("## autograde: 4 / 6 points")
    (error,) = [c for c in done.commands if c.name == "error"]
    assert error.properties["file"] == "assignments/01-01-demo/demo.py"
    assert error.properties["line"] == str(wrong[: wrong.index("class Counter")].count("\n") + 1)


def test_a_notebook_is_graded_and_annotations_name_the_cell(
    demo_course: Course, tmp_path: Path
) -> None:
    """For an exception the line that raised it, for a wrong answer where the task begins."""
    double, _, counter = RIGHT.partition("\n\nclass ")
    cells = [
        nbformat.v4.new_markdown_cell("# My answers"),
        nbformat.v4.new_code_cell(double.replace("X * 2", "X / nothing")),
        nbformat.v4.new_code_cell(f"%time\nclass {counter}".replace("+= n", "= n + 1")),
    ]
    work = hand_in(tmp_path / "work")
    (work / "assignments" / "01-01-demo" / "demo.py").unlink()
    book = work / "assignments" / "01-01-demo" / "demo.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), book)
    done = job(work, "--course", str(demo_course.root))
    assert done.points == ["Points 0/6"], done.printed
    errors = [c for c in done.commands if c.name == "error"]
    assert {e.properties["file"] for e in errors} == {"assignments/01-01-demo/demo.ipynb"}
    assert not any("line" in e.properties for e in errors)
    places = {e.text.rpartition("\n")[2] for e in errors}
    assert places == {"demo.ipynb, cell 2, line 11", "demo.ipynb, cell 3, line 2"}


def test_exit_zero_hides_a_failure_and_nothing_else(demo_course: Course, tmp_path: Path) -> None:
    """A mistake of the caller still ends with 2."""
    work = hand_in(tmp_path / "work", STUB.replace("import torch", "import torch, os"))
    assert job(work, "--course", str(demo_course.root), "--exit-zero").code == 0
    assert job(work, "softmox", "--course", str(demo_course.root), "--exit-zero").code == 2


def test_all_or_a_name_choose_instead(demo_course: Course, tmp_path: Path) -> None:
    """Also the ones that were not begun."""
    work = hand_in(tmp_path / "work")
    everything = job(work, "--all", "--course", str(demo_course.root))
    assert everything.points == ["Points 6/12"]
    named = job(work, "more", "--course", str(demo_course.root))
    assert named.points == ["Points 0/6"]


def test_when_nothing_was_begun_everything_counts(demo_course: Course, tmp_path: Path) -> None:
    """A push of the untouched stubs is graded as such."""
    done = job(hand_in(tmp_path / "work", STUB), "--course", str(demo_course.root))
    assert len(done.result()["exercises"]) == 2


@pytest.mark.parametrize("source", [LOUD, CHATTY], ids=["prints", "raises"])
def test_a_student_cannot_write_commands(demo_course: Course, tmp_path: Path, source: str) -> None:
    """Neither by printing nor by a message that is shown again."""
    done = job(hand_in(tmp_path / "work", source), "--course", str(demo_course.root))
    assert done.points == ["Points 2/6"]
    assert {c.name for c in done.commands} == {"error", "notice"}
    assert "planted" not in done.printed
    assert "planted" not in (tmp_path / "work" / "result.json").read_text("utf-8")


def test_names_of_files_cannot_write_commands(demo_course: Course, tmp_path: Path) -> None:
    """A hand-in that is refused is complained about in one command."""
    work = tmp_path / "work"
    work.mkdir()
    (work / f"a\n{FORGED.replace('/', '-')}").write_text("", "utf-8")
    done = job(work, "--course", str(demo_course.root))
    assert done.code == 1
    assert done.points == []
    (error,) = done.commands
    assert "no exercise was found" in error.text


def test_the_hand_ins_modules_are_not_ours(demo_course: Course, tmp_path: Path) -> None:
    """The job stands in the checkout, where a file may be called like a module of ours."""
    work = hand_in(tmp_path / "work")
    spy = f"open({str(tmp_path / 'spied')!r}, 'w').close()\nraise SystemExit(0)\n"
    for name in ("msgspec", "torch", "pytest", "json", "conftest", "sitecustomize"):
        (work / f"{name}.py").write_text(spy, "utf-8")
    (work / "grader").mkdir()
    (work / "grader" / "__init__.py").write_text(spy, "utf-8")
    (work / "pytest.ini").write_text("[pytest]\naddopts = -p conftest\n", "utf-8")
    done = job(work, "--course", str(demo_course.root))
    assert done.points == ["Points 6/6"]
    assert not (tmp_path / "spied").exists()


@pytest.mark.parametrize("level", [3, 2, 0])
def test_a_cell_knows_nothing_of_the_job(
    demo_course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, level: int
) -> None:
    """No token and no file of Actions, at any level of isolation."""
    for name in ("GITHUB_TOKEN", "GITHUB_OUTPUT", "ACTIONS_RUNTIME_TOKEN", "MY_TOKEN", "INPUT_X"):
        monkeypatch.setenv(name, "planted")
    source = RIGHT.replace("return X * 2", "import os; print(sorted(os.environ.items()))")
    work = hand_in(tmp_path / "work", source)
    exercise = demo_course.exercises[0]
    with pipeline.Session(demo_course, [exercise], level=level, public_only=True) as session:
        if session.isolation.level != level:
            pytest.skip(f"this host gives no level {level}")
        graded = session.grade(collect.read_submission(work, [exercise]), [exercise])
        environ = Path(f"/proc/{session._worker.pid}/environ").read_bytes()
    (verdict,) = graded.exercises[0].verdicts
    assert "OMP_NUM_THREADS" in verdict.output
    assert "planted" not in verdict.output
    assert b"planted" not in environ


@pytest.fixture
def broken_course(tmp_path: Path) -> Course:
    """A course whose suite kills the judge: a fault of ours."""
    (tmp_path / "broken").mkdir()
    course = write_course(tmp_path / "broken", ("demo", "more"))
    suite = course.exercises[0].hidden_suite
    suite.write_text(
        suite.read_text("utf-8").replace("    X = torch.ones(2)\n", "    import os; os._exit(9)\n"),
        "utf-8",
    )
    return course


def test_a_fault_of_ours_ends_with_3_and_publishes_no_score(
    broken_course: Course, tmp_path: Path
) -> None:
    """Not even with --exit-zero: nobody may take silence for points."""
    done = job(
        hand_in(tmp_path / "work"), "--exit-zero", "--legacy-result",
        "--course", str(broken_course.root),
    )  # fmt: skip
    assert done.code == 3, done.printed
    assert done.points == []
    assert set(done.outputs) == {"report-path"}
    assert "no score" in done.summary


def test_a_fault_of_ours_leaves_no_result_for_classroom_50(
    broken_course: Course, tmp_path: Path
) -> None:
    """Neither what was kept on the way nor what the student committed."""
    work = hand_in(tmp_path / "work")
    for name in ("result.json", "release-body.md"):
        (work / name).write_text("100", "utf-8")
    done = job(work, "--classroom50", "--exit-zero", "--course", str(broken_course.root),
               **ENVIRONMENT)  # fmt: skip
    assert done.code == 3
    assert not (work / "result.json").exists()
    assert not (work / "release-body.md").exists()
    assert done.result("autograde-result.json")["score"] is None


def test_classroom_50_gets_its_result_and_the_page(demo_course: Course, tmp_path: Path) -> None:
    """All exercises count, so that the maximum is the same for everybody."""
    done = job(hand_in(tmp_path / "work"), "--classroom50", "--exit-zero",
               "--course", str(demo_course.root), **ENVIRONMENT)  # fmt: skip
    assert done.code == 0, done.printed
    found = done.result()
    jsonschema.validate(found, SCHEMA)
    assert (found["score"], found["max-score"]) == (6, 12)
    assert found["datetime"] == "2026-10-01T14:32:01Z"
    assert done.result("autograde-result.json")["schema"] == "autograde/result/v1"
    assert (done.folder / "report.html").is_file()
    assert (done.folder / "release-body.md").read_text("utf-8") == done.summary


@pytest.fixture
def patient(tmp_path: Path) -> tuple[Course, Path]:
    """A course with patience, and a hand-in whose second exercise hangs after one good test."""
    (tmp_path / "patient").mkdir()
    course = write_course(tmp_path / "patient")
    for exercise in course.exercises:
        file = exercise.assignment_dir / "exercise.yml"
        text = file.read_text("utf-8").replace("wall_time_s: 60", "wall_time_s: 600")
        file.write_text(text, "utf-8")
    work = hand_in(tmp_path / "work")
    hanging = RIGHT.replace("self.total += n", "import time; time.sleep(600)")
    (work / "assignments" / "01-02-more" / "more.py").write_text(hanging, "utf-8")
    return load_course(course.root), work


def test_time_that_is_up_ends_a_job_with_a_result(patient: tuple[Course, Path]) -> None:
    """Classroom 50 would end the job itself, and publish nothing."""
    course, work = patient
    done = job(work, "--classroom50", "--exit-zero", "--minutes", "0.1",
               "--course", str(course.root), **ENVIRONMENT)  # fmt: skip
    assert done.code == 0, done.printed
    jsonschema.validate(done.result(), SCHEMA)
    assert done.result()["max-score"] == 12
    assert "was ended early" in done.summary
    assert done.result("autograde-result.json")["complete"] is False


def test_what_was_judged_in_time_is_kept(patient: tuple[Course, Path]) -> None:
    """The exercises before the last are written as soon as they are known."""
    course, work = patient
    budget = Budget(minutes=0)
    early: list[Grade] = []

    def end_in_the_second(exercise: Exercise, done: int, total: int) -> None:
        if exercise.id == "01-02-more" and done == 1 and total:
            budget.end()

    with pipeline.Session(course, course.exercises) as session:
        submission = collect.read_submission(work, course.exercises)
        graded = session.grade(submission, course.exercises, end_in_the_second, early.append)
    assert budget.is_over
    assert [(g.score, g.max_score, g.complete) for g in early] == [(6, 12, False)]
    assert not graded.complete
    assert graded.score is not None
    assert graded.score > 6


def test_a_link_of_the_student_is_replaced_not_followed(
    demo_course: Course, tmp_path: Path
) -> None:
    """What they commit as result.json cannot lead our writing elsewhere."""
    work = hand_in(tmp_path / "work")
    victim = tmp_path / "victim"
    victim.write_text("mine", "utf-8")
    for name in ("result.json", "report.html"):
        (work / name).symlink_to(victim)
    assert job(work, "--course", str(demo_course.root)).code == 0
    assert victim.read_text("utf-8") == "mine"
    assert not (work / "result.json").is_symlink()


def test_the_teachers_repository_is_no_hand_in(demo_course: Course) -> None:
    """Its stubs would be graded."""
    done = job(demo_course.root)
    assert done.code == 2
    assert "--course" in done.commands[0].text


def test_elsewhere_files_are_written_and_no_command_is_printed(
    demo_course: Course, tmp_path: Path
) -> None:
    """On a laptop, or on another system that runs jobs."""
    done = job(hand_in(tmp_path / "work"), "--course", str(demo_course.root), GITHUB_ACTIONS="")
    assert done.code == 0
    assert not any(line.startswith("::") for line in done.printed.splitlines())
    assert not (done.files / "output").exists()
    assert done.result()["score"] == 6


def commit(folder: Path, source: str, minute: int) -> None:
    """Commit another answer to the first exercise."""
    (folder / "assignments" / "01-01-demo" / "demo.py").write_text(source, "utf-8")
    moment = f"2026-10-01T15:{minute:02}:00+00:00"
    dates = {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
    command = ["git", "-c", "user.name=octo", "-c", "user.email=o@example.edu", "commit"]
    command += ["-q", "--allow-empty", "-am", "x"]
    subprocess.run(command, cwd=folder, env=os.environ | dates, check=True)


def fresh_course(folder: Path) -> Course:
    """Write a course that the test may change."""
    (folder / "course").mkdir()
    return write_course(folder / "course")


def test_what_did_not_change_is_shown_again_and_not_run(tmp_path: Path) -> None:
    """No worker is started, and what is told is the same."""
    course = fresh_course(tmp_path)
    work = hand_in(tmp_path / "work", RIGHT.replace("self.total += n", "self.total = 5"))
    words = ("--course", str(course.root), "--cache", str(tmp_path / "cache"))
    first = job(work, *words)
    assert first.points == ["Points 4/6"]
    one = first.result()
    (tmp_path / "trap").mkdir()
    (tmp_path / "trap" / "torch.py").write_text(
        "raise SystemExit('a worker was started')\n", "utf-8"
    )
    again = job(work, *words, PYTHONPATH=str(tmp_path / "trap"))
    assert (again.code, again.points) == (1, ["Points 4/6"])
    other = again.result()
    (note,) = other["submission"].pop("notes")
    assert note["text"].startswith("Nothing changed: the result of 20")
    assert "Nothing changed" in again.summary
    assert one["submission"].pop("notes") == []
    assert one == other
    errors = [[c for c in done.commands if c.name == "error"] for done in (first, again)]
    assert errors[0] == errors[1]


def test_an_attempt_too_many_shows_the_last_that_counts(tmp_path: Path) -> None:
    """In words, with a warning and exit code 1, and nothing is run."""
    course = fresh_course(tmp_path)
    settings = course.root / "autograde.yml"
    settings.write_text(
        settings.read_text("utf-8") + "ci: {attempts: {max: 1, cooldown_minutes: 30}}\n", "utf-8"
    )
    work = hand_in(tmp_path / "work", STUB)
    commit(work, RIGHT, 0)
    words = ("--course", str(course.root), "--cache", str(tmp_path / "cache"))
    first = job(work, *words)
    assert (first.code, first.points) == (0, ["Points 6/6"]), first.printed
    commit(work, LOUD, 59)
    second = job(work, *words)
    assert (second.code, second.points) == (1, ["Points 6/6"])
    (warning,) = [c for c in second.commands if c.name == "warning"]
    assert warning.properties["title"] == "01-01-demo: not graded"
    assert warning.text.startswith("This version was not graded: all 1 attempts were used")
    assert "This version was not graded" in second.summary
    forgetful = job(work, *words[:2])
    assert (forgetful.code, forgetful.points) == (1, [])
    assert "all 1 attempts were used" in forgetful.commands[0].text
