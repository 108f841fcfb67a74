"""Small wrong changes of a reference, to see whether its suite notices each of them.

Only statements inside solution regions are changed, one change at a time. Type hints,
docstrings and the texts of errors stay as they are. Nothing is random: the same reference
gives the same mutants in the same order, and each has a key that survives changes elsewhere
in the file: `qualname: statement before => statement after`.

    operator   example
    compare    a < b            a <= b
    arithmetic a + b            a - b, a, b, and b - a where the order matters
    boolean    a and b          a or b, a, b
    sign       -a               a
    constant   3                4
    keyword    f(x, dim=1)      f(x)
    reduction  x.sum()          x.mean()
    call       f(x)             x
    statement  x = 1            (nothing)
    condition  if a:            if not a:
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.course.markers import Region, find_regions, parse_module

_COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mod,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_ORDERED = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)
_REDUCTIONS = {
    "sum": "mean",
    "mean": "sum",
    "max": "min",
    "min": "max",
    "amax": "amin",
    "amin": "amax",
    "argmax": "argmin",
    "argmin": "argmax",
    "any": "all",
    "all": "any",
}
_LEFT_OUT = {"annotation", "returns", "decorator_list", "msg", "type_params"}
_REMOVABLE = (
    ast.Assign,
    ast.AugAssign,
    ast.Return,
    ast.Raise,
    ast.If,
    ast.For,
    ast.While,
    ast.With,
    ast.Try,
    ast.Delete,
    ast.Assert,
    ast.Break,
    ast.Continue,
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A reference with one change.

    Attributes:
        key: `qualname: before => after`; unique, and stable while the statement stands.
        operator: Kind of change, as in the table above.
        line: Line of the changed statement in the reference.
        defines: Top-level name of the module that the change is in.
        source: The whole changed module.
    """

    key: str
    operator: str
    line: int
    defines: str
    source: str


@dataclass(frozen=True, slots=True)
class _Slot:
    """A place in the tree: what hangs at `parent.field[index]`, or at `parent.field`."""

    parent: ast.AST
    field: str
    index: int | None
    statement: ast.stmt

    def put(self, node: object) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node

    def get(self) -> Any:
        found = getattr(self.parent, self.field)
        return found if self.index is None else found[self.index]


def make_mutants(source: str, path: Path) -> tuple[Mutant, ...]:
    """Make every mutant of a reference.

    Args:
        source: Its text, with markers.
        path: Its file, for messages.

    Raises:
        CourseError: If it is not Python or wrongly marked.
    """
    tree = parse_module(source, path)
    modules = _imported(tree)
    seen = {ast.unparse(tree)}
    counts: Counter[str] = Counter()
    found = []
    for region in find_regions(source, path):
        for slot in _region_slots(tree, region):
            for operator, changed in _changes(slot, modules):
                key, text = _apply(tree, slot, changed, region.qualname)
                if text in seen:
                    continue
                seen.add(text)
                counts[key] += 1
                if counts[key] > 1:
                    key = f"{key} ({counts[key]})"
                defines = region.qualname.partition(".")[0]
                found.append(Mutant(key, operator, slot.statement.lineno, defines, text))
    return tuple(found)


def _apply(tree: ast.Module, slot: _Slot, changed: ast.AST, qualname: str) -> tuple[str, str]:
    """Give key and text of the module with one change, leaving the tree as it was."""
    before, original = _header(slot.statement), slot.get()
    slot.put(changed)
    try:
        after = _header(changed if original is slot.statement else slot.statement)
        return f"{qualname}: {before} => {after}", ast.unparse(tree) + "\n"
    finally:
        slot.put(original)


def _header(statement: ast.AST) -> str:
    """Give a statement on one line: a block's first line, any other whole."""
    lines = ast.unparse(statement).strip().splitlines()
    return lines[0] if hasattr(statement, "body") else " ".join(lines)


def _imported(tree: ast.Module) -> frozenset[str]:
    """List the names that imports bind: `f` of `f.relu(x)` is no value to fall back to."""
    return frozenset(
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    )


def _region_slots(node: ast.AST, region: Region) -> Iterator[_Slot]:
    """Give every place inside a region, in reading order."""
    for field, value in ast.iter_fields(node):
        children = value if isinstance(value, list) else [value]
        for index, child in enumerate(children):
            if isinstance(child, ast.stmt) and region.holds(child):
                slot = _Slot(node, field, index, child)
                if not _is_text(child):
                    yield slot
                    yield from _slots_below(child, child)
            elif isinstance(child, ast.AST):
                yield from _region_slots(child, region)


def _slots_below(node: ast.AST, statement: ast.stmt) -> Iterator[_Slot]:
    if isinstance(node, ast.Raise | ast.JoinedStr):
        return  # the texts of errors, and other texts for people
    for field, value in ast.iter_fields(node):
        if field in _LEFT_OUT:
            continue
        children = value if isinstance(value, list) else [value]
        for index, child in enumerate(children):
            if not isinstance(child, ast.AST) or _is_text(child):
                continue
            inner = child if isinstance(child, ast.stmt) else statement
            yield _Slot(node, field, index if isinstance(value, list) else None, inner)
            yield from _slots_below(child, inner)


