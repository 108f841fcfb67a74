"""The course on disk: find, load and check exercises, and publish them to students.

Doors that few commands need have modules of their own: `verify`, `release`, `catalogue`.
"""

from grader.course.find import load_course, select
from grader.course.new import new_exercise

__all__ = ["load_course", "new_exercise", "select"]
