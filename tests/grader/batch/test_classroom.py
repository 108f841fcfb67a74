"""What a class is worth: verdicts that are kept, the rules of the course, files that say so."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from grader import score
from grader.batch import ahead, pages
from grader.batch.book import read_rows, standing_at
from grader.batch.classroom import Classroom
from grader.batch.find import find_submissions
from grader.batch.intake import Policy
from grader.batch.journal import Journal
from grader.batch.judging import Finished, Job
from grader.batch.keys import exercise_digest, verdict_key
from grader.batch.people import gather
from grader.batch.refresh import refresh
from grader.batch.texts import Texts
from grader.batch.work import Work
from grader.errors import UsageError
from grader.export.gradebook import gradebook_text
from grader.export.marks import marks
from grader.gradebook import Gradebook, address_of
from grader.model import (
    ClassRow,
    Course,
    Curve,
    CurveKind,
    Grade,
    HandIn,
    Isolation,
    LateRule,
    Outcome,
    Person,
    Rules,
    TestCase,
    TrainingMode,
    Verdict,
    Visibility,
)
from grader.report import Say
from tests.grader.batch.conftest import read
from tests.grader.conftest import RIGHT, write_course

DUE = datetime(2026, 10, 1, tzinfo=UTC)
DAY_S = 24 * 3600
DEMO, MORE = "01-01-demo", "01-02-more"
TEN_A_DAY = LateRule(percent_per_day=Fraction(10))


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course of two exercises of six points, the first of which is due."""
    (tmp_path / "course").mkdir()
    return replace(write_course(tmp_path / "course"), due={DEMO: DUE})


def _hand_in(folder: Path, days_late: float, text: str = RIGHT) -> None:
    folder.mkdir(parents=True)
    for module in ("demo", "more"):
        path = folder / f"{module}.py"
        path.write_text(text, "utf-8")
        moment_s = DUE.timestamp() + days_late * DAY_S
        os.utime(path, (moment_s, moment_s))


def _judged(job: Job) -> Grade:
    """Stand in for the judge: `# 4` in the first line of a hand-in earns four points."""
    hand_in = job.whole.hand_ins[0]
    earned = Fraction(hand_in.source.split("\n", 1)[0].removeprefix("# ") or 0)
    worth = (("yes", Outcome.PASSED, earned), ("no", Outcome.FAILED, 6 - earned))
    verdicts = [
        Verdict(TestCase(f"t.py::{n}", job.exercise.id, "double", "T.", p, Visibility.PUBLIC), o)
        for n, o, p in worth
    ]
    grade = score.grade_exercise(job.exercise, hand_in, verdicts, seed=1, duration_s=0.5)
    return score.grade_submission(
        job.submission, [grade], isolation=Isolation(3), environment={}, graded_at=DUE
    )


def _grade(
    course: Course,
    out: Path,
    policy: Policy = Policy.LATEST,
    *,
    judged: bool = True,
    roster: Sequence[Person] = (),
) -> tuple[ClassRow, ...]:
    """Grade the class beside the course, and say what is told about everybody."""
    root = out.parent / "class"
    with Journal(out) as journal, Gradebook(address_of(out), create=True) as gradebook:
        texts = Texts(course.exercises)
        found = read(find_submissions(root, course.exercises), course, texts)
        extensions = gradebook.snapshot().decisions.extensions
        members, _ = gather(found, roster, course, course.exercises, policy, extensions)
        digests = {e.id: exercise_digest(e, TrainingMode.JUDGE) for e in course.exercises}
        work = Work(journal, course.exercises, members, texts, digests, 3)
        classroom = Classroom(journal, course, course.exercises, [], work, Say())
        classroom.begin()
        tasks = work.tasks()
        assert judged or not tasks
        for jobs in tasks:
            for job in jobs:
                journal.keep(job.path, _judged(job))
            classroom.settle(Finished(jobs, {}))
        classroom.end(gradebook)
        return classroom.rows


