"""Whose hand-in is whose."""

from __future__ import annotations

from pathlib import Path

from grader.batch.find import find_submissions
from grader.batch.intake import Policy
from grader.batch.people import gather, on_roster, without_others
from grader.batch.plan import Attempt, Layout, Plan
from grader.batch.texts import Texts
from grader.model import Course, Person
from tests.grader.batch.conftest import read
from tests.grader.conftest import RIGHT

ROSTER = (Person("zoe", "Zoe First"), Person("ada", "Ada Lovelace"), Person("gone", "No One"))


def _class(root: Path, *folders: str) -> Path:
    for name in folders:
        (root / name).mkdir(parents=True)
        (root / name / "demo.py").write_text(RIGHT, "utf-8")
    return root


def test_the_roster_names_everybody_and_orders_them(tmp_path: Path, demo_course: Course) -> None:
    """First the roster, then strangers; nobody on it is forgotten."""
    root = _class(tmp_path, "Ada Lovelace_5_assignsubmission_file", "zoe", "stranger")
    plan = on_roster(find_submissions(root, demo_course.exercises), ROSTER)
    members, troubles = gather(
        read(plan, demo_course, Texts()), ROSTER, demo_course, demo_course.exercises, Policy.LATEST
    )
    assert [(m.person.key, m.flags) for m in members] == [
        ("zoe", []), ("ada", []), ("gone", ["not_submitted"]), ("stranger", ["not_on_roster"]),
    ]  # fmt: skip
    assert not troubles
    assert [len(m.picks) for m in members] == [2, 2, 0, 2]


def test_a_group_hands_in_once_for_all_members(tmp_path: Path, demo_course: Course) -> None:
    """Each has the same pick, which is judged once."""
    root = _class(tmp_path, "team")
    plan = Plan((Attempt(root / "team", Layout.GRADESCOPE, (Person("a"), Person("b"))),))
    members, _ = gather(
        read(plan, demo_course, Texts()), (), demo_course, demo_course.exercises, Policy.LATEST
    )
    assert [m.flags for m in members] == [["group"], ["group"]]
    assert members[0].picks == members[1].picks
    assert members[0].picks[0][0].owner == "a+b"


def test_what_cannot_be_read_is_a_trouble_and_a_flag(tmp_path: Path, demo_course: Course) -> None:
    """The others are read."""
    root = _class(tmp_path, "ada")
    (root / "bob.zip").write_bytes(b"PK nonsense")
    plan = find_submissions(root, demo_course.exercises)
    members, troubles = gather(
        read(plan, demo_course, Texts()), (), demo_course, demo_course.exercises, Policy.LATEST
    )
    assert [m.flags for m in members] == [[], ["unreadable"]]
    assert [t.line.startswith("bob: ") for t in troubles] == [True]


def test_assignments_that_nobody_asked_for_are_left_out(demo_course: Course) -> None:
    """Only where the layout says which exercise it is."""
    plan = Plan(
        tuple(
            Attempt(Path(name), Layout.NBGRADER, (Person("ada"),), None, name)
            for name in ("01-01-demo", "01-02-more", "week-3")
        )
    )
    left = without_others(plan, demo_course, demo_course.exercises[:1])
    assert [a.assignment for a in left.attempts] == ["01-01-demo", "week-3"]
