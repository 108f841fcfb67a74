"""`autograde gradebook`, as it is typed, on a class that was graded before."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from functools import partialmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner, Result

from grader import course as courses
from grader import score
from grader.batch.engine import Engine, Finished, Job
from grader.batch.journal import Journal
from grader.batch.judging import open_grade
from grader.cli import app
from grader.errors import CourseError, UsageError
from grader.gradebook import FILE_NAME
from grader.model import Grade, Outcome, Person, TestCase, Verdict, Visibility
from tests.grader.batch.test_classroom import DEMO, MORE, _grade, _hand_in, _judged
from tests.grader.conftest import write_course

if TYPE_CHECKING:
    from sqlalchemy import URL

RULES = 'title: Demo\ndue: {01-01-demo: "2026-10-01T00:00:00Z"}\nlate: {percent_per_day: 10}\n'


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the results of a class of two, in a course of two exercises that stands around."""
    write_course(tmp_path)
    (tmp_path / "autograde.yml").write_text(RULES, "utf-8")
    _hand_in(tmp_path / "class/ada", 1.5, "# 5\n")
    _hand_in(tmp_path / "class/bob", -1, "# 4\n")
    _grade(courses.load_course(tmp_path), tmp_path / "graded")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setattr(Engine, "run", _no_engine)
    return tmp_path / "graded"


def _no_engine(*_arguments: object) -> None:
    raise AssertionError("an order reached the engine")


