"""A release holds what students need, no secret, and leaves other people's files alone."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course import load_course
from grader.course import release as release_module
from grader.course.config import read_course_file
from grader.course.release import DEVCONTAINER, WORKFLOW, release, write_stubs
from grader.course.schema import schemas
from grader.errors import CourseError
from grader.model import Course

NAME = "03-06-softmax"
WHEEL = "autograde-0-py3-none-any.whl"


def _fake_wheel(extra: dict[str, str]) -> Callable[[Path], Path]:
    def build(into: Path) -> Path:
        with zipfile.ZipFile(into / WHEEL, "w") as wheel:
            for name, text in ({"grader/model.py": "MARKER = 1\n"} | extra).items():
                wheel.writestr(zipfile.ZipInfo(name), text)
        return into / WHEEL

    return build


@pytest.fixture
def course(root: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """Give the small course with fresh stubs; test_wheel.py builds the real wheel."""
    monkeypatch.setattr(release_module, "build_wheel", _fake_wheel({}))
    course = load_course(root)
    write_stubs(course)
    return course


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    """Give a folder that does not exist yet."""
    return tmp_path / "students"


def test_a_release_holds_the_assignments_and_how_to_start(course: Course, dest: Path) -> None:
    """And it loads as a course itself."""
    written = release(course, dest).written
    assert set(written) == {
        f"assignments/{NAME}/{name}"
        for name in ("README.md", "exercise.yml", "softmax.py", "softmax.ipynb", "test_public.py")
    } | {"autograde.yml", "README.md", ".gitignore", WORKFLOW, DEVCONTAINER, f"wheels/{WHEEL}"} | {
        f"docs/schemas/{name}" for name in schemas()
    }
    readme = (dest / "README.md").read_text(encoding="utf-8")
    assert f"pip install ./wheels/{WHEEL}" in readme
    assert f"autograde check {NAME}" in readme
    assert f"| [{NAME}](assignments/{NAME}/README.md) | Softmax regression from scratch | 4 |" in (
        readme
    )
    assert "2026-10-01 21:59 UTC" in readme
    assert load_course(dest).due == course.due
    assert [exercise.points for exercise in load_course(dest).exercises] == [4]


def test_the_students_course_file_lists_exercises_and_drops_comments(
    course: Course, dest: Path
) -> None:
    """A comment may be a note among teachers."""
    path = course.root / "autograde.yml"
    path.write_text(path.read_text(encoding="utf-8") + "# exam: week 7\n", encoding="utf-8")
    release(course, dest)
    assert "week 7" not in (dest / "autograde.yml").read_text(encoding="utf-8")
    assert read_course_file(dest / "autograde.yml")[0].exercises == [NAME]


def test_caches_and_hidden_files_stay_at_home(course: Course, dest: Path) -> None:
    """So do checkpoints of notebooks."""
    folder = course.root / "assignments" / NAME
    for name in ("__pycache__/softmax.pyc", ".ipynb_checkpoints/a.ipynb", ".env"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x", encoding="utf-8")
    names = {path.name for path in release(course, dest).dest.rglob("*")}
    assert not names & {"softmax.pyc", ".ipynb_checkpoints", ".env"}


def test_a_stub_that_has_drifted_stops_the_release(course: Course, dest: Path) -> None:
    """The error names the file and the command that writes it."""
    course.exercises[0].stub.write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(CourseError, match="differs from the reference") as caught:
        release(course, dest)
    assert str(course.exercises[0].stub) in caught.value.what
    assert "autograde release --stubs" in caught.value.what_now
    assert not dest.exists()


def test_a_secret_in_an_assignment_stops_the_release(course: Course, dest: Path) -> None:
    """Nothing at all is written then."""
    (course.root / "assignments" / NAME / "README.md").write_text(
        "So `self.data = [0.0] * n`:\n\n    self.data = [0.0] * n\n", encoding="utf-8"
    )
    with pytest.raises(CourseError, match=r"Accumulator\.__init__"):
        release(course, dest)
    assert not dest.exists()


@pytest.mark.parametrize("member", ["tests/hidden/a.py", "solutions/a.py", "grader/mistakes.py"])
def test_a_secret_in_the_wheel_stops_the_release(
    course: Course, dest: Path, monkeypatch: pytest.MonkeyPatch, member: str
) -> None:
    """The wheel is opened and searched like a folder."""
    monkeypatch.setattr(release_module, "build_wheel", _fake_wheel({member: "x = 1\n"}))
    with pytest.raises(CourseError, match=f"{WHEEL}, {member}"):
        release(course, dest)


def test_a_second_release_changes_only_what_changed(course: Course, dest: Path) -> None:
    """Files that are gone are removed, others are left untouched."""
    extra = course.root / "assignments" / NAME / "driver.py"
    extra.write_text("x = 1\n", encoding="utf-8")
    release(course, dest)
    extra.unlink()
    (course.root / "assignments" / NAME / "README.md").write_text("# New\n", encoding="utf-8")
    (dest / "LICENSE").write_text("theirs\n", encoding="utf-8")
    second = release(course, dest)
    assert second.written == (f"assignments/{NAME}/README.md",)
    assert second.removed == (f"assignments/{NAME}/driver.py",)
    assert (dest / "LICENSE").read_text(encoding="utf-8") == "theirs\n"


def test_a_file_changed_since_the_last_release_is_not_overwritten(
    course: Course, dest: Path
) -> None:
    """Somebody wrote that on purpose."""
    release(course, dest)
    (dest / "README.md").write_text("ours\n", encoding="utf-8")
    with pytest.raises(CourseError, match="changed since"):
        release(course, dest)
    assert (dest / "README.md").read_text(encoding="utf-8") == "ours\n"


def test_a_workflow_of_their_own_is_left_alone(course: Course, dest: Path) -> None:
    """It replaces ours, is not an error, and is not taken for ours by the next release."""
    release(course, dest)
    (dest / WORKFLOW).write_text("name: ours\n", encoding="utf-8")
    for _ in range(2):
        assert WORKFLOW not in release(course, dest).written
        assert (dest / WORKFLOW).read_text(encoding="utf-8") == "name: ours\n"


def test_a_workflow_that_was_deleted_comes_back(course: Course, dest: Path) -> None:
    """An empty one of their own says that none is wanted."""
    release(course, dest)
    (dest / WORKFLOW).unlink()
    assert WORKFLOW in release(course, dest).written


def test_a_removed_exercise_that_was_edited_stays(course: Course, dest: Path) -> None:
    """Only what is still as the release wrote it is removed."""
    extra = course.root / "assignments" / NAME / "driver.py"
    extra.write_text("x = 1\n", encoding="utf-8")
    release(course, dest)
    extra.unlink()
    kept = dest / "assignments" / NAME / "driver.py"
    kept.write_text("x = 2\n", encoding="utf-8")
    assert release(course, dest).removed == ()
    assert kept.is_file()


def test_a_folder_with_other_things_is_refused(course: Course, dest: Path) -> None:
    """A fresh clone, which holds `.git` alone, counts as empty."""
    (dest / ".git").mkdir(parents=True)
    release(course, dest)
    (dest / ".autograde-release.json").unlink()
    with pytest.raises(CourseError, match="not empty"):
        release(course, dest)


@pytest.mark.parametrize("place", [".", "out", "..", "assignments"])
def test_the_teachers_repository_is_no_destination(course: Course, place: str) -> None:
    """Neither inside it nor around it."""
    with pytest.raises(CourseError, match="inside the teacher's"):
        release(course, course.root / place)


@pytest.mark.parametrize(
    "record",
    [
        "[]",
        "{",
        '{"schema": "other", "files": {}}',
        '{"schema": "autograde/release/v1", "files": []}',
        '{"schema": "autograde/release/v1", "files": {"../a": "0"}}',
        '{"schema": "autograde/release/v1", "files": {"/a": "0"}}',
    ],
)
def test_a_record_that_lies_is_refused(course: Course, dest: Path, record: str) -> None:
    """Nothing outside the folder can be named for removal."""
    dest.mkdir()
    (dest / ".autograde-release.json").write_text(record, encoding="utf-8")
    with pytest.raises(CourseError, match="record"):
        release(course, dest)


def test_a_link_that_leads_out_of_the_release_is_refused(
    course: Course, dest: Path, tmp_path: Path
) -> None:
    """Writing through it would change somebody else's files."""
    outside = tmp_path / "outside"
    outside.mkdir()
    dest.mkdir()
    record = json.dumps({"schema": "autograde/release/v1", "files": {}})
    (dest / ".autograde-release.json").write_text(record, encoding="utf-8")
    (dest / "assignments").symlink_to(outside)
    with pytest.raises(CourseError, match="leads out"):
        release(course, dest)
    assert list(outside.iterdir()) == []


def test_a_secret_that_stood_in_the_destination_is_reported(course: Course, dest: Path) -> None:
    """The search goes through everything below DEST, not only what was written."""
    release(course, dest)
    (dest / "old.py").write_text("### BEGIN SOLUTION\n", encoding="utf-8")
    with pytest.raises(CourseError, match=r"old\.py"):
        release(course, dest)


def test_a_student_repository_cannot_be_released(course: Course, dest: Path) -> None:
    """It has no solutions to make stubs from."""
    release(course, dest)
    with pytest.raises(CourseError, match="student repository"):
        write_stubs(load_course(dest))
