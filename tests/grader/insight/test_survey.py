"""What a class tells: counts, doubts, concerns, shared mistakes; nothing of a fault of ours."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from grader.insight import Overview, survey
from grader.insight.concerns import Kind
from grader.insight.facts import open_numbers
from grader.insight.items import Doubt, Item
from grader.model import (
    ClassRow,
    Confidence,
    Diagnosis,
    HandIn,
    HandInStatus,
    Outcome,
    Person,
    TrainingRecord,
    Verdict,
)
from grader.score import raw_standing
from tests import classes
from tests.grader.report import grades

NAME = "03-06-softmax"
PASSED, FAILED, FAULT = Outcome.PASSED, Outcome.FAILED, Outcome.GRADER_FAULT


def row(
    number: int, outcomes: list[Outcome], sha256: str = "", said: str = "", **changes: object
) -> ClassRow:
    """Somebody with these outcomes of the first tests; the rest passed."""
    verdicts = grades.all_passed()
    for place, outcome in enumerate(outcomes):
        message = "" if outcome is PASSED else said or f"It is {number}, not 0.5."
        verdicts[place] = replace(
            verdicts[place], outcome=outcome, message=message, comparison=None, **changes
        )  # type: ignore[arg-type]
    found = grades.hand_in(sha256=sha256 or f"{number:064}")
    return ClassRow(Person(f"p{number}"), grades.grade(verdicts, found=found, owner=f"p{number}"))


def look(rows: list[ClassRow]) -> Overview:
    """The class of these."""
    return survey(rows, [NAME])


def items(rows: list[ClassRow]) -> tuple[Item, ...]:
    """The tests of their only exercise."""
    return look(rows).exercises[0].items


def test_a_fault_of_ours_is_in_no_figure() -> None:
    """Its test counts for nobody, and its open score is in neither quartiles nor correlations."""
    rows = [row(n, [PASSED if n % 2 else FAILED]) for n in range(8)]
    before = look(rows)
    after = look([*rows, row(8, [FAULT]), row(9, [FAULT, FAILED])])
    first = after.exercises[0].items[0]
    assert (first.count, first.difficulty) == (8, Fraction(1, 2))
    assert first.mean_points == before.exercises[0].items[0].mean_points
    assert after.scores == before.scores
    assert after.spread == before.spread
    assert after.exercises[0].spread == before.exercises[0].spread
    assert after.exercises[0].alpha == before.exercises[0].alpha
    assert after.exercises[0].open == 2
    assert first.outcomes[FAULT] == 0


def test_what_was_not_handed_in_is_missing_and_not_wrong() -> None:
    """Difficulty is over hand-ins that were judged."""
    nothing = grades.grade(grades.not_run(), found=HandIn(NAME, HandInStatus.NOT_SUBMITTED))
    rows = [row(0, []), row(1, []), ClassRow(Person("x"), nothing), ClassRow(Person("y"), None)]
    found = look(rows).exercises[0]
    assert (found.handed_in, found.missing, found.items[0].difficulty) == (2, 2, 1)
    assert len(look(rows).scores) == 2


def test_nobody_passes_is_a_doubt_from_five_people_on() -> None:
    """Of four it may be chance."""
    assert items([row(n, [FAILED]) for n in range(4)])[0].doubts == ()
    assert items([row(n, [FAILED]) for n in range(5)])[0].doubts == (Doubt.NOBODY,)


def test_a_test_that_strong_students_fail_is_a_doubt() -> None:
    """Whoever passes the others fails it: its discrimination is below zero."""
    rows = [
        row(n, [FAILED, PASSED, PASSED] if n % 2 else [PASSED, FAILED, FAILED]) for n in range(20)
    ]
    first = items(rows)[0]
    assert first.discrimination is not None
    assert first.discrimination < -0.9
    assert Doubt.NEGATIVE in first.doubts
    assert Doubt.NEGATIVE not in items(rows[:10])[0].doubts


def test_the_same_bytes_with_two_outcomes_are_flaky() -> None:
    """Files that only one person handed in tell nothing of that."""
    same = [row(n, [PASSED if n else FAILED], sha256="ab" * 32) for n in range(3)]
    first, second, *_ = items([*same, row(5, [FAILED])])
    assert (first.same_bytes, first.flaky, second.flaky) == (1, 1, 0)
    assert Doubt.FLAKY in first.doubts
    assert items([row(n, [FAILED]) for n in range(4)])[0].same_bytes == 0


def test_equal_mistakes_differ_in_their_numbers() -> None:
    """Inputs are drawn anew for everybody, so numbers are left open."""
    assert open_numbers("differs in 5 of 1e-3 at -0.25\nmore") == "differs in # of # at #"
    assert open_numbers("softmax2d(X) of conv1 is nan") == "softmax2d(X) of conv1 is nan"
    (cluster,) = items([row(n, [FAILED]) for n in range(3)])[0].clusters
    assert cluster.people == (0, 1, 2)
    assert cluster.is_candidate


def test_late_is_late_however_much_time_there_was() -> None:
    """Who had less time because other tests took it ran out of it like the others."""
    late = "Your code did not finish within 10 seconds."
    less = "Your code did not finish within 0.3 seconds; that is less than usual, because it was."
    rows = [row(n, [Outcome.TIMEOUT], said=less if n else late) for n in range(3)]
    (cluster,) = items(rows)[0].clusters
    assert cluster.people == (0, 1, 2)
    assert cluster.look.message == "Your code did not finish within # seconds."


def test_a_known_mistake_is_no_candidate_for_the_catalogue() -> None:
    """Three alike are one unless the diagnosis has a name for them; two are none."""
    rows = [row(n, [FAILED, FAILED]) for n in range(3)]
    (candidate,) = look(rows).candidates
    assert (candidate.exercise_id, candidate.tests) == (NAME, (0, 1))
    assert look(rows[:2]).candidates == ()
    label = Diagnosis("softmax", "sums over columns", "", Confidence.EXACT)
    named = []
    for one in rows:
        assert one.grade is not None
        known = replace(one.grade.exercises[0], diagnoses=(label,))
        named.append(replace(one, grade=replace(one.grade, exercises=(known,))))
    assert look(named).candidates == ()
    assert items(named)[0].clusters[0].look.label == "sums over columns"


def _kinds(*rows: ClassRow) -> dict[Kind, list[int]]:
    return {c.kind: [case.person for case in c.cases] for c in look(list(rows)).concerns}


def test_concerns_name_who_is_behind_them() -> None:
    """Our faults first, then what cannot be read, limits, and who is missing."""
    rows = [
        row(0, []),
        row(1, [FAULT]),
        row(2, [Outcome.TIMEOUT, Outcome.MEMORY]),
        ClassRow(Person("a"), None, ("unreadable",)),
        ClassRow(Person("b"), None, ("not_submitted",)),
        replace(row(5, []), flags=("not_on_roster",)),
    ]
    found = _kinds(*rows)
    assert found == {
        Kind.FAULT: [1],
        Kind.UNREADABLE: [3],
        Kind.TIMEOUT: [2],
        Kind.NOT_ON_ROSTER: [5],
        Kind.NOT_SUBMITTED: [4],
    }
    assert list(found) == sorted(found, key=list(Kind).index)


def test_what_counts_is_the_score_of_a_person() -> None:
    """Lateness and curves are in it; what the tests earned is in their own figures."""
    found = row(1, [PASSED])
    assert found.grade is not None
    late = replace(raw_standing(found.grade), points=Fraction(7))
    assert look([replace(found, standing=late)]).people[0].score == 7
    assert look([found]).people[0].score == 12


def test_near_is_a_stated_distance() -> None:
    """One per cent of a training threshold; two per cent of the points around a pass mark."""

    def trained(value: float, *, suspicious: bool = False) -> ClassRow:
        record = TrainingRecord(
            "r", "", "accuracy", "d", "", "cpu", "", 1,
            value=value, threshold=0.8, suspicious=suspicious,
        )  # fmt: skip
        verdicts = [Verdict(grades.ROWS, PASSED, training=record)]
        return ClassRow(Person("x"), grades.grade(verdicts))

    assert list(_kinds(trained(0.8079))) == [Kind.NEAR_THRESHOLD]
    assert list(_kinds(trained(0.7921))) == [Kind.NEAR_THRESHOLD]
    assert list(_kinds(trained(0.8081))) == []
    assert list(_kinds(trained(0.99, suspicious=True))) == [Kind.SUSPICIOUS]

    def scored(score: str) -> ClassRow:
        grade = grades.grade(
            grades.all_passed(), asked=grades.exercise(pass_fraction=Fraction(1, 2))
        )
        only = replace(grade.exercises[0], score=Fraction(score), max_score=Fraction(12))
        return ClassRow(Person("x"), replace(grade, exercises=(only,)))

    assert list(_kinds(scored("6.2"))) == [Kind.NEAR_MARK]
    assert list(_kinds(scored("5.8"))) == [Kind.NEAR_MARK]
    assert list(_kinds(scored("6.3"))) == []
    assert list(_kinds(scored("12"))) == []


def test_everybody_is_counted_once() -> None:
    """Each hand-in is passed, not passed, or not judged; each person handed in, or did not."""
    rows = classes.make(40)
    found = survey(iter(rows), [e.id for e in classes.exercises()])
    assert len(found.people) == 40
    for exercise in found.exercises:
        assert exercise.handed_in + exercise.missing + exercise.unreadable == 40
        for item in exercise.items:
            assert len(item.passed) + len(item.not_passed) == item.count <= exercise.handed_in
            assert sum(item.outcomes.values()) == item.count
