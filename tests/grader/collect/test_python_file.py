"""Bytes of a Python file to text."""

from __future__ import annotations

import codecs
import gc
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.collect.limits import IntakeLimits
from grader.collect.python_file import read_python

LIMITS = IntakeLimits()


def problem(data: bytes) -> str:
    """Read bytes that cannot be graded and give the reason."""
    reading = read_python(data, "softmax.py", LIMITS)
    assert reading.problem
    assert not reading.source
    return reading.problem


@pytest.mark.parametrize(
    "data",
    [
        b"x = 1\ny = 2\n",
        b"x = 1\r\ny = 2\r\n",
        b"x = 1\ry = 2\r",
        codecs.BOM_UTF8 + b"x = 1\r\ny = 2\n",
    ],
)
def test_line_ends_and_byte_order_marks_do_not_matter(data: bytes) -> None:
    """Files of every editor give the same text."""
    assert read_python(data, "softmax.py", LIMITS).source == "x = 1\ny = 2\n"


def test_a_text_in_any_language_is_read() -> None:
    """UTF-8 needs no declaration, and a wrong declaration is not obeyed."""
    text = "# -*- coding: latin-1 -*-\n# été\n"
    assert read_python(text.encode(), "softmax.py", LIMITS).source == text


@pytest.mark.parametrize("data", [b"", b"\n \t\r\n", codecs.BOM_UTF8])
def test_an_empty_file_is_said_to_be_empty(data: bytes) -> None:
    """Nothing but space is nothing."""
    assert problem(data) == "softmax.py: the file is empty."
    assert read_python(data, "softmax.py", LIMITS).empty


def test_a_byte_that_is_not_utf8_is_named_with_its_place() -> None:
    """The student can find the letter that an old editor saved."""
    said = problem(b"x = 1\n# caf\xe9\n")
    assert said == "softmax.py:2: byte 6 of the line (0xe9) is not UTF-8; save the file as UTF-8."


def test_utf16_is_recognised() -> None:
    """What Windows calls Unicode gets its own sentence."""
    assert "saved as UTF-16" in problem("x = 1".encode("utf-16"))


def test_a_nul_byte_is_named_with_its_line() -> None:
    """A binary file is not Python."""
    assert problem(b"x = 1\n\0").startswith("softmax.py:2: there is a NUL byte")


def test_a_syntax_error_names_line_and_text() -> None:
    """The sentence holds the place, the reason and the line."""
    said = problem(b"def f(x):\n    return (x\n\ny = 1\n")
    assert said == "softmax.py:2: '(' was never closed: return (x"


def test_the_line_of_a_syntax_error_cannot_drive_a_terminal() -> None:
    """A control character in the shown line is escaped."""
    assert "\x1b" not in problem(b"x = = '\x1b[31m'\n")


def test_a_text_over_the_limit_is_not_parsed() -> None:
    """The limit is on bytes of text and exact."""
    limit = LIMITS.source_kib * 1024
    assert read_python(b"#" * limit, "softmax.py", LIMITS).source
    assert "more than 128 KiB of code" in problem(b"#" * (limit + 1))


HOSTILE = {
    "brackets": b"(" * 100_000,
    "closed brackets": b"[" * 190 + b"]" * 190,
    "minus": b"x=" + b"-" * 100_000 + b"1",
    "few minus": b"x=" + b"-" * 3000 + b"1",
    "sum": b"x=1" + b"+1" * 60_000,
    "power": b"x=a" + b"**a" * 40_000,
    "attributes": b"x=a" + b".b" * 60_000,
    "calls": b"x=a" + b"()" * 60_000,
    "conditions": b"x=" + b"1 if 1 else " * 10_000 + b"1",
    "lambdas": b"x=" + b"lambda:" * 10_000 + b"1",
    "elif": b"if 1:pass\n" + b"elif 1:pass\n" * 10_000,
    "indents": b"".join(b" " * at + b"if 1:\n" for at in range(400)),
    "digits": b"x=" + b"9" * 100_000,
    "decorators": b"@a\n" * 40_000 + b"def f():pass",
    "comprehension": b"x=[x " + b"for x in x " * 10_000 + b"]",
    "nested comprehensions": b"[" * 90 + b"x" + b" for x in x]" * 90,
    "f-strings": b"x=" + b"f'{" * 100 + b"1" + b"}'" * 100,
    "backslashes": b"\\\n" * 60_000,
    "unclosed with": b"with " + b"(" * 150,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_comes_back_as_text_or_problem(data: bytes) -> None:
    """The parser's every way to give up is turned into words, and none ends the process."""
    reading = read_python(data, "softmax.py", LIMITS)
    assert bool(reading.source) != bool(reading.problem)


def test_text_that_the_compiler_dies_of_is_only_parsed() -> None:
    """One kilobyte that segfaults the compiler of 3.12 and 3.13 passes the reader."""
    assert read_python(HOSTILE["nested comprehensions"], "softmax.py", LIMITS).source


def test_an_invalid_escape_is_no_warning_of_ours() -> None:
    r"""A `"\d"` in a hand-in parses silently; pytest would turn a warning into an error."""
    assert read_python(b'x = "\\d"\n', "softmax.py", LIMITS).source


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode()))
def test_no_bytes_raise(data: bytes) -> None:
    """Whatever the bytes, there is a text or a problem, and never both."""
    reading = read_python(data, "softmax.py", LIMITS)
    assert bool(reading.source) != bool(reading.problem)
    assert "\r" not in reading.source


def test_threads_that_read_at_once_do_not_disturb_each_other() -> None:
    """Python counts how deep a text is in one place for all threads (cpython issue 106905)."""
    problems = []

    def read(number: int) -> None:
        for turn in range(40):
            text = f"def f(X):\n    return X{'.T' * 2000}\n# {number} {turn}\n"
            problems.append(read_python(text.encode(), "f.py", LIMITS).problem)

    def linger(*_: object) -> None:
        sum(range(2000))  # Python code within the parser, where threads are changed

    interval_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    gc.callbacks.append(linger)
    try:
        threads = [threading.Thread(target=read, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        gc.callbacks.remove(linger)
        sys.setswitchinterval(interval_s)
    assert problems == [""] * 160
