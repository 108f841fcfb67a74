"""The catalogue of known mistakes, and the alternative right answers.

`solutions/<id>/mistakes.py` is read as a syntax tree and never imported. Each entry becomes a
whole module: the reference, then the catalogue's imports and helpers, then the entry, bound
to the name that it replaces.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TypeAlias, TypeVar

from grader.course.explain import near_miss
from grader.course.markers import lines_of, parse_module
from grader.course.yamlpos import read_text
from grader.errors import CourseError
from grader.model import Exercise

SOURCE_LIMIT_BYTES = 256 * 1024
_T = TypeVar("_T")
_Definition: TypeAlias = ast.FunctionDef | ast.ClassDef
_WORDS = ("task", "label", "hint", "replaces")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One known wrong version of a task.

    Attributes:
        name: Name of the entry, unique in its catalogue.
        task: Task that it answers wrongly.
        label: What it does wrong, completing "a version that ...".
        hint: What to tell a student who made it; may be empty.
        replaces: Top-level name of the module that it stands in for.
        source: The whole mistaken module.
        where: `file:line` of the entry.
    """

    name: str
    task: str
    label: str
    hint: str
    replaces: str
    source: str
    where: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """A right answer in another style: name of the file and its text."""

    name: str
    path: Path
    source: str


def mistake(*, task: str, label: str, hint: str = "", replaces: str = "") -> Callable[[_T], _T]:
    """Mark an entry of the catalogue; the catalogue is read, not run, so this does nothing.

    Args:
        task: Task that the entry answers wrongly.
        label: What it does wrong.
        hint: What to tell a student who made it.
        replaces: Name that it stands in for, if the task defines more than one.
    """
    del task, label, hint, replaces
    return lambda entry: entry


def read_catalogue(exercise: Exercise) -> tuple[Mistake, ...]:
    """Read the known mistakes of an exercise; none if it has no catalogue or is a release.

    Raises:
        CourseError: With file and line of what is wrong.
    """
    path = exercise.solution_dir / "mistakes.py"
    if not path.is_file():
        return ()
    reference = read_text(exercise.reference, SOURCE_LIMIT_BYTES)
    defined = _top_level_names(parse_module(reference, exercise.reference))
    source = read_text(path, SOURCE_LIMIT_BYTES)
    reader = _Reader(exercise, path, source, defined)
    tree = parse_module(source, path)
    entries, shared = [], []
    for node in tree.body:
        if isinstance(node, _Definition) and reader.decorator(node):
            entries.append(node)
        elif not reader.is_left_out(node):
            reader.check_shared(node)
            shared.append(reader.text(node))
    prelude = "\n\n".join([reference.rstrip("\n"), *shared])
    found = tuple(reader.entry(node, prelude) for node in entries)
    _refuse_twins(found)
    return found


