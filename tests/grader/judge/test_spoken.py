"""Every sentence that judge and cell write down is known to the page in all its languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

import pytest
import torch

from grader.cell import endings
from grader.cell.scratch import Excess
from grader.errors import CellEnded, CellError
from grader.judge import expect, verdicts
from grader.judge.policy import Shortcut
from grader.judge.raised import ForbiddenOperatorError, MissingNameError, student_error
from grader.judge.recipes import RECIPES
from grader.judge.site import NoDeviceError
from grader.judge.threshold import Bounds, Decision, Reason
from grader.judge.training import NotCalibratedError, _words
from grader.model import (
    Forbidden,
    Frame,
    Limits,
    Task,
    TestCase,
    Visibility,
)
from grader.report.language import TAGS, Say

ENGLISH = re.compile(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")
FRAME = Frame("demo.py", 7, "double", "return Y")
LIMITS = Limits()
X = torch.tensor([[1.0, 2.0], [3.0, 4.0]])


def _case(visibility: Visibility) -> TestCase:
    return TestCase("t.py::test_it", "01-01-demo", "double", "It.", Fraction(1), visibility)


FINDINGS: tuple[Callable[[], None], ...] = (
    lambda: expect.close(X, X + 1, what="f(X)"),
    lambda: expect.close(X / 0, X, what="f(X)"),
    lambda: expect.close(torch.tensor(1.0), 2.0, what="f(X)"),
    lambda: expect.close(X, X[0], what="f(X)"),
    lambda: expect.close(torch.ones(1, 1, 1, 1, 1, 1, 1), X, what="f(X)"),
    lambda: expect.close(X.int(), X, what="f(X)"),
    lambda: expect.close([1.0], X, what="f(X)"),
    lambda: expect.equal([1], [2], what="f(X)"),
    lambda: expect.equal((1,), [1], what="f(X)"),
    lambda: expect.equal(None, [1], what="f(X)"),
    lambda: expect.number(1.0, 2.0, what="f(X)"),
    lambda: expect.number(float("nan"), 2.0, what="f(X)"),
    lambda: expect.number(X, 2.0, what="f(X)"),
    lambda: expect.finite(X / 0, what="f(X)"),
    lambda: expect.unchanged(X, X + 1, what="X"),
    lambda: expect.raises(ValueError, lambda: None, what="f(X)"),
)
ENDINGS = (
    *(tell(LIMITS) for tell in (
        endings.memory, endings.output, endings.threads, endings.processes, endings.open_files,
        endings.answers, endings.answer_rate, endings.card_memory,
    )),
    endings.card_crowded(),
    endings.card_lost(),
    *(endings.scratch(LIMITS, excess) for excess in Excess),
    *(
        endings.explain({"status": status, "cpu_s": cpu_s, "peak_kib": 0, "full": ""}, LIMITS)
        for status, cpu_s in ((3, 0), (-9, 99), (-9, 0), (-11, 0), (-31, 0))
    ),
)  # fmt: skip
ERRORS = (
    MissingNameError("AttributeError", "double"),
    ForbiddenOperatorError(["aten::_softmax"]),
    *(CellEnded(ending) for ending in ENDINGS),
    student_error("ValueError", "x", ["ValueError"], [FRAME]),
    student_error("ValueError", "", ["ValueError"], []),
    student_error("Mine", "x", [], []),
    student_error("MemoryError", "", ["MemoryError"], []),
    *(student_error("OSError", f"[Errno {number}]", ["OSError"], []) for number in (24, 27, 28)),
    student_error("RuntimeError", "can't start new thread", ["RuntimeError"], []),
    student_error("SystemExit", "0", [], []),
    student_error("TooLargeError", "1 TiB", [], []),
    student_error("NotImplementedError", "", ["NotImplementedError"], [FRAME]),
    student_error("NotImplementedError", "", ["NotImplementedError"], []),
    CellError("cell", "no fork"),
    CellError("card", "Made up had no 4768 MiB to spare for 300 s"),
    CellError("card", "no card of this machine has 20768 MiB"),
    NotCalibratedError("no threshold was calibrated for LeNet with these data"),
    NotCalibratedError("a GRU that guesses the next character is not calibrated here (cpu)"),
    NoDeviceError("ResNet-18 needs a graphics card, and this run uses none"),
    TypeError("in the suite"),
    AssertionError(),
)


def _sentences() -> list[str]:
    found = [verdicts.skipped(_case(Visibility.PUBLIC), "It.").message]
    task = Task("double", "D", Fraction(1), ("double",), Forbidden(("torch.square",), ()))
    uses = [Shortcut("torch.square", 3)]
    found.append(verdicts.from_shortcuts(_case(Visibility.PUBLIC), task, uses).message)
    errors: list[BaseException] = list(ERRORS)
    for call in FINDINGS:
        with pytest.raises(expect.Mismatch) as caught:
            call()
        errors.append(caught.value)
    for visibility in Visibility:
        for error in errors:
            for said in ("", "a list"):
                verdict = verdicts.from_exception(
                    _case(visibility), error, module="demo.py", limits=LIMITS, last_answer=said
                )
                found.append(verdict.message)
    recipe = RECIPES["softmax-regression"]
    bounds = Bounds(0.77, 0.01, 0.75, 0.79, 0.745, 0.695, 0.87)
    for reason in (Reason.BROKEN, Reason.CHANCE, Reason.SEEDED, Reason.BELOW):
        for attempts in (1, 3):
            decision = Decision(reason, 0.5, Fraction(0), suspicious=False)
            found.append(_words(recipe, decision, bounds, attempts))
    return found


@pytest.mark.parametrize("language", [tag for tag in TAGS if tag != "en"])
def test_every_sentence_of_a_verdict_is_said_in_the_language_of_the_page(language: str) -> None:
    """Nothing of ours is left in English; what is the student's stays as it is."""
    say = Say(language)
    left = {text: say.told("01-01-demo", text) for text in _sentences()}
    assert [text for text, said in left.items() if ENGLISH.search(said) or said == text] == []
