"""Arithmetic: what verdicts are worth. Exact fractions, no look at code or output."""

from grader.score.exercise import grade_exercise
from grader.score.standing import raw_standing, standings
from grader.score.submission import grade_submission, join, passed

__all__ = ["grade_exercise", "grade_submission", "join", "passed", "raw_standing", "standings"]