def _decide(out: Path, person: str, exercise: str, worth: Fraction | datetime | None) -> None:
    with Gradebook(address_of(out)) as gradebook:
        if isinstance(worth, datetime):
            gradebook.extend(person, exercise, worth, "bo", "ill")
        else:
            gradebook.override(person, exercise, worth, "bo", "a second look")


def _refresh(course: Course, out: Path) -> tuple[ClassRow, ...]:
    with Journal(out) as journal, Gradebook(address_of(out)) as gradebook:
        refresh(journal, course, gradebook.snapshot(), Say())
    return read_rows(out)[1]


def _points(row: ClassRow) -> list[Fraction | None]:
    assert row.standing is not None
    return [exercise.points for exercise in row.standing.exercises]


def test_lateness_and_curves_count_and_raw_points_stay(tmp_path: Path, course: Course) -> None:
    """From the file times of the hand-ins to the gradebook; exports read the same back."""
    _hand_in(tmp_path / "class/ada", 1.5, "# 5\n")
    _hand_in(tmp_path / "class/bob", -1, "# 4\n")
    curves = {MORE: Curve(CurveKind.ADD, Fraction(1, 2))}
    ruled = replace(course, rules=Rules(TEN_A_DAY, curves))
    rows = _grade(ruled, tmp_path / "out")
    ada, bob = (row.standing for row in rows)
    assert ada is not None
    assert bob is not None
    assert [(e.raw, e.points, e.days_late) for e in ada.exercises] == [
        (5, 4, 2), (5, Fraction(11, 2), 0),
    ]  # fmt: skip
    assert (ada.points, bob.points) == (Fraction(19, 2), Fraction(17, 2))
    assert "late:01-01-demo" in rows[0].flags
    names, again = read_rows(tmp_path / "out")
    assert [(r.person, r.flags, r.standing) for r in again] == [
        (r.person, r.flags, r.standing) for r in rows
    ]
    assert gradebook_text(again, names) == gradebook_text(rows, names)
    assert "\nada,,,,4,5.5,9.5,12,late:01-01-demo,5,5\n" in gradebook_text(rows, names)


def test_changed_rules_judge_nothing_again(tmp_path: Path, course: Course) -> None:
    """The verdicts stand; the same rules twice make the same gradebook, byte for byte."""
    _hand_in(tmp_path / "class/ada", 1.5, "# 5\n")
    out = tmp_path / "out"
    _grade(course, out)
    kept = {path: path.stat().st_mtime_ns for path in (out / "journal").rglob("*.json")}
    ruled = replace(course, rules=Rules(TEN_A_DAY, drop_lowest=1))
    (row,) = _grade(ruled, out, judged=False)
    assert row.standing is not None
    assert (row.standing.points, row.standing.max_points) == (5, 6)
    assert "dropped:01-01-demo" in row.flags
    first = (out / "class.json").read_bytes()
    page = out / "results/ada/report.html"
    assert "is left out of the total" in page.read_text("utf-8")
    written = page.stat()
    _grade(ruled, out, judged=False)
    assert (out / "class.json").read_bytes() == first
    assert page.stat() == written
    assert kept == {path: path.stat().st_mtime_ns for path in (out / "journal").rglob("*.json")}


def test_the_best_attempt_is_the_best_after_lateness(tmp_path: Path, course: Course) -> None:
    """It is the one whose page is written; another rule may choose another."""
    early, late = "ada+demo+2026-09-30 12:00:00 UTC+x", "ada+demo+2026-10-03 12:00:00 UTC+y"
    _hand_in(tmp_path / "class" / early, 0, "# 4\n")
    _hand_in(tmp_path / "class" / late, 0, "# 5\n")
    ruled = replace(course, rules=Rules(TEN_A_DAY))
    (row,) = _grade(ruled, tmp_path / "out", Policy.BEST)
    assert row.standing is not None
    assert row.grade is not None
    assert [e.raw for e in row.standing.exercises] == [4, 5]
    assert [e.score for e in row.grade.exercises] == [4, 5]
    (free,) = _grade(course, tmp_path / "out", Policy.BEST)
    assert free.standing is not None
    assert [e.raw for e in free.standing.exercises] == [5, 5]


