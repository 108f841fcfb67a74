"""The course on disk: find, load and check exercises, and publish them to students."""

from grader.course.find import load_course, select

__all__ = ["load_course", "select"]
