"""What counts: attempts, curve, lateness, overrides and dropped exercises, in this order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.model import (
    AttemptResult,
    Course,
    Curve,
    CurveKind,
    Decisions,
    Exercise,
    ExerciseStanding,
    HandInStatus,
    LateRule,
    Limits,
    Rules,
    Standing,
)
from grader.score import standings

DUE = datetime(2026, 10, 1, tzinfo=UTC)
NAMES = ("01-01-a", "01-02-b", "01-03-c")
TEN = Fraction(10)


def course(rules: Rules = Rules(), **due: int) -> Course:  # noqa: B008 - it is immutable
    """Three exercises of ten points, due on days counted from the first; a alone by default."""
    exercises = tuple(
        Exercise(n, n, "1.1", n[-1], TEN, (), Limits(), Path(), Path(), Path()) for n in NAMES
    )
    days = due or {"a": 0}
    dates = {n: DUE + timedelta(days=days[n[-1]]) for n in NAMES if n[-1] in days}
    return Course(Path(), "Course", exercises, due=dates, rules=rules)


def attempt(
    points: float | None = 8,
    *,
    late: float = 0,
    name: str = "a",
    person: str = "ada",
    key: str = "k",
    status: HandInStatus = HandInStatus.SUBMITTED,
) -> AttemptResult:
    """An attempt, so many days after the first due date."""
    worth = None if points is None else Fraction(str(points))
    received = DUE + timedelta(days=late)
    full = next(n for n in NAMES if n[-1] == name)
    return AttemptResult(person, full, key, status, received, worth, TEN)


def of(
    found: Course,
    *attempts: AttemptResult,
    decisions: Decisions = Decisions(),  # noqa: B008
) -> Standing:
    """Ada's standing."""
    return standings(found, attempts, decisions)["ada"]


def first(found: Standing) -> ExerciseStanding:
    """Her first exercise."""
    return found.exercises[0]


TEN_A_DAY = Rules(LateRule(percent_per_day=TEN, cap_percent=Fraction(50)))


def test_without_rules_raw_points_count() -> None:
    """And the total is their sum."""
    found = of(course(), attempt(8, late=3), attempt(4, name="b"))
    assert [e.points for e in found.exercises] == [8, 4]
    assert (found.points, found.max_points) == (12, 30)


def test_lateness_takes_its_part_from_the_time_of_the_hand_in() -> None:
    """Two days begun, a fifth of the points; the raw points stand beside."""
    found = first(of(course(TEN_A_DAY), attempt(8, late=1.5)))
    assert (found.raw, found.points, found.days_late) == (8, Fraction(64, 10), 2)


def test_an_extension_moves_the_due_date_of_one_person() -> None:
    """Only theirs, and only of this exercise."""
    decisions = Decisions(extensions={("ada", NAMES[0]): DUE + timedelta(days=1)})
    attempts = [attempt(8, late=2), attempt(8, late=2, person="bob")]
    found = standings(course(TEN_A_DAY), attempts, decisions)
    ada, bob = first(found["ada"]), first(found["bob"])
    assert (ada.points, ada.days_late, ada.is_extended) == (Fraction(72, 10), 1, True)
    assert (bob.points, bob.days_late, bob.is_extended) == (Fraction(64, 10), 2, False)


def test_grace_days_are_spent_in_the_order_of_due_dates() -> None:
    """Three of them: two on what was due first, one on what was due next."""
    rules = Rules(LateRule(grace_days=3, percent_per_day=TEN))
    found = course(rules, a=5, b=0, c=9)
    standing = of(found, attempt(10, late=7), attempt(10, late=2, name="b"))
    a, b = standing.exercises
    assert (b.days_late, b.grace_days, b.points) == (2, 2, 10)
    assert (a.days_late, a.grace_days, a.points) == (2, 1, 9)


def test_the_best_attempt_is_the_best_after_lateness() -> None:
    """A late nine is worth less than an eight in time; of equals the later one counts."""
    early, late = attempt(8, key="early"), attempt(9, late=2, key="late")
    assert first(of(course(TEN_A_DAY), early, late)).key == "early"
    assert first(of(course(), early, late)).key == "late"
    assert first(of(course(), attempt(8, late=1, key="same"), early)).key == "same"


def test_an_attempt_in_time_spares_grace_days() -> None:
    """Where both are worth the same."""
    rules = Rules(LateRule(grace_days=3, percent_per_day=TEN))
    found = first(of(course(rules), attempt(8, key="early"), attempt(8, late=1, key="late")))
    assert (found.key, found.grace_days) == ("early", 0)


def test_a_fault_of_ours_leaves_it_open() -> None:
    """Unless another attempt has everything, or a person decides."""
    fault = attempt(None, key="fault")
    assert of(course(), fault, attempt(9)).points is None
    assert of(course(), fault, attempt(10)).points == 10
    decided = of(course(), fault, decisions=Decisions({("ada", NAMES[0]): Fraction(7)}))
    assert (first(decided).raw, decided.points) == (None, 7)


