"""The page of a class is drawn again from what a run stored."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from grader.batch import book, overview
from grader.batch.texts import Texts
from grader.errors import UsageError
from grader.insight import survey
from grader.model import ClassRow, Course, ExerciseStanding, Standing
from grader.report import Say
from tests import classes

SOURCE = "".join(
    f"def f{n}(x):\n    return x[{n}] * torch.exp(x).sum(dim={n}) + g(x, {n}) / max(x)\n"
    for n in range(12)
)


@pytest.fixture
def rows() -> list[ClassRow]:
    """A class in which two handed in the same code."""
    return classes.make(20, sources=(SOURCE, "", SOURCE.replace("x", "y")))


def _course(rows: list[ClassRow]) -> Course:
    asked = classes.exercises()
    return Course(Path(), "Deep learning", asked, due={asked[0].id: classes.DUE})


def test_a_stored_class_gives_the_same_page(tmp_path: Path, rows: list[ClassRow]) -> None:
    """Pairs, due dates and attempts included, though no text of a hand-in is stored whole."""
    ids = [exercise.id for exercise in classes.exercises()]
    found = overview.look_at(survey(rows, ids), rows, _course(rows), ids, {"user0000": 3}, Texts())
    assert [side.people for side in found.pairs[0].sides] == [(0,), (2,)]
    classes.write(tmp_path, rows, ids)
    overview.keep(found, tmp_path)
    overview.draw(found, tmp_path / "a.html", Say())
    again = overview.look_again(book.read_rows(tmp_path)[1], ids, tmp_path)
    overview.draw(again, tmp_path / "b.html", Say())
    assert (tmp_path / "a.html").read_text("utf-8") == (tmp_path / "b.html").read_text("utf-8")


def test_a_class_of_an_earlier_version_has_a_page_without_pairs(
    tmp_path: Path, rows: list[ClassRow]
) -> None:
    """It says that hand-ins were not compared."""
    found = overview.look_again(rows, [classes.exercises()[0].id], tmp_path)
    assert not found.compared
    overview.draw(found, tmp_path / "class.html", Say())
    assert "were not compared" in (tmp_path / "class.html").read_text("utf-8")


def test_who_shares_a_hand_in_is_no_pair_whatever_else_they_handed_in(
    rows: list[ClassRow],
) -> None:
    """Verdicts on the hand-in of a group are kept in one place; copies have another."""
    ids = [exercise.id for exercise in classes.exercises()]
    asked = ids[0]

    def shared(number: int, origin: str, place: str) -> ClassRow:
        grade = rows[number].grade
        assert grade is not None
        hand_ins = [replace(h, sha256="a" * 64, path="p.py") for h in grade.submission.hand_ins[:1]]
        source = rows[0].grade.submission.hand_ins[0].source if rows[0].grade else ""
        submission = replace(
            grade.submission,
            origin=origin,
            hand_ins=tuple(replace(h, source=source) for h in hand_ins),
        )
        standing = Standing(
            (ExerciseStanding(asked, place, Fraction(1), Fraction(1), Fraction(2)),),
            Fraction(1), Fraction(2),
        )  # fmt: skip
        return replace(rows[number], grade=replace(grade, submission=submission), standing=standing)

    class_ = list(rows)
    class_[0] = shared(0, "class/ada+bob", "journal/ada+bob/p/k.json")
    class_[1] = shared(1, "class/ada+bob, class/bob", "journal/ada+bob/p/k.json")
    class_[2] = shared(2, "class/eve", "journal/eve/p/k.json")
    found = overview.look_at(survey(class_, ids), class_, _course(rows), ids, {}, Texts())
    assert [[side.people for side in pair.sides] for pair in found.pairs] == [[(0, 1), (2,)]]


@pytest.mark.parametrize("text", ["", "[]", '{"schema": "x"}', "\x00", "[" * 100_000])
def test_a_damaged_file_is_named(tmp_path: Path, rows: list[ClassRow], text: str) -> None:
    """With what to do now."""
    (tmp_path / overview.FILE_NAME).write_text(text)
    with pytest.raises(UsageError, match="damaged"):
        overview.look_again(rows, [], tmp_path)


def test_people_who_left_the_class_are_no_longer_in_a_pair(
    tmp_path: Path, rows: list[ClassRow]
) -> None:
    """A stored pair whose people are unknown is passed over."""
    ids = [classes.exercises()[0].id]
    overview.keep(
        overview.look_at(survey(rows, ids), rows, _course(rows), ids, {}, Texts()), tmp_path
    )
    assert json.loads((tmp_path / overview.FILE_NAME).read_text("utf-8"))["pairs"]
    assert overview.look_again(rows[1:], ids, tmp_path).pairs == ()


def test_a_text_that_no_file_can_hold_is_kept_as_escapes(
    tmp_path: Path, rows: list[ClassRow]
) -> None:
    """A lone surrogate in a hand-in ends nothing."""
    ids = [classes.exercises()[0].id]
    found = overview.look_at(survey(rows, ids), rows, _course(rows), ids, {}, Texts())
    pair = found.pairs[0]
    line = replace(pair.sides[0].lines[0], text="\ud800\x1b")
    side = replace(pair.sides[0], lines=(line,))
    overview.keep(replace(found, pairs=(replace(pair, sides=(side, side)),)), tmp_path)
    assert r"\\ud800\\x1b" in (tmp_path / overview.FILE_NAME).read_text("utf-8")
