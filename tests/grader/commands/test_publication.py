"""What a job leaves behind, written from results that were judged elsewhere."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from grader import report
from grader.commands.publication import Publisher, Wanted
from grader.export import actions, summary
from grader.model import Grade, Note, Outcome, Verdict
from tests.grader.export.runner import obeyed
from tests.grader.report import grades

MIB = 1024 * 1024
SECRET = "planted-behind-the-wall"


def _publisher(folder: Path) -> Publisher:
    environment = {
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "GITHUB_WORKSPACE": str(folder / "work"),
    }
    (folder / "work").mkdir(exist_ok=True)
    wanted = Wanted(actions=True, classroom50=False, legacy=True)
    return Publisher(folder / "work", wanted, environment, report.Say("en", {}))


def _publish(folder: Path, grade: Grade, *refused: Note) -> list[str]:
    return _publisher(folder).publish(grade, refused, usable=True)


def test_every_file_says_the_same_points(tmp_path: Path) -> None:
    """Result, page, JUnit, summary, outputs and the two notices."""
    lines = _publish(tmp_path, grades.grade(grades.some_failed()))
    work = tmp_path / "work"
    assert json.loads((work / "result.json").read_text("utf-8"))["score"] == 4.5
    cases = ET.parse(work / "junit.xml").getroot().iter("property")
    earned = sum(float(p.get("value", "")) for p in cases if p.get("name") == "points")
    assert earned == 4.5
    assert "4.5" in (work / "report.html").read_text("utf-8")
    assert (tmp_path / "summary").read_text("utf-8").startswith("## autograde: 4.5 / 12 points")
    assert "score=4.5\nmax-score=12\n" in (tmp_path / "output").read_text("utf-8")
    assert "Points 4.5/12" in [command.text for command in obeyed("\n".join(lines))]


@pytest.mark.parametrize("before_bytes", [500 * 1024, MIB - 1])
def test_a_step_s_summary_stays_below_a_mebibyte(tmp_path: Path, before_bytes: int) -> None:
    """Whatever the step wrote before; one byte too many would throw all of it away."""
    (tmp_path / "summary").write_bytes(b"x" * before_bytes)
    cases = [grades.case(f"test_{number}", f"Fact {number}.") for number in range(400)]
    _publish(tmp_path, grades.grade([Verdict(c, Outcome.FAILED, "é" * 1000) for c in cases]))
    text = (tmp_path / "summary").read_bytes()
    assert len(text) < MIB
    if before_bytes < summary.SUMMARY_LIMIT_BYTES:
        assert text.endswith(b"the rest stands in report.html.\n")
    assert len((tmp_path / "output").read_bytes()) < MIB


def test_what_a_hidden_test_knows_is_in_no_file(tmp_path: Path) -> None:
    """Nor is it in a line for Actions; a title, a hint and a written message are."""
    hidden = replace(grades.LARGE, id=f"test_softmax.py::{grades.LARGE.id}")
    known = grades.COLUMN_SUMS
    told = replace(known, expected=((SECRET,),), actual=((SECRET,),))
    verdict = Verdict(hidden, Outcome.FAILED, "It has nan.", comparison=told, output=SECRET)
    lines = _publish(tmp_path, grades.grade([verdict]))
    assert any("It has nan." in line for line in lines)
    assert SECRET not in "\n".join(lines)
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in left} >= {"result.json", "report.html", "junit.xml", "summary"}
    assert [path.name for path in left if SECRET in path.read_text("utf-8")] == []


def test_annotations_stand_on_files_of_the_student_alone(tmp_path: Path) -> None:
    """A frame elsewhere is never a place to point at."""
    ours = replace(grades.FRAMES[0], path="/judge/test_softmax.py", line=7)
    verdict = Verdict(grades.NLL, Outcome.ERROR, "NameError", frames=(*grades.FRAMES, ours))
    found = obeyed("\n".join(_publish(tmp_path, grades.grade([verdict]))))
    (error,) = [command for command in found if command.name == "error"]
    assert error.properties["file"] == "03-06-softmax/softmax.py"
    assert error.properties["line"] == "31"


def test_refused_exercises_are_warned_of_and_not_too_often(tmp_path: Path) -> None:
    """Actions drops what comes after the tenth of a kind."""
    notes = [Note(f"0{n}-01-x", "All attempts were used.\n::error::no") for n in range(1, 10)]
    found = obeyed("\n".join(_publish(tmp_path, grades.grade(grades.all_passed()), *notes)))
    assert len([c for c in found if c.name == "warning"]) == actions.SHOWN_FAILURES
    assert not [c for c in found if c.name == "error"]
