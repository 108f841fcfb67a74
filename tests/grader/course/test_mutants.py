"""Mutants are small, deterministic, keyed, and stay inside the solution."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import pytest

from grader.course.mutants import Mutant, make_mutants

PATH = Path("softmax.py")


def _mutants(body: str, before: str = "import torch") -> tuple[Mutant, ...]:
    """Mutate a function of the given body."""
    inner = textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
    text = (
        f"{before}\n\n\ndef f(x, y, z=5):\n    ### BEGIN SOLUTION\n{inner}\n    ### END SOLUTION\n"
    )
    return make_mutants(text, PATH)


def _after(body: str, operator: str) -> set[str]:
    """Give what one operator makes of the statements of a body."""
    return {
        mutant.key.partition(" => ")[2] for mutant in _mutants(body) if mutant.operator == operator
    }


@pytest.mark.parametrize(
    ("operator", "statement", "after"),
    [
        ("compare", "return x < y", {"return x <= y"}),
        ("compare", "return x == y", {"return x != y"}),
        ("compare", "return 0 < x <= y", {"return 0 <= x <= y", "return 0 < x < y"}),
        ("arithmetic", "return x + y", {"return x - y", "return x", "return y"}),
        (
            "arithmetic",
            "return x - y",
            {"return x + y", "return x", "return y", "return y - x"},
        ),
        ("arithmetic", "return x @ y", {"return x", "return y", "return y @ x"}),
        ("arithmetic", "x += y", {"x -= y", "x = y"}),
        ("boolean", "return x and y", {"return x or y", "return x", "return y"}),
        ("sign", "return -x", {"return x"}),
        ("sign", "return not x", {"return x"}),
        ("constant", "return 3", {"return 4"}),
        ("constant", "return 0.5", {"return 1.5"}),
        ("constant", "return True", {"return False"}),
        ("constant", "return 'ij'", {"return 'ijx'"}),
        ("constant", "return None", set()),
        (
            "keyword",
            "return x.sum(dim=1, keepdim=True)",
            {"return x.sum(keepdim=True)", "return x.sum(dim=1)"},
        ),
        ("reduction", "return x.sum()", {"return x.mean()"}),
        ("reduction", "return max(x)", {"return min(x)"}),
        ("call", "return torch.exp(x)", {"return x"}),
        ("call", "return x.exp(y)", {"return x"}),
        ("call", "return self.layer(x)", {"return x"}),
        ("call", "return g(x, y)", {"return x"}),
        ("call", "return g(*x)", set()),
        ("call", "g(x)", set()),
        ("statement", "x = y", {"pass"}),
        ("statement", "g(x)", {"pass"}),
        ("statement", "return x", {"pass"}),
        ("statement", "pass", set()),
        ("statement", "def g():\n    pass", set()),
        ("condition", "if x:\n    pass", {"if not x:"}),
        ("condition", "while x:\n    pass", {"while not x:"}),
        ("condition", "return x if y else z", {"return x if not y else z"}),
        ("condition", "return [a for a in x if a]", {"return [a for a in x if not a]"}),
    ],
)
def test_each_operator_makes_its_changes(operator: str, statement: str, after: set[str]) -> None:
    """The table at the top of the module, line by line."""
    assert _after(statement, operator) == after


def test_texts_for_people_and_type_hints_stay() -> None:
    """No suite should have to test the wording of an error."""
    body = '''
        """A docstring 1."""
        n: int = g()
        assert n, "message 2"
        if n:
            raise ValueError("message 3")
        def inner(a: 4 = 5) -> 6:
            """Another 7."""
            return f"{a} 8"
        return inner
    '''
    changed = [mutant.key for mutant in _mutants(body) if mutant.operator == "constant"]
    assert changed == ["f: def inner(a: 4=5) -> 6: => def inner(a: 4=6) -> 6:"]


def test_only_the_solution_is_changed() -> None:
    """What students are given is not theirs to get wrong."""
    found = _mutants("return x", before="A = 1 + 2")
    assert [mutant.key for mutant in found] == ["f: return x => pass"]


def test_every_mutant_is_python_and_differs_from_all_others() -> None:
    """And from the reference."""
    body = (
        "for a in x:\n    if a > 0 and not y:\n        z += torch.sum(a * 2, dim=0)\nreturn z / 2"
    )
    found = _mutants(body)
    sources = [mutant.source for mutant in found]
    assert len({ast.dump(ast.parse(source)) for source in sources}) == len(found) > 15
    assert all("SOLUTION" not in source for source in sources)


def test_a_key_names_function_statement_and_change_and_is_unique() -> None:
    """The innermost statement; a block shows its first line; a twin is numbered."""
    found = _mutants("for a in range(3):\n    x = a\n    x = a\nreturn x")
    keys = [mutant.key for mutant in found]
    assert "f: for a in range(3): => for a in range(4):" in keys
    assert "f: x = a => pass" in keys
    assert "f: x = a => pass (2)" in keys
    assert len(set(keys)) == len(keys)


def test_a_method_is_found_by_its_class() -> None:
    """So that the tests of its task can run first."""
    text = (
        "class A:\n    def add(self):\n        ### BEGIN SOLUTION\n        return 1\n"
        "        ### END SOLUTION\n"
    )
    found = make_mutants(text, PATH)
    assert {mutant.defines for mutant in found} == {"A"}
    assert found[0].key.startswith("A.add: ")
    assert {mutant.line for mutant in found} == {4}


def test_mutants_come_the_same_way_each_time() -> None:
    """Keys of a reviewed list must not change by themselves, nor by changes elsewhere."""
    body = "if x > 1:\n    y = x * 2\nreturn y"
    assert _mutants(body) == _mutants(body)
    moved = _mutants(body, before="import math\nimport torch")
    assert [mutant.key for mutant in moved] == [mutant.key for mutant in _mutants(body)]
