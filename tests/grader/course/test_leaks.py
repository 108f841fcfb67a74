"""Whatever form a secret takes, it is found before it gets out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.course import load_course
from grader.course.leaks import Secrets, find_leaks, secrets_of
from grader.course.stub import notebook_text, stub_text
from grader.model import Exercise

NAME = "03-06-softmax"


@pytest.fixture
def exercise(root: Path) -> Exercise:
    """Give the small course's only exercise."""
    return load_course(root).exercises[0]


@pytest.fixture
def secrets(exercise: Exercise) -> Secrets:
    """Give what is secret about it."""
    return secrets_of([exercise])


BODY = """
        exponentials = [math.exp(value) for value in row]

        # a comment in between
        total = sum(exponentials)
        return [value / total for value in exponentials]
"""


def test_what_students_get_holds_no_secret(exercise: Exercise, secrets: Secrets) -> None:
    """Stub, notebook, README and public tests pass."""
    files = {
        f"assignments/{NAME}/softmax.py": stub_text(exercise).encode(),
        f"assignments/{NAME}/softmax.ipynb": notebook_text(exercise).encode(),
        f"assignments/{NAME}/test_public.py": exercise.public_suite.read_bytes(),
        f"assignments/{NAME}/README.md": b"# Softmax\n",
    }
    assert find_leaks(files, secrets) == []


@pytest.mark.parametrize(
    ("path", "text", "origin"),
    [
        ("README.md", BODY, "solution of softmax"),
        (
            "notes.ipynb",
            json.dumps({"cells": [{"source": BODY.splitlines(keepends=True)}]}),
            "solution of softmax",
        ),
        (f"assignments/{NAME}/a.py", "self.data = [0.0] * n\n", "solution of Accumulator.__init__"),
        ("a.py", "### BEGIN SOLUTION\n", "solution marker"),
        ("a.py", "def test_secret_shift(student): ...\n", "test_secret_shift"),
        (
            "a.py",
            (
                "secret = [17.25, 18.25]\nfound = student.softmax(secret)\n"
                "assert abs(found[0] - 0.2689) < 1e-3\n"
            ),
            "test_secret_shift",
        ),
        ("a.md", "It normalises by the largest value, not by the sum.", "label of a mistake"),
        (f"solutions/{NAME}/x.py", "", "does not belong"),
        ("tests/hidden/x.py", "", "does not belong"),
        ("mistakes.py", "", "does not belong"),
    ],
)
def test_each_kind_of_secret_is_found(secrets: Secrets, path: str, text: str, origin: str) -> None:
    """Indentation, blank lines, comments and notebook cells do not hide it."""
    (leak, *_) = find_leaks({path: text.encode()}, secrets)
    assert leak.startswith(f"{path}: ")
    assert origin in leak


def test_a_copy_of_a_secret_file_is_found_under_any_name(exercise: Exercise) -> None:
    """By its hash, even where nothing in it looks like a test; a driver holds no secret."""
    data = exercise.hidden_dir / "labels.bin"
    data.write_bytes(b"\x00\x01\x02")
    driver = exercise.hidden_dir / "driver.py"
    driver.write_bytes(b"import torch\n")
    secrets = secrets_of([exercise])
    assert find_leaks({"holiday.jpg": data.read_bytes()}, secrets) == [
        f"holiday.jpg: this is {data}."
    ]
    assert find_leaks({"driver.py": driver.read_bytes()}, secrets) == []


def test_two_lines_of_a_hidden_test_may_occur_by_themselves(exercise: Exercise) -> None:
    """Three tell."""
    text = exercise.hidden_suite.read_text(encoding="utf-8")
    body = "    secret = [17.25, 18.25]\n    found = student.softmax(secret)\n"
    exercise.hidden_suite.write_text(text[: text.index(body)] + body, encoding="utf-8")
    assert find_leaks({"a.py": body.encode()}, secrets_of([exercise])) == []


def test_one_line_of_code_tells_only_in_its_own_exercise(secrets: Secrets) -> None:
    """Elsewhere it may well have been written by itself."""
    assert find_leaks({"assignments/04-02-mlp/mlp.py": b"self.data = [0.0] * n\n"}, secrets) == []


def test_a_test_of_a_public_name_may_bear_it(exercise: Exercise) -> None:
    """Two suites may both have a `test_sum`."""
    text = exercise.hidden_suite.read_text(encoding="utf-8")
    exercise.hidden_suite.write_text(text.replace("secret_shift", "sum"), encoding="utf-8")
    public = {"test_public.py": exercise.public_suite.read_bytes()}
    assert find_leaks(public, secrets_of([exercise])) == []


def test_the_graders_own_code_may_speak_of_markers(secrets: Secrets) -> None:
    """Its source says what the markers look like."""
    files = {"grader/course/markers.py": b'BEGIN = "### BEGIN SOLUTION"\n'}
    assert find_leaks(files, secrets, ours=True) == []
    assert find_leaks(files, secrets) != []