def _type(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def _told(*words: str) -> Any:
    done = _type(*words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def _refused(words: Sequence[str], match: str) -> None:
    done = _type(*words)
    assert isinstance(done.exception, UsageError)
    assert match in str(done.exception)


def _row(out: Path, who: str) -> str:
    lines = (out / "gradebook.csv").read_text("utf-8").splitlines()
    return next(line for line in lines if line.startswith(f"{who},"))


def test_show_tells_what_counts(out: Path) -> None:
    """By the rules of the course; the terminal marks what a person decided."""
    told = _told("gradebook", "show", "ada")
    assert told["gradebook"] == f"graded/{FILE_NAME}"
    (ada,) = told["people"]
    assert (ada["username"], ada["points"], ada["max_points"]) == ("ada", 9, 12)
    assert [(e["id"], e["raw"], e["points"], e["days_late"]) for e in ada["exercises"]] == [
        (DEMO, 5, 4, 2), (MORE, 5, 5, 0),
    ]  # fmt: skip
    _type("gradebook", "override", "ada", "demo", "0", "--by", "bo", "--reason", "copied")
    shown = _type("gradebook", "show").stdout.splitlines()
    assert shown[1].split() == ["ada", "0*", "5", "5", "12"]
    assert shown[2].split() == ["bob", "4", "4", "8", "12"]


@pytest.mark.usefixtures("out")
def test_show_counts_the_exercises_of_this_class(tmp_path: Path) -> None:
    """Of a course of two, one was asked for here: totals are out of it, as in the files."""
    course = courses.load_course(tmp_path)
    one = tmp_path / "one"
    _grade(replace(course, exercises=course.exercises[:1]), one, roster=[Person("dan")])
    shown = _told("gradebook", "show", "--from", str(one))["people"]
    assert [who["max_points"] for who in shown] == [None, 6, 6]
    _type("gradebook", "override", "dan", "demo", "3", "--from", str(one), "--by", "bo",
          "--reason", "on paper")  # fmt: skip
    shown = _told("gradebook", "show", "--from", str(one))["people"]
    assert [(who["points"], who["max_points"]) for who in shown] == [(3, 6), (4, 6), (4, 6)]
    assert _row(one, "dan").startswith("dan,,,,3,3,6,")


def test_a_decision_is_followed_by_every_file_and_judges_nothing(out: Path) -> None:
    """Gradebook, page of the class and exports, at once and after the next batch."""
    told = _told(
        "gradebook", "override", "ada", "demo", "5.5", "--by", "Bo", "--reason", "second look"
    )
    assert (told["author"], told["before"], told["after"]) == ("Bo", "none", "5.5")
    assert told["written"] == [f"graded/{n}" for n in ("class.json", "gradebook.csv", "class.html")]
    said = "ada,,,,5.5,5,10.5,12,late:01-01-demo overridden:01-01-demo,5,5"
    assert _row(out, "ada") == said
    assert said in _type("export", "csv", "--from", "graded").stdout
    assert _type("batch", "class").exit_code == 0
    assert _row(out, "ada") == said
    done = _type("gradebook", "extend", "ada", "demo", "2026-10-09T00:00Z", "--by", "Bo",
                 "--reason", "ill")  # fmt: skip
    assert "Nothing was judged. Written again: graded/class.json" in done.stdout
    _type("gradebook", "override", "ada", "demo", "none", "--by", "Bo", "--reason", "it was right")
    assert _row(out, "ada") == "ada,,,,5,5,10,12,extended:01-01-demo,5,5"
    assert _type("batch", "class").exit_code == 0
    assert _row(out, "ada") == "ada,,,,5,5,10,12,extended:01-01-demo,5,5"


def test_history_tells_who_decided_what_and_why(out: Path) -> None:
    """Oldest first; undoing is a line of its own."""
    for points, reason in (("2", "first"), ("none", "undone")):
        _type("gradebook", "override", "bob", "more", points, "--by", "Bo", "--reason", reason)
    told = _told("gradebook", "history", "bob", "-e", "more")
    assert [(e["author"][:2], e["action"], e["after"], e["reason"]) for e in told] == [
        ("au", "graded", "4 of 6", ""),
        ("Bo", "override", "2", "first"),
        ("Bo", "override", "none", "undone"),
    ]
    line = _type("gradebook", "history", "bob", "-e", "more").stdout.splitlines()[1]
    assert line.endswith("  Bo  override  bob  01-02-more: none -> 2  (first)")


def test_the_author_is_whom_git_knows(out: Path, tmp_path: Path) -> None:
    """Without anybody there is no decision."""
    words = ("gradebook", "override", "bob", "more", "2", "--reason", "copied")
    _refused(words, "git does not know your name")
    (tmp_path / "gitconfig").write_text('[user]\nname = "Bo  Li"\nemail = bo@x\n', "utf-8")
    assert _told(*words)["author"] == "Bo Li <bo@x>"


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["override", "bob", "more", "7", "--reason", "x"], "which is worth 6"),
        (["override", "bob", "more", "1e9", "--reason", "x"], "no number of points"),
        (["override", "bob", "more", "-1", "--reason", "x"], ""),
        (["override", "bob", "more", "0.0001", "--reason", "x"], "three decimals"),
        (["override", "bob", "more", "1", "--reason", " \n"], "a decision has a reason"),
        (["override", "eve", "more", "1", "--reason", "x"], "nobody called eve"),
        (["override", "bob", "*", "1", "--reason", "x"], "a decision is on one"),
        (["extend", "bob", "more", "tomorrow", "--reason", "x"], "a time with its zone"),
        (["extend", "bob", "more", "2026-10-09", "--reason", "x"], "a time with its zone"),
    ],
)
def test_what_is_no_decision_is_refused(out: Path, words: list[str], match: str) -> None:
    """With what would be one; nothing is logged."""
    before = _told("gradebook", "history")
    if match:
        _refused(["gradebook", *words, "--by", "Bo"], match)
    else:
        assert _type("gradebook", *words, "--by", "Bo").exit_code == 2
    assert _told("gradebook", "history") == before


def test_nobody_and_nothing_is_told(out: Path) -> None:
    """A stranger, and a folder without a gradebook."""
    _refused(["gradebook", "show", "eve"], "nobody called eve")
    _refused(["gradebook", "history", "eve"], "nobody called eve")
    _refused(["gradebook", "show", "--from", "class"], "there is no gradebook here")


def test_a_folder_in_use_keeps_the_decision_for_the_batch(out: Path) -> None:
    """The run that holds the folder reads decisions at its end."""
    with Journal(out):
        done = _type("gradebook", "override", "ada", "demo", "6", "--by", "Bo", "--reason", "x")
    assert done.exit_code == 0
    assert "The decision is kept; `autograde batch` will write" in done.stdout
    assert _type("batch", "class").exit_code == 0
    assert _row(out, "ada").startswith("ada,,,,6,5,11,12,")


