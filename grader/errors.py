"""The exceptions of the house, and who has to act on each.

A wrong answer is data (a `Verdict`), never an exception. What is raised is:

    AutogradeError              the root: one message that says where, what, what now
    |- UsageError               the command line asks for something impossible      exit 2
    |- CourseError              an author must mend a file of the course            exit 2
    |- SubmissionError          this hand-in cannot be read at all                  exit 1
    |- CellError                our side of the jail failed; nobody loses a point   exit 3
    |- GradebookError           its database is locked, away or failing             exit 3
    `- CellEnded                the jail ended while a test ran: a verdict against the test

`StudentError` stands outside the tree: it carries what the student's own code raised, and
only the judge sees it. Only `cli.py` turns an exception into text and an exit code.
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.model import Frame, Outcome


class AutogradeError(Exception):
    """A message in three parts for a person: where, what, what now."""

    exit_code = 3

    def __init__(self, where: str, what: str, what_now: str = "") -> None:
        """Keep the three parts, so that terminal, JSON and page can show them apart.

        Args:
            where: A file, `file:line:column`, option or test that the message is about.
            what: What is wrong there, one sentence.
            what_now: What the reader can do about it, one sentence; empty if nothing.
        """
        self.where = where
        self.what = what
        self.what_now = what_now
        text = f"{where}: {what}" if where else what
        super().__init__(f"{text}\n{what_now}" if what_now else text)


class UsageError(AutogradeError):
    """The command line asks for something that cannot be done."""

    exit_code = 2


class CourseError(AutogradeError):
    """A file of the course is wrong and its author must mend it."""

    exit_code = 2


class SubmissionError(AutogradeError):
    """The hand-in as a whole cannot be read (not one exercise of it: that is a status)."""

    exit_code = 1


class CellError(AutogradeError):
    """The jail could not be opened or spoken to, and the student's code is not the cause."""

    exit_code = 3


class GradebookError(AutogradeError):
    """The database of the gradebook is locked, cannot be reached, or failed."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Ending:
    """How a cell ended before its time.

    Attributes:
        outcome: The verdict that the running test earns.
        message: What to tell the student, one sentence.
    """

    outcome: Outcome
    message: str


class CellEnded(AutogradeError):
    """The cell died, was killed at a limit, or broke the protocol."""

    def __init__(self, ending: Ending) -> None:
        """Keep the ending; the plugin turns it into the verdict of the running test."""
        self.ending = ending
        super().__init__("", ending.message)


class StudentError(Exception):
    """An exception that the student's code raised inside the cell.

    `judge` makes a subclass for each builtin exception, so that a hidden test can say
    `with pytest.raises(ValueError)` and mean the student's `ValueError`.
    """

    def __init__(self, type_name: str, text: str, frames: tuple[Frame, ...] = ()) -> None:
        """Keep what crossed the wire: plain text and the student's own frames.

        Args:
            type_name: Name of the exception's class, for instance `RuntimeError`.
            text: Its message, already truncated by the wire.
            frames: The student's frames, outermost first; none of the grader's.
        """
        self.type_name = type_name
        self.text = text
        self.frames = frames
        Exception.__init__(self, f"{type_name}: {text}" if text else type_name)
