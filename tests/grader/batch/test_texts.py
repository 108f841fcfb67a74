"""Texts come back as they were, whatever stands in them."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import gettempdir

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch.ahead import each_in_children
from grader.batch.texts import Texts
from grader.model import Course, HandIn, HandInStatus, Submission

MOMENT = datetime(2026, 10, 1, tzinfo=UTC)


def _submission(exercise_id: str, *sources: str) -> Submission:
    hand_ins = tuple(
        HandIn(exercise_id, HandInStatus.SUBMITTED, f"{n}.py", source, sha256=f"{n}")
        for n, source in enumerate(sources)
    )
    return Submission("id", "ada", "class/ada", MOMENT, hand_ins)


def _numbered(number: int, source: str) -> Submission:
    whole = _submission("01-01-demo", source)
    return replace(whole, hand_ins=(replace(whole.hand_ins[0], sha256=f"{number}"),))


@given(
    st.lists(st.text(st.characters(exclude_categories=()), max_size=300), max_size=3),
    st.sampled_from([None, Path(gettempdir()), Path("/nowhere")]),
)
def test_any_text_comes_back(sources: list[str], folder: Path | None) -> None:
    """Halves of surrogates too, which a notebook may hold; with and without room for a file."""
    texts, whole = Texts(folder=folder), _submission("01-01-demo", *sources)
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


def test_a_file_that_is_full_keeps_what_it_has(tmp_path: Path) -> None:
    """What has no room in it stays in memory; nothing is lost, nothing is left in the folder."""
    resource = pytest.importorskip("resource")
    texts = Texts(folder=tmp_path)
    sources = [f"{n}" * 3000 + f"{random.Random(n).random()}" for n in range(9)]
    all_of_it = [_numbered(n, source) for n, source in enumerate(sources)]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (150, before[1]))
    try:
        for one in all_of_it:
            texts.keep(*texts.pack(one))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert [texts.whole(texts.pack(one)[0]) for one in all_of_it] == all_of_it
    assert 0 < len(texts._packed) < len(all_of_it)
    assert list(tmp_path.iterdir()) == []


def test_children_read_beside_each_other(tmp_path: Path) -> None:
    """They share the file with this process, and none moves the place of another."""
    texts = Texts(folder=tmp_path)
    sources = [f"text {n} " * n for n in range(400)]
    all_of_it = [_numbered(n, source) for n, source in enumerate(sources)]
    for one in all_of_it:
        texts.keep(*texts.pack(one))
    bare = [texts.pack(one)[0].hand_ins[0] for one in all_of_it]

    def read(hand_in: HandIn) -> bytes:
        return texts.text_of(hand_in).encode()

    assert [b.decode() for b in each_in_children(read, bare, 4)] == sources
