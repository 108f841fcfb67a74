"""Translations are read strictly, and those of sentences nobody says are found."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from grader import course
from grader.course.translations import stale_translations, translations
from grader.errors import CourseError
from grader.model import Course, TestCase, Visibility
from grader.report import TAGS

ROOT = Path(__file__).parents[3]
PUBLIC = "assignments/03-06-softmax/zh.yml"
HIDDEN = "tests/hidden/03-06-softmax/zh.yml"


def case(name: str, title: str, visibility: Visibility, hint: str = "") -> TestCase:
    """A test of the course's exercise."""
    file = "test_public.py" if visibility is Visibility.PUBLIC else "test_softmax.py"
    return TestCase(
        f"{file}::{name}", "03-06-softmax", "softmax", title, Fraction(1), visibility, hint
    )


TESTS = (
    case("test_sum", "Rows sum to 1.", Visibility.PUBLIC, "Which dimension?"),
    case("test_size[3-4]", "Any size does (3-4)", Visibility.PUBLIC),
    case("test_large", "Large logits do.", Visibility.HIDDEN, "What is exp(1000)?"),
)


@pytest.fixture
def found(root: Path) -> Course:
    """A course of one exercise that a test may add to."""
    return course.load_course(root)


def write(found: Course, name: str, text: str) -> None:
    """Write one file of the course."""
    (found.root / name).parent.mkdir(parents=True, exist_ok=True)
    (found.root / name).write_text(text, "utf-8")


def test_both_files_are_read_by_exercise(found: Course) -> None:
    """English text to translation; English itself and a missing file need none."""
    write(found, PUBLIC, '"Rows sum to 1.": "每行之和为 1。"\n')
    write(found, HIDDEN, '"Large logits do.": "大数也行。"\n')
    read = translations(found.exercises, "zh")
    expected = {"Rows sum to 1.": "每行之和为 1。", "Large logits do.": "大数也行。"}
    assert read["03-06-softmax"] == expected
    assert translations(found.exercises, "en") == {}
    (found.root / PUBLIC).unlink()
    assert list(translations(found.exercises, "zh")["03-06-softmax"]) == ["Large logits do."]


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("- a\n", ":1:1", "must be a map"),
        ('"A": 3\n', ":1:6", "must be text"),
        ('"A": "甲"\n"B":\n', ":2:", "must be text"),
        ('"A": "甲"\n"A": "乙"\n', ":2:1", "a second time"),
        ('"A": [甲]\n', ":1:6", "must be text"),
        ('"A": "  "\n', ":1:6", "must be text"),
    ],
)
def test_a_broken_file_is_an_error_with_its_place(
    found: Course, text: str, place: str, words: str
) -> None:
    """file:line:column, and what is wrong there."""
    write(found, PUBLIC, text)
    with pytest.raises(CourseError) as caught:
        translations(found.exercises, "zh")
    assert f"zh.yml{place}" in caught.value.where
    assert words in caught.value.what


def test_a_sentence_that_nobody_says_is_found_with_a_near_miss(found: Course) -> None:
    """Titles, lines without parameters and hints are known; the rest is stale."""
    title = found.exercises[0].title
    write(
        found,
        PUBLIC,
        f'"{title}": "甲"\n"Which dimension?": "乙"\n"Any size does.": "丙"\n'
        '"Rows sum to one.": "丁"\n',
    )
    (problem,) = stale_translations(found.exercises[0], TESTS)
    assert problem.where.endswith("zh.yml:4:1")
    assert "Rows sum to one." in problem.what
    assert "Rows sum to 1." in problem.what_now


def test_a_hidden_line_may_not_stand_in_the_public_file(found: Course) -> None:
    """The public file is handed out; the hidden one is not."""
    write(found, PUBLIC, '"What is exp(1000)?": "甲"\n')
    write(found, HIDDEN, '"What is exp(1000)?": "甲"\n"Large logits do.": "乙"\n')
    (problem,) = stale_translations(found.exercises[0], TESTS)
    assert PUBLIC in problem.where


def test_a_course_may_name_its_language(found: Course) -> None:
    """`language: zh` in autograde.yml; nothing but what the page speaks is taken."""
    file = found.root / "autograde.yml"
    text = file.read_text("utf-8")
    assert found.language == "en"
    file.write_text(f"{text}language: zh\n", "utf-8")
    assert course.load_course(found.root).language == "zh"
    file.write_text(f"{text}language: fr\n", "utf-8")
    with pytest.raises(CourseError, match="language"):
        course.load_course(found.root)


def test_the_page_speaks_every_language_of_the_course() -> None:
    """The rooms do not import one another, so that the two lists could drift."""
    assert translations((), list(TAGS)[1]) == {}
    from grader.course.translations import LANGUAGES

    assert tuple(TAGS) == LANGUAGES


@pytest.mark.parametrize("name", ["assignments", "tests/hidden"])
def test_the_exercises_of_this_course_are_translated(name: str) -> None:
    """Each has its file, which can be read."""
    real = course.load_course(ROOT)
    for exercise in real.exercises:
        assert (ROOT / name / exercise.id / "zh.yml").is_file()
    assert all(translations(real.exercises, "zh").values())
