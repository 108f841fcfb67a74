"""Attempts are counted from what commits hold and in their order, whatever their clocks say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from grader.model import PushRules
from grader.score.attempts import Admission, admission

NOON = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
COMMITS = st.lists(st.tuples(st.sampled_from(["", *"abcdef"]), st.integers(-90, 90)), max_size=30)


def _count(commits: list[tuple[str, int]], asked: str, rules: PushRules) -> Admission:
    """Count over commits that hold a version each, some minutes from noon."""
    versions = [(_version(name), NOON + timedelta(minutes=minutes)) for name, minutes in commits]
    return admission(versions, _version(asked), rules)


def _version(name: str) -> frozenset[str]:
    return frozenset({name} if name else ())


def test_the_version_after_the_last_attempt_is_not_graded() -> None:
    """Nor is any other one, however long somebody waits."""
    rules = PushRules(max_attempts=2)
    commits = [("", 0), ("a", 1), ("a", 2), ("b", 3), ("c", 900)]
    assert _count(commits, "b", rules).is_admitted
    refused = _count(commits, "c", rules)
    assert (refused.is_admitted, refused.is_used_up, refused.ready_at) == (False, True, None)
    assert refused.admitted == (_version("a"), _version("b"))


def test_what_was_handed_out_and_what_was_graded_cost_nothing() -> None:
    """Going back to an earlier version is no new attempt."""
    rules = PushRules(max_attempts=1)
    commits = [("a", 0), ("b", 1), ("a", 2), ("", 3)]
    assert _count(commits, "a", rules).is_admitted
    assert _count(commits, "", rules).is_admitted


def test_a_version_that_came_too_soon_is_graded_with_a_later_commit() -> None:
    """The words name the moment; a commit without any change will do."""
    rules = PushRules(cooldown_minutes=30)
    commits = [("a", 0), ("b", 10)]
    refused = _count(commits, "b", rules)
    assert (refused.is_admitted, refused.is_used_up) == (False, False)
    assert refused.ready_at == NOON + timedelta(minutes=30)
    assert _count([*commits, ("b", 30)], "b", rules).is_admitted


def test_a_clock_that_goes_back_shortens_no_cooldown() -> None:
    """A commit is at least as old as those before it."""
    rules = PushRules(cooldown_minutes=30)
    late = [("a", 0), ("b", 60), ("c", -500)]
    assert not _count(late, "c", rules).is_admitted
    assert _count(late, "c", rules).ready_at == NOON + timedelta(minutes=90)


@given(COMMITS, st.integers(0, 4), st.integers(0, 60))
def test_no_history_earns_more_than_the_rules_allow(
    commits: list[tuple[str, int]], most: int, minutes: int
) -> None:
    """Never more versions than `max`, and what is added later takes no attempt back."""
    rules = PushRules(max_attempts=most, cooldown_minutes=minutes)
    admitted: tuple[frozenset[str], ...] = ()
    for end in range(len(commits) + 1):
        found = _count(commits[:end], "a", rules)
        assert found.admitted[: len(admitted)] == admitted
        assert found.is_admitted == (_version("a") in found.admitted)
        admitted = found.admitted
    assert not most or len(admitted) <= most
    span = max((m for _, m in commits), default=0) - min((m for _, m in commits), default=0)
    assert len(admitted) <= 1 + span // minutes if minutes else True
