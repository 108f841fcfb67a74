# ruff: noqa: E501 - one line a case
"""From what ended a test to a verdict that is fair and gives nothing away."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch

from grader.errors import CellEnded, CellError, CourseError, Ending, UsageError
from grader.judge import expect, verdicts
from grader.judge.expect import Mismatch
from grader.judge.raised import ForbiddenOperatorError, MissingNameError, student_error
from grader.model import Comparison, Frame, Limits, Outcome, TestCase, Verdict, Visibility

FRAME = Frame("demo.py", 7, "double", "return Y")
SECRET = "0.1234"


def _case(visibility: Visibility) -> TestCase:
    return TestCase("t.py::test_x", "01-01-demo", "double", "It doubles.", Fraction(1), visibility)


def _judge(
    error: BaseException, visibility: Visibility = Visibility.HIDDEN, last_answer: str = ""
) -> Verdict:
    return verdicts.from_exception(
        _case(visibility),
        error,
        module="demo.py",
        limits=Limits(memory_mib=99),
        last_answer=last_answer,
    )


@pytest.mark.parametrize(
    ("error", "outcome", "words"),
    [
        (Mismatch("f: 1 of 2 values differ."), Outcome.FAILED, "1 of 2"),
        (AssertionError("It must hold.\nassert 1 == 2"), Outcome.FAILED, "It must hold."),
        (AssertionError(), Outcome.FAILED, "It doubles."),
        (pytest.fail.Exception("DID NOT RAISE ValueError"), Outcome.FAILED, "DID NOT RAISE"),
        (CellEnded(Ending(Outcome.TIMEOUT, "Too slow.")), Outcome.TIMEOUT, "Too slow."),
        (ForbiddenOperatorError(["aten::_softmax"]), Outcome.POLICY, "aten::_softmax"),
        (MissingNameError("AttributeError", "double"), Outcome.FAILED, "demo.py does not define `double`"),
        (student_error("ValueError", "", ["ValueError"], [FRAME]), Outcome.ERROR, "ValueError at demo.py:7"),
        (student_error("MemoryError", "", ["MemoryError"], []), Outcome.MEMORY, "99 MiB"),
        (student_error("RuntimeError", "DefaultCPUAllocator: can't allocate memory", ["RuntimeError"], []), Outcome.MEMORY, "99 MiB"),
        (student_error("SystemError", "error return without exception set", ["SystemError"], []), Outcome.MEMORY, "99 MiB"),
        (student_error("OSError", "[Errno 24] Too many open files: 'x'", ["OSError"], []), Outcome.CRASHED, "more than 256 files open at once"),
        (student_error("OSError", "[Errno 27] File too large", ["OSError"], []), Outcome.CRASHED, "wrote more than 64 MiB."),
        (student_error("OSError", "[Errno 28] No space left on device", ["OSError"], []), Outcome.CRASHED, "made more than 2000 files"),
        (student_error("RuntimeError", "can't start new thread", ["RuntimeError"], []), Outcome.CRASHED, "could not start another thread: it may have 64, and 99 MiB"),
        (student_error("OSError", "[Errno 2] No such file", ["OSError"], []), Outcome.ERROR, "Your code raised"),
        (student_error("SystemExit", "0", [], []), Outcome.CRASHED, "SystemExit"),
        (student_error("TooLargeError", "1 TiB", [], []), Outcome.ERROR, "more than may be handed over"),
        (student_error("NotImplementedError", SECRET, ["NotImplementedError"], [FRAME]), Outcome.ERROR, "`double` is not written yet"),
        (CellError("cell", "no fork"), Outcome.GRADER_FAULT, "sealed process"),
        (UsageError("fashion-mnist", "the data set is not on this machine; /srv/x is not it: cut.", "Run `fetch`."), Outcome.GRADER_FAULT, "Nothing was judged: fashion-mnist: the data set is not on this machine. Run `fetch`."),
        (CourseError("/srv/course/calibration.json", "cannot be read", "Remove it."), Outcome.GRADER_FAULT, "Nothing was judged: calibration.json: cannot be read. Remove it."),
        (OSError("disk"), Outcome.GRADER_FAULT, "test itself broke"),
        (TypeError("in the suite"), Outcome.GRADER_FAULT, "test itself broke"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)  # fmt: skip
def test_every_cause_has_its_outcome_and_its_words(
    error: BaseException, outcome: Outcome, words: str
) -> None:
    """Wrong, broken, too much, not written, and our fault are different words."""
    verdict = _judge(error)
    assert (verdict.outcome, words in verdict.message) == (outcome, True), verdict.message
    assert "assert 1 == 2" not in verdict.message


def test_a_test_that_stumbles_over_an_answer_is_the_answers_fault() -> None:
    """None has no `.sum()`: the student is told what came, not that the grader broke."""
    verdict = _judge(AttributeError("'NoneType' object has no attribute 'sum'"), last_answer="None")
    assert verdict.outcome is Outcome.FAILED
    assert "returned: None" in verdict.message


def test_public_tests_show_values_and_hidden_ones_do_not() -> None:
    """The same finding, once with and once without detail and table."""
    found = Mismatch(
        "f: 1 value differs.", f"Expected {SECRET}.", Comparison("f", (("1",),), (("2",),))
    )
    seen, unseen = (_judge(found, visibility) for visibility in Visibility)
    assert SECRET in seen.message
    assert seen.comparison is not None
    assert SECRET not in unseen.message
    assert unseen.comparison is None


def test_a_hidden_test_shows_neither_text_nor_class_of_the_students_exception() -> None:
    """Both are chosen by the student's code, which knows the input."""
    error = student_error(f"Leak{SECRET}", SECRET, ["KeyError", "LookupError"], [FRAME])
    assert SECRET in _judge(error, Visibility.PUBLIC).message
    hidden = _judge(error)
    assert SECRET not in hidden.message
    assert "KeyError at demo.py:7" in hidden.message
    assert hidden.frames == (FRAME,)


def test_a_hidden_test_shows_the_end_of_a_traceback_only() -> None:
    """A chain of calls, one line for each digit, would spell the input."""
    frames = [Frame("demo.py", line, "double", "") for line in range(1, 30)]
    error = student_error("ValueError", "", ["ValueError"], frames)
    assert [frame.line for frame in _judge(error).frames] == [28, 29]
    assert len(_judge(error, Visibility.PUBLIC).frames) == 29


def test_a_hidden_test_says_less_of_a_shape_than_a_public_one() -> None:
    """The sizes of a tensor without values are numbers that the student's code may choose."""
    came = torch.empty(0, 731246)
    with pytest.raises(Mismatch) as caught:
        expect.shape(came, (0, 5), what="f(X)")
    assert "731246" in _judge(caught.value, Visibility.PUBLIC).message
    assert _judge(caught.value).message == "f(X): got the shape (0, >99), expected (0, 5)."
    with pytest.raises(Mismatch) as caught:
        expect.number(came, 1.0, what="f(X)")
    assert "(0, 731246)" in _judge(caught.value, Visibility.PUBLIC).message
    assert "(0, >99)" in _judge(caught.value).message


def test_how_many_values_are_nan_is_not_told_of_a_hidden_test() -> None:
    """The student's code decides how long its tensor is."""
    with pytest.raises(Mismatch) as caught:
        expect.finite(torch.full((4321,), torch.nan), what="f(X)")
    assert "4321" in _judge(caught.value, Visibility.PUBLIC).message
    assert "4321" not in _judge(caught.value).message