def test_attempt_and_curve_agree_on_what_the_class_did(tmp_path: Path, course: Course) -> None:
    """A curve lifts by the best of the class, so the choice of an attempt depends on others.

    By herself, ada's points would be tripled, and the early two would reach the maximum.
    """
    early, late = "ada+demo+2026-09-30 12:00:00 UTC+x", "ada+demo+2026-10-03 12:00:00 UTC+y"
    _hand_in(tmp_path / "class" / early, 0, "# 2\n")
    _hand_in(tmp_path / "class" / late, 0, "# 4\n")
    _hand_in(tmp_path / "class" / "bob+demo+2026-09-30 12:00:00 UTC+z", 0, "# 6\n")
    ruled = replace(course, rules=Rules(TEN_A_DAY, {DEMO: Curve(CurveKind.SCALE, Fraction(12))}))
    for row in (
        _grade(ruled, tmp_path / "out", Policy.BEST)[0],
        read_rows(tmp_path / "out")[1][0],
    ):
        assert row.person.key == "ada"
        assert row.grade is not None
        assert _points(row) == [Fraction(21, 5), 4]
        assert [e.score for e in row.grade.exercises] == [4, 4]


def test_an_override_counts_and_judges_nothing(tmp_path: Path, course: Course) -> None:
    """At the next run and without one; taking it back restores what was."""
    _hand_in(tmp_path / "class/ada", -1, "# 4\n")
    out = tmp_path / "out"
    _grade(course, out)
    before = (out / "class.json").read_bytes()
    page = out / "results/ada/report.html"
    plain = page.read_bytes()
    _decide(out, "ada", DEMO, Fraction(11, 2))
    (row,) = _refresh(course, out)
    assert _points(row) == [Fraction(11, 2), 4]
    told = page.read_text("utf-8")
    assert "What counts is 9.5 of 12: the points of demo were decided by a person." in told
    assert standing_at(page.parent) == row.standing
    assert row.flags == ("overridden:01-01-demo",)
    assert "\nada,,,,5.5,4,9.5,12,overridden:01-01-demo,4,4\n" in gradebook_text(
        [row], [DEMO, MORE]
    )
    refreshed = (out / "class.json").read_bytes()
    _grade(course, out, judged=False)
    assert (out / "class.json").read_bytes() == refreshed
    assert page.read_text("utf-8") == told
    _decide(out, "ada", DEMO, None)
    _refresh(course, out)
    assert (out / "class.json").read_bytes() == before
    assert page.read_bytes() == plain


def test_an_extension_counts_and_judges_nothing(tmp_path: Path, course: Course) -> None:
    """The person is not late any more; another attempt may count, and its page is written."""
    early, late = "ada+demo+2026-09-30 12:00:00 UTC+x", "ada+demo+2026-10-03 12:00:00 UTC+y"
    _hand_in(tmp_path / "class" / early, 0, "# 4\n")
    _hand_in(tmp_path / "class" / late, 0, "# 5\n")
    ruled = replace(course, rules=Rules(TEN_A_DAY))
    out = tmp_path / "out"
    _grade(ruled, out, Policy.BEST)
    _decide(out, "ada", DEMO, DUE + timedelta(days=9))
    (row,) = _refresh(ruled, out)
    assert row.grade is not None
    assert _points(row) == [5, 5]
    assert [e.score for e in row.grade.exercises] == [5, 5]
    assert row.flags == ("extended:01-01-demo",)
    refreshed = (out / "class.json").read_bytes()
    page = (out / "results/ada/report.html").read_bytes()
    _grade(ruled, out, Policy.BEST, judged=False)
    assert (out / "class.json").read_bytes() == refreshed
    assert (out / "results/ada/report.html").read_bytes() == page


def test_an_extension_lets_what_came_later_be_graded(tmp_path: Path, course: Course) -> None:
    """Where only what came in time is graded, it is judged when its time is extended."""
    _hand_in(tmp_path / "class/ada", 3, "# 4\n")
    out = tmp_path / "out"
    (row,) = _grade(course, out, Policy.IN_TIME)
    assert _points(row) == [0, 4]
    assert row.flags == ("late:01-01-demo", "missing:01-01-demo")
    _decide(out, "ada", DEMO, DUE + timedelta(days=9))
    (row,) = _grade(course, out, Policy.IN_TIME)
    assert _points(row) == [4, 4]
    assert row.flags == ("extended:01-01-demo",)