def _is_text(node: ast.AST) -> bool:
    """Tell a docstring, or another statement that is only a constant."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(slot: _Slot, modules: frozenset[str]) -> Iterator[tuple[str, ast.AST]]:
    """Give each change of one place as (operator, what stands there instead)."""
    node = slot.get()
    match node:
        case ast.Compare():
            yield from _compare(node)
        case ast.BinOp():
            yield from _arithmetic(node)
        case ast.BoolOp():
            yield from _boolean(node)
        case ast.UnaryOp(op=ast.USub() | ast.Not() | ast.Invert()):
            yield "sign", node.operand
        case ast.Constant() if slot.field != "pattern":
            yield from _constant(node)
        case ast.Call():
            yield from _call(node, modules, dropped=not isinstance(slot.parent, ast.Expr))
        case ast.AugAssign() if type(node.op) in _ARITHMETIC:
            swapped = _ARITHMETIC[type(node.op)]()
            yield "arithmetic", ast.AugAssign(node.target, swapped, node.value)
            yield "arithmetic", _plain_assignment(node)
        case _:
            pass
    if _is_condition(slot):
        yield "condition", ast.UnaryOp(ast.Not(), node)
    if isinstance(node, _REMOVABLE) or (isinstance(node, ast.Expr) and not _is_text(node)):
        yield "statement", ast.Pass()


def _is_condition(slot: _Slot) -> bool:
    if isinstance(slot.get(), ast.UnaryOp):
        return False  # `not a` loses its `not` already
    return slot.field == "ifs" or (
        slot.field == "test" and isinstance(slot.parent, ast.If | ast.While | ast.IfExp)
    )


def _compare(node: ast.Compare) -> Iterator[tuple[str, ast.AST]]:
    for index, operator in enumerate(node.ops):
        operators = [*node.ops]
        operators[index] = _COMPARE[type(operator)]()
        yield "compare", ast.Compare(node.left, operators, node.comparators)


def _arithmetic(node: ast.BinOp) -> Iterator[tuple[str, ast.AST]]:
    if type(node.op) in _ARITHMETIC:
        yield "arithmetic", ast.BinOp(node.left, _ARITHMETIC[type(node.op)](), node.right)
    yield "arithmetic", node.left
    yield "arithmetic", node.right
    if isinstance(node.op, _ORDERED):
        yield "arithmetic", ast.BinOp(node.right, node.op, node.left)


def _boolean(node: ast.BoolOp) -> Iterator[tuple[str, ast.AST]]:
    other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield "boolean", ast.BoolOp(other, node.values)
    for index in range(len(node.values)):
        kept = node.values[:index] + node.values[index + 1 :]
        yield "boolean", kept[0] if len(kept) == 1 else ast.BoolOp(node.op, kept)


def _constant(node: ast.Constant) -> Iterator[tuple[str, ast.AST]]:
    match node.value:
        case bool():
            yield "constant", ast.Constant(not node.value)
        case int() | float():
            yield "constant", ast.Constant(node.value + 1)
        case str():
            yield "constant", ast.Constant(node.value + "x")
        case _:
            pass


def _call(
    node: ast.Call, modules: frozenset[str], *, dropped: bool
) -> Iterator[tuple[str, ast.AST]]:
    for index, keyword in enumerate(node.keywords):
        if keyword.arg:
            kept = node.keywords[:index] + node.keywords[index + 1 :]
            yield "keyword", ast.Call(node.func, node.args, kept)
    called = node.func
    if isinstance(called, ast.Attribute) and called.attr in _REDUCTIONS:
        other: ast.expr = ast.Attribute(called.value, _REDUCTIONS[called.attr], ast.Load())
        yield "reduction", ast.Call(other, node.args, node.keywords)
    if isinstance(called, ast.Name) and called.id in _REDUCTIONS:
        other = ast.Name(_REDUCTIONS[called.id], ast.Load())
        yield "reduction", ast.Call(other, node.args, node.keywords)
    if dropped:
        yield from _dropped_call(node, modules)


def _dropped_call(node: ast.Call, modules: frozenset[str]) -> Iterator[tuple[str, ast.AST]]:
    """Put in place of a call what it works on: its object, or its first argument."""
    called = node.func
    if isinstance(called, ast.Attribute) and _root(called) not in {*modules, "self"}:
        yield "call", called.value
    elif node.args and not isinstance(node.args[0], ast.Starred):
        yield "call", node.args[0]


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _plain_assignment(node: ast.AugAssign) -> ast.Assign:
    """Turn `x += y` into `x = y`."""
    return ast.fix_missing_locations(ast.Assign([node.target], node.value, lineno=node.lineno))