def test_an_override_is_the_last_word() -> None:
    """Neither curve nor lateness touches it; the raw points stay beside."""
    rules = replace(TEN_A_DAY, curves={NAMES[0]: Curve(CurveKind.ADD, Fraction(1))})
    decisions = Decisions({("ada", NAMES[0]): Fraction(3, 2)})
    found = first(of(course(rules), attempt(8, late=3), decisions=decisions))
    assert (found.raw, found.points, found.is_overridden) == (8, Fraction(3, 2), True)


def test_an_override_needs_no_hand_in() -> None:
    """What was handed in on paper is worth what a person says."""
    found = of(course(), decisions=Decisions({("ada", NAMES[1]): Fraction(6)}))
    assert [e.exercise_id for e in found.exercises] == [NAMES[1]]
    assert (found.points, found.max_points) == (6, 30)


def test_the_total_of_everybody_is_out_of_the_same_exercises() -> None:
    """Also of whom one alone was decided on; what was left out is out of it, too."""
    decisions = Decisions({("bob", NAMES[1]): Fraction(17, 2)})
    attempts = [attempt(8), attempt(0, name="b"), attempt(5, name="c")]
    found = standings(course(), attempts, decisions)
    assert (found["ada"].points, found["ada"].max_points) == (13, 30)
    assert (found["bob"].points, found["bob"].max_points) == (Fraction(17, 2), 30)
    found = standings(course(Rules(drop_lowest=1)), attempts, decisions)
    assert (found["ada"].points, found["ada"].max_points) == (13, 20)
    assert (found["bob"].points, found["bob"].max_points) == (Fraction(17, 2), 20)
    assert not first(found["bob"]).is_dropped
    two = standings(course(), attempts, decisions, NAMES[1:])["bob"]
    assert (two.points, two.max_points) == (Fraction(17, 2), 20)


def test_an_exercise_is_out_of_what_was_graded() -> None:
    """Without training that is less than declared, also for who handed in nothing."""
    decisions = Decisions({("bob", NAMES[1]): Fraction(3)})
    attempts = [replace(attempt(4), max_points=Fraction(6)), attempt(4, name="b")]
    found = standings(course(), attempts, decisions, NAMES[:2])
    assert (found["ada"].max_points, found["bob"].max_points) == (16, 16)


def test_an_override_takes_no_grace_days() -> None:
    """They are left for what is due later, where lateness still matters."""
    rules = Rules(LateRule(grace_days=2, percent_per_day=TEN))
    attempts = [attempt(8, late=2), attempt(10, late=3, name="b")]
    decisions = Decisions({("ada", NAMES[0]): Fraction(5)})
    a, b = of(course(rules, a=0, b=1), *attempts, decisions=decisions).exercises
    assert (a.days_late, a.grace_days, a.points) == (2, 0, 5)
    assert (b.days_late, b.grace_days, b.points) == (2, 2, 10)


def test_grace_days_that_the_cap_would_waste_are_left_for_later() -> None:
    """Ten days late is half the points with them and without."""
    rules = Rules(LateRule(grace_days=5, percent_per_day=TEN, cap_percent=Fraction(50)))
    a, b = of(
        course(rules, a=0, b=20), attempt(10, late=10), attempt(10, late=23, name="b")
    ).exercises
    assert (a.days_late, a.grace_days, a.points) == (10, 0, 5)
    assert (b.days_late, b.grace_days, b.points) == (3, 3, 10)


def test_a_curve_lifts_what_was_handed_in_and_nothing_else() -> None:
    """The best of the whole class sets the scale; lateness comes after it."""
    rules = replace(TEN_A_DAY, curves={NAMES[0]: Curve(CurveKind.SCALE, TEN)})
    missing = attempt(0, person="bob", status=HandInStatus.NOT_SUBMITTED)
    attempts = [attempt(4, late=1), attempt(8, person="zoe"), missing]
    found = standings(course(rules), attempts)
    assert [first(found[who]).points for who in ("ada", "zoe", "bob")] == [Fraction(45, 10), 10, 0]
    added = course(Rules(curves={NAMES[0]: Curve(CurveKind.ADD, TEN)}))
    assert first(standings(added, [missing])["bob"]).points == 0


def test_what_was_not_handed_in_is_not_late() -> None:
    """What cannot be read is, and spends no grace."""
    missing = attempt(0, late=9, status=HandInStatus.NOT_SUBMITTED)
    broken = attempt(0, late=9, status=HandInStatus.UNREADABLE)
    rules = Rules(LateRule(grace_days=5, percent_per_day=TEN))
    assert first(of(course(rules), missing)).days_late == 0
    found = first(of(course(rules), broken))
    assert (found.days_late, found.grace_days) == (9, 0)


