"""Any text as a configuration is a course, or one error that names the place."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.course import load_course
from grader.errors import CourseError
from tests.security.cost import cpu_s

PIECES = ["title: x\n", "exercises: ", "['*']\n", "limits: ", "{", "}", "[", "]", ": ", "- ", "\n",
          "  ", "&a ", "*a ", "<<: *a\n", "!!python/object/apply:os.system ['true']\n", "!!set ",
          "? ", "|", ">", "'", '"', "%YAML 1.2\n", "---\n", "...\n", "1e999", "0x1F", ".nan", "~",
          "2026-01-01", "wall_time_s: ", "sandbox: ", "min_level: ", "due: ", "\t", "\0", "\x85",
          "\ud7ff", "#"]  # fmt: skip


def outcome(data: bytes) -> str:
    """Load bytes as `autograde.yml` and as an exercise; anything but a `CourseError` is raised."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        place = root / "assignments" / "01-01-x"
        place.mkdir(parents=True)
        (root / "autograde.yml").write_bytes(data)
        (place / "exercise.yml").write_bytes(data)
        try:
            load_course(root)
        except CourseError as error:
            return str(error)
    return ""


@settings(max_examples=150)
@given(
    st.lists(st.sampled_from(PIECES), max_size=12).map(lambda p: "".join(p).encode()) | st.binary()
)
@example(b"title: Demo\nexercises: ['*']\nlimits: {wall_time_s: 1e999}\n")
@example(b"title: Demo\nexercises: ['*']\nlimits: {memory_mib: .nan}\n")
@example(b"\xff\xfe")
def test_any_bytes_are_a_course_or_a_course_error(data: bytes) -> None:
    """No tag builds an object, and nothing but the one error is raised."""
    outcome(data)


@pytest.mark.parametrize(
    "text",
    [
        lambda n: "a: [" + "[" * n + "]" * n + "]",
        lambda n: "x: &a [1]\n" + "y: [" + "*a, " * n + "]\n",
        lambda n: "".join(f"k{i}: 1\n" for i in range(n)),
    ],
    ids=["nested", "aliases", "keys"],
)
def test_four_times_the_text_takes_no_sixteen_times_the_work(text: Callable[[int], str]) -> None:
    """Nesting, aliases and keys cost by their number."""

    def cost_s(count: int) -> float:
        data = text(count).encode()
        return cpu_s(lambda: outcome(data))

    small, large = (min(cost_s(n) for _ in range(3)) for n in (400, 1600))
    assert large < 10 * small + 0.2


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    """Ten levels of ten aliases would be ten thousand million values."""
    levels = ["a0: &a0 [1,1,1,1,1,1,1,1,1,1]"]
    levels += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert outcome("\n".join(levels).encode())