def test_a_named_gradebook_is_remembered_by_its_folder(out: Path, tmp_path: Path) -> None:
    """The commands that follow find it without being told."""
    url = f"sqlite:///{tmp_path / 'elsewhere.sqlite'}"
    assert _type("batch", "class", "--gradebook", url).exit_code == 0
    assert _told("gradebook", "show")["gradebook"] == str(tmp_path / "elsewhere.sqlite")
    assert _type("batch", "class").exit_code == 0
    assert _told("gradebook", "show")["gradebook"] == str(tmp_path / "elsewhere.sqlite")


def test_a_class_lives_in_postgresql(out: Path, postgres: URL) -> None:
    """Rows, decisions and history are those of SQLite; nothing is judged twice."""
    url, beside = postgres.render_as_string(), (out / FILE_NAME).read_bytes()
    assert _type("batch", "class", "--gradebook", url).exit_code == 0
    assert _row(out, "bob").startswith("bob,,,,4,4,8,12,")
    words = ("bob", "demo", "2", "--by", "Bo", "--reason", "spoken")
    assert _told("gradebook", "override", *words)["after"] == "2"
    assert _row(out, "bob").startswith("bob,,,,2,4,6,12,")
    event = _told("gradebook", "history", "bob", "-e", "demo")[-1]
    assert (event["author"], event["after"], event["reason"]) == ("Bo", "2", "spoken")
    assert _type("batch", "class").exit_code == 0
    assert _row(out, "bob").startswith("bob,,,,2,4,6,12,")
    assert (out / FILE_NAME).read_bytes() == beside


def test_a_course_may_name_its_gradebook(tmp_path: Path) -> None:
    """In PostgreSQL, without a password in the file."""
    write_course(tmp_path)
    line = "gradebook: postgresql://bo@db.example/fall\n"
    (tmp_path / "autograde.yml").write_text(RULES + line, "utf-8")
    found = courses.load_course(tmp_path)
    assert found.gradebook == "postgresql://bo@db.example/fall"
    assert replace(found, gradebook="").rules == found.rules
    for wrong in ("postgresql://bo:secret@db.example/fall", "mysql://bo@db/fall"):
        (tmp_path / "autograde.yml").write_text(f"{RULES}gradebook: {wrong}\n", "utf-8")
        with pytest.raises(Exception, match="a URL without a password"):
            courses.load_course(tmp_path)


def _by_the_suite(job: Job) -> Grade:
    """Stand in for the judge: of the tests that stand in the suites one fails."""
    of_file = {
        "test_public.py": (("test_double_of_one", 1),),
        f"test_{job.exercise.module}.py": (
            ("test_double_of_any", 2), ("test_double_leaves_its_input_alone", 1),
            ("test_counter_counts", 2),
        ),
    }  # fmt: skip
    verdicts = [
        Verdict(
            TestCase(
                f"{file}::{name}", job.exercise.id, "counter" if "counter" in name else "double",
                "T.", Fraction(points), Visibility.HIDDEN,
            ),
            Outcome.FAILED if name == "test_double_of_any" else Outcome.PASSED,
        )
        for file, tests in of_file.items()
        for name, points in tests
    ]  # fmt: skip
    judged, exercise = _judged(job), job.exercise
    hand_in = job.submission.hand_ins[0]
    grade = score.grade_exercise(exercise, hand_in, verdicts, seed=1, duration_s=0.5)
    return replace(judged, exercises=(grade,), score=grade.score, max_score=grade.max_score)


