"""The guest: what answers the judge from inside a cell, beside the student's code.

It runs after the jail is shut. It loads the student's module and the drivers, and answers one
request after another: read a name, call it, run an operator, run a backward pass. From the
first line of student code on it must be taken to be under the student's control: it may answer
anything it likes, and all that it can gain is the right to be judged on that answer.
"""

from __future__ import annotations

import contextlib
import linecache
import operator
import os
import random
import sys
import types
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NoReturn

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from grader import vision
from grader.cell import wire
from grader.cell.incoming import Incoming
from grader.cell.on_card import moved

MAX_TEXT = 2000
MAX_TYPE_NAMES = 32

OPERATORS: dict[str, Callable[..., Any]] = {
    "len": len,
    "bool": bool,
    "iter": iter,
    "next": next,
    "contains": operator.contains,
    "getitem": operator.getitem,
    "setitem": operator.setitem,
    "delitem": operator.delitem,
    "eq": operator.eq,
    "str": str,
}


class _Operators(TorchDispatchMode):
    """Notes the dispatcher operators that run while it is active."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.names: set[str] = set()

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: Any = (),
        kwargs: Any = None,
    ) -> Any:
        """Run the operator as it is and note its name."""
        self.names.add(func._schema.name)  # noqa: SLF001 - torch has no public name for it
        return func(*args, **(kwargs or {}))


class Guest:
    """The objects of one cell and the answers to requests about them."""

    def __init__(self, frame_limit_bytes: int, *, on_card: bool = False) -> None:
        """Start without a module; the first request is `load`.

        Args:
            frame_limit_bytes: What the tensors of one frame may weigh.
            on_card: Whether this process has opened a graphics card, where tensors are then put.
        """
        self._on_card = on_card
        self._limit_bytes = frame_limit_bytes
        self._student: types.ModuleType | None = None
        self._driver: types.ModuleType | None = None
        self._path = ""
        self._objects: dict[int, Any] = {}
        self._ids: dict[int, int] = {}
        self._given: dict[int, int] = {}
        self._nodes: dict[int, tuple[list[torch.Tensor], list[torch.Tensor]]] = {}
        self._next_id = 1

    def answer(self, frame: wire.Frame) -> list[bytes | memoryview]:
        """Return the pieces of the frame that answers one request."""
        try:
            body = frame.body
            for handle in body.get("released", ()):
                self._forget(handle)
            if "seed" in body:
                _seed(body["seed"])
            if self._on_card:
                frame.tensors = moved(frame.tensors)
            return getattr(self, f"_do_{frame.kind}")(frame, body)  # type: ignore[no-any-return]
        except wire.TooLargeError as error:
            return self._plain(frame, "error", _report("TooLargeError", str(error)))
        except BaseException as error:  # noqa: BLE001 - whatever student code raises is an answer
            return self._plain(frame, "error", self._describe(error))

    # --- requests -------------------------------------------------------------------------

    def _do_load(self, frame: wire.Frame, body: dict[str, Any]) -> list[bytes | memoryview]:
        self._path = body["path"]
        self._student = types.ModuleType(body["name"])
        self._student.__file__ = self._path
        sys.modules[body["name"]] = self._student
        if "torchvision" in body["source"]:
            # A plain import fails beside a torch without CUDA; only who wants it pays for it.
            with contextlib.suppress(ImportError):
                vision.import_torchvision()
        _execute(body["source"], self._path, self._student)
        return self._plain(frame, "ok", None)

    def _do_load_driver(self, frame: wire.Frame, body: dict[str, Any]) -> list[bytes | memoryview]:
        self._driver = types.ModuleType("driver")
        sys.modules["driver"] = self._driver
        _execute(body["source"], "driver.py", self._driver)
        return self._plain(frame, "ok", None)

    def _do_hello(self, frame: wire.Frame, body: dict[str, Any]) -> list[bytes | memoryview]:
        del body
        return self._plain(frame, "ok", None)

    def _do_get(self, frame: wire.Frame, body: dict[str, Any]) -> list[bytes | memoryview]:
        return self._run(frame, lambda: getattr(self._target(body), body["name"]), [])

    def _do_set(self, frame: wire.Frame, body: dict[str, Any]) -> list[bytes | memoryview]:
        value = frame.unpack(body["value"], self._resolve)
        assign = lambda: setattr(self._target(body), body["name"], value)  # noqa: E731
        return self._run(frame, assign, frame.tensors)

    def _do_call(self, frame: wire.Frame, body: dict[str, Any]) -> list[bytes | memoryview]:
        args = frame.unpack(body["args"], self._resolve)
        kwargs = frame.unpack(body["kwargs"], self._resolve)

        def call() -> Any:
            function = self._target(body)
            if body["name"] is not None:
                function = getattr(function, body["name"])
            return function(*args, **kwargs)

        return self._run(frame, call, frame.tensors, record=body["record"])

    def _do_operator(self, frame: wire.Frame, body: dict[str, Any]) -> list[bytes | memoryview]:
        function = OPERATORS[body["name"]]
        args = frame.unpack(body["args"], self._resolve)
        return self._run(frame, lambda: function(self._target(body), *args), frame.tensors)

    def _do_drive(self, frame: wire.Frame, body: dict[str, Any]) -> list[bytes | memoryview]:
        args = frame.unpack(body["args"], self._resolve)
        kwargs = frame.unpack(body["kwargs"], self._resolve)
        function = getattr(self._driver, body["name"])
        call = lambda: function(self._student, *args, **kwargs)  # noqa: E731
        return self._run(frame, call, frame.tensors, record=body["record"])

    def _do_backward(self, frame: wire.Frame, body: dict[str, Any]) -> list[bytes | memoryview]:
        outputs, inputs = self._nodes[body["node"]]
        kept = [leaf.grad for leaf in inputs]
        for leaf in inputs:
            leaf.grad = None
        pairs = [(o, g) for o, g in zip(outputs, frame.tensors, strict=True) if o.requires_grad]
        # The judge may walk the same graph again (gradcheck does), so the cell keeps it.
        torch.autograd.backward([o for o, _ in pairs], [g for _, g in pairs], retain_graph=True)
        packer = wire.Packer(self._handle, self._limit_bytes)
        found = [None if leaf.grad is None else leaf.grad.detach() for leaf in inputs]
        for leaf, grad in zip(inputs, kept, strict=True):
            leaf.grad = grad
        return packer.frame(frame.seq, "ok", {"value": packer.pack(found)})

    # --- running student code -------------------------------------------------------------

    def _run(
        self,
        frame: wire.Frame,
        call: Callable[[], Any],
        arguments: list[torch.Tensor],
        *,
        record: bool = False,
    ) -> list[bytes | memoryview]:
        before = [_snapshot(tensor) for tensor in arguments]
        seen = _Operators()
        with _recording(seen, active=record):
            result = call()
        packer = wire.Packer(self._handle, self._limit_bytes)
        changed = [
            [index, packer.add_tensor(tensor.detach()), self._gradient(packer, tensor)]
            for index, (tensor, old) in enumerate(zip(arguments, before, strict=True))
            if _differs(tensor, old)
        ]
        first_result = len(packer.tensors)
        value = _with_arguments(packer, arguments, result)
        outputs = [
            index
            for index in range(first_result, len(packer.tensors))
            if packer.tensors[index].requires_grad and not packer.tensors[index].is_leaf
        ]
        body: dict[str, Any] = {"value": value, "changed": changed}
        if outputs:
            body["outputs"] = outputs
            body["inputs"] = [i for i, tensor in enumerate(arguments) if tensor.requires_grad]
            body["node"] = self._keep_node(
                [packer.tensors[index] for index in outputs],
                [arguments[index] for index in body["inputs"]],
            )
        if record:
            body["operators"] = sorted(seen.names)
        return packer.frame(frame.seq, "ok", body)

    def _gradient(self, packer: wire.Packer, tensor: torch.Tensor) -> int:
        grad = wire.gradient_of(tensor)
        return -1 if grad is None else packer.add_tensor(grad.detach())

    def _keep_node(self, outputs: list[torch.Tensor], inputs: list[torch.Tensor]) -> int:
        node = self._next_id
        self._next_id += 1
        self._nodes[node] = (outputs, inputs)
        return node

    def _target(self, body: dict[str, Any]) -> Any:
        return self._student if body["target"] is None else self._objects[body["target"]]

    def _resolve(self, tree: list[Any]) -> Any:
        match tree:
            case ["h", int() as handle]:
                return self._objects[handle]
            case _:
                msg = "an unknown tag"
                raise wire.WireError(msg)

    def _handle(self, value: Any) -> list[Any]:
        handle = self._ids.get(id(value))
        if handle is None:
            handle = self._next_id
            self._next_id += 1
            self._objects[handle] = value
            self._ids[id(value)] = handle
        # The judge says `released` once for each time that it was given the handle.
        self._given[handle] = self._given.get(handle, 0) + 1
        names = [str(kind.__name__)[:200] for kind in type(value).__mro__[:MAX_TYPE_NAMES]]
        return ["h", handle, names]

    def _forget(self, handle: int) -> None:
        self._nodes.pop(handle, None)
        self._given[handle] = self._given.get(handle, 1) - 1
        if self._given[handle] > 0:
            return
        del self._given[handle]
        value = self._objects.pop(handle, None)
        if value is not None:
            self._ids.pop(id(value), None)

    # --- plain answers --------------------------------------------------------------------

    def _plain(self, frame: wire.Frame, kind: str, body: Any) -> list[bytes | memoryview]:
        return wire.Packer(self._handle, self._limit_bytes).frame(frame.seq, kind, body)

    def _describe(self, error: BaseException) -> dict[str, Any]:
        try:
            text = str(error)[:MAX_TEXT]
        except BaseException:  # noqa: BLE001 - a hostile __str__ is still only an answer
            text = "(the exception's message cannot be printed)"
        frames: list[list[Any]] = []
        trace = error.__traceback__
        while trace is not None and len(frames) < 50:  # noqa: PLR2004 - enough for a person
            code = trace.tb_frame.f_code
            if code.co_filename == self._path:
                frames.append([trace.tb_lineno, str(code.co_name)[:200]])
            trace = trace.tb_next
        if isinstance(error, SyntaxError) and error.filename == self._path:
            frames.append([error.lineno or 0, ""])
        kinds = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"]
        return _report(str(type(error).__name__)[:200], text, kinds, frames)


def _report(
    name: str, text: str, kinds: list[str] | None = None, frames: list[list[Any]] | None = None
) -> dict[str, Any]:
    return {"type": name, "text": text, "kinds": kinds or [], "frames": frames or []}


def _seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002 - the student may use the global state
    # `torch.manual_seed` notes for each kind of device who asked for it, which takes ten times
    # as long as all the rest.
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_initialized():
        torch.cuda.manual_seed_all(seed)


def _execute(source: str, path: str, module: types.ModuleType) -> None:
    # linecache lets inspect.getsource and warnings find lines of a file that is not on disk.
    linecache.cache[path] = (len(source), None, source.splitlines(keepends=True), path)
    exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - this is the cell


@contextlib.contextmanager
def _recording(seen: _Operators, *, active: bool) -> Iterator[None]:
    if not active:
        yield
        return
    with seen:
        yield


def _snapshot(tensor: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
    grad = wire.gradient_of(tensor)
    return tensor.detach().clone(), None if grad is None else grad.detach().clone()


def _differs(tensor: torch.Tensor, old: tuple[torch.Tensor, torch.Tensor | None]) -> bool:
    # Values are compared, not version counters: `tensor.data += 1` does not move the counter.
    data, grad_before = old
    now = wire.gradient_of(tensor)
    if tensor.shape != data.shape or not _same_bits(tensor.detach(), data):
        return True
    if (now is None) != (grad_before is None):
        return True
    return now is not None and grad_before is not None and not _same_bits(now, grad_before)


def _same_bits(one: torch.Tensor, other: torch.Tensor) -> bool:
    return torch.equal(one, other) or bool(
        torch.all((one == other) | ((one != one) & (other != other)))  # noqa: PLR0124 - NaN
    )


def _with_arguments(packer: wire.Packer, arguments: list[torch.Tensor], result: Any) -> Any:
    """Pack a result; a tensor that is the very argument goes back as a reference to it."""
    positions = {id(tensor): index for index, tensor in enumerate(arguments)}

    def pack(value: Any, depth: int) -> Any:
        if type(value) in (torch.Tensor, torch.nn.Parameter) and id(value) in positions:
            return ["A", positions[id(value)]]
        if type(value) in (list, tuple) and depth < wire.MAX_DEPTH:
            tag = "l" if type(value) is list else "t"
            return [tag, [pack(item, depth + 1) for item in value]]
        return packer.pack(value, depth)

    return pack(result, 0)


def serve(
    read_fd: int, write_fd: int, frame_limit_bytes: int, *, on_card: bool = False
) -> NoReturn:
    """Answer requests until the judge hangs up, then end the process.

    Args:
        read_fd: Where requests come from; blocking.
        write_fd: Where answers go; may be the same descriptor.
        frame_limit_bytes: What the tensors of one frame may weigh.
        on_card: Whether this process has opened a graphics card.
    """
    guest = Guest(frame_limit_bytes, on_card=on_card)
    incoming = Incoming(partial(_read, read_fd))
    while True:
        prefix = incoming.take(wire.PREFIX.size)
        head_bytes, payload_bytes = wire.parse_prefix(bytes(prefix), frame_limit_bytes)
        head = bytes(incoming.take(head_bytes))
        frame = wire.parse_frame(head, incoming.take(payload_bytes))
        pieces = guest.answer(frame)
        # What was printed must be seen with the test that printed it.
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
        for piece in pieces:
            _write_all(write_fd, piece)


def _read(fd: int, count: int) -> bytes:
    chunk = os.read(fd, min(count, 1 << 20))
    if not chunk:
        sys.stdout.flush()
        os._exit(0)
    return chunk


def _write_all(fd: int, data: bytes | memoryview) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view[: 1 << 20]) :]
