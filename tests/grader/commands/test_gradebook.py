"""`autograde gradebook`, as it is typed, on a class that was graded before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from grader import course as courses
from grader.batch.engine import Engine
from grader.batch.journal import Journal
from grader.cli import app
from grader.errors import UsageError
from grader.gradebook import FILE_NAME
from tests.grader.batch.test_classroom import DEMO, MORE, _grade, _hand_in
from tests.grader.conftest import write_course

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