def test_changed_points_judge_nothing(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found stays, and is worth what it is worth now, in every file."""
    other = tmp_path / "other"
    monkeypatch.setattr(Engine, "run", partialmethod(_judge, _by_the_suite, []))
    assert _type("batch", "class", "--out", "other").exit_code == 0
    assert _row(other, "bob") == "bob,,,,4,4,8,12,,4,4"
    monkeypatch.setattr(Engine, "run", _no_engine)
    _edit(tmp_path / "assignments/01-01-demo/exercise.yml", "points: 6", "points: 7")
    done = _type("batch", "class", "--out", "other")
    assert isinstance(done.exception, CourseError)  # the tasks add up to 6
    _edit(tmp_path / "assignments/01-01-demo/exercise.yml", "points: 4", "points: 5")
    done = _type("batch", "class", "--out", "other")
    assert "its tests add up to 4 points, not the 5 declared" in str(done.exception)
    suite = tmp_path / "tests/hidden/01-01-demo/test_demo.py"
    _edit(suite, "points(1)", "points(2)")
    assert _type("batch", "class", "--out", "other").exit_code == 0
    assert _row(other, "bob") == "bob,,,,5,4,9,13,,5,4"
    told = json.loads((other / "results/bob/result.json").read_text("utf-8"))
    assert (told["score"], told["max_score"]) == (9, 13)
    events = _told("gradebook", "history", "bob", "-e", "demo", "--from", "other")
    assert [event["after"] for event in events] == ["4 of 6", "5 of 7"]


def test_a_decision_does_not_bring_old_points_back(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that is written again says what its tests are worth now, like all others."""
    monkeypatch.setattr(Engine, "run", partialmethod(_judge, _by_the_suite, []))
    assert _type("batch", "class", "--out", "other").exit_code == 0
    monkeypatch.setattr(Engine, "run", _no_engine)
    for old, new in (("points: 6", "points: 7"), ("points: 4", "points: 5")):
        _edit(tmp_path / "assignments/01-01-demo/exercise.yml", old, new)
    _edit(tmp_path / "tests/hidden/01-01-demo/test_demo.py", "points(1)", "points(2)")
    result, page = (
        tmp_path / "other/results/bob" / name for name in ("result.json", "report.html")
    )
    outdated = result.read_bytes()
    # Between the change and the batch nothing is half of each.
    said = _decide("bob", "5.5")
    assert "The decision is kept; `autograde batch` will write the pages" in said
    assert "the points of 01-01-demo were changed after this was graded" in said
    assert result.read_bytes() == outdated
    assert _type("batch", "class", "--out", "other").exit_code == 0
    now = result.read_bytes()
    assert (json.loads(now)["score"], json.loads(now)["max_score"]) == (9, 13)
    assert "Written again" in _decide("bob", "6.5")
    assert result.read_bytes() == now
    assert "What counts is 10.5 of 13" in page.read_text("utf-8")


def _decide(who: str, points: str) -> str:
    done = _type("gradebook", "override", who, "demo", points, "--by", "Bo", "--reason", "right",
                 "--from", "other")  # fmt: skip
    assert done.exit_code == 0, done.output
    return done.output


def _edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def _judge(
    engine: Engine,
    judged: Callable[[Job], Grade],
    asked: list[str],
    tasks: Sequence[Sequence[Job]],
) -> Iterator[Finished]:
    """Stand in for the workers: judge in this process, and note what."""
    for jobs in tasks:
        for job in jobs:
            asked.append(f"{job.submission.owner} {job.exercise.id}")
            engine._settings.keep(job.path, judged(job))
        yield Finished(tuple(jobs), {})


def test_regrade_says_first_what_it_would_do(out: Path) -> None:
    """Which hand-ins, how many and why; nobody to ask means no."""
    assert _type("batch", "class").exit_code == 0
    kept = sorted((out / "journal").rglob("*"))
    told = _told("regrade", "-e", "more", "--dry-run")
    assert [(one["owner"], one["exercise"], one["why"]) for one in told] == [
        ("ada", MORE, "it was judged before"), ("bob", MORE, "it was judged before"),
    ]  # fmt: skip
    said = _type("regrade", "-e", "more", "--dry-run").stdout
    assert "01-02-more: 2 hand-ins would be judged." in said
    assert "    ada: it was judged before (" in said
    _refused(["regrade", "-e", "more"], "nobody is there to be asked")
    assert sorted((out / "journal").rglob("*")) == kept


def test_regrade_judges_that_exercise_alone(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others keep their verdicts, and its old ones stay beside the new."""
    assert _type("batch", "class").exit_code == 0
    asked: list[str] = []
    monkeypatch.setattr(Engine, "run", partialmethod(_judge, _judged, asked))
    before = _row(out, "ada"), _row(out, "bob")
    done = _type("regrade", "-e", "more", "--yes")
    assert done.exit_code == 0, done.output
    assert sorted(asked) == [f"ada {MORE}", f"bob {MORE}"]
    assert (_row(out, "ada"), _row(out, "bob")) == before
    assert len(list((out / "journal").rglob("*.before"))) == 2
    asked.clear()
    assert _type("batch", "class").exit_code == 0
    assert asked == []


def test_a_regrade_that_is_killed_keeps_what_it_replaces(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stood there before the first of the same commands, not what came in between."""
    assert _type("batch", "class").exit_code == 0
    first = {path: path.read_bytes() for path in (out / "journal").rglob(f"*/{MORE}/*.json")}
    assert len(first) == 2

    def interrupted(engine: Engine, tasks: Sequence[Sequence[Job]]) -> Iterator[Finished]:
        yield from _judge(engine, _later, [], tasks[:1])
        raise KeyboardInterrupt

    def left_open(engine: Engine, tasks: Sequence[Sequence[Job]]) -> Iterator[Finished]:
        *done, (last,) = tasks
        yield from _judge(engine, _later, [], done)
        yield Finished((last,), {last.path: open_grade(last, "no cell")})

    for run, code in ((interrupted, 130), (left_open, 3)):
        monkeypatch.setattr(Engine, "run", run)
        assert _type("regrade", "-e", "more", "--yes").exit_code == code
    monkeypatch.setattr(Engine, "run", partialmethod(_judge, _later, []))
    assert _type("regrade", "-e", "more", "--yes").exit_code == 0
    for path, content in first.items():
        assert path.with_suffix(".before").read_bytes() == content
        assert path.read_bytes() != content
    assert len(list((out / "journal").rglob("*.before"))) == 2


def _later(job: Job) -> Grade:
    judged = _judged(job)
    return replace(judged, graded_at=judged.graded_at + timedelta(days=1))


def test_what_this_machine_fails_to_read_is_left_open(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It earns no zero, a person is told, and the same command tries it again."""
    monkeypatch.setattr(Engine, "run", partialmethod(_judge, _judged, []))
    plain = os.open

    def failing(path: str | Path, *rest: int, **options: int) -> int:
        if Path(path).name == "more.py":
            raise OSError(errno.EIO, "Input/output error", str(path))
        return plain(path, *rest, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", failing)
        done = _type("batch", "class", "--out", "other")
    assert done.exit_code == 3
    assert "2 left open by a fault of the grader." in done.output
    other = tmp_path / "other"
    assert [_row(other, who) for who in ("ada", "bob")] == [
        "ada,,,,,,,,unreadable,,", "bob,,,,,,,,unreadable,,",
    ]  # fmt: skip
    (title, *lines) = (other / "needs-a-person.txt").read_text("utf-8").splitlines()
    assert "the same command tries them again" in title
    assert ["this machine fails to read it (input/output error)" in line for line in lines] == (
        [True, True]
    )
    assert not list((other / "journal").rglob("*.json"))
    assert _type("batch", "class", "--out", "other").exit_code == 0
    assert _row(other, "bob") == "bob,,,,4,4,8,12,,4,4"


def test_regrade_judges_nothing_that_was_not_asked_for(out: Path, tmp_path: Path) -> None:
    """Where another exercise would have to be judged too, it says so and does nothing."""
    _refused(["regrade", "-e", "more", "--yes"], "it is not known where the hand-ins are")
    assert _type("batch", "class").exit_code == 0
    suite = tmp_path / "tests/hidden/01-01-demo/test_demo.py"
    suite.write_text(suite.read_text("utf-8") + "# changed\n", "utf-8")
    _refused(["regrade", "-e", "more", "--yes"], "01-01-demo would have to be judged, too")
    told = _told("regrade", "-e", "more", "-e", "demo", "--dry-run")
    assert {one["why"] for one in told if one["exercise"] == DEMO} == {
        "it was judged under something that has changed since"
    }
