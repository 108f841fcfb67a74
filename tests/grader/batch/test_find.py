"""Every layout in which the usual systems put hand-ins on a disk."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.batch.find import find_submissions
from grader.batch.plan import Attempt, Layout, Plan
from grader.errors import UsageError
from grader.model import Course

MOMENT = datetime(2026, 10, 1, 14, 32, 5, tzinfo=UTC)
METADATA = """\
submission_1:
  :submitters:
  - :name: First
    :sid: '100'
  - :name: Second
    :email: second@example.edu
  :created_at: 2026-10-01 14:32:05 Z
submission_2:
  :submitters:
  - :name: Gone
    :sid: '300'
"""


def _write(root: Path, *names: str) -> None:
    """Make files; a name that ends in a slash is an empty folder."""
    for name in names:
        path = root / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_text("x = 1\n", "utf-8")


def _find(root: Path, course: Course) -> Plan:
    return find_submissions(root, course.exercises)


def _seen(root: Path, attempts: tuple[Attempt, ...]) -> list[tuple[str, str]]:
    return [(a.owner, a.path.relative_to(root).as_posix()) for a in attempts]


def test_plain_folders_zips_and_files(tmp_path: Path, demo_course: Course) -> None:
    """One per student; what is none is listed, rosters and hidden files are not."""
    _write(tmp_path, "ada/demo.py", "bob.zip", "cem.py", "roster.csv", ".git/x", "notes.txt")
    (tmp_path / "dan").symlink_to(tmp_path / "ada")
    plan = _find(tmp_path, demo_course)
    assert _seen(tmp_path, plan.attempts) == [
        ("ada", "ada"), ("bob", "bob.zip"), ("cem", "cem.py"),
    ]  # fmt: skip
    lines = [trouble.line for trouble in plan.troubles]
    assert ["dan: this is a link" in lines[0], "notes.txt: this is no hand-in" in lines[1]] == [
        True,
        True,
    ]


def test_repositories_of_github_classroom(tmp_path: Path, demo_course: Course) -> None:
    """The login stands behind the assignment's name, here or one level below."""
    _write(tmp_path, "hw2-submissions/hw2-ada-l/demo.py", "hw2-submissions/team/demo.py")
    want = [("ada-l", "hw2-submissions/hw2-ada-l"), ("team", "hw2-submissions/team")]
    found = _find(tmp_path, demo_course).attempts
    assert _seen(tmp_path, found) == want
    assert {a.layout for a in found} == {Layout.GITHUB}
    assert _seen(tmp_path, _find(tmp_path / "hw2-submissions", demo_course).attempts) == want


def test_a_download_of_classroom_50(tmp_path: Path, demo_course: Course) -> None:
    """Names and times come from scores.csv; the longest username that fits owns a clone."""
    _write(tmp_path, "dl-hw2-ada/demo.py", "bob/demo.py", "x-y-ada/demo.py", "result.json")
    text = "username,first_name,datetime\nada,Ada,2026-10-01T14:32:05Z\ny-ada,Ya,\nbob,Bob,\n"
    (tmp_path / "scores.csv").write_text(text, "utf-8")
    found = _find(tmp_path, demo_course).attempts
    assert [a.owner for a in found] == ["bob", "ada", "y-ada"]
    assert found[1].received_at == MOMENT
    assert found[1].members[0].name == "Ada"


def test_the_archive_of_moodle(tmp_path: Path, demo_course: Course) -> None:
    """Folders, flat files, archives inside folders; typed text is listed."""
    _write(
        tmp_path,
        "Ada L_12_assignsubmission_file/demo.py",
        "Bob_13_assignsubmission_file_/hw.zip",
        "Bob_13_assignsubmission_file_/__MACOSX/x",
        "Cem_14_assignsubmission_file_demo.py",
        "Dan_15_assignsubmission_onlinetext/onlinetext.html",
    )
    plan = _find(tmp_path, demo_course)
    assert [(a.owner, a.path.name, a.file_name) for a in plan.attempts] == [
        ("Ada L_12", "Ada L_12_assignsubmission_file", ""),
        ("Bob_13", "hw.zip", ""),
        ("Cem_14", "Cem_14_assignsubmission_file_demo.py", "demo.py"),
    ]
    assert plan.attempts[0].members[0].name == "Ada L"
    assert "typed into the form" in plan.troubles[0].line


