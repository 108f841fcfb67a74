"""A fingerprint names one mistake or none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.judge.fingerprints import (
    UNKNOWN,
    Print,
    TaskPrints,
    as_text,
    from_text,
    match,
    same_prints,
    task_prints,
    twins,
)
from grader.model import Confidence

RIGHT = list(range(10))


def prints(**mistakes: list[object]) -> TaskPrints:
    """Fingerprints of ten probes."""
    return task_prints(
        [f"p{n}" for n in range(10)],
        RIGHT,
        {name: (f"label of {name}", "", seen) for name, seen in mistakes.items()},
    )


def named(known: TaskPrints, seen: list[object]) -> tuple[str, Confidence] | None:
    """Name what was seen."""
    found = match(known, known.print_of(seen))
    return None if found is None else (found[0].name, found[1])


def test_the_same_on_every_probe_is_exact() -> None:
    """All ten agree."""
    assert named(prints(a=[-1] * 10), [-1] * 10) == ("a", Confidence.EXACT)


def test_a_right_answer_has_no_name() -> None:
    """Nothing differs from the reference."""
    assert named(prints(a=[-1] * 10), list(RIGHT)) is None


def test_eight_of_ten_telling_probes_are_likely() -> None:
    """What the rest shows is known to nobody."""
    known = prints(a=[-1] * 10, b=[-2] * 10)
    assert named(known, [-1] * 8 + [-7] * 2) == ("a", Confidence.LIKELY)
    assert named(known, [-1] * 7 + [-7] * 3) is None


def test_without_a_lead_there_is_no_name() -> None:
    """Two mistakes that match nearly alike are both left out."""
    known = prints(a=[-1] * 10, b=[-1] * 9 + [-2])
    assert named(known, [-1] * 8 + [-7] * 2) is None


def test_probes_that_tell_nothing_do_not_count() -> None:
    """A mistake seen on one probe only is not named because nine others are right."""
    known = prints(a=[-1, *RIGHT[1:]])
    assert named(known, [-7, *RIGHT[1:]]) is None
    assert named(known, [0, -7, *RIGHT[2:]]) is None


def test_twins_are_told() -> None:
    """One equals an earlier mistake, one the reference."""
    known = prints(a=[-1] * 10, b=[-1] * 10, c=list(RIGHT))
    assert list(twins(known)) == [("b", "a"), ("c", "")]


def test_an_unclear_observation_matches_nothing() -> None:
    """Neither in a submission nor in the catalogue."""
    unclear: object = {"unclear": True}
    known = prints(a=[unclear] * 10)
    assert named(known, [unclear] * 10) is None


@given(st.lists(st.lists(st.integers(0, 3), min_size=10, max_size=10), max_size=5))
def test_fingerprints_survive_their_file(mistakes: list[list[int]]) -> None:
    """What is read is what was written."""
    known = prints(**{f"m{n}": list(seen) for n, seen in enumerate(mistakes)})
    digest, tasks = from_text(as_text({"t": known}, "abc"))
    assert digest == "abc"
    assert same_prints(tasks, {"t": known})


@given(st.lists(st.integers(0, 2), min_size=4, max_size=4).map(tuple))
def test_a_listed_mistake_is_found_unless_it_has_a_twin(own: Print) -> None:
    """Its own fingerprint names it."""
    others = {"x": [0, 0, 1, 2], "y": [1, 1, 0, 0]}
    shown = {name: ("l", "", seen) for name, seen in others.items()} | {"own": ("l", "", list(own))}
    known = task_prints(["a", "b", "c", "d"], [0, 0, 0, 0], shown)
    found = match(known, known.print_of(list(own)))
    if any(own) and list(own) not in others.values():
        assert found == (known.known[2], Confidence.EXACT)
    else:
        assert found is None


def test_what_nobody_shows_is_unknown() -> None:
    """It bears a number of its own, which no mistake has."""
    assert prints(a=[-1] * 10).print_of([-7, *RIGHT[1:]])[0] == UNKNOWN


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "other"}'])
def test_another_file_is_refused(text: str) -> None:
    """Nothing is guessed from what is no fingerprints file."""
    with pytest.raises(ValueError):  # noqa: PT011 - every way of being wrong is one
        from_text(text)
