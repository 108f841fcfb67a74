"""Both languages say the same things, and the course's own sentences find their translation."""

from __future__ import annotations

import ast
import io
import re
import string
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from grader import report
from grader.model import Comparison, Confidence, Diagnosis, HandInStatus, Outcome, Verdict
from grader.report import print_grade, render_html
from grader.report.language import TAGS, Say, catalogue, english_lines
from tests.grader.report import grades

REPORT = Path(report.__file__).parent
LINES = {
    "03-06-softmax": {
        "Softmax regression from scratch": "从零实现 softmax 回归",
        "Softmax of each row": "每一行的 softmax",
        "Each row of the result sums to 1.": "结果的每一行之和为 1。",
        "Look at the dimension you sum over.": "看一看你是沿哪个维度求和的。",
    }
}
ENGLISH = re.compile(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}")


def gaps(sentence: str) -> set[str]:
    """The names of the values that a sentence wants."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_every_language_has_the_same_sentences() -> None:
    """The same keys in the same order, each with the same gaps."""
    english = catalogue("en")
    for language in TAGS:
        other = catalogue(language)
        assert list(other) == list(english)
        for key, sentence in english.items():
            assert gaps(other[key]) == gaps(sentence) or key.endswith(".one"), key
            assert bool(other[key]) == bool(sentence), key


def _keys_asked_for() -> set[str]:
    """Every text in the code of this room that could be a key, gaps of f-strings as `*`."""
    found: set[str] = set()
    for path in REPORT.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(re.escape(node.value))
                if re.fullmatch(r"[a-z]+\.", node.value):  # the beginning of all keys of a group
                    found.add(rf"{re.escape(node.value)}[\w.]+")
            elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "spoken":
                found |= {
                    rf"{re.escape(text.value)}(_part)?\.[\w.]+"
                    for text in node.args
                    if isinstance(text, ast.Constant)
                }
            elif isinstance(node, ast.JoinedStr):
                parts = (
                    re.escape(part.value) if isinstance(part, ast.Constant) else r"[\w.]+"
                    for part in node.values
                )
                # Of a gap alone nothing can be told.
                found |= {text for text in ["".join(parts)] if re.search(r"[a-z]{4}", text)}
    for path in (REPORT / "templates").glob("*.j2"):
        found |= {
            re.escape(text) for text in re.findall(r'"([a-z_.]+)(?=")', path.read_text("utf-8"))
        }
    return found


def test_no_sentence_is_left_over() -> None:
    """Each key of the catalogue is asked for somewhere."""
    asked = re.compile("|".join(f"(?:{key})" for key in _keys_asked_for() if key))
    plain = (key.removesuffix(".one").removesuffix(".many") for key in catalogue("en"))
    assert [key for key in plain if not asked.fullmatch(key)] == []


@pytest.mark.parametrize("kind", [k for k in grades.EVERY_KIND if k != "hostile"])
def test_a_chinese_page_has_no_english_sentence_of_ours(kind: str) -> None:
    """What is left in English comes from the course, the tests or the student."""
    grade = grades.EVERY_KIND[kind]
    html = render_html(grade, Say("zh"))
    assert '<html lang="zh-CN">' in html
    html = re.sub(r"<(style|script|bdi|code)\b.*?</\1>", "", html, flags=re.DOTALL)
    given = {
        text
        for exercise in grade.exercises
        for text in (
            exercise.exercise.title,
            *(task.task.title for task in exercise.tasks),
            *(line for v in exercise.verdicts for line in (v.test.title, v.test.hint)),
        )
    }
    for text in sorted(given, key=len, reverse=True):
        html = html.replace(text, "") if text else html
    assert ENGLISH.findall(re.sub(r"<[^>]*>", "|", html)) == []


@pytest.mark.parametrize("kind", grades.EVERY_KIND)
@pytest.mark.parametrize("width", [80, 40])
def test_no_chinese_line_is_wider_than_the_terminal(kind: str, width: int) -> None:
    """A Chinese character takes two columns."""
    file = io.StringIO()
    print_grade(grades.EVERY_KIND[kind], Console(file=file, width=width), Say("zh", LINES))
    assert max(map(cell_len, file.getvalue().splitlines())) <= width


def test_the_terminal_speaks_chinese() -> None:
    """Status, hint and score; columns stay in line."""
    file = io.StringIO()
    print_grade(grades.EVERY_KIND["failing"], Console(file=file, width=80), Say("zh", LINES))
    text = file.getvalue()
    for part in (
        "从零实现 softmax 回归",
        "✗ 未通过       0/1  结果的每一行之和为 1。",
        "✓ 通过         1/1  ",
        "提示：看一看你是沿哪个维度求和的。",
        "得分：4.5 / 12 分",
    ):
        assert part in text


def test_the_courses_sentences_are_shown_in_the_language_asked_for() -> None:
    """Titles, lines and hints, and English where a translation is missing."""
    html = render_html(grades.EVERY_KIND["failing"], Say("zh", LINES))
    for text in LINES["03-06-softmax"].values():
        assert text in html
    assert "Each row of the result" not in html
    assert "Cross-entropy of the right class" in html


@given(st.text(max_size=300))
def test_what_is_not_ours_is_told_as_it_is(text: str) -> None:
    """Whatever stands in a verdict, telling it ends and loses nothing but spaces."""
    assert Say("zh").told("", f"x {text}").replace(" ", "") == f"x {text}".replace(" ", "")


def test_what_became_of_a_test_is_told_sentence_by_sentence() -> None:
    """Ours in Chinese, the author's where there is a translation, the student's as it is."""
    say = Say("zh", {"03-06-softmax": {"It adds.": "它做加法。"}})
    for english, chinese in (
        (
            (
                "f(X): 5 of 6 values differ from what is expected. Rows sum to 1. "
                "First difference at [0, 1]: expected 0.5, got 0.25."
            ),
            (
                "f(X)：6 个值中有 5 个与预期不同。Rows sum to 1. "
                "第一处不同在 [0, 1]：预期 0.5，得到 0.25。"
            ),
        ),
        (
            "f(X): got a float32 tensor of shape (2, 3), expected a Python number.",
            "f(X)：得到的是形状为 (2, 3) 的 float32 张量，预期是一个 Python 数。",
        ),
        (
            "Not run, because this has to pass first: It adds (3)",
            "没有运行，因为要先通过：它做加法 (3)",
        ),
        (
            "Your code raised ValueError at f.py:3: Remove it. A loss became nan or infinite.",
            "你的代码在 f.py:3 抛出了 ValueError：Remove it. A loss became nan or infinite.",
        ),
    ):
        assert say.told("03-06-softmax", english) == chinese
    assert "你的代码没有在 10 秒内结束。" in render_html(grades.EVERY_KIND["failing"], Say("zh"))


def test_what_was_noted_while_reading_is_told_in_the_language_of_the_page() -> None:
    """Also why another file was not graded; a syntax error keeps the words of Python."""
    say = Say("zh")
    for english, chinese in (
        ("a.py: the file is empty.", "a.py：文件是空的。"),
        (
            "a.ipynb: this is not a notebook that can be read; it is nested too deeply.",
            "a.ipynb：这不是可以读取的笔记本：嵌套太深。",
        ),
        ("It was not graded: a.py: the file is empty.", "没有评分：a.py：文件是空的。"),
        ("It was not graded: a.py answers every task.", "没有评分：a.py 已回答全部任务。"),
        ("a.py is a link, and only plain files are read.", "a.py 是链接，而这里只读取普通文件。"),
        ("`!pip install` is not Python and was set aside.", "`!pip install` 不是 Python，已忽略。"),
        ("a.py:3: invalid syntax: x = = 1", "a.py:3: invalid syntax: x = = 1"),
    ):
        assert say.read(english) == chinese


def test_a_diagnosis_is_translated_like_a_line() -> None:
    """Label and hint of a known mistake, in a sentence of the page's language."""
    found = Diagnosis("softmax", "sums over columns", "Which dimension?", Confidence.EXACT)
    grade = grades.EVERY_KIND["failing"]
    exercise = replace(grade.exercises[0], diagnoses=(found,))
    lines = {"03-06-softmax": {"sums over columns": "沿列求和", "Which dimension?": "哪个维度？"}}
    html = render_html(replace(grade, exercises=(exercise,)), Say("zh", lines))
    assert "你的代码与一个已知错误的表现完全一致：沿列求和。" in html
    assert "哪个维度？" in html


