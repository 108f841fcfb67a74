"""From what ended a test to its `Verdict`: outcome, and words that a student may read.

Of a hidden test nothing is shown that the student's code could have chosen freely (exception
text, exception class names of its own, printed output), because a submission that raises its
argument as a message would otherwise read the hidden inputs off its report.
"""

from __future__ import annotations

import builtins
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from grader.errors import CellEnded, CellError, CourseError, Ending, StudentError, UsageError
from grader.judge.expect import Mismatch
from grader.judge.raised import ForbiddenOperatorError, MissingNameError
from grader.judge.site import NoDeviceError
from grader.judge.threshold import points
from grader.judge.training import BelowThresholdError, NotCalibratedError
from grader.model import Limits, Outcome, TestCase, Verdict, Visibility

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.judge.policy import Shortcut
    from grader.model import Frame, Task

OUT_OF_MEMORY_TEXTS = (
    "can't allocate memory",
    "not enough memory",
    "CUDA out of memory",
    "error return without exception set",  # no memory for the frame of one more call
)
MOST_HIDDEN_FRAMES = 2
"""Lines of a traceback that a hidden test shows: a chain of calls, chosen by what was handed over,
could spell it line by line."""
FAULTS_OF_ANSWERS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
)
"""What a test may stumble over because the student's answer is of the wrong kind."""


def passed(test: TestCase) -> Verdict:
    """Return the verdict of a test that ran to its end."""
    return Verdict(test, Outcome.PASSED)


def from_exception(  # noqa: C901, PLR0911, PLR0912 - one return a cause
    test: TestCase, error: BaseException, *, module: str, limits: Limits, last_answer: str
) -> Verdict:
    """Return the verdict of a test that an exception ended.

    Args:
        test: The test.
        error: What ended it.
        module: Name of the student's file.
        limits: The limits in force, to be named in messages.
        last_answer: Kind of the last value that the student's code returned, if any did.

    Returns:
        A verdict against the student's code, or `grader_fault` if the cause is not in it.
    """
    match error:
        case Mismatch():
            return _from_mismatch(test, error)
        case BelowThresholdError(message=text, decision=decision):
            earned = points(decision.share, test.points)
            return Verdict(test, Outcome.FAILED, text, earned=earned or None)
        case NotCalibratedError() | NoDeviceError():
            return Verdict(test, Outcome.GRADER_FAULT, f"Nothing was judged: {error}.")
        case UsageError() | CourseError():
            # Data that are not here, or a calibration that cannot be read.
            return Verdict(test, Outcome.GRADER_FAULT, _missing_here(error))
        case CellEnded():
            return Verdict(test, error.ending.outcome, error.ending.message)
        case ForbiddenOperatorError():
            return Verdict(test, Outcome.POLICY, _operator_text(error))
        case MissingNameError():
            text = f"{module} does not define `{error.text}`."
            return Verdict(test, Outcome.FAILED, text)
        case StudentError():
            return _from_student_error(test, error, limits)
        case AssertionError() | pytest.fail.Exception():
            text = str(error).split("\n")[0] or f"It does not hold that: {test.title}"
            return Verdict(test, Outcome.FAILED, text)
        case CellError(where="card", what=what):
            return Verdict(test, Outcome.GRADER_FAULT, f"Nothing was judged: {what}.")
        case CellError():
            return Verdict(
                test, Outcome.GRADER_FAULT, "The sealed process for your code could not be started."
            )
        case _ if isinstance(error, FAULTS_OF_ANSWERS) and last_answer:
            text = f"The test cannot work with what your code returned: {last_answer}."
            return Verdict(test, Outcome.FAILED, text)
        case _:
            text = f"The test itself broke ({type(error).__name__})."
            return Verdict(test, Outcome.GRADER_FAULT, text)


def from_shortcuts(test: TestCase, task: Task, shortcuts: Sequence[Shortcut]) -> Verdict:
    """Return the verdict of a test whose task was answered with a forbidden name."""
    uses = ", ".join(f"{item.name} (line {item.line})" for item in shortcuts[:3])
    text = (
        f"`{task.name}` is to be built by hand, but its code uses {uses}. "
        "This was found by reading names; if it is a mistake, tell your teacher."
    )
    return Verdict(test, Outcome.POLICY, text)


