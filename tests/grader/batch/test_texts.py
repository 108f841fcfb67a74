"""Texts come back as they were, whatever stands in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from grader.batch.texts import Texts
from grader.model import Course, HandIn, HandInStatus, Submission

MOMENT = datetime(2026, 10, 1, tzinfo=UTC)


def _submission(exercise_id: str, *sources: str) -> Submission:
    hand_ins = tuple(
        HandIn(exercise_id, HandInStatus.SUBMITTED, f"{n}.py", source, sha256=f"{n}")
        for n, source in enumerate(sources)
    )
    return Submission("id", "ada", "class/ada", MOMENT, hand_ins)


@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=300), max_size=3))
def test_any_text_comes_back(sources: list[str]) -> None:
    """Halves of surrogates too, which a notebook may hold."""
    texts, whole = Texts(), _submission("01-01-demo", *sources)
    bare, packed = texts.pack(whole)
    assert [hand_in.source for hand_in in bare.hand_ins] == [""] * len(sources)
    texts.keep(bare, packed)
    assert texts.whole(bare) == whole
    assert [texts.text_of(hand_in) for hand_in in bare.hand_ins] == sources


def test_what_was_handed_out_takes_no_room(demo_course: Course) -> None:
    """Two that know the same stubs understand each other."""
    exercise = demo_course.exercises[0]
    text = exercise.stub.read_text("utf-8") + "# mine\n"
    here, there = Texts(demo_course.exercises), Texts(demo_course.exercises)
    bare, packed = there.pack(_submission(exercise.id, text))
    here.keep(bare, packed)
    assert here.text_of(bare.hand_ins[0]) == text
    _, alone = Texts().pack(_submission(exercise.id, text))
    assert len(packed[0]) < len(alone[0]) / 2


def test_a_hand_in_that_nobody_packed_keeps_its_own_text() -> None:
    """As on the node of a cluster, which is sent one whole hand-in after another."""
    whole = _submission("01-01-demo", "x = 1\n")
    assert Texts().whole(whole) == whole


def test_files_of_one_name_are_told_apart_by_their_hash() -> None:
    """Two attempts of one person differ in it alone."""
    texts = Texts()
    first = _submission("01-01-demo", "x = 1\n")
    second = replace(first, hand_ins=(replace(first.hand_ins[0], source="y", sha256="other"),))
    for one in (first, second):
        texts.keep(*texts.pack(one))
    assert [texts.whole(texts.pack(one)[0]) for one in (first, second)] == [first, second]


def test_a_course_whose_stub_is_gone_is_read_all_the_same(
    tmp_path: Path, demo_course: Course
) -> None:
    """It only takes more room."""
    (exercise, *_) = demo_course.exercises
    texts = Texts([replace(exercise, assignment_dir=tmp_path)])
    bare, packed = texts.pack(_submission(exercise.id, "x = 1\n"))
    texts.keep(bare, packed)
    assert texts.text_of(bare.hand_ins[0]) == "x = 1\n"
