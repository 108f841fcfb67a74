"""No text of a student can become a workflow command, and what is shown is limited."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.export import actions
from grader.model import HandInStatus, Outcome, Verdict
from grader.report import as_stored
from tests.grader.export.runner import obeyed
from tests.grader.report import grades


@given(st.text(), st.text())
def test_any_text_is_one_command_and_comes_back(text: str, title: str) -> None:
    """Line ends, percent signs, colons and commas are escaped, nothing else changes."""
    line = actions.command("error", text, file="a.py", line=3, title=title)
    assert "\n" not in line
    assert "\r" not in line
    (found,) = obeyed(line)
    assert (found.name, found.text) == ("error", text)
    assert found.properties["file"] == "a.py"
    assert found.properties.get("title", "") == title


def test_data_and_properties_are_escaped_differently() -> None:
    """A colon and a comma are harmless in the text, not in a property."""
    assert actions.escape_data("a%b\r\n:,") == "a%25b%0D%0A:,"
    assert actions.escape_property("a%b\r\n:,") == "a%25b%0D%0A%3A%2C"


def test_a_failure_is_shown_at_the_line_of_the_traceback_or_of_the_function() -> None:
    """The file is the student's, as the workspace names it."""
    source = "import torch\n\n\ndef softmax(X):\n    return X\n"
    fresh = grades.grade(grades.some_failed(), found=grades.hand_in(source=source))
    sources = actions.Sources("hand-in", actions.task_places(fresh))
    found = obeyed("\n".join(actions.annotate(as_stored(fresh), sources)))
    errors = {c.properties["title"].partition(": ")[2]: c for c in found if c.name == "error"}
    rows = errors["Each row of the result sums to 1."]
    assert rows.properties["file"] == "hand-in/03-06-softmax/softmax.py"
    assert rows.properties["line"] == "4"
    assert rows.text.endswith("Hint: Look at the dimension you sum over.")
    crash = errors["One example gives the negative logarithm of its probability."]
    assert crash.properties["line"] == "31"


def test_a_notebook_has_no_lines_but_says_the_cell() -> None:
    """A line of a notebook's file is a line of JSON."""
    frame = grades.FRAMES[0]
    place = replace(frame, path="softmax.ipynb, cell 4", line=2)
    wrong = Verdict(grades.MEAN, Outcome.FAILED, "The loss was averaged.")
    verdicts = [Verdict(grades.NLL, Outcome.ERROR, "NameError: log", frames=(place,)), wrong]
    book = grades.hand_in(
        path="03-06-softmax/softmax.ipynb", source="import torch\n\ndef cross_entropy(): 1\n",
        cell_of_line=((1, 2), (2, 5)),
    )  # fmt: skip
    fresh = grades.grade(verdicts, found=book)
    sources = actions.Sources("", actions.task_places(fresh))
    raised, failed, _ = obeyed("\n".join(actions.annotate(as_stored(fresh), sources)))
    assert {"file", "title"} == set(raised.properties) == set(failed.properties)
    assert raised.text.endswith("\nsoftmax.ipynb, cell 4, line 2")
    assert failed.text.endswith("\nsoftmax.ipynb, cell 5, line 2")


def test_at_most_eight_failures_and_one_total_are_shown() -> None:
    """Actions drops the eleventh of a kind without a word; the costliest come first."""
    cases = [grades.case(f"test_{i}", f"Fact {i}.", points=Fraction(i)) for i in range(1, 31)]
    verdicts = [Verdict(case, Outcome.FAILED, "wrong") for case in cases]
    found = obeyed(
        "\n".join(actions.annotate(as_stored(grades.grade(verdicts)), actions.Sources()))
    )
    titles = [c.properties["title"].rpartition(": ")[2] for c in found if c.name == "error"]
    assert titles == [f"Fact {i}." for i in range(30, 22, -1)]
    (total,) = [c for c in found if c.name == "notice"]
    assert total.text == "0/465 points, 0 of 30 tests passed; 22 more failures are on the page."


def test_what_cannot_be_read_is_shown_at_its_file() -> None:
    """There is no test to show it at."""
    hand_in = grades.hand_in(status=HandInStatus.UNREADABLE, problem="It is not UTF-8.", source="")
    found = grades.grade(grades.not_run(), found=hand_in)
    error = obeyed("\n".join(actions.annotate(as_stored(found), actions.Sources())))[0]
    assert error.properties["file"] == "03-06-softmax/softmax.py"
    assert error.text == "It is not UTF-8."


def test_hostile_texts_stay_texts() -> None:
    """Names, messages and tracebacks of a student who knows the syntax."""
    lines = actions.annotate(as_stored(grades.hostile()), actions.Sources())
    found = obeyed("\n".join(lines))
    assert len(found) == len(lines) == actions.SHOWN_FAILURES + 1
    assert all(len(c.text) <= actions.MESSAGE_LIMIT for c in found)


def test_the_classroom_learns_the_points_from_two_notices() -> None:
    """Their words are fixed; the points are decimals."""
    verdicts = [
        Verdict(grades.case("test_a", "A.", points=Fraction(733, 10)), Outcome.PASSED),
        Verdict(grades.case("test_b", "B.", points=Fraction(267, 10)), Outcome.FAILED, "no"),
    ]
    assert actions.classroom_notices(as_stored(grades.grade(verdicts))) == [
        "::notice title=Autograding complete::Points 73.3/100",
        '::notice title=Autograding report::{"totalPoints":73.3,"maxPoints":100}',
    ]


def test_a_fault_of_ours_gives_the_classroom_no_points() -> None:
    """Nothing is better than a zero."""
    stored = as_stored(grades.grade(grades.with_fault()))
    assert actions.classroom_notices(stored) == []
    assert "no score" in actions.annotate(stored, actions.Sources())[-1]


def test_an_output_has_one_line() -> None:
    """A second one would set another output."""
    assert actions.output_lines({"score": 73.3, "max-score": 100}) == "score=73.3\nmax-score=100\n"
    with pytest.raises(ValueError, match="more than one line"):
        actions.output_lines({"score": "1\nmax-score=1"})