def skipped(test: TestCase, needed: str) -> Verdict:
    """Return the verdict of a test that another one has to precede."""
    return Verdict(test, Outcome.SKIPPED, f"Not run, because this has to pass first: {needed}")


def not_run(test: TestCase, why: str) -> Verdict:
    """Return the verdict of a test that nothing is known about."""
    return Verdict(test, Outcome.NOT_RUN, why)


def _missing_here(error: UsageError | CourseError) -> str:
    """Say what this machine lacks, and what now; not where in whose folders it was looked for."""
    where, what = error.where.rpartition("/")[2], error.what.partition(";")[0].rstrip(".")
    return f"Nothing was judged: {where}: {what}. {error.what_now}".rstrip()


def _from_mismatch(test: TestCase, error: Mismatch) -> Verdict:
    if test.visibility is Visibility.HIDDEN:
        return Verdict(test, Outcome.FAILED, error.message)
    text = f"{error.openly} {error.detail}".strip()
    return Verdict(test, Outcome.FAILED, text, error.comparison)


def _operator_text(error: ForbiddenOperatorError) -> str:
    return (
        f"This task is to be built by hand, but while it ran torch's own "
        f"{', '.join(error.operators[:3])} was seen. If it is a mistake, tell your teacher."
    )


def _from_student_error(test: TestCase, error: StudentError, limits: Limits) -> Verdict:
    frames = error.frames
    if test.visibility is Visibility.HIDDEN:
        frames = frames[-MOST_HIDDEN_FRAMES:]
    verdict = Verdict(test, Outcome.ERROR, "", frames=frames)
    if (ending := _limit(error, limits)) is not None:
        return replace(verdict, outcome=ending.outcome, message=ending.message)
    if isinstance(error, NotImplementedError):
        name = next((f"`{frame.function}` is" for frame in reversed(error.frames)), "This part is")
        return replace(verdict, message=f"{name} not written yet (NotImplementedError).")
    if error.type_name in ("SystemExit", "KeyboardInterrupt"):
        text = f"Your code tried to end the process ({error.type_name})."
        return replace(verdict, outcome=Outcome.CRASHED, message=text)
    if error.type_name == "TooLargeError":
        return replace(verdict, message="Your code returned more than may be handed over at once.")
    place = _place(error.frames)
    if test.visibility is Visibility.HIDDEN:
        kind = _builtin_name(error)
        return replace(verdict, message=f"Your code raised {kind}{place}.")
    text = error.text or "(no message)"
    return replace(verdict, message=f"Your code raised {error.type_name}{place}: {text}")


def _limit(error: StudentError, limits: Limits) -> Ending | None:
    """Say which limit an exception tells of, if it is how the kernel held one."""
    if isinstance(error, MemoryError) or any(text in error.text for text in OUT_OF_MEMORY_TEXTS):
        text = f"Your code asked for more than {limits.memory_mib} MiB of memory."
        return Ending(Outcome.MEMORY, text)
    written = f"Your code wrote more than {limits.scratch_mib} MiB"
    texts = {
        "[Errno 24]": f"Your code had more than {limits.open_files} files open at once.",
        "[Errno 27]": f"{written}.",
        "[Errno 28]": f"{written}, or made more than {limits.scratch_files} files.",
        "can't start new thread": "Your code could not start another thread: it may have "
        f"{limits.threads}, and {limits.memory_mib} MiB of memory for their stacks.",
    }
    for sign, text in texts.items():
        if error.text.startswith(sign):
            return Ending(Outcome.CRASHED, text)
    return None


def _builtin_name(error: StudentError) -> str:
    for kind in type(error).__mro__:
        if kind.__module__ == "builtins" and kind is not Exception:
            return kind.__name__ if hasattr(builtins, kind.__name__) else "an exception"
    return "an exception"


def _place(frames: Sequence[Frame]) -> str:
    return f" at {frames[-1].place}" if frames else ""
