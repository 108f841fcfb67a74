"""The same weak harness with a process of its own for the answers, and a trusting reader.

The cell's real guest answers; the reader believes whatever comes: lengths, shapes, names, order.
"""

from __future__ import annotations

import builtins
import contextlib
import json
import os
import signal
import socket
from pathlib import Path
from typing import Any

import msgspec
import torch

from grader.cell import guest, wire
from tests.security.weak import beside, suite

LIMIT_BYTES = 32 << 20
CHANNEL_FD = 3


class ToldError(Exception):
    """What an answer tells of: an exception on the other side."""

    def __init__(self, kinds: list[str], text: str) -> None:
        super().__init__(text)
        self.kinds = kinds


class ReaderError(BaseException):
    """The reader itself broke: nobody will be graded any more."""


class Trusting:
    """Asks the guest, and believes what it says."""

    def __init__(self, connection: socket.socket) -> None:
        """Take over the judge's end."""
        self._connection = connection
        self._seq = 0

    def ask(self, kind: str, body: dict[str, Any], arguments: tuple[Any, ...] = ()) -> Any:
        """Return the value of an answer."""
        self._seq += 1
        packer = wire.Packer(lambda _: ["h", 0, []], LIMIT_BYTES)
        tree = ["l", [packer.pack(argument) for argument in arguments]]
        frame = packer.frame(self._seq, kind, body | {"args": tree, "kwargs": ["d", []]})
        try:
            for piece in frame:
                self._connection.sendall(piece)
            return self._believe(list(arguments))
        except ToldError:
            raise
        except Exception as error:
            raise ReaderError from error

    def _believe(self, arguments: list[Any]) -> Any:
        prefix = bytearray(wire.PREFIX.size)
        _fill(self._connection, prefix)
        _, head_bytes, payload_bytes = wire.PREFIX.unpack(prefix)
        head, payload = bytearray(head_bytes), bytearray(payload_bytes)
        _fill(self._connection, head)
        _fill(self._connection, payload)
        _, kind, body, specs = msgspec.msgpack.decode(bytes(head))
        tensors = _tensors(specs, payload)
        if kind == "error":
            bases = [getattr(builtins, name) for name in body["kinds"][:-1]]
            lines = "".join(f", line {line} of {name}" for line, name in body["frames"])
            kind = type(body["type"], tuple(dict.fromkeys((*bases, Exception))), {})
            raise ToldError(body["kinds"], f"{kind.__name__}: {body['text']}{lines}")
        if body is None:
            return None
        for index, new, grad in body.get("changed", ()):
            arguments[index].data = tensors[new]
            arguments[index].grad = tensors[grad] if grad >= 0 else None
        if "node" in body:
            inputs = [arguments[index] for index in body["inputs"]]
            for index in body["outputs"]:
                tensors[index] = _Far.apply(self, body["node"], tensors[index], *inputs)
        return self._unpack(body["value"], tensors, arguments)

    def _unpack(  # noqa: C901, PLR0911 - one case for each tag of the wire
        self, tree: Any, tensors: list[Any], arguments: list[Any]
    ) -> Any:
        if not isinstance(tree, (list, dict)):
            return tree
        tag, *rest = tree
        again = lambda part: self._unpack(part, tensors, arguments)  # noqa: E731
        match tag:
            case "T" | "A":
                return (tensors if tag == "T" else arguments)[rest[0]]
            case "N":
                return tensors[rest[0]].numpy()
            case "l":
                return list(again(part) for part in rest[0])  # noqa: C400 - a frame a level
            case "d":
                return {again(key): again(value) for key, value in rest[0]}
            case "i":
                return int(rest[0])
            case "s":
                return slice(*map(again, rest))
            case "z":
                return torch.Size(rest[0])
            case "D":
                return torch.device(rest[0])
            case "h":
                handle, names = rest
                return Remote(self, handle, ".".join(names))
        raise KeyError(tag)


class _Far(torch.autograd.Function):
    """A result whose gradient is asked for on the other side."""

    @staticmethod
    def forward(ctx: Any, asked: Trusting, node: int, result: Any, *inputs: Any) -> Any:
        """Return the result as it came."""
        ctx.asked, ctx.node = asked, node
        return result.clone()

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        """Return the gradients as they come."""
        return (None, None, None, *ctx.asked.ask("backward", {"node": ctx.node}, grads))


class Remote:
    """Something on the other side."""

    def __init__(self, asked: Trusting, handle: int | None, name: str) -> None:
        """Keep who to ask and for what."""
        self._asked, self._handle, self._name = asked, handle, name

    def __getattr__(self, name: str) -> Any:
        """Ask for an attribute; call it if it can be called."""
        if name == "total":
            return self._asked.ask("get", {"target": self._handle, "name": name})
        return lambda *arguments: self._asked.ask(
            "call", {"target": self._handle, "name": name, "record": False}, arguments
        )

    def __iter__(self) -> Any:
        """Ask for one item after the other."""
        steps = self._asked.ask("operator", {"target": self._handle, "name": "iter"})
        while True:
            try:
                yield self._asked.ask("operator", {"target": steps._handle, "name": "next"})
            except ToldError as told:
                if "StopIteration" in told.kinds:
                    return
                raise


def _fill(connection: socket.socket, room: bytearray) -> None:
    view = memoryview(room)
    while view:
        count = connection.recv_into(view)
        if not count:
            raise EOFError("the other side is gone")
        view = view[count:]


def _tensors(specs: list[Any], payload: bytearray) -> list[torch.Tensor]:
    tensors, offset = [], 0
    for spec in specs:
        dtype, shape = getattr(torch, spec[0]), spec[1]
        room = torch.empty(shape, dtype=dtype)
        count = room.numel() * dtype.itemsize
        part = payload[offset : offset + count]
        tensor = torch.frombuffer(part, dtype=dtype).reshape(shape) if count else room
        tensors.append(tensor.requires_grad_() if spec[2:3] == [True] else tensor)
        offset += count + -count % 16
    return tensors


def grade(path: Path, page: Path, phase: Path) -> int:
    """Grade a hand-in over the channel; see `beside.grade`."""
    phase.write_text("score", "ascii")
    source = (path / "target.py").read_text("utf-8")
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        os.dup2(theirs.fileno(), CHANNEL_FD)
        guest.serve(CHANNEL_FD, CHANNEL_FD, LIMIT_BYTES)
    theirs.close()
    asked = Trusting(ours)
    student = Remote(asked, None, "target")
    lines: list[str] = []
    try:
        with contextlib.suppress(ToldError):  # then no test will find what it needs
            asked.ask("load", {"name": "target", "path": "target.py", "source": source})
        lines, score, kept = beside.run(student, [])
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    beside.keep(kept)
    beside.write_page(page, lines)
    Path(path, beside.SCORE_FILE).write_text(json.dumps(score), "ascii")
    return int(score["score"] < suite.POINTS)