def test_points_for_somebody_who_handed_in_nothing(tmp_path: Path, course: Course) -> None:
    """They count, without a page, until they are taken back; the total is out of everything."""
    _hand_in(tmp_path / "class/ada", -1, "# 4\n")
    out, roster = tmp_path / "out", (Person("ada"), Person("bob"))
    _, bob = _grade(course, out, roster=roster)
    assert (bob.standing, bob.flags) == (None, ("not_submitted",))
    _decide(out, "bob", MORE, Fraction(3))
    for rows in (_refresh(course, out), _grade(course, out, roster=roster, judged=False)):
        assert _points(rows[1]) == [3]
        assert rows[1].flags == ("not_submitted", "overridden:01-02-more")
        assert "\nbob,,,,,3,3,12,not_submitted" in gradebook_text(rows, [DEMO, MORE])
        assert [mark.points for mark in marks(rows, MORE)] == [4, 3]
        assert [(mark.points, mark.out_of) for mark in marks(rows)] == [(8, 12), (3, 12)]
    _decide(out, "bob", MORE, None)
    _, bob = _refresh(course, out)
    assert (bob.standing, bob.flags) == (None, ("not_submitted",))


def test_another_gradebook_is_told_apart_from_the_class(tmp_path: Path, course: Course) -> None:
    """Results whose attempts it lacks are not taken for nothing."""
    _hand_in(tmp_path / "class/ada", -1, "# 4\n")
    out = tmp_path / "out"
    _grade(course, out)
    with (
        Journal(out) as journal,
        Gradebook(address_of(tmp_path), create=True) as other,
        pytest.raises(UsageError, match="lacks attempts of ada"),
    ):
        refresh(journal, course, other.snapshot(), Say())


def test_the_gradebook_holds_every_attempt_that_may_count(tmp_path: Path, course: Course) -> None:
    """With its time and the submission that it is part of; again changes nothing."""
    _hand_in(tmp_path / "class/ada", 1.5, "# 5\n")
    out = tmp_path / "out"
    _grade(course, out)
    with Gradebook(address_of(out)) as gradebook:
        first, log = gradebook.snapshot(), gradebook.history()
    assert [(a.exercise_id, a.points, a.max_points) for a in first.attempts] == [
        (DEMO, 5, 6), (MORE, 5, 6),
    ]  # fmt: skip
    assert {a.received_at for a in first.attempts} == {DUE + timedelta(days=1.5)}
    assert all((out / attempt.key).is_file() for attempt in first.attempts)
    _grade(course, out, judged=False)
    with Gradebook(address_of(out)) as gradebook:
        assert (gradebook.snapshot(), gradebook.history()) == (first, log)


def _of_three(course: Course, journal: Journal) -> tuple[Work, Classroom]:
    """Hand in for three people beside the folder of the batch, with nobody judged yet."""
    root = journal.folder.parent / "class"
    for name in ("ada", "bob", "cleo"):
        _hand_in(root / name, -1, f"# 4\n# {name}\n")
    texts = Texts()
    found = read(find_submissions(root, course.exercises), course, texts)
    members, _ = gather(found, (), course, course.exercises, Policy.LATEST)
    work = Work(journal, course.exercises, members, texts, dict.fromkeys((DEMO, MORE), "d"), 3)
    return work, Classroom(journal, course, course.exercises, [], work, Say(), processes=2)


