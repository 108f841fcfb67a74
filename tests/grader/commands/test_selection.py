"""Which exercises a push is graded for, found without grading anything."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from grader import collect
from grader.commands.continuous import _which
from grader.commands.selection import choose, refusals
from grader.course import load_course
from grader.errors import UsageError
from grader.model import Course
from tests.grader.commands.test_continuous import commit, git, hand_in
from tests.grader.conftest import RIGHT, STUB, write_course


def _course(folder: Path, extra: str) -> Course:
    (folder / "course").mkdir()
    write_course(folder / "course")
    settings = folder / "course" / "autograde.yml"
    settings.write_text(settings.read_text("utf-8") + extra, "utf-8")
    return load_course(folder / "course")


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        ((), ["01-02-more"]),
        (("--due",), ["01-02-more"]),
        (("--changed",), ["01-01-demo"]),
        (("--all",), ["01-01-demo", "01-02-more"]),
    ],
    ids=" ".join,
)
def test_the_course_or_a_flag_says_which_exercises_count(
    tmp_path: Path, words: tuple[str, ...], chosen: list[str]
) -> None:
    """Those not due at the time of the commit, those changed, or all."""
    extra = 'due: {01-01-demo: "2026-10-01T14:00:00Z"}\nci: {exercises: due}\n'
    found = _course(tmp_path, extra)
    work = hand_in(tmp_path / "work")
    submission = collect.read_submission(work, found.exercises)
    changed, due = "--changed" in words, "--due" in words
    which = _which(changed=changed, due=due, everything="--all" in words) or found.push.exercises
    assert [e.id for e in choose(found, submission, found.exercises, which)] == chosen


def test_flags_that_contradict_each_other_are_refused() -> None:
    """Neither of them wins in silence."""
    with pytest.raises(UsageError, match="--due and --all"):
        _which(changed=False, due=True, everything=True)


def test_attempts_are_refused_in_words_that_say_until_when(tmp_path: Path) -> None:
    """By the times of commits; what was handed out costs nothing."""
    found = _course(tmp_path, "ci: {attempts: {max: 2, cooldown_minutes: 30}}\n")
    work = hand_in(tmp_path / "work", STUB)
    texts = [RIGHT, RIGHT.replace("2", "3"), RIGHT.replace("2", "4"), RIGHT.replace("2", "5")]
    said = []
    for text, minute in zip(texts, (0, 10, 45, 59), strict=True):
        commit(work, text, minute)
        submission = collect.read_submission(work, found.exercises)
        refused = refusals(found, work, submission, found.exercises)
        said.append([one.note.text for one in refused.values()])
    assert said[0] == said[2] == []
    (soon,), (used_up,) = said[1], said[3]
    assert "1 of 2 attempts are used. A commit from 2026-10-01 15:30 UTC on is graded" in soon
    assert "all 2 attempts were used" in used_up
    assert refused["01-01-demo"].counted == {
        hashlib.sha256(text.encode()).hexdigest() for text in (texts[0], texts[2])
    }


def test_a_file_by_another_spelling_is_no_way_around_the_limit(tmp_path: Path) -> None:
    """It can be graded as long as nobody counts; then it is named, and nothing else of it."""
    found = _course(tmp_path, "ci: {attempts: {max: 1}}\n")
    work = hand_in(tmp_path / "work", RIGHT)
    git(work, "mv", "assignments/01-01-demo/demo.py", "assignments/01-01-demo/Demo.py")
    git(work, "commit", "-q", "-m", "x")
    submission = collect.read_submission(work, found.exercises)
    refused = refusals(found, work, submission, found.exercises)
    assert refused["01-01-demo"].note.text.endswith("has to be assignments/01-01-demo/demo.py.")
    assert refused["01-01-demo"].counted == frozenset()
    assert set(refused) == {"01-01-demo"}
