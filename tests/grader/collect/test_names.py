"""Names inside a hand-in."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.collect.limits import IntakeLimits, Refused
from grader.collect.names import check_name, same, shown

LIMITS = IntakeLimits()


@pytest.mark.parametrize(
    "name",
    [
        "../softmax.py",
        "a/../../softmax.py",
        "a/./softmax.py",
        "a//softmax.py",
        "",
        "/",
        "/etc/passwd",
        "//server/share/softmax.py",
        "C:softmax.py",
        "c:/softmax.py",
        "\\\\server\\share",
        "a\\softmax.py",
        "softmax.py\0.txt",
        "soft\nmax.py",
        "soft\x1b[31mmax.py",
        "softmax.py:stream",
        "NUL",
        "a/con.py",
        "LPT1.txt",
        "softmax.py.",
        "softmax.py ",
        "a /softmax.py",
        "x" * 241,
        "a/" * 16 + "softmax.py",
    ],
)
def test_a_name_that_could_mean_another_place_is_refused(name: str) -> None:
    """Traversal, absolute, drive, device and unprintable names are refused."""
    with pytest.raises(Refused):
        check_name(name, LIMITS)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("softmax.py", ("softmax.py",)),
        ("03-06-softmax/softmax.py", ("03-06-softmax", "softmax.py")),
        ("alice smith/", ("alice smith",)),
        (".git/config", (".git", "config")),
        ("Übung/été.py", ("Übung", "été.py")),
        ("context/console.py", ("context", "console.py")),
        ("a..b/...c", ("a..b", "...c")),
    ],
)
def test_an_ordinary_name_comes_back_in_parts(name: str, parts: tuple[str, ...]) -> None:
    """Names that people use are taken apart at the slashes."""
    assert check_name(name, LIMITS) == parts


@given(st.text(max_size=60) | st.from_regex(r"[./\\a:]{1,12}", fullmatch=True))
def test_no_accepted_name_leaves_its_folder(name: str) -> None:
    """Whatever is accepted has only parts that go down."""
    try:
        parts = check_name(name, LIMITS)
    except Refused:
        return
    assert parts
    assert not {"", ".", ".."} & set(parts)
    assert not any(set("/\\\0:") & set(part) for part in parts)


@given(st.text())
def test_spellings_of_one_name_have_one_key(name: str) -> None:
    """Composed and decomposed letters, and upper and lower case, mean the same file."""
    assert same(unicodedata.normalize("NFD", name)) == same(unicodedata.normalize("NFC", name))
    assert same(same(name)) == same(name)


def test_case_does_not_make_another_file() -> None:
    """A name in capitals is the same file on Windows and macOS."""
    assert same("SoftMax.PY") == same("softmax.py")
    assert same("STRASSE") == same("straße")


@given(st.text())
def test_shown_text_is_one_printable_line(text: str) -> None:
    """No control, invisible or unpaired character survives, and the length is bounded."""
    result = shown(text, 20)
    assert not any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl"} for letter in result)
    result.encode("utf-8")
    assert len(result) <= 20 * 10


def test_shown_text_keeps_letters_and_escapes_tricks() -> None:
    """Letters of any language stay; a terminal sequence and a bidi override become escapes."""
    assert shown("été 学") == "été 学"
    assert shown("a\x1b[31m\u202eb") == "a\\x1b[31m\\u202eb"
    assert shown("x" * 50, 10) == "x" * 9 + "…"
