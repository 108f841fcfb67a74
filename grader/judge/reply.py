"""An answer of the cell, with its side effects: changed arguments and graphs to go back through.

Tensors that the student's code changed in place come back changed, gradients included, where
the test asks for it (`@pytest.mark.in_place`); elsewhere `expect.unchanged` knows of it. A
result that is one of the arguments is that very argument here too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import torch

from grader.judge.channel import Answer, broken
from grader.judge.proxy import Released
from grader.judge.raised import ForbiddenOperatorError

if TYPE_CHECKING:
    from grader.judge.session import Session


def mark_changed(tensor: torch.Tensor) -> None:
    """Note on a tensor of the judge that the student's code changed its copy in place."""
    tensor.changed_in_the_cell = True  # type: ignore[attr-defined]


def is_changed(tensor: torch.Tensor) -> bool:
    """Tell whether the student's code changed its copy of a tensor in place."""
    return getattr(tensor, "changed_in_the_cell", False)


class Reply:
    """One answer, its side effects applied to the judge's own tensors."""

    def __init__(self, session: Session, answer: Answer, sent: list[torch.Tensor]) -> None:
        """Prepare; nothing is applied before `value`.

        Args:
            session: Whose cell answered.
            answer: What it said.
            sent: The tensors of the request, in their order.
        """
        self._session = session
        self._answer = answer
        self._sent = sent
        self._changed: dict[int, torch.Tensor] = {}

    def value(self) -> Any:
        """Apply in-place changes, connect autograd, and return the rebuilt value."""
        body = self._answer.body
        if not isinstance(body, dict) or "value" not in body:
            raise broken("an answer without a value")
        seen = set(_strings(body.get("operators", []))) & self._session.forbidden
        if seen:
            raise ForbiddenOperatorError(sorted(seen))
        changes = body.get("changed", [])
        if len(changes) > len(self._sent):
            raise broken("more changed arguments than there are")
        for change in changes:
            self._apply(change)
        if "node" in body:
            self._connect(body)
        return self._answer.unpack(body["value"], self._resolve)

    def _resolve(self, tree: list[Any]) -> Any:
        match tree:
            case ["A", int() as index] if 0 <= index < len(self._sent):
                return self._changed.get(index, self._sent[index])
        return self._session.resolve(tree)

    def _apply(self, change: Any) -> None:
        match change:
            case [int() as index, int() as new, int() as grad] if self._fits(index, new, grad):
                mine, theirs = self._sent[index], self._answer.tensors[new]
                if not self._session.mirrors:
                    self._changed[index] = theirs
                    mark_changed(mine)
                    return
                if theirs.shape == mine.shape:
                    with torch.no_grad():
                        mine.copy_(theirs.detach())
                else:
                    mine.data = theirs.detach()
                mine.grad = None if grad == -1 else self._answer.tensors[grad].detach()
                return
            case _:
                raise broken("a changed argument of no known form")

    def _fits(self, index: int, new: int, grad: int) -> bool:
        theirs = self._answer.tensors
        if not (0 <= index < len(self._sent) and 0 <= new < len(theirs)):
            return False
        if theirs[new].dtype != self._sent[index].dtype:
            return False
        if grad == -1:
            return True
        if not 0 <= grad < len(theirs):
            return False
        return (theirs[grad].shape, theirs[grad].dtype) == (theirs[new].shape, theirs[new].dtype)

    def _connect(self, body: dict[str, Any]) -> None:
        match body:
            case {
                "node": int() as node,
                "outputs": list() as outputs,
                "inputs": list() as inputs,
            } if _indices(outputs, len(self._answer.tensors)) and _indices(inputs, len(self._sent)):
                theirs = self._answer.tensors
                leaves = [self._sent[index] for index in inputs]
                results = [theirs[index].detach() for index in outputs]
                anchor = torch.zeros((), requires_grad=True)
                link = _Link(self._session, node)
                apply: Any = _Bridge.apply  # torch types it as untyped
                bridged = apply(link, results, anchor, *leaves)
                for index, tensor in zip(outputs, bridged, strict=True):
                    theirs[index] = tensor
                return
            case _:
                raise broken("an autograd node of no known form")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, str))


def _indices(values: list[Any], bound: int) -> bool:
    known = all(type(value) is int and 0 <= value < bound for value in values)
    return known and len(set(values)) == len(values)


class _Link:
    """Which graph of the cell a bridge stands for."""

    def __init__(self, session: Session, node: int) -> None:
        self.session = session
        self.node = node
        self.released = Released(session, node)


class _Bridge(torch.autograd.Function):
    """Stands in the judge's graph for a graph that lives in the cell."""

    @staticmethod
    def forward(
        ctx: Any,
        link: _Link,
        results: list[torch.Tensor],
        anchor: torch.Tensor,  # noqa: ARG004 - makes the outputs require grad without any input
        *leaves: torch.Tensor,
    ) -> tuple[torch.Tensor, ...]:
        """Return the tensors that the cell computed."""
        ctx.link = link
        ctx.inputs = len(leaves)
        ctx.like = [(result.shape, result.dtype) for result in results]
        ctx.leaf_like = [(leaf.shape, leaf.dtype) for leaf in leaves]
        return tuple(results)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grads: torch.Tensor | None) -> tuple[Any, ...]:
        """Ask the cell for the gradients of the inputs."""
        filled = [
            torch.zeros(shape, dtype=dtype) if grad is None else grad
            for grad, (shape, dtype) in zip(grads, ctx.like, strict=True)
        ]
        found = ctx.link.session.backward(ctx.link.node, filled)
        if len(found) != ctx.inputs or not all(
            grad is None or (isinstance(grad, torch.Tensor) and (grad.shape, grad.dtype) == like)
            for grad, like in zip(found, ctx.leaf_like, strict=True)
        ):
            raise broken("gradients of no known form")
        return (None, None, None, *found)
