"""Telling a class its results: once, whatever happens to one of them, and without the token."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from grader import report, score
from grader.batch import book
from grader.commands import gh as gh_module
from grader.commands.gh import Gh, OutOfPatience, Refused
from grader.export import github as texts
from grader.model import Grade, Outcome, Person, Verdict
from tests.grader.commands.github import LOGIN, TOKEN, GitHub, github, real, stand_in
from tests.grader.report import grades
from tests.patience import PATIENCE_S

AUTOGRADE = str(Path(sys.executable).with_name("autograde"))
COMMIT = "a" * 40


@pytest.fixture
def fake() -> Iterator[GitHub]:
    """A GitHub with a repository each for ada and bob; eve's takes no issues."""
    with github() as one:
        one.issues = {"org/ada": [], "org/bob": []}
        yield one


def _graded(folder: Path, verdicts: Callable[[], list[Verdict]]) -> Path:
    """Write what a batch would: three people with a result, one with a fault, one without."""
    entries = []
    for name in ("ada", "bob", "eve", "fault", "nobody"):
        found = grades.with_fault() if name == "fault" else verdicts()
        entries.append(book.entry(Person(name), name, (), None, graded=name != "nobody"))
        if name != "nobody":
            grade = grades.grade(found, owner=name)
            submission = replace(grade.submission, commit=COMMIT)
            result = folder / "results" / name / "result.json"
            report.write_result(replace(grade, submission=submission), result)
    book.write_book(folder, ["03-06-softmax"], entries)
    names = ("eve", "ada", "bob", "fault", "nobody")
    (folder / "class.txt").write_text("".join(f"org/{name}\n" for name in names), "utf-8")
    return folder


def _publish(
    folder: Path, environment: dict[str, str], *words: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [AUTOGRADE, "publish", str(folder / "class.txt"), "--from", str(folder), *words],
        env=os.environ | environment, capture_output=True, text=True, check=False,
        timeout=PATIENCE_S,
    )  # fmt: skip


