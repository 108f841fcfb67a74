"""Solution regions are found where they are well formed, and refused with a line elsewhere."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from grader.course.markers import find_regions
from grader.errors import CourseError

PATH = Path("softmax.py")


def _regions(text: str) -> list[tuple[int, int, str, str]]:
    found = find_regions(textwrap.dedent(text).lstrip("\n"), PATH)
    return [(region.first, region.last, region.indent, region.qualname) for region in found]


def test_regions_bear_the_name_of_the_function_around_them() -> None:
    """Methods and inner functions are named with what holds them; strings are not markers."""
    text = '''
        def outer():
            """Not a marker:
            ### BEGIN SOLUTION
            """
            def inner():
                ### BEGIN SOLUTION
                return 1  # a remark
                ### END SOLUTION
            ### BEGIN SOLUTION
            def helper():
                return inner()
            return helper()
            ### END SOLUTION

        class Net:
            if True:
                def forward(self):
                    for _ in range(2):
                        ### BEGIN SOLUTION
                        break
                        ### END SOLUTION
                    return 1
    '''
    assert _regions(text) == [
        (6, 8, "        ", "outer.inner"),
        (9, 13, "    ", "outer"),
        (19, 21, "                ", "Net.forward"),
    ]


@pytest.mark.parametrize(
    ("body", "line", "what"),
    [
        ("### BEGIN SOLUTION\n    return 1\n", 2, "never ends"),
        ("return 1\n    ### END SOLUTION\n", 3, "never began"),
        (
            "### BEGIN SOLUTION\n    x = 1\n    ### BEGIN SOLUTION\n    ### END SOLUTION\n",
            4,
            "line 2 has not ended",
        ),
        ("### BEGIN SOLUTION\n    ### END SOLUTION\n    return 1\n", 2, "no statement"),
        ("### begin solution\n    return 1\n    ### END SOLUTION\n", 2, "is not a marker"),
        ("# BEGIN SOLUTION\n    return 1\n", 2, "is not a marker"),
        ("x = 1  ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n", 2, "behind code"),
        (
            "x = [\n        ### BEGIN SOLUTION\n        1,\n        ### END SOLUTION\n    ]\n",
            2,
            "cuts this statement",
        ),
        (
            (
                "if f:\n        ### BEGIN SOLUTION\n        x = 1\n    ### END SOLUTION\n"
                "    else:\n        x = 2\n"
            ),
            3,
            None,
        ),
        (
            (
                "if f:\n        ### BEGIN SOLUTION\n        x = 1\n    else:\n        x = 2\n"
                "        ### END SOLUTION\n"
            ),
            3,
            "one block",
        ),
        ("pass\n        ### BEGIN SOLUTION\n    x = 1\n        ### END SOLUTION\n", 3, "one block"),
    ],
)
def test_a_misplaced_marker_is_named_with_its_line(body: str, line: int, what: str | None) -> None:
    """Each way to get the markers wrong has a sentence of its own."""
    text = f"def f():\n    {body}"
    if what is None:  # an end marker may stand anywhere behind its last statement
        assert len(find_regions(text, PATH)) == 1
        return
    with pytest.raises(CourseError) as caught:
        find_regions(text, PATH)
    assert caught.value.where == f"softmax.py:{line}"
    assert what in caught.value.what


@pytest.mark.parametrize(
    "text",
    [
        "### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n",
        "class A:\n    ### BEGIN SOLUTION\n    x = 1\n    ### END SOLUTION\n    y = 2\n",
    ],
)
def test_a_region_outside_a_function_is_refused(text: str) -> None:
    """A stub whose module raises could not even be imported."""
    with pytest.raises(CourseError, match="outside the body of a function"):
        find_regions(text, PATH)


def test_a_region_that_reaches_into_the_next_function_is_refused() -> None:
    """Forgetting an end marker must not swallow what follows."""
    text = """
        def f():
            ### BEGIN SOLUTION
            return 1

        def g():
            return 2
            ### END SOLUTION
    """
    with pytest.raises(CourseError, match="one block"):
        _regions(text)


def test_a_syntax_error_is_named_with_its_place() -> None:
    """The reference has to be Python before it can be cut."""
    with pytest.raises(CourseError, match=r"softmax\.py:2:"):
        find_regions("x = 1\ndef f(:\n", PATH)