def _texts_of(path: Path) -> set[str]:
    """Every text in a file of code, gaps of f-strings as `1`."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    found = {node.value for node in nodes if isinstance(node, ast.Constant)}
    found |= {
        "".join(str(p.value) if isinstance(p, ast.Constant) else "1" for p in node.values)
        for node in nodes
        if isinstance(node, ast.JoinedStr)
    }
    return {text for text in found if isinstance(text, str)}


def test_what_the_judge_says_of_a_result_has_its_translation() -> None:
    """Every relation between results, and what an example compares; sizes part by part."""
    judge = Path(str(REPORT)).parent / "judge"
    relations = {t for t in _texts_of(judge / "relations.py") if re.match(r"Your result .*\.$", t)}
    compared = {"result", "argument after the call"} & _texts_of(judge / "counterexample.py")
    assert len(relations) > len(compared) == 2
    say = Say("zh")
    for group, texts in (("relation", relations), ("answer", compared)):
        for text in texts:
            assert Say("en").spoken(group, text) == text
            assert not ENGLISH.search(say.spoken(group, text)), text
    size = "Your result has the wrong size: 1 less along axis 0, 2 more along axis 1."
    assert say.spoken("relation", size) == "你的结果大小不对：沿第 0 轴少 1，沿第 1 轴多 2。"
    assert Say("en").spoken("relation", size) == size
    assert say.spoken("answer", "result[0]") == "结果[0]"
    assert say.spoken("relation", "Something else.") == "Something else."


def test_a_relation_is_told_in_the_language_of_the_page() -> None:
    """With the numbers that it was written down with, and the example beside it."""
    label = "Your result is the expected one times 5/2, everywhere."
    example = Comparison("argument after the call[1]", (("1",),), (("2",),), ((0, 0),))
    found = Diagnosis("softmax", label, "", Confidence.RELATION, example, "softmax(1)")
    grade = grades.EVERY_KIND["failing"]
    exercise = replace(grade.exercises[0], diagnoses=(found,))
    html = render_html(replace(grade, exercises=(exercise,)), Say("zh"))
    assert "你的结果处处是预期结果的 5/2 倍。" in html
    assert "调用之后的参数[1]" in html
    assert "Your result" not in html


def test_the_line_of_a_test_with_parameters_is_found() -> None:
    """`It adds up (3, 4)` is the line `It adds up.` with its parameters."""
    say = Say("zh", {"a": {"It adds up.": "它求和。", "No stop": "没有句号"}})
    assert say.line("a", "It adds up (3-4)") == "它求和 (3-4)"
    assert say.line("a", "No stop (x)") == "没有句号 (x)"
    assert say.line("a", "It subtracts (x)") == "It subtracts (x)"
    assert say.line("b", "It adds up.") == "It adds up."
    assert english_lines("It adds (up) here (3)") == (
        "It adds (up) here (3)",
        "It adds (up) here.",
        "It adds (up) here",
    )


def test_a_gap_is_filled_with_text_and_never_read_again() -> None:
    """Braces and attributes in a student's text stay what they are."""
    hostile = "{0.__class__} {language} %s"
    found = grades.hand_in(status=HandInStatus.UNREADABLE, problem=hostile)
    html = render_html(grades.grade(grades.not_run(), found=found), Say("zh"))
    assert hostile in html
    frame = replace(grades.FRAMES[0], function=hostile)
    failed = Verdict(grades.NLL, Outcome.ERROR, "No.", frames=(frame,))
    assert f"位于 {hostile}" in render_html(grades.grade([failed]), Say("zh"))
