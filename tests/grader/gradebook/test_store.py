"""What is written to a gradebook comes back; what counts follows the newest decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.gradebook import Gradebook, Recorded, address_of
from grader.model import AttemptResult, Decisions, HandInStatus, Person, Submission

if TYPE_CHECKING:
    from sqlalchemy import URL

DUE = datetime(2026, 10, 1, tzinfo=UTC)
ADA, BOB = Person("ada", "Ada 洛夫", "a@x", "1", "7"), Person("bob")


def _attempt(person: str, exercise: str, points: Fraction | None, key: str = "k") -> Recorded:
    result = AttemptResult(
        person, exercise, key, HandInStatus.SUBMITTED, DUE, points, Fraction(6)
    )  # fmt: skip
    return Recorded(result, person, Submission(f"{key:0>64}", person, f"class/{person}", DUE, ()))


def _record(gradebook: Gradebook, *attempts: Recorded) -> None:
    gradebook.record([ADA, BOB], attempts, ["x", "y"], "bo")


def test_a_class_comes_back_as_it_was_recorded(url: URL) -> None:
    """People, attempts and points, exactly; an open one stays open."""
    given_attempts = (
        _attempt("ada", "x", Fraction(5, 2)), _attempt("ada", "x", None, "l"),
        _attempt("bob", "y", Fraction(1, 8)),
    )  # fmt: skip
    with Gradebook(url, create=True) as gradebook:
        _record(gradebook, *given_attempts)
    with Gradebook(url) as gradebook:
        found = gradebook.snapshot()
    assert found.people == {"ada": ADA, "bob": BOB}
    assert found.attempts == tuple(recorded.result for recorded in given_attempts)
    assert found.decisions == Decisions()


def test_the_same_again_changes_nothing(url: URL) -> None:
    """Neither what counts nor the audit log; other points are one line more."""
    with Gradebook(url, create=True) as gradebook:
        _record(gradebook, _attempt("ada", "x", Fraction(3)))
        before = gradebook.snapshot(), gradebook.history()
        _record(gradebook, _attempt("ada", "x", Fraction(3)))
        assert (gradebook.snapshot(), gradebook.history()) == before
        _record(gradebook, _attempt("ada", "x", None))
        _record(gradebook, _attempt("ada", "x", Fraction(4)))
        said = [(event.action, event.before, event.after) for event in gradebook.history()]
    assert said == [
        ("graded", "none", "3 of 6"),
        ("graded", "3 of 6", "open of 6"),
        ("graded", "open of 6", "4 of 6"),
    ]


def test_an_attempt_that_is_gone_counts_no_more_and_stays_on_record(url: URL) -> None:
    """Only of the exercises and people that were asked for; it may come back."""
    first, second = _attempt("ada", "x", Fraction(3)), _attempt("ada", "x", Fraction(4), "l")
    other = _attempt("bob", "x", Fraction(1))
    with Gradebook(url, create=True) as gradebook:
        _record(gradebook, first, other)
        gradebook.record([ADA], [second], ["x"], "bo")
        assert gradebook.snapshot().attempts == (second.result, other.result)
        gradebook.record([ADA], [], ["y"], "bo")
        assert gradebook.snapshot().attempts == (second.result, other.result)
        _record(gradebook, first, other)
        assert gradebook.snapshot().attempts == (first.result, other.result)
        assert len(gradebook.history(["ada"])) == 2


def test_people_are_kept_up_to_date(url: URL) -> None:
    """A new name on the roster replaces the old one."""
    married = replace(ADA, name="Ada Byron")
    with Gradebook(url, create=True) as gradebook:
        _record(gradebook)
        gradebook.record([married], [], [], "bo")
        assert gradebook.snapshot().people == {"ada": married, "bob": BOB}


def test_the_newest_decision_is_in_force(url: URL) -> None:
    """Taking one back is another line, and nothing is forgotten."""
    later = DUE.astimezone(timezone(timedelta(hours=2)))
    with Gradebook(url, create=True) as gradebook:
        _record(gradebook)
        gradebook.override("ada", "x", Fraction(4), "bo", "typo")
        gradebook.override("ada", "x", Fraction(9, 2), "cy", "second look")
        gradebook.override("bob", "x", Fraction(1), "cy", "copied")
        gradebook.extend("ada", "y", later, "bo", "ill")
        in_force = gradebook.snapshot().decisions
        gradebook.override("ada", "x", None, "bo", "it was right")
        gradebook.extend("ada", "y", None, "bo", "well again")
        after = gradebook.snapshot().decisions
        events = gradebook.history(["ada"])
    assert in_force == Decisions(
        {("ada", "x"): Fraction(9, 2), ("bob", "x"): Fraction(1)}, {("ada", "y"): DUE}
    )
    assert after == Decisions({("bob", "x"): Fraction(1)}, {})
    assert [(e.author, e.action, e.before, e.after, e.reason) for e in events] == [
        ("bo", "override", "none", "4", "typo"),
        ("cy", "override", "4", "4.5", "second look"),
        ("bo", "extension", "none", "2026-10-01T00:00:00+00:00", "ill"),
        ("bo", "override", "4.5", "none", "it was right"),
        ("bo", "extension", "2026-10-01T00:00:00+00:00", "none", "well again"),
    ]  # fmt: skip
    assert all(first.at <= second.at for first, second in pairwise(events))


def test_history_is_of_whom_and_what_was_asked_for(url: URL) -> None:
    """By person, by exercise, or all of it."""
    with Gradebook(url, create=True) as gradebook:
        _record(gradebook, _attempt("ada", "x", Fraction(1)), _attempt("bob", "y", Fraction(1)))
        asked: list[tuple[Sequence[str], Sequence[str], int]] = [
            ((), (), 2), (["ada"], (), 1), ((), ["y"], 1), (["ada"], ["y"], 0),
        ]  # fmt: skip
        for people, exercises, count in asked:
            assert len(gradebook.history(people, exercises)) == count


def test_a_decision_on_a_stranger_is_refused(url: URL) -> None:
    """A typing mistake does not become a row; nothing is logged."""
    with Gradebook(url, create=True) as gradebook:
        _record(gradebook)
        with pytest.raises(UsageError, match="nobody called eve"):
            gradebook.override("eve", "x", Fraction(1), "bo", "typo")
        assert gradebook.history() == ()


def test_a_failing_change_leaves_nothing_behind(url: URL) -> None:
    """Points without a decimal form are refused, and so is all that came with them."""
    with Gradebook(url, create=True) as gradebook:
        with pytest.raises(Exception, match="cannot be written as a decimal"):
            _record(gradebook, _attempt("ada", "x", Fraction(1, 3)))
        found = gradebook.snapshot()
        assert (dict(found.people), found.attempts, gradebook.history()) == ({}, (), ())


_POINTS = st.none() | st.integers(0, 20_000).map(lambda n: Fraction(n, 1000))
_STEP = st.tuples(st.sampled_from(["ada", "bob"]), st.sampled_from(["x", "y"]), _POINTS)


@settings(max_examples=10)
@given(steps=st.lists(_STEP, max_size=5))
def test_decisions_are_what_a_dictionary_would_hold(
    steps: list[tuple[str, str, Fraction | None]],
) -> None:
    """After any series of decisions; the log tells each with what was in force before."""
    known: dict[tuple[str, str], Fraction] = {}
    with (
        TemporaryDirectory() as folder,
        Gradebook(address_of(Path(folder)), create=True) as gradebook,
    ):
        _record(gradebook)
        for person, exercise, points in steps:
            was = known.get((person, exercise))
            event = gradebook.override(person, exercise, points, "bo", "why")
            assert (None if event.before == "none" else Fraction(event.before)) == was
            known.pop((person, exercise), None)
            if points is not None:
                known[person, exercise] = points
        assert gradebook.snapshot().decisions.overrides == known
        assert len(gradebook.history()) == len(steps)
