"""The course on disk: find, load and check exercises, and publish them to students.

Doors that few commands need have modules of their own: `verify`, `release`, `catalogue`.
"""

from grader.course.find import find_root, load_course, select
from grader.course.new import new_exercise
from grader.course.translations import translations

__all__ = ["find_root", "load_course", "new_exercise", "select", "translations"]
