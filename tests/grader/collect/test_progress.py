"""How much of an exercise a text answers."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.collect.progress import names_asked, names_written

STUB = "raise NotImplementedError('x')"


@pytest.mark.parametrize(
    ("source", "written"),
    [
        (f"def f(): {STUB}\ndef g(): {STUB}", ""),
        (f"def f(): return 1\ndef g(): {STUB}", "f"),
        ("def f(): return 1\nclass g: pass", "fg"),
        (f"class f:\n def a(self): return 1\n def b(self): {STUB}", ""),
        (f"def f(): {STUB}\ndef f(): return 1", "f"),
        (f"def f(): return 1\ndef f(): {STUB}", ""),
        ("f = lambda: 1\ng: object = f", "fg"),
        ("g: object", ""),
        ("def f():\n raise NotImplementedError", ""),
        ("def f():\n raise ValueError", "f"),
        ("def h(): return 1", ""),
        ("def h():\n def f(): return 1", ""),
        ("x = (", ""),
    ],
)
def test_a_name_is_written_when_its_last_definition_holds_no_stub(
    source: str, written: str
) -> None:
    """Only top-level names that were asked for count."""
    assert names_written(source, frozenset("fg")) == frozenset(written)


def test_the_names_asked_are_those_of_all_tasks(kit: SimpleNamespace) -> None:
    """Every task adds its names."""
    assert names_asked(kit.SOFTMAX) == {"softmax", "loss"}


@given(st.text(max_size=80))
def test_no_text_raises(source: str) -> None:
    """Text that does not parse answers nothing."""
    assert names_written(source, frozenset("fg")) <= frozenset("fg")
