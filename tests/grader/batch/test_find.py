"""Every layout in which the usual systems put hand-ins on a disk."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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


@pytest.mark.parametrize("where", ["", "hw1-submissions/"])
def test_a_login_that_ends_like_a_container_is_a_login(
    tmp_path: Path, demo_course: Course, where: str
) -> None:
    """What stands in a container is somebody's, who cannot hand in for others by its name."""
    root = tmp_path / "hw1-submissions"
    _write(root, "hw1-mallory-submissions/alice/demo.py", "hw1-alice/demo.py")
    top = tmp_path if where else root
    want = [
        ("alice", f"{where}hw1-alice"),
        ("mallory-submissions", f"{where}hw1-mallory-submissions"),
    ]
    assert _seen(top, _find(top, demo_course).attempts) == want


@pytest.mark.parametrize("kind", [".", "link"])
def test_a_container_is_one_however_it_is_named(
    tmp_path: Path, demo_course: Course, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """As the current folder, or by a link to it."""
    root = tmp_path / "hw1-submissions"
    _write(root, "hw1-x-submissions/alice/demo.py")
    (tmp_path / "link").symlink_to(root)
    monkeypatch.chdir(root if kind == "." else tmp_path)
    (found,) = _find(Path(kind), demo_course).attempts
    assert (found.owner, found.layout) == ("x-submissions", Layout.GITHUB)


@pytest.mark.parametrize("login", ["x-submissions", "somebody"])
def test_a_clone_of_classroom_50_is_no_container(
    tmp_path: Path, demo_course: Course, login: str
) -> None:
    """Whatever its name ends in, and whether or not the list knows it."""
    _write(tmp_path, "c-hw1-x-submissions/bob/demo.py")
    (tmp_path / "scores.csv").write_text(f"username\nbob\n{login}\n", "utf-8")
    (found,) = _find(tmp_path, demo_course).attempts
    owner = login if login == "x-submissions" else "c-hw1-x-submissions"
    assert (found.owner, found.path.name) == (owner, "c-hw1-x-submissions")


@pytest.mark.parametrize("place", ["submitted", "inbound"])
def test_a_student_of_nbgrader_is_no_container(
    tmp_path: Path, demo_course: Course, place: str
) -> None:
    """What somebody calls an assignment hands in for nobody else."""
    _write(tmp_path, f"{place}/x-submissions/alice/demo.py")
    (found,) = _find(tmp_path, demo_course).attempts
    assert found.owner == "x-submissions"


def test_an_export_among_hand_ins_is_left_to_a_person(tmp_path: Path, demo_course: Course) -> None:
    """Else whoever may name a repository could hand in for everybody."""
    export = tmp_path / "hw1-submissions" / "assignment_7_export"
    _write(export, "submission_1/demo.py")
    (export / "submission_metadata.yml").write_text(METADATA, "utf-8")
    plan = _find(export.parent, demo_course)
    assert not plan.attempts
    assert "assignment_7_export: this is an export" in plan.troubles[0].line


def test_names_that_are_no_utf8_are_taken(tmp_path: Path, demo_course: Course) -> None:
    """Every text can be stored, the path can be opened, and nobody becomes somebody else."""
    for name in (b"J\xe9r", b"J\xe8r", b"J%e9r"):
        folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
        _write(folder, "demo.py")
    flat = os.fsencode(tmp_path) + b"/W\xfc_7_assignsubmission_file_\xdc.py"
    Path(os.fsdecode(flat)).write_text("x = 1\n", "utf-8")
    (tmp_path / os.fsdecode(b"\xdc.txt")).write_text("", "utf-8")
    plan = _find(tmp_path, demo_course)
    assert [a.owner for a in plan.attempts] == ["J%25e9r", "J%e8r", "J%e9r", "W%fc_7"]
    assert (plan.attempts[3].members[0].name, plan.attempts[3].file_name) == ("W%fc", "%dc.py")
    assert plan.troubles[0].where == str(tmp_path / "%dc.txt")
    assert all(attempt.path.exists() for attempt in plan.attempts)


def test_a_link_that_leads_to_itself_is_one_trouble(tmp_path: Path, demo_course: Course) -> None:
    """The others are found, whether it stands in the class or is the output."""
    _write(tmp_path, "ada/demo.py")
    for name, other in (("loop", "pool"), ("pool", "loop")):
        (tmp_path / name).symlink_to(tmp_path / other)
    out = [tmp_path / "loop" / "graded"]
    plan = find_submissions(tmp_path, demo_course.exercises, leave_out=out)
    assert _seen(tmp_path, plan.attempts) == [("ada", "ada")]
    lines = [trouble.line for trouble in plan.troubles]
    assert ["loop: this is a link" in lines[0], "pool: this is a link" in lines[1]] == [True, True]


def _fails_at(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let a folder be one that the disk does not give away."""
    scandir = os.scandir

    def failing(path: Any) -> Any:
        if Path(path) == folder:
            raise OSError(5, "Input/output error", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", failing)


@pytest.mark.parametrize("name", ["", "submitted"])
def test_a_class_that_cannot_be_opened_is_not_empty(
    tmp_path: Path, demo_course: Course, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Else everybody would be said to have handed in nothing."""
    _write(tmp_path, "submitted/ada/01-01-demo/demo.py" if name else "ada/demo.py")
    _fails_at(monkeypatch, tmp_path / name)
    with pytest.raises(UsageError, match=r"cannot be opened \(Input/output error\)") as caught:
        _find(tmp_path, demo_course)
    assert caught.value.where == str(tmp_path / name)
    assert caught.value.what_now


@pytest.mark.parametrize(
    ("folder", "owners"),
    [
        ("hw1-submissions", ["bob"]),
        ("bob", ["ada", "bob"]),
        ("Cem_3_assignsubmission_file", ["Cem_3", "ada", "bob"]),
    ],
)
def test_a_folder_that_cannot_be_opened_is_our_trouble(
    tmp_path: Path,
    demo_course: Course,
    monkeypatch: pytest.MonkeyPatch,
    folder: str,
    owners: list[str],
) -> None:
    """The others are found, and whoever it belongs to is not said to have handed in nothing."""
    _write(tmp_path, "hw1-submissions/hw1-ada/demo.py", "bob/demo.py")
    if folder.startswith("Cem"):
        _write(tmp_path, f"{folder}/hw.zip")
    _fails_at(monkeypatch, tmp_path / folder)
    plan = _find(tmp_path, demo_course)
    assert sorted(attempt.owner for attempt in plan.attempts) == owners
    (trouble,) = plan.troubles
    assert trouble.is_ours
    assert trouble.where == str(tmp_path / folder)
    assert "cannot be opened (Input/output error). See that" in trouble.what


def test_a_student_of_nbgrader_who_cannot_be_looked_at_is_our_trouble(
    tmp_path: Path, demo_course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder as a whole stands for what is in it."""
    _write(tmp_path, "submitted/ada/01-01-demo/demo.py")
    _fails_at(monkeypatch, tmp_path / "submitted" / "ada")
    plan = _find(tmp_path, demo_course)
    assert _seen(tmp_path, plan.attempts) == [("ada", "submitted/ada")]
    assert [trouble.is_ours for trouble in plan.troubles] == [True]