def test_the_lowest_is_dropped_by_its_share() -> None:
    """The total and its maximum are those of the others; the points are still told."""
    found = of(course(Rules(drop_lowest=1)), attempt(8), attempt(3, name="b"), attempt(5, name="c"))
    assert [e.is_dropped for e in found.exercises] == [False, True, False]
    assert (found.points, found.max_points) == (13, 20)


def test_one_exercise_is_always_kept_and_an_open_total_drops_nothing() -> None:
    """A course of one exercise still has a total."""
    many = course(Rules(drop_lowest=5))
    assert of(many, attempt(8), attempt(3, name="b")).points == 8
    assert of(many, attempt(8)).points == 8
    found = of(many, attempt(8), attempt(None, name="b"))
    assert (found.points, found.max_points) == (None, 30)


def test_totals_are_of_the_exercises_asked_for() -> None:
    """Grace days are spent on the others all the same."""
    rules = Rules(LateRule(grace_days=1, percent_per_day=TEN))
    attempts = [attempt(10, late=1), attempt(10, late=1, name="b")]
    found = standings(course(rules, a=0, b=0), attempts, exercises=[NAMES[1]])["ada"]
    assert (found.points, found.max_points) == (9, 10)


@st.composite
def _classes(draw: st.DrawFn) -> tuple[Course, Sequence[AttemptResult], Decisions]:
    thousandths = st.integers(0, 10_000).map(lambda n: Fraction(n, 1000))
    percent = st.integers(0, 100_000).map(lambda n: Fraction(n, 1000))
    late = st.builds(LateRule, st.integers(0, 9), st.none() | st.integers(0, 9), percent, percent)
    curve = st.builds(Curve, st.sampled_from(CurveKind), thousandths.filter(bool))
    curves: st.SearchStrategy[Mapping[str, Curve]] = st.dictionaries(st.sampled_from(NAMES), curve)
    rules = draw(st.builds(Rules, late, curves, st.integers(0, 4)))
    people = st.sampled_from(["ada", "bob"])
    days = {name: draw(st.integers(0, 9)) for name in "abc"}
    one = st.builds(
        AttemptResult,
        people,
        st.sampled_from(NAMES),
        st.text("xyz", min_size=1, max_size=3),
        st.sampled_from(HandInStatus),
        st.integers(-99, 999).map(lambda hours: DUE + timedelta(hours=hours)),
        st.none() | thousandths,
        st.just(TEN),
    )
    pairs = st.tuples(people, st.sampled_from(NAMES))
    moments = st.integers(0, 999).map(lambda hours: DUE + timedelta(hours=hours))
    decisions = st.builds(
        Decisions, st.dictionaries(pairs, thousandths), st.dictionaries(pairs, moments)
    )
    return course(rules, **days), draw(st.lists(one, max_size=12)), draw(decisions)


@settings(suppress_health_check=[HealthCheck.too_slow])  # by the clock
@given(_classes())
def test_whatever_the_rules_say_points_are_shown_exactly_and_add_up(
    case: tuple[Course, Sequence[AttemptResult], Decisions],
) -> None:
    """Within their bounds, in thousandths, with grace days that nobody overdraws."""
    found_course, attempts, decisions = case
    for person, standing in standings(found_course, attempts, decisions).items():
        kept = [e for e in standing.exercises if not e.is_dropped]
        rules = found_course.rules
        assert sum(e.grace_days for e in standing.exercises) <= found_course.rules.late.grace_days
        for exercise in standing.exercises:
            if exercise.points is not None:
                assert 0 <= exercise.points <= exercise.max_points
                assert (exercise.points * 1000).denominator == 1
            override = decisions.overrides.get((person, exercise.exercise_id))
            assert exercise.is_overridden == (override is not None)
            assert not (exercise.is_overridden and exercise.grace_days)
        if standing.points is None:
            assert any(e.points is None for e in kept)
            assert standing.max_points == len(NAMES) * TEN
        else:
            assert standing.points == sum(e.points or 0 for e in kept)
            assert standing.max_points == max(len(NAMES) - rules.drop_lowest, 1) * TEN


@settings(suppress_health_check=[HealthCheck.too_slow])  # by the clock
@given(_classes(), st.randoms(use_true_random=False))
def test_the_order_of_attempts_changes_nothing(
    case: tuple[Course, Sequence[AttemptResult], Decisions], random: Random
) -> None:
    """Nor does who stands first in a database."""
    found_course, attempts, decisions = case
    unique = list({(a.person, a.exercise_id, a.key): a for a in attempts}.values())
    shuffled = list(unique)
    random.shuffle(shuffled)
    assert standings(found_course, shuffled, decisions) == standings(
        found_course, unique, decisions
    )