def test_settling_somebody_looks_at_nobody_else(
    tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a class of thousands would be looked through thousands of times."""
    asked = []

    def counting(digest: str, hand_in: HandIn) -> str:
        asked.append(hand_in.source)
        return verdict_key(digest, hand_in)

    with Journal(tmp_path / "out") as journal:
        work, classroom = _of_three(course, journal)
        jobs, *others = work.tasks()
        for job in jobs:
            journal.keep(job.path, _judged(job))
        monkeypatch.setattr("grader.batch.work.verdict_key", counting)
        classroom.settle(Finished(jobs, {}))
    assert len(others) == 2
    assert set(asked) == {jobs[0].submission.hand_ins[0].source}
    assert (tmp_path / "out/results/ada/report.html").is_file()


@pytest.mark.usefixtures("alone")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_pages_are_drawn_by_other_processes(
    tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one of them cannot draw is tried once more here, where the reason can be told."""
    out = tmp_path / "out"
    drawn_by, write = tmp_path / "drawn", pages.write

    def noting(folder: Path, grade: Grade, say: Say) -> None:
        if folder.name == "cleo":
            raise ZeroDivisionError
        write(folder, grade, say)
        drawn_by.mkdir(exist_ok=True)
        (drawn_by / folder.name).write_text(str(os.getpid()), "ascii")

    monkeypatch.setattr(pages, "write", noting)
    monkeypatch.setattr(ahead, "SHARE", 1)
    with Journal(out) as journal, Gradebook(address_of(out), create=True) as gradebook:
        work, classroom = _of_three(course, journal)
        for job in (job for jobs in work.tasks() for job in jobs):
            journal.keep(job.path, _judged(job))
        classroom.begin()
        classroom.end(gradebook)
        graded = {row.person.key: row.grade is not None for row in classroom.rows}
    assert graded == {"ada": True, "bob": True, "cleo": False}
    (line,) = classroom.open_lines
    assert "cleo" in line
    assert "ZeroDivisionError" in line
    assert (out / "results/ada/report.html").is_file()
    assert (out / "results/bob/report.html").is_file()
    makers = {path.name: int(path.read_text("ascii")) for path in drawn_by.iterdir()}
    if sys.platform == "linux":
        assert makers["ada"] == os.getpid()
        assert makers["bob"] != os.getpid()


def test_what_a_group_handed_in_is_judged_once_and_counts_for_each(
    tmp_path: Path, course: Course
) -> None:
    """Nobody's page is written before the last verdict is there."""
    root, out = tmp_path / "class", tmp_path / "out"
    _hand_in(root / "ada, bob", -1, "# 4\n")
    with Journal(out) as journal:
        plan = find_submissions(root, course.exercises)
        (attempt,) = plan.attempts
        pair = replace(attempt, members=(Person("ada"), Person("bob")))
        texts = Texts()
        found = read(replace(plan, attempts=(pair,)), course, texts)
        members, _ = gather(found, (), course, course.exercises, Policy.LATEST)
        work = Work(journal, course.exercises, members, texts, dict.fromkeys((DEMO, MORE), "d"), 3)
        classroom = Classroom(journal, course, course.exercises, [], work, Say())
        ((first, second),) = work.tasks()
        for job in (first, second):
            journal.keep(job.path, _judged(job))
            classroom.settle(Finished((job,), {}))
            pages = sorted(path.parent.name for path in out.rglob("report.html"))
            assert pages == ([] if job is first else ["ada", "bob"])
        assert work.tasks() == []
        work.set_aside([MORE])
        assert [job.exercise.id for (job,) in work.tasks()] == [MORE]
        assert not any(work.is_complete(member) for member in members)


def test_what_was_judged_counts_wherever_the_interrupt_came(
    tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of a page, or before anybody had heard of the verdicts."""
    out = tmp_path / "out"
    with Journal(out) as journal, Gradebook(address_of(out), create=True) as gradebook:
        work, classroom = _of_three(course, journal)
        classroom.begin()
        heard, unheard, _ = work.tasks()
        for job in (*heard, *unheard):
            journal.keep(job.path, _judged(job))
        with monkeypatch.context() as patch:
            patch.setattr("grader.batch.pages.write", _interrupted)
            with pytest.raises(KeyboardInterrupt):
                classroom.settle(Finished(heard, {}))
        classroom.end(gradebook)
        assert [row.grade is not None for row in classroom.rows] == [True, True, False]
        assert sorted(path.parent.name for path in out.rglob("report.html")) == ["ada", "bob"]


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt
