"""The `student` proxy: looks like the student's module, and runs in the cell.

    student.softmax(X)                   a call; X and the result cross by value
    acc = student.Accumulator(2)         an object that stays in the cell behind a `Remote`
    student.net(X).sum().backward()      a backward pass that runs in the cell

Tensors that the student's code changed in place come back changed, gradients included, where
the test asks for it (`@pytest.mark.in_place`); elsewhere `expect.unchanged` knows of it. A
function result that is one of its arguments is that very argument here too.
"""

from __future__ import annotations

import builtins
import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

import torch

from grader.errors import CellEnded, Ending, StudentError
from grader.model import Frame, HandIn, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


class Packer(Protocol):
    """Collects the tensors of one request (see `cell.wire.Packer`)."""

    tensors: list[torch.Tensor]

    def pack(self, value: Any) -> Any:
        """Return the tagged form of a value."""


class Answer(Protocol):
    """What a cell answered (see `cell.wire.Frame`)."""

    kind: str
    body: Any
    tensors: list[torch.Tensor]

    def unpack(self, tree: Any, resolve: Callable[[list[Any]], Any]) -> Any:
        """Rebuild a value from its tagged form."""


class Cell(Protocol):
    """What the proxy needs of a cell (see `cell.cell.Cell`)."""

    alive: bool

    def packer(self, default: Any) -> Packer:
        """Return an empty packer."""

    def request(self, kind: str, body: dict[str, Any], packer: Any) -> Answer:
        """Ask and return the answer, or raise `CellEnded`."""

    def allow(self, timeout_s: float) -> None:
        """Give the requests from now on this much wall time."""

    def take_output(self) -> str:
        """Return what was printed since the last call."""

    def close(self) -> None:
        """Kill the process tree."""


class MissingNameError(StudentError, AttributeError):
    """The student's module does not define a name that a test asks for."""


class ForbiddenOperatorError(Exception):
    """A forbidden dispatcher operator was seen while a task's code ran."""

    def __init__(self, operators: Sequence[str]) -> None:
        """Keep the operators that were seen."""
        self.operators = tuple(operators)
        super().__init__(", ".join(operators))


MAX_SHOWN_DIMS = 4
MAX_SHOWN_SIZE = 99


def shape_words(size: Sequence[int], expected: Sequence[int] = ()) -> str:
    """Say a shape as a hidden test may say it: free sizes could spell what was handed over.

    Args:
        size: The shape, which the student's code chose.
        expected: The right shape; its sizes and their product say nothing new.

    Returns:
        `shape (4, 10)`, `shape (4, >99)`, or `shape with 7 dimensions`.
    """
    if len(size) > max(MAX_SHOWN_DIMS, len(expected)):
        return f"shape with {len(size)} dimensions"
    known = {*expected, math.prod(expected)}
    parts = [str(n) if n <= MAX_SHOWN_SIZE or n in known else f">{MAX_SHOWN_SIZE}" for n in size]
    return f"shape ({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def describe(value: Any, *, openly: bool = False) -> str:
    """Name the kind of an answer in a few words: its class, and a tensor's shape and dtype.

    Args:
        value: What came from the cell.
        openly: True where a public test alone says it, so that any shape may be told.
    """
    if isinstance(value, torch.Tensor):
        dtype = str(value.dtype).removeprefix("torch.")
        size = tuple(value.shape)
        return f"a {dtype} tensor of {f'shape {size}' if openly else shape_words(size)}"
    if value is None:
        return "None"
    if isinstance(value, Remote):
        return _describe_remote(value)
    return f"a {type(value).__name__}"


def _describe_remote(remote: Remote) -> str:
    """Name the class of an object in the cell, if the name carries nothing but a name.

    A class can be made at run time, with a hidden input for its name.
    """
    names: tuple[str, ...] = object.__getattribute__(remote, "type_names")
    session: Session = object.__getattribute__(remote, "_session")
    name = names[0] if names else "object"
    if name == "Tensor":
        return "a tensor that is not dense (sparse, quantized or without data)"
    if not session.is_common_name(name):
        return "an object of a class made at run time"
    if "Tensor" in names:
        return f"a tensor of the subclass {name}"
    return f"an object of class {name}"


def mark_changed(tensor: torch.Tensor) -> None:
    """Note on a tensor of the judge that the student's code changed its copy in place."""
    tensor.changed_in_the_cell = True  # type: ignore[attr-defined]


def is_changed(tensor: torch.Tensor) -> bool:
    """Tell whether the student's code changed its copy of a tensor in place."""
    return getattr(tensor, "changed_in_the_cell", False)


_kinds: dict[str, type[StudentError]] = {}


def student_error(
    type_name: str, text: str, kinds: Sequence[str], frames: Sequence[Frame]
) -> StudentError:
    """Build the exception that stands in the judge for one raised in the cell.

    Args:
        type_name: Name of the student's exception class.
        text: Its message.
        kinds: Names of its builtin base classes, nearest first.
        frames: The student's frames.

    Returns:
        A `StudentError` that is also an instance of the nearest builtin exception, so that
        `pytest.raises(ValueError)` means what it says.
    """
    base = next((kind for kind in kinds if _is_plain_exception(kind)), "Exception")
    if base not in _kinds:
        builtin: type[Exception] = getattr(builtins, base)
        _kinds[base] = type(
            f"Student{base}", (StudentError, builtin), {"__str__": Exception.__str__}
        )
    return _kinds[base](type_name, text, tuple(frames))


def _is_plain_exception(name: str) -> bool:
    kind = getattr(builtins, name, None)
    # Exceptions with a layout of their own (OSError, UnicodeError, groups) cannot share a base.
    return (
        isinstance(kind, type)
        and issubclass(kind, Exception)
        and not issubclass(kind, (OSError, UnicodeError, ExceptionGroup, SyntaxError))
    )


class _Released:
    """Tells the cell, with the next request, that an object is no longer needed."""

    def __init__(self, session: Session, handle: int) -> None:
        self.session = session
        self.handle = handle

    def __del__(self) -> None:
        self.session.released.append(self.handle)


class Session:
    """One cell as the proxies see it: packs, asks, unpacks, and mirrors side effects."""

    def __init__(self, cell: Cell, hand_in: HandIn) -> None:
        """Speak to a cell whose module is about to be loaded.

        Args:
            cell: An open cell.
            hand_in: The student's file: frames show its lines, which no student code can forge.

        Attributes:
            mirrors: Whether arguments that the student's code changed in place are changed here
                too. Where a test does not ask for it, an answer could otherwise be made right by
                changing the question.
        """
        self.cell = cell
        self.released: list[int] = []
        self.forbidden: frozenset[str] = frozenset()
        self.mirrors = True
        self._hand_in = hand_in
        self._lines = hand_in.source.split("\n")
        self._words = frozenset(re.findall(r"\w+", hand_in.source))
        self.last_answer = ""
        self.driver_path: Path | None = None

    def ask(self, kind: str, body: dict[str, Any]) -> None:
        """Send a request without tensors and ignore the value of its answer."""
        self._exchange(kind, body, self._packer())

    def evaluate(self, kind: str, body: dict[str, Any], **values: Any) -> Any:
        """Send a request whose values may hold tensors and return the rebuilt answer.

        Args:
            kind: A request that the guest knows.
            body: Its plain part.
            **values: Parts that are packed, for instance `args` and `kwargs`.

        Raises:
            StudentError: If the student's code raised.
            CellEnded: If the cell died.
            ForbiddenOperatorError: If the call used an operator that the task rules out.
        """
        packer = self._packer()
        packed = {name: packer.pack(value) for name, value in values.items()}
        record = {"record": bool(self.forbidden)} if kind in ("call", "drive") else {}
        answer = self._exchange(kind, {**body, **packed, **record}, packer)
        value = _read(lambda: _Reply(self, answer, packer.tensors).value())
        # A function comes as a Remote, and that it was looked up is no answer yet.
        if kind in ("call", "drive") or not isinstance(value, Remote):
            self.last_answer = describe(value)
        return value

    def backward(self, node: int, grads: Sequence[torch.Tensor]) -> list[torch.Tensor | None]:
        """Run a backward pass in the cell and return the gradients of its inputs."""
        packer = self._packer()
        for grad in grads:
            packer.pack(grad.detach().contiguous().clone())
        answer = self._exchange("backward", {"node": node}, packer)
        found: list[torch.Tensor | None] = _read(
            lambda: list(answer.unpack(answer.body["value"], self.resolve))
        )
        return found

    def is_common_name(self, name: str) -> bool:
        """Tell whether a name stands in the student's file or is one that everybody has."""
        places = (builtins, torch, torch.nn)
        return name in self._words or name in _KINDS or any(hasattr(p, name) for p in places)

    def resolve(self, tree: list[Any]) -> Any:
        """Turn a handle that came over the wire into its `Remote`."""
        match tree:
            case ["h", int() as handle, list() as names] if all(type(n) is str for n in names):
                return Remote(self, handle, tuple(names))
            case _:
                raise _broken("a value of no known form")

    def _packer(self) -> Packer:
        return self.cell.packer(self._default)

    def _default(self, value: Any) -> list[Any]:
        if isinstance(value, Remote):
            return ["h", _handle_of(value)]
        if isinstance(value, torch.Tensor):
            msg = f"a {type(value).__name__} with layout {value.layout} cannot be sent to the cell"
            raise TypeError(msg)
        msg = (
            f"{type(value).__name__} does not cross into the cell; "
            "code that must run beside the student's belongs into driver.py"
        )
        raise TypeError(msg)

    def _exchange(self, kind: str, body: dict[str, Any], packer: Packer) -> Answer:
        body["released"], self.released = self.released, []
        answer = self.cell.request(kind, body, packer)
        if answer.kind == "error":
            raise self._student_error(answer.body)
        return answer

    def _student_error(self, report: Any) -> StudentError:
        match report:
            case {
                "type": str() as name,
                "text": str() as text,
                "kinds": list() as kinds,
                "frames": list() as frames,
            }:
                known = [self._frame(item) for item in frames[:50]]
                plain = [kind for kind in kinds if isinstance(kind, str)]
                return student_error(name[:200], text[:2000], plain, known)
            case _:
                raise _broken("an error report of no known form")

    def _frame(self, item: Any) -> Frame:
        match item:
            case [int() as line, str() as function] if 0 <= line <= len(self._lines):
                text = self._lines[line - 1].strip() if line else ""
                path, shown = self._hand_in.locate(line)
                # A function can be renamed at run time, to a hidden input for instance.
                name = function if function in _CODE_NAMES or function in self._words else "?"
                return Frame(path, shown, name[:200], text[:200])
            case _:
                raise _broken("a traceback of no known form")


_CODE_NAMES = ("", "<module>", "<lambda>", "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
_KINDS = ("function", "method", "builtin_function_or_method", "generator", "module", "ndarray")


def _read(step: Callable[[], Any]) -> Any:
    """Run a step of reading an answer: what it breaks was made to break it.

    Raises:
        CellEnded: If the answer cannot be read.
        ForbiddenOperatorError: If it tells of one.
    """
    try:
        return step()
    except (CellEnded, ForbiddenOperatorError):
        raise
    except Exception as error:
        raise _broken("an answer that cannot be read") from error


def _broken(what: str) -> CellEnded:
    text = f"Your code wrote to the grader's own channel ({what}), so its answer was refused."
    return CellEnded(Ending(Outcome.CRASHED, text))


class _Reply:
    """One answer, its side effects applied to the judge's own tensors."""

    def __init__(self, session: Session, answer: Answer, sent: list[torch.Tensor]) -> None:
        self._session = session
        self._answer = answer
        self._sent = sent
        self._changed: dict[int, torch.Tensor] = {}

    def value(self) -> Any:
        """Apply in-place changes, connect autograd, and return the rebuilt value."""
        body = self._answer.body
        if not isinstance(body, dict) or "value" not in body:
            raise _broken("an answer without a value")
        seen = set(_strings(body.get("operators", []))) & self._session.forbidden
        if seen:
            raise ForbiddenOperatorError(sorted(seen))
        changes = body.get("changed", [])
        if len(changes) > len(self._sent):
            raise _broken("more changed arguments than there are")
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
                raise _broken("a changed argument of no known form")

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
                raise _broken("an autograd node of no known form")


class _Link:
    """Which graph of the cell a bridge stands for."""

    def __init__(self, session: Session, node: int) -> None:
        self.session = session
        self.node = node
        self.released = _Released(session, node)


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
            raise _broken("gradients of no known form")
        return (None, None, None, *found)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, str))


def _indices(values: list[Any], bound: int) -> bool:
    known = all(type(value) is int and 0 <= value < bound for value in values)
    return known and len(set(values)) == len(values)


def _handle_of(remote: Remote) -> int:
    handle: int = object.__getattribute__(remote, "_handle")
    return handle


def _is_private_protocol(name: str) -> bool:
    # pytest, copy and torch probe objects for dunder names; those must not reach the cell.
    return name.startswith("__") and name.endswith("__") and name not in ("__name__", "__doc__")


class Module:
    """The student's module (`student` in a test): names become requests."""

    def __init__(self, session: Session) -> None:
        """Speak for the module loaded in the session's cell."""
        object.__setattr__(self, "_session", session)

    def __getattr__(self, name: str) -> Any:
        """Return a function to call, or the value of a module-level name."""
        if _is_private_protocol(name):
            raise AttributeError(name)
        session: Session = object.__getattribute__(self, "_session")
        try:
            return session.evaluate("get", {"target": None, "name": name})
        except AttributeError as error:
            if isinstance(error, StudentError) and not error.frames:
                raise MissingNameError("AttributeError", name) from None
            raise

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a module-level name in the cell."""
        session: Session = object.__getattribute__(self, "_session")
        session.evaluate("set", {"target": None, "name": name}, value=value)


class Remote:
    """An object that lives in the cell: callable, with attributes, items and a length."""

    def __init__(self, session: Session, handle: int, type_names: tuple[str, ...]) -> None:
        """Stand for one object.

        Args:
            session: Whose cell it lives in.
            handle: Its number there.
            type_names: Names of its classes in method resolution order.
        """
        object.__setattr__(self, "_session", session)
        object.__setattr__(self, "_handle", handle)
        object.__setattr__(self, "type_names", type_names)
        object.__setattr__(self, "_released", _Released(session, handle))

    def _operator(self, name: str, *args: Any) -> Any:
        session: Session = object.__getattribute__(self, "_session")
        body = {"target": _handle_of(self), "name": name}
        return session.evaluate("operator", body, args=args)

    def __getattr__(self, name: str) -> Any:
        """Return an attribute; methods come back as something to call."""
        if _is_private_protocol(name):
            raise AttributeError(name)
        session: Session = object.__getattribute__(self, "_session")
        return session.evaluate("get", {"target": _handle_of(self), "name": name})

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute in the cell."""
        session: Session = object.__getattribute__(self, "_session")
        session.evaluate("set", {"target": _handle_of(self), "name": name}, value=value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the object."""
        session: Session = object.__getattribute__(self, "_session")
        body = {"target": _handle_of(self), "name": None}
        return session.evaluate("call", body, args=list(args), kwargs=kwargs)

    def __len__(self) -> int:
        """Return its length."""
        length = self._operator("len")
        if type(length) is not int or not 0 <= length < 2**63:
            raise _broken("a length that is not one")
        return length

    def __bool__(self) -> bool:
        """Return its truth value as the student's code defines it."""
        return self._operator("bool") is True

    def __iter__(self) -> Iterator[Any]:
        """Iterate in the cell, one request an item."""
        iterator = self._operator("iter")
        if not isinstance(iterator, Remote):
            raise _broken("an iterator that is none")
        while True:
            try:
                yield iterator._operator("next")  # noqa: SLF001 - the same class
            except StopIteration:
                return

    def __next__(self) -> Any:
        """Return the next item of an iterator or generator."""
        return self._operator("next")

    def __getitem__(self, key: Any) -> Any:
        """Return an item."""
        return self._operator("getitem", key)

    def __setitem__(self, key: Any, value: Any) -> None:
        """Set an item in the cell."""
        self._operator("setitem", key, value)

    def __contains__(self, key: Any) -> bool:
        """Tell whether it contains a value."""
        return self._operator("contains", key) is True

    def __eq__(self, other: object) -> bool:
        """Compare by identity in the cell."""
        return isinstance(other, Remote) and _handle_of(self) == _handle_of(other)

    def __hash__(self) -> int:
        """Hash by identity in the cell."""
        return hash(_handle_of(self))

    def __repr__(self) -> str:
        """Name the class, never what the object says of itself."""
        names: tuple[str, ...] = object.__getattribute__(self, "type_names")
        return f"<{names[0] if names else 'object'} in the cell>"
