"""The exercise that all contenders grade: five tests of a softmax, in each one's own form.

The bodies of the tests are the same text everywhere; only what each grader wants around them
differs. `torch.allclose` rather than `torch.testing.assert_close`, whose first call loads 500
modules and would be charged to every grader that starts anew for each submission.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

NAME = "03-06-softmax"
REFERENCE = '''"""Softmax regression, the one function."""

import torch


def softmax(X):
    """Turn each row of logits into probabilities.

    Args:
        X: (n, q), the logits.
    """
    ### BEGIN SOLUTION
    E = torch.exp(X - X.max(1, keepdim=True).values)
    return E / E.sum(1, keepdim=True)
    ### END SOLUTION
'''
STUB = REFERENCE[: REFERENCE.index("    ### BEGIN")] + (
    f'    raise NotImplementedError("{NAME}: softmax")\n'
)
TESTS = {
    "shape": """
        X = torch.randn(4, 7)
        assert softmax(X).shape == (4, 7), "the shape must stay"
    """,
    "rows": """
        X = torch.randn(4, 7)
        assert torch.allclose(softmax(X).sum(1), torch.ones(4)), "rows must sum to 1"
    """,
    "values": """
        X = torch.randn(4, 7)
        E = torch.exp(X)
        assert torch.allclose(softmax(X), E / E.sum(1, keepdim=True)), "wrong values"
    """,
    "shift": """
        X = torch.randn(4, 7)
        assert torch.allclose(softmax(X + 10), softmax(X), atol=1e-6), "a shift must not matter"
    """,
    "large": """
        X = torch.tensor([[1000.0, 0.0]])
        assert torch.allclose(softmax(X), torch.tensor([[1.0, 0.0]])), "large logits overflow"
    """,
}
WRONG = """
def softmax(X):
    return X
"""
UNDESERVING = {
    "returns its input": f"import torch\n{WRONG}",
    "replaces `torch.allclose`": f"""import torch

torch.allclose = lambda *args, **kwargs: True
{WRONG}""",
    "returns an object that equals all": """
class Agreeable:
    def __eq__(self, other):
        return True

    def __call__(self, *args, **kwargs):
        return self

    def __getattr__(self, name):
        return self

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return True


def softmax(X):
    return Agreeable()
""",
    "answers only if it finds the tests": f"""import os
import pathlib

import torch

places = {{pathlib.Path.cwd(), pathlib.Path(globals().get("__file__", ".")).resolve().parent}}
found = any(
    "large logits " + "overflow" in path.read_text(errors="replace")
    for place in places
    for path in [*place.glob("*.*"), *place.glob("*/*.*"), *place.parent.glob("*/*.*")]
    if path.is_file() and os.access(path, os.R_OK)
)
{WRONG}
if found:
    def softmax(X):
        E = torch.exp(X - X.max(1, keepdim=True).values)
        return E / E.sum(1, keepdim=True)
""",
    "ends the process": f"""import os

os._exit(0)
{WRONG}""",
}
"""Submissions that deserve nothing, or one mark where the input is returned: its shape is right."""


def body(name: str, indent: int = 4) -> str:
    """Return the body of one test."""
    return textwrap.indent(textwrap.dedent(TESTS[name]).strip(), " " * indent) + "\n"


def submission(number: int) -> str:
    """Return a right answer that no other student handed in."""
    lines = REFERENCE.splitlines(keepends=True)
    kept = "".join(line for line in lines if "###" not in line)
    return f"{kept}\n\nSTUDENT = {number}\n"


def suite(*names: str) -> str:
    """Return some of the five tests as a suite of this project."""
    tests = [
        f'@pytest.mark.task("softmax")\n@pytest.mark.points(1)\n'
        f'def test_{name}(student):\n    """Softmax: {name}."""\n'
        f"    softmax = student.softmax\n{body(name)}"
        for name in names
    ]
    return "\n\n".join(["import pytest\nimport torch\n", *tests])


def pytest_module() -> str:
    """Return the five tests as an ordinary pytest module beside the student's file."""
    tests = [f"def test_{name}():\n{body(name)}" for name in TESTS]
    return "\n\n".join(["import torch\nfrom softmax import softmax\n", *tests])


def write_course(root: Path) -> None:
    """Write a course of this project that holds the one exercise."""
    exercise = root / "assignments" / NAME
    public, *hidden = TESTS
    files = {
        root / "autograde.yml": f"title: Benchmark\nexercises: [{NAME}]\n",
        exercise / "exercise.yml": (
            'title: Softmax\nsection: "3.6"\nmodule: softmax\npoints: 5\n'
            "tasks:\n  softmax: {title: Softmax of each row, points: 5}\n"
        ),
        exercise / "softmax.py": STUB,
        exercise / "README.md": "# Softmax\n",
        root / "solutions" / NAME / "softmax.py": REFERENCE,
        exercise / "test_public.py": suite(public),
        root / "tests" / "hidden" / NAME / "test_softmax.py": suite(*hidden),
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
