"""Whose hand-in is whose."""

from __future__ import annotations

import os
import zipfile
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from grader.batch import book
from grader.batch.find import find_submissions
from grader.batch.intake import Policy
from grader.batch.people import gather, on_roster, without_others
from grader.batch.plan import Attempt, Layout, Plan, Trouble
from grader.batch.texts import Texts
from grader.gradebook import Gradebook, Recorded, address_of
from grader.model import AttemptResult, Course, HandIn, HandInStatus, Person, Submission
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


@pytest.mark.parametrize("is_ours", [True, False])
def test_nothing_counts_of_whom_we_failed_to_read_something(
    demo_course: Course, is_ours: bool
) -> None:
    """Else an attempt that holds one exercise would make the other, unread one missing."""
    ada, bob = Person("ada"), Person("bob")
    demo = HandIn(demo_course.exercises[0].id, HandInStatus.SUBMITTED, "demo.py", "", "aa")
    more = HandIn(demo_course.exercises[1].id, HandInStatus.NOT_SUBMITTED)
    submission = Submission(
        "0" * 64, "x", "class/x", datetime(2026, 1, 1, tzinfo=UTC), (demo, more)
    )
    attempts = [
        Attempt(Path(name), Layout.JUPYTERHUB, (p,))
        for name, p in zip("abc", (ada, ada, bob), strict=True)
    ]
    found = [submission, Trouble("ada", "the disk fails", is_ours), submission]
    pairs = list(zip(attempts, found, strict=True))
    members, troubles = gather(pairs, (), demo_course, demo_course.exercises, Policy.LATEST)
    assert [(m.person.key, m.flags) for m in members] == [("ada", ["unreadable"]), ("bob", [])]
    assert [len(m.picks) for m in members] == [0 if is_ours else 2, 2]
    assert len(troubles) == 1


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


def _found(*people: Person) -> Plan:
    return Plan(tuple(Attempt(Path(p.key), Layout.MOODLE, (p,)) for p in people))


@pytest.mark.parametrize("column", ["name", "email"])
def test_namesakes_are_joined_to_nobody(column: str) -> None:
    """Neither gets the other's grade, and a line names both."""
    roster = (Person("wwang", "Wei Wang", "wei@example.edu"), Person("ada", "Ada Lovelace"))
    shared = {column: getattr(roster[0], column)}
    first, second = (Person(key, **shared) for key in ("Wei_101", "Wei_102"))
    plan = on_roster(_found(second, first, Person("Ada_5", "Ada Lovelace")), roster)
    assert [attempt.owner for attempt in plan.attempts] == ["Wei_102", "Wei_101", "ada"]
    (trouble,) = plan.troubles
    assert trouble.where == "Wei_101, Wei_102"
    assert "may be wwang on the roster" in trouble.what
    assert not trouble.is_ours


def test_a_name_takes_nothing_from_who_bears_the_username() -> None:
    """Who only has the same name is somebody else until a person says so."""
    roster = (Person("ada", "Ada Lovelace"),)
    plan = on_roster(_found(Person("ADA"), Person("Ada_5", "Ada Lovelace")), roster)
    assert [attempt.owner for attempt in plan.attempts] == ["ada", "Ada_5"]
    assert [trouble.where for trouble in plan.troubles] == ["Ada_5"]


def test_several_hand_ins_of_one_person_are_joined_by_name() -> None:
    """A Moodle number is one person's, also where it stands twice."""
    roster = (Person("ada", "Ada Lovelace", "ada@example.edu"),)
    same = (Person("Ada_5", "Ada Lovelace"), Person("Ada_5", "", "ada@example.edu"))
    plan = on_roster(_found(*same), roster)
    assert [attempt.owner for attempt in plan.attempts] == ["ada", "ada"]
    assert not plan.troubles


def test_names_that_are_no_utf8_reach_the_gradebook(tmp_path: Path, demo_course: Course) -> None:
    """A folder and an archive whose names no encoding fits cost nobody the class."""
    root, out = tmp_path / "class", tmp_path / "out"
    _class(root, "alice", os.fsdecode(b"J\xe9r"), os.fsdecode(b"J\xe8r"))
    (root / "alice" / "demo.py").unlink()
    with zipfile.ZipFile(root / "alice" / os.fsdecode(b"\xdcbung.zip"), "w") as archive:
        archive.writestr("demo.py", RIGHT)
    found = read(on_roster(find_submissions(root, demo_course.exercises), ()), demo_course, Texts())
    members, troubles = gather(found, (), demo_course, demo_course.exercises, Policy.LATEST)
    assert not troubles
    assert [m.person.key for m in members] == ["J%e8r", "J%e9r", "alice"]
    assert {pick.hand_in.status for m in members for pick in m.picks[0]} == {HandInStatus.SUBMITTED}
    book.write_book(
        out, [], [book.entry(m.person, "f", m.flags, None, graded=True) for m in members]
    )
    assert [entry.key for entry in book.read_book(out / book.FILE_NAME).people] == [
        m.person.key for m in members
    ]
    picks = [(m.person.key, m.picks[0][0]) for m in members]
    recorded = [
        Recorded(
            AttemptResult(
                key, p.exercise.id, key, p.hand_in.status, p.submission.received_at,
                Fraction(1), Fraction(1),
            ),
            p.owner,
            p.submission,
        )
        for key, p in picks
    ]  # fmt: skip
    with Gradebook(address_of(out), create=True) as gradebook:
        gradebook.record([m.person for m in members], recorded, [picks[0][1].exercise.id], "me")
        assert len(gradebook.snapshot().attempts) == 3
    assert picks[2][1].submission.origin == str(root / "alice" / "%dcbung.zip")