def read_alternatives(exercise: Exercise) -> tuple[Alternative, ...]:
    """Read the alternative right answers, by file name; none in a release.

    Raises:
        CourseError: If one is not readable Python.
    """
    found = []
    for path in sorted((exercise.solution_dir / "alternatives").glob("*.py")):
        source = read_text(path, SOURCE_LIMIT_BYTES)
        parse_module(source, path)
        found.append(Alternative(path.stem, path, source))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Reader:
    """What is known while one catalogue is read."""

    exercise: Exercise
    path: Path
    source: str
    defined: frozenset[str]

    def fail(self, node: ast.AST, what: str, what_now: str) -> NoReturn:
        raise CourseError(f"{self.path}:{getattr(node, 'lineno', 1)}", what, what_now)

    def decorator(self, node: _Definition) -> ast.Call | None:
        """Find `@mistake(...)` above a definition."""
        for found in node.decorator_list:
            called = found.func if isinstance(found, ast.Call) else found
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name != "mistake":
                continue
            if not isinstance(found, ast.Call):
                self.fail(found, "`@mistake` has no arguments.", "Write task, label and hint.")
            return found
        return None

    def is_left_out(self, node: ast.stmt) -> bool:
        """Tell what only the catalogue needs: docstring, its own imports, type checking."""
        if isinstance(node, ast.Expr):
            return isinstance(node.value, ast.Constant)
        if isinstance(node, ast.ImportFrom):
            ours = {"grader.course.catalogue", "__future__", self.exercise.module}
            return node.module in ours
        return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")

    def check_shared(self, node: ast.stmt) -> None:
        """Hold what all entries share to imports, helpers and constants of new names."""
        plain = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, *_Definition.__args__)
        if not isinstance(node, plain):
            what = "a catalogue holds imports, helpers and entries only."
            self.fail(node, what, "Move this into an entry.")
        for name in sorted(_top_level_names(ast.Module([node], [])) & self.defined):
            what = f"the helper `{name}` would replace the reference's in every entry."
            self.fail(node, what, "Rename it, or mark it as a mistake.")

    def entry(self, node: _Definition, prelude: str) -> Mistake:
        """Turn one decorated definition into a mistake."""
        call = self.decorator(node)
        words = self._words(call) if call else {}
        task = next((task for task in self.exercise.tasks if task.name == words["task"]), None)
        if task is None:
            known = [task.name for task in self.exercise.tasks]
            what_now = near_miss(words["task"], known) or "Name a task of exercise.yml."
            self.fail(node, f"the exercise has no task `{words['task']}`.", what_now)
        replaces = words.get("replaces", "")
        if not replaces and len(task.defines) > 1:
            what = f"the task defines {len(task.defines)} names."
            self.fail(node, what, f'Add `replaces="{task.defines[0]}"`, or another of them.')
        replaces = replaces or task.defines[0]
        if replaces not in self.defined:
            what_now = near_miss(replaces, self.defined) or "Name what the mistake stands for."
            self.fail(node, f"the reference does not define `{replaces}`.", what_now)
        bound = "" if node.name == replaces else f"\n\n{replaces} = {node.name}"
        return Mistake(
            name=node.name,
            task=task.name,
            label=words["label"],
            hint=words.get("hint", ""),
            replaces=replaces,
            source=f"{prelude}\n\n\n{self.text(node, without=call)}{bound}\n",
            where=f"{self.path}:{node.lineno}",
        )

    def _words(self, call: ast.Call) -> dict[str, str]:
        """Read the decorator's arguments, which are literal text."""
        if call.args:
            self.fail(call, "`@mistake` takes its arguments by name.", "Write task=...")
        words = {}
        for keyword in call.keywords:
            if keyword.arg not in _WORDS:
                what_now = near_miss(keyword.arg or "", _WORDS) or "Remove it."
                self.fail(keyword.value, f"`@mistake` does not take `{keyword.arg}`.", what_now)
            try:
                value = ast.literal_eval(keyword.value)
            except (ValueError, TypeError, SyntaxError, RecursionError):
                value = None
            if not isinstance(value, str):
                self.fail(keyword.value, f"`{keyword.arg}` must be plain text.", "Quote it.")
            words[keyword.arg] = value
        for required in ("task", "label"):
            if not words.get(required, "").strip():
                self.fail(call, f"the entry has no {required}.", f"Add {required}=...")
        return words

    def text(self, node: ast.stmt, without: ast.Call | None = None) -> str:
        """Give a statement's text with its decorators, but for one."""
        decorators = getattr(node, "decorator_list", [])
        kept = [f"@{ast.unparse(other)}" for other in decorators if other is not without]
        body = lines_of(self.source)[node.lineno - 1 : node.end_lineno]
        return "\n".join([*kept, *body])


def _top_level_names(tree: ast.Module) -> frozenset[str]:
    """List the names that a module binds at its top level, imports left out."""
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                names.update(name.id for name in ast.walk(target) if isinstance(name, ast.Name))
    return frozenset(names)


def _refuse_twins(found: Iterable[Mistake]) -> None:
    """Refuse two entries of one name, of which Python would keep the last, or of one label."""
    names: dict[str, str] = {}
    labels: dict[str, str] = {}
    for entry in found:
        for what, value, seen in (("name", entry.name, names), ("label", entry.label, labels)):
            if value in seen:
                message = f"an entry with this {what} stands already in {seen[value]}."
                raise CourseError(entry.where, message, f"Give it a {what} of its own.")
            seen[value] = entry.where
