"""A large class that counts as judged: what comes after judging can be measured in minutes.

Every hand-in of a synthetic class is one of a few hundred texts and a comment of its own. A class
in which each was handed in once is judged, and its verdicts are put where those on a large class
would stand.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from synthetic_class import ROOT

from grader import course
from grader.batch.find import find_submissions
from grader.batch.intake import Pick, Policy
from grader.batch.journal import Journal
from grader.batch.keys import exercise_digest
from grader.batch.people import gather
from grader.batch.reading import read_all
from grader.batch.texts import Texts
from grader.batch.work import Work, picks_of
from grader.collect import IntakeLimits
from grader.model import TrainingMode

Known = tuple[str, str, str]


def grow(sample: Path, judged: Path, large: Path, out: Path) -> int:
    """Carry verdicts over to a larger class.

    Args:
        sample: A class in which every text was handed in (`synthetic_class.write_sample`).
        judged: What `autograde batch --no-training` wrote about it.
        large: A larger class.
        out: Where `autograde batch` is going to write about that; must not exist.

    Returns:
        How many there are.
    """
    known = {_known(pick): (path, pick) for path, pick in _picks(sample, judged)}
    picks = _picks(large, out)
    for path, pick in picks:
        source, same = known[_known(pick)]
        text = source.read_text("utf-8")
        if same.hand_in.sha256:  # of a file; there is none where nothing was handed in
            text = text.replace(same.hand_in.sha256, pick.hand_in.sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return len(picks)


def _picks(root: Path, out: Path) -> list[tuple[Path, Pick]]:
    """Give every hand-in of a class with the place of its verdicts."""
    found = course.load_course(ROOT)
    exercises = found.exercises
    plan = find_submissions(root, exercises, leave_out=[out])
    texts = Texts()
    read = list(read_all(plan.attempts, exercises, IntakeLimits(), texts))
    members, _ = gather(read, (), found, exercises, Policy.LATEST, {})
    digests = {exercise.id: exercise_digest(exercise, TrainingMode.OFF) for exercise in exercises}
    with Journal(out.resolve()) as journal:
        work = Work(journal, exercises, members, texts, digests, 0)
        picks = [pick for member in members for pick in picks_of(member)]
        return [
            (work.path(pick), replace(pick, submission=texts.whole(pick.submission)))
            for pick in picks
        ]


def _known(pick: Pick) -> Known:
    """Tell what was handed in, but for the comment in its last line."""
    hand_in = pick.hand_in
    return pick.exercise.id, hand_in.problem, hand_in.source.rstrip("\n").rpartition("\n")[0]
