"""Hand-written YAML is read plainly, and whatever is not plain has a place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.course.yamlpos import LIMIT_BYTES, Document, parse_document, read_document
from grader.errors import CourseError

PATH = Path("exercise.yml")


def _error(text: str) -> CourseError:
    with pytest.raises(CourseError) as caught:
        parse_document(text, PATH)
    return caught.value


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("a: 1\nb: 2\na: 3\n", "exercise.yml:3:1", "second time (first in line 1)"),
        ("a: &x 1\nb: *x\n", "exercise.yml:1:4", "anchors"),
        ("a: [*x]\n", "exercise.yml:1:5", "anchors"),
        ("a: !!python/object:os.system 1\n", "exercise.yml:1:4", "tag"),
        ("a: !!str 1\n", "exercise.yml:1:4", "tag"),
        ("a: 1\n---\nb: 2\n", "exercise.yml:2:1", "second document"),
        ("3: 1\n", "exercise.yml:1:1", "a key must be text"),
        ("[a]: 1\n", "exercise.yml:1:1", "a key must be text"),
        ("a:\n\tb: 1\n", "exercise.yml:2:1", "a tab"),
        ("a: 1\n b: 2\n", "exercise.yml:2:3", "not YAML"),
        ("a: 'b\n", "exercise.yml:2:1", "not YAML"),
        ("a: \x07\n", "exercise.yml:1:4", "may not stand here"),
        ("a: " + "[" * 40 + "]" * 40, "exercise.yml:1:", "nested too deeply"),
        ("", "exercise.yml:1:1", "empty"),
        ("# only words\n", "exercise.yml:1:1", "empty"),
    ],
)
def test_what_is_not_plain_yaml_is_refused_at_its_place(text: str, where: str, what: str) -> None:
    """Line and column count from 1, as editors do."""
    error = _error(text)
    assert error.where.startswith(where)
    assert what in error.what


def test_a_file_that_nests_deeply_is_refused_before_it_is_built() -> None:
    """Sixty thousand brackets cost neither the stack nor the afternoon."""
    assert "nested too deeply" in _error("[" * 60_000).what


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("2.50", 2.5),
        (".5", 0.5),
        ("12", 12),
        ("-7", -7),
        ("true", True),
        ("no", "no"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("0x1f", "0x1f"),
        ("007", "007"),
        (".inf", ".inf"),
        ("1e999999", "1e999999"),
        ("2026-10-01", "2026-10-01"),
        ("'1'", "1"),
        ("", None),
    ],
)
def test_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    """Nobody's `no` becomes False, and no exponent fills the memory."""
    found = parse_document(f"a: {text}\n", PATH).data
    assert isinstance(found, dict)
    assert found["a"] == value
    assert isinstance(found["a"], type(value))


def test_places_lead_to_keys_and_values() -> None:
    """A list item, a nested key and its value can all be pointed at."""
    document = parse_document("a:\n  - x\n  - b: 1\n", PATH)
    assert document.values["a", 0] == (2, 5)
    assert document.keys["a", 1, "b"] == (3, 5)
    assert document.place(("a", 1, "b")) == (3, 8)
    assert document.place(("a", 1, "missing", "deeper")) == (3, 5)


@pytest.mark.parametrize(
    ("raw", "where", "what"),
    [
        (b"a: 1\nb: \xff\n", ":2:4", "0xff is not UTF-8"),
        (b"# " + b"x" * LIMIT_BYTES, "", "longer than"),
    ],
)
def test_bytes_that_cannot_be_text_are_refused(
    tmp_path: Path, raw: bytes, where: str, what: str
) -> None:
    """The place of a broken byte is shown too."""
    path = tmp_path / "exercise.yml"
    path.write_bytes(raw)
    with pytest.raises(CourseError) as caught:
        read_document(path)
    assert caught.value.where == f"{path}{where}"
    assert what in caught.value.what


def test_a_missing_file_and_a_folder_are_course_errors(tmp_path: Path) -> None:
    """Neither ends in an OSError."""
    with pytest.raises(CourseError, match="missing"):
        read_document(tmp_path / "exercise.yml")
    with pytest.raises(CourseError, match="cannot be read"):
        read_document(tmp_path)


@given(st.text() | st.text(alphabet="ab:-[]{}&*!#'\"\n\t |>%@,?1.e~"))
@example("\ud800")
@example("a: \r b")
@example("\ufeffa: 1")
@example("%YAML 9.9\n---\na")
@example("? a\n: b")
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    """Nothing but a CourseError ever leaves the reader."""
    try:
        document = parse_document(text, PATH)
    except CourseError as caught:
        error = caught
    else:
        assert isinstance(document, Document)
        assert () in document.values
        return
    assert error.where.startswith("exercise.yml")
    assert error.what
