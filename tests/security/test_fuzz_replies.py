"""Any answer that a cell can send is a value or the student's fault, and never the judge's.

A cell under a student's control may send any well-formed frame. The real proxy reads it here;
what it may raise is what a verdict can be made of, and what it may change is nothing.
"""

from __future__ import annotations

from typing import Any

import msgspec
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.cell import wire
from grader.errors import CellEnded, Ending, StudentError
from grader.judge import verdicts
from grader.judge.describe import describe
from grader.judge.proxy import Module, Remote
from grader.judge.raised import ForbiddenOperatorError
from grader.judge.session import Session
from grader.model import HandIn, HandInStatus, Limits, Outcome, TestCase, Visibility
from tests.security.test_fuzz_wire import trees

LIMIT_BYTES = 1 << 20
FAIR = (CellEnded, StudentError, ForbiddenOperatorError)
SOURCE = "def f(X):\n    return X\n"


class ForgingCell:
    """A cell that answers every request with the same body and tensors."""

    def __init__(self, kind: str, body: object, specs: list[Any]) -> None:
        self.alive = True
        self.kind = kind
        sizes = [wire._checked_size(wire.TensorSpec(*spec)) for spec in specs]
        self._payload = bytes(sum(size + -size % 16 for size in sizes))
        self._head = msgspec.msgpack.encode([1, kind, body, specs])

    def packer(self, default: Any) -> wire.Packer:
        return wire.Packer(default, LIMIT_BYTES)

    def request(self, kind: str, body: dict[str, Any], packer: wire.Packer) -> wire.Frame:
        # What is refused while a frame is read ends the cell, see cell.py.
        try:
            return wire.parse_frame(self._head, bytearray(self._payload))
        except wire.WireError as error:
            raise_ended(error)
            raise

    def allow(self, timeout_s: float) -> None:
        """Nothing is timed."""

    def take_output(self) -> str:
        return ""

    def close(self) -> None:
        self.alive = False


def raise_ended(error: Exception) -> None:
    """End the cell as `cell.Cell` does."""
    raise CellEnded(Ending(Outcome.CRASHED, str(error))) from error


def session_of(kind: str, body: object, specs: list[Any]) -> Session:
    """Return a session whose cell forges every answer."""
    hand_in = HandIn("01-01-work", HandInStatus.SUBMITTED, "work.py", SOURCE)
    session = Session(ForgingCell(kind, body, specs), hand_in)
    session.mirrors = False
    session.forbidden = frozenset({"aten::mm"})
    return session


numbers = st.integers(-(2**63), 2**64 - 1)  # what msgpack can carry
indices = st.lists(st.integers(-1, 3) | st.booleans() | st.none(), max_size=4)
handles = st.tuples(st.just("h"), st.integers(0, 3), st.lists(st.text(max_size=5) | st.none()))
values = (
    trees
    | handles.map(list)
    | st.tuples(st.sampled_from(["A", "T", "N", "n"]), st.integers(-1, 3)).map(list)
)
changes = st.lists(indices | trees, max_size=3)
bodies = st.fixed_dictionaries(
    {"value": values},
    optional={
        "changed": changes | trees,
        "node": st.integers(-1, 9) | trees,
        "outputs": indices | trees,
        "inputs": indices | trees,
        "operators": st.lists(st.sampled_from(["aten::mm", "x"]) | st.integers(-(2**63), 2**64 - 1))
        | trees,
    },
)
specs = st.lists(
    st.tuples(
        st.sampled_from(["float32", "float64", "int64", "bool", "bfloat16", "complex64"]),
        st.lists(st.integers(0, 3), max_size=2),
        st.booleans(),
        st.booleans(),
        st.just(-1),
    ).map(list),
    max_size=3,
)
PLAIN = ["float32", [2], False, False, -1]


@given(bodies | trees, specs)
@example({"value": {"bare": "map"}}, [])
@example({"value": ["T", 0], "node": 1, "outputs": [0, 0], "inputs": []}, [PLAIN])
@example({"value": 0, "node": 1, "outputs": [0], "inputs": [0]}, [["int64", [2], False, False, -1]])
@example({"value": 0, "changed": [[0, 0, 1]]}, [PLAIN, ["float64", [2], False, False, -1]])
@example({"value": 0, "changed": [[0, 0, -1]] * 9}, [PLAIN])
@example({"value": ["N", 0]}, [["bfloat16", [2], False, False, -1]])
@example({"value": ["z", [2**63]]}, [])
def test_any_answer_is_a_value_or_the_students_fault(body: object, found: list[Any]) -> None:
    """Nothing else is raised, and no tensor of the judge has changed, sent or not."""
    kept, sent = torch.arange(2.0), torch.arange(2.0)
    leaf = torch.ones(2, requires_grad=True)
    session = session_of("ok", body, found)
    try:
        value = Module(session).__getattr__("f")
        value = session.evaluate(
            "call", {"target": None, "name": "f"}, args=[sent, leaf], kwargs={}
        )
    except FAIR:
        pass
    else:
        assert describe(value)
        assert all(type(name) is str for name in names_of(value))
    assert sent.tolist() == kept.tolist() == [0.0, 1.0]
    assert sent.grad is None
    assert leaf.tolist() == [1.0, 1.0]


def names_of(value: object) -> tuple[str, ...]:
    """Return the class names that a handle came with."""
    return value.type_names if isinstance(value, Remote) else ()


@given(trees, specs)
def test_any_gradients_are_gradients_or_the_students_fault(body: object, found: list[Any]) -> None:
    """A backward pass through the bridge ends in gradients of the right form, or in a verdict."""
    leaf = torch.ones(2, requires_grad=True)
    forged = {"value": ["T", 0], "node": 1, "outputs": [0], "inputs": [0]}
    session = session_of("ok", forged, [PLAIN])
    bridged = session.evaluate("call", {"target": None, "name": "f"}, args=[leaf], kwargs={})
    session.cell = ForgingCell("ok", {"value": body}, found)
    try:
        bridged.sum().backward()
    except FAIR:
        return
    assert leaf.grad is None or leaf.grad.shape == leaf.shape


reports = st.fixed_dictionaries(
    {
        "type": st.text(max_size=8) | trees,
        "text": st.text(max_size=8) | trees,
        "kinds": st.lists(st.sampled_from([*dir(__builtins__), "dict", "Exception"])) | trees,
        "frames": st.lists(st.tuples(st.integers(-2, 5), st.text(max_size=3)).map(list)) | trees,
    }
)
HIDDEN = TestCase("t.py::test_x", "e", "t", "It holds.", 1, Visibility.HIDDEN)  # type: ignore[arg-type]
KINDS = sorted({n for n, v in vars(__import__("builtins")).items() if isinstance(v, type)})


@settings(max_examples=200)
@given(reports | trees, st.lists(st.sampled_from(KINDS), max_size=3))
def test_any_report_of_an_exception_is_an_outcome_of_the_student(
    report: Any, kinds: list[str]
) -> None:
    """Whatever class it claims, whatever frames it shows: an exception is never our fault."""
    if isinstance(report, dict) and isinstance(report.get("kinds"), list):
        report = {**report, "kinds": [*kinds, *report["kinds"]]}
    session = session_of("error", report, [])
    try:
        Module(session).__getattr__("f")
    except FAIR as error:
        limits = Limits()
        verdict = verdicts.from_exception(
            HIDDEN, error, module="work.py", limits=limits, last_answer=""
        )
        assert verdict.outcome not in (Outcome.GRADER_FAULT, Outcome.PASSED)
        for frame in verdict.frames:
            assert 0 <= frame.line <= 3