KINDS = [
    pytest.param(stand_in, id="stand-in"),
    pytest.param(
        real,
        id="gh",
        marks=pytest.mark.skipif(not shutil.which("gh"), reason="gh is not installed"),
    ),
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_comment_is_written_once_and_then_replaced(
    fake: GitHub, tmp_path: Path, kind: Callable[[GitHub, Path, str], dict[str, str]]
) -> None:
    """One student's failure does not stop the rest; who has no score is told nothing."""
    environment = kind(fake, tmp_path, os.environ["PATH"])
    forged = {"id": 5, "user": {"login": "ada"}, "body": texts.MARKER}
    fake.issues["org/ada"] = [
        {"number": 3, "title": "Results of autograde", "user": {"login": "ada"}}
    ]
    fake.comments["org/ada", 7] = [forged]
    folder = _graded(tmp_path / "graded", grades.some_failed)
    first = _publish(folder, environment)
    assert (first.returncode, first.stdout) == (1, "2 published, 1 failed.\n"), first.stderr
    assert "org/eve: not published:" in first.stderr
    assert "Issues has been disabled" in first.stderr
    assert TOKEN not in first.stdout + first.stderr
    assert [one["user"]["login"] for one in fake.comments["org/ada", 7]] == ["ada", LOGIN]
    assert forged["body"] == texts.MARKER
    (said,) = (one["body"] for one in fake.comments["org/bob", 7])
    assert said.startswith(f"{texts.MARKER}\n## autograde: ")
    assert {path for _, path in fake.asked if "fault" in path or "nobody" in path} == set()

    fake.asked.clear()
    again = _publish(folder, environment)
    assert again.stdout == "0 published, 2 unchanged, 1 failed.\n"
    assert fake.written == []

    _graded(tmp_path / "graded", grades.all_passed)
    assert _publish(folder, environment).stdout == "2 published, 1 failed.\n"
    assert [method for method, _ in fake.written] == ["PATCH", "PATCH"]
    assert [len(fake.comments[f"org/{name}", 7]) for name in ("ada", "bob")] == [2, 1]


def test_a_status_is_set_once(fake: GitHub, tmp_path: Path) -> None:
    """On the commit that was graded, with the points in words."""
    environment = stand_in(fake, tmp_path, os.environ["PATH"])
    folder = _graded(tmp_path / "graded", grades.all_passed)
    assert _publish(folder, environment, "--as", "status").stdout == "2 published, 1 failed.\n"
    (status,) = fake.statuses["org/ada", COMMIT]
    assert (status["state"], status["context"]) == ("success", "autograde")
    assert status["description"] == "12 of 12 points"
    fake.asked.clear()
    again = _publish(folder, environment, "--as", "status", "--json")
    assert '"unchanged": 2' in again.stdout
    assert fake.written == []


@pytest.fixture
def ours(fake: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gh:
    """Ask the fake from inside this process."""
    for name, value in stand_in(fake, tmp_path, os.environ["PATH"]).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(gh_module, "PAUSE_S", 0.0)
    return Gh()


def test_a_refusal_is_waited_out_until_patience_ends(
    fake: GitHub, ours: Gh, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as GitHub says, and no longer than a run may take."""
    slow = "You have exceeded a secondary rate limit."
    fake.answers = [(403, {"Retry-After": "0"}, slow), (429, {"Retry-After": "0"}, slow)]
    assert ours.call("POST", "repos/org/ada/issues", {"title": "x"})["number"] == 7
    fake.answers = [(403, {"Retry-After": "901"}, slow)]
    with pytest.raises(OutOfPatience):
        ours.call("POST", "repos/org/ada/issues", {"title": "x"})
    asked = len(fake.asked)
    with pytest.raises(OutOfPatience):
        ours.call("GET", "repos/org/ada/issues")
    assert len(fake.asked) == asked
    monkeypatch.setattr(gh_module, "_DEFAULT_WAIT_S", 10_000.0)
    fake.answers = [(403, {}, slow)]
    with pytest.raises(OutOfPatience):
        Gh().call("POST", "repos/org/ada/issues", {"title": "x"})


def test_a_refusal_that_waiting_does_not_help_is_told_in_one_line(fake: GitHub, ours: Gh) -> None:
    """Nothing in it can command a terminal or a job, or is a token."""
    fake.answers = [(403, {}, f"\x1b[2J no\n::error::{TOKEN}")]
    with pytest.raises(Refused) as caught:
        ours.call("POST", "repos/org/ada/issues", {"title": "x"})
    assert not isinstance(caught.value, OutOfPatience)
    text = str(caught.value)
    assert not {"\x1b", "\n"} & set(text)
    assert TOKEN not in text


def _long() -> Grade:
    cases = [grades.case(f"test_{number}", f"Fact {number}.") for number in range(300)]
    return grades.grade([Verdict(case, Outcome.FAILED, "x€" * 400) for case in cases])


def test_a_comment_stays_below_what_github_takes() -> None:
    """In characters and in bytes, and it says that it was cut."""
    text = texts.comment_of(_long(), None)
    assert 50_000 < len(text.encode()) < 64 * 1024
    assert text.endswith("This is not all: the rest did not fit into a comment.\n")
    assert texts.comment_of(grades.grade(grades.all_passed()), None).startswith(texts.MARKER)


def test_an_open_score_is_no_status() -> None:
    """It would be read as a verdict."""
    with pytest.raises(ValueError, match="open"):
        texts.status_of(grades.grade(grades.with_fault()), None, passed=False)


def test_what_counts_is_told_where_it_is_not_what_was_earned() -> None:
    """A student who was late reads the number that the gradebook has."""
    grade = grades.grade(grades.all_passed())
    earned = score.raw_standing(grade)
    less = replace(earned.exercises[0], points=Fraction(9))
    late = replace(earned, exercises=(less,), points=Fraction(9))
    assert "gradebook" not in texts.comment_of(grade, earned)
    assert "**In the gradebook: 9 of 12 points.**" in texts.comment_of(grade, late)
    said = texts.status_of(grade, late, passed=True)["description"]
    assert said == "12 of 12 points; in the gradebook: 9 of 12 points"