def test_an_export_of_gradescope(tmp_path: Path, demo_course: Course) -> None:
    """Groups have several members; missing and unlisted folders are troubles."""
    export = tmp_path / "assignment_7_export"
    _write(export, "submission_1/demo.py", "submission_9/demo.py")
    (export / "submission_metadata.yml").write_text(METADATA, "utf-8")
    for root in (tmp_path, export):
        plan = _find(root, demo_course)
        (found,) = plan.attempts
        assert [p.key for p in found.members] == ["100", "second@example.edu"]
        assert found.owner == "100+second@example.edu"
        assert found.received_at == MOMENT
        lines = [trouble.line for trouble in plan.troubles]
        assert ["missing (Gone)" in lines[0], "does not list it" in lines[1]] == [True, True]


def test_the_folders_of_nbgrader(tmp_path: Path, demo_course: Course) -> None:
    """Each assignment is an attempt with its own time; other folders are passed by."""
    _write(tmp_path, "submitted/ada/01-01-demo/demo.py", "submitted/bob/", "release/x/y.py")
    stamp = tmp_path / "submitted/ada/01-01-demo/timestamp.txt"
    stamp.write_text("2026-10-01 14:32:05 UTC\n", "utf-8")
    plan = _find(tmp_path, demo_course)
    (found,) = plan.attempts
    assert (found.owner, found.assignment, found.received_at) == ("ada", "01-01-demo", MOMENT)
    assert "holds no assignment" in plan.troubles[0].line
    assert _find(tmp_path / "submitted", demo_course).attempts == plan.attempts


def test_the_exchange_of_jupyterhub(tmp_path: Path, demo_course: Course) -> None:
    """Every attempt has its time in its name."""
    _write(tmp_path, "inbound/ada+01-01-demo+2026-10-01 14:32:05 UTC+r4/demo.py", "outbound/x/y")
    (found,) = _find(tmp_path, demo_course).attempts
    assert (found.owner, found.assignment, found.received_at) == ("ada", "01-01-demo", MOMENT)


def test_what_lies_inside_a_hand_in_decides_nothing(tmp_path: Path, demo_course: Course) -> None:
    """A student cannot become several, or somebody else, by adding files."""
    _write(
        tmp_path, "ada/scores.csv", "ada/submission_metadata.yml", "ada/submitted/x/demo.py",
        "ada/01-01-demo/timestamp.txt", "ada/Bob_1_assignsubmission_file/demo.py",
        "ada/hw-submissions/hw-bob/demo.py",
    )  # fmt: skip
    assert _seen(tmp_path, _find(tmp_path, demo_course).attempts) == [("ada", "ada")]


def test_one_hand_in_is_no_class(tmp_path: Path, demo_course: Course) -> None:
    """A folder that holds exercises is refused, and so is one that is not there."""
    _write(tmp_path, "01-01-demo/demo.py")
    with pytest.raises(UsageError, match="one hand-in, not a class"):
        _find(tmp_path, demo_course)
    with pytest.raises(UsageError, match="no such folder"):
        _find(tmp_path / "nowhere", demo_course)


def test_the_output_is_no_hand_in(tmp_path: Path, demo_course: Course) -> None:
    """It may stand inside the class."""
    _write(tmp_path, "ada/demo.py", "graded/results/x")
    plan = find_submissions(tmp_path, demo_course.exercises, leave_out=[tmp_path / "graded"])
    assert _seen(tmp_path, plan.attempts) == [("ada", "ada")]
