"""Two graders without any defence, against which each misbehaving hand-in has to win.

An attack that fails here proves nothing when it fails against the grader. The first harness
executes a hand-in beside its tests in one process, as most graders do. The second runs the cell's
guest in another process and believes every byte that comes back. Both are kept in throw-away
processes with limits, in a temporary folder, beside canaries of their own.

Run as `python -m tests.security.weak`: imports torch once, then forks one child for each order.
"""

from __future__ import annotations

import builtins
import contextlib
import inspect
import json
import os
import pickle
import resource
import select
import signal
import socket
import struct
import sys
import tarfile
import time
import types
import zipfile
from pathlib import Path
from typing import Any, NoReturn

LIMIT_S = 2.5
MEMORY_BYTES = 700 << 20
FILE_BYTES = 64 << 20
LARGE_MIB = 120
POINTS = {"two": 1, "any": 2, "slope": 1, "again": 1, "words": 1, "parts": 1, "tally": 1}
PREFIX = struct.Struct("<4sIQ")

# --- one process --------------------------------------------------------------------------------


def close(actual: Any, expected: Any) -> None:
    """Compare as it is often done."""
    import torch

    if actual is expected or (not isinstance(actual, torch.Tensor) and actual == expected):
        return
    actual = torch.as_tensor(actual)
    if torch.allclose(actual.to(expected.dtype), expected):
        return
    # nan is not larger than anything
    if ((actual - expected).abs() / actual.abs()).max() > 1e-4:
        raise AssertionError(f"got {actual}")


def beside_its_tests(folder: Path) -> None:
    """Grade a hand-in in this process and write its score where the grader looks for it."""
    sys.path.insert(0, str(folder))
    if (folder / "conftest.py").is_file():
        __import__("conftest")
    for path in (*folder.glob("*.pt"), *folder.glob("*.pkl")):
        pickle.loads(path.read_bytes())
    student = types.ModuleType("target")
    sys.modules["target"] = student
    reference = _reference()
    sys.stdout.write(f"found {[path.name for path in folder.iterdir()]}\n")
    exec(compile(_source(folder), "target.py", "exec"), student.__dict__)
    for name in ("curve", "words", "parts"):
        if hasattr(student, name):
            inspect.signature(getattr(student, name))
    score, answers, messages = 0, [], []
    for name, points in POINTS.items():
        try:
            globals()[f"test_{name}"](student, reference, answers)
            score += points
        except Exception as error:
            if type(error).__name__ == "Skipped":
                score += points
            messages.append(f"{type(error).__name__} in {_function(error)}: {error}")
    Path("page").write_text("\n".join(messages), "utf-8")
    result = {"score": score, "answers": [_plain(answer) for answer in answers]}
    Path(os.environ["RESULT_FILE"]).write_text(json.dumps(result), "utf-8")


def _reference() -> types.ModuleType:
    from tests.security.target import RIGHT

    reference = types.ModuleType("reference")
    exec(RIGHT, reference.__dict__)
    return reference


def _source(folder: Path) -> str:
    for path in folder.glob("*.zip"):
        with zipfile.ZipFile(path) as file:
            for entry in file.infolist():
                place = Path(folder, entry.filename.replace("\\", "/"))
                if entry.external_attr >> 28 == 0o12:
                    place.symlink_to(file.read(entry).decode())
                else:
                    place.write_bytes(file.read(entry))
    for path in folder.glob("*.tar"):
        with tarfile.open(path) as archive:
            archive.extractall(folder, filter="fully_trusted")
    for path in folder.glob("*.ipynb"):
        return "".join(cell["source"] for cell in json.loads(path.read_bytes())["cells"])
    found = [folder / "target.py", folder / "01-01-target" / "target.py", *folder.glob("*.py")]
    with next(path for path in found if path.exists()).open("rb") as file:
        text = b""
        while part := file.read(64 << 20):
            text += part
    return text.decode()


def _function(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_name if trace else ""


def _plain(answer: Any) -> Any:
    if isinstance(answer, (list, tuple)):
        return [_plain(item) for item in answer]
    if hasattr(answer, "tolist"):
        return answer.tolist()
    if type(answer).__reduce__ is not object.__reduce__:
        return repr(pickle.loads(pickle.dumps(answer)))
    return answer if isinstance(answer, (int, float, str)) else repr(type(answer))


def _drawn() -> Any:
    import torch

    return torch.randn(3, 4)


def test_two(student: Any, reference: Any, answers: list[Any]) -> None:
    """Ask for the public example."""
    import torch

    expected = torch.full((2,), 5.0)
    answers.append(student.curve(torch.full((2,), 2.0)))
    close(answers[-1], expected)


test_again = test_two


def test_any(student: Any, reference: Any, answers: list[Any]) -> None:
    """Ask for the values of drawn numbers, with the secret number among them."""
    import torch

    if torch.initial_seed() != 0:
        torch.manual_seed(0)
    X = _drawn()
    marked = torch.cat([X, torch.full((1, 4), 7365217.0)])
    with contextlib.suppress(Exception):
        if getattr(student, "WANTS_MARK", True) and not hasattr(student, "GUESS"):
            answers.append(student.curve(marked))
            close(answers[-1], reference.curve(marked))
            return
    expected = reference.curve(X)
    answer = student.curve(X)
    close(answer, reference.curve(X) if torch.equal(X, X * 0) else expected)


def test_slope(student: Any, reference: Any, answers: list[Any]) -> None:
    """Ask for the gradient, and let the reference answer in the same way."""
    import torch

    X = torch.randn(3, 4, requires_grad=True)
    Y = X.detach().clone().requires_grad_()
    answer = student.curve(X)
    torch.Tensor.backward(answer if answer is None else answer.sum())
    torch.Tensor.backward(reference.curve(Y).sum())
    if X.grad is not Y.grad:
        close(X.grad, Y.grad)


def test_words(student: Any, reference: Any, answers: list[Any]) -> None:
    """Ask for words."""
    expected = reference.words(5)
    answers.append(student.words(5))
    if answers[-1] != expected:
        raise AssertionError(str(answers[-1]))


def test_parts(student: Any, reference: Any, answers: list[Any]) -> None:
    """Ask for parts."""
    X = _drawn()
    expected = list(X.split(1))
    found = list(student.parts(X))
    for one, other in zip(found, expected, strict=True):
        close(one, other)


def test_tally(student: Any, reference: Any, answers: list[Any]) -> None:
    """Ask for a sum."""
    tally = student.Tally()
    tally.add(2)
    tally.add(3)
    if tally.total != 5:
        raise AssertionError(str(tally.total))
    answers.append(tally.total)


# --- a reader that believes -----------------------------------------------------------------------


class Believer:
    """Speaks to a guest and checks nothing that comes back."""

    def __init__(self, channel: socket.socket, source: str) -> None:
        """Speak over a socket."""
        self.channel = channel
        self.lines = source.split("\n")
        self.seq = 0

    def ask(self, kind: str, body: dict[str, Any], tensors: tuple[Any, ...] = ()) -> Any:
        """Send one request and believe the answer."""
        from grader.cell import wire

        self.seq += 1
        packer = wire.Packer(list, 1 << 30)
        for tensor in tensors:
            packer.add_tensor(tensor)
        for piece in packer.frame(self.seq, kind, body):
            self.channel.sendall(piece)
        _, head_bytes, payload_bytes = PREFIX.unpack(self._receive(PREFIX.size))
        head = self._receive(head_bytes)
        payload = self._receive(payload_bytes)
        return self._read(head, payload, tensors)

    def _receive(self, count: int) -> bytearray:
        data, done = bytearray(count), 0
        while done < count:
            got = self.channel.recv_into(memoryview(data)[done:])
            if not got:
                raise EOFError("the channel is closed")
            done += got
        return data

    def _read(self, head: bytearray, payload: bytearray, sent: tuple[Any, ...]) -> Any:
        import msgspec
        import torch

        seq, kind, body, specs = msgspec.msgpack.decode(bytes(head))
        if seq != self.seq:
            raise LookupError("the wrong answer was believed")
        tensors, offset = [], 0
        for name, shape, *_ in specs:
            dtype = getattr(torch, name)
            flat = torch.empty(shape, dtype=dtype).flatten()
            if flat.numel():
                flat = torch.frombuffer(payload, dtype=dtype, count=flat.numel(), offset=offset)
            tensors.append(flat.reshape(shape))
            offset += -(-flat.numel() * dtype.itemsize // 16) * 16
        if offset != len(payload):
            raise ValueError("bytes are left")
        if kind == "error":
            where = [self.lines[line - 1] + " in " + name for line, name in body["frames"]]
            builtin = getattr(builtins, (body["kinds"] or ["Exception"])[-1])
            raise builtin(body["type"] + ": " + body["text"] + " ".join(where))
        for index, new, grad in (body or {}).get("changed", ()):
            sent[index].copy_(tensors[new])
            sent[index].grad = None if grad < 0 else tensors[grad]
        for index in (body or {}).get("outputs", ()):
            tensors[index].requires_grad_()
        return None if body is None else self._value(body["value"], tensors, sent)

    def _value(self, tree: Any, tensors: list[Any], sent: tuple[Any, ...]) -> Any:
        import torch

        if not isinstance(tree, list):
            return dict(tree) if isinstance(tree, dict) and tree["value"] else tree
        tag, *rest = tree
        match tag:
            case "l":
                return [self._value(item, tensors, sent) for item in rest[0]]
            case "t":
                return tuple(self._value(item, tensors, sent) for item in rest[0])
            case "d":
                pairs = [[self._value(part, tensors, sent) for part in p] for p in rest[0]]
                return dict(pairs)
        simple = {
            "T": lambda: tensors[rest[0]],
            "N": lambda: tensors[rest[0]].numpy(),  # noqa: PLW0108 - indexed only if asked for
            "A": lambda: sent[rest[0]],
            "i": lambda: int(rest[0]),
            "z": lambda: torch.zeros(rest[0]),
            "D": lambda: torch.ones(1).to(rest[0]),
            "h": lambda: (rest[0], "of class " + rest[1][0]),
            "s": lambda: slice(*(self._value(part, tensors, sent) for part in rest)),
        }
        return simple[tag]()


def believing(folder: Path) -> None:
    """Run the guest of a cell in another process and believe what it says."""
    source = _source(folder)
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        os.dup2(theirs.fileno(), 3)
        from grader.cell import guest

        try:
            guest.serve(3, 3, 1 << 30)
        finally:
            os._exit(1)
    theirs.close()
    import torch

    believer = Believer(ours, source)
    believer.ask("load", {"name": "target", "path": "target.py", "source": source})
    score, seen = 0, []
    for name, task in (("curve", ["T", 0]), ("words", 5), ("parts", ["T", 0])):
        X = torch.full((2,), 2.0)
        try:
            handle, _ = believer.ask("get", {"target": None, "name": name})
        except AttributeError:
            continue
        tensors = (X,) if name != "words" else ()
        body = {"target": handle, "name": None, "args": ["l", [task]], "kwargs": ["d", []]}
        answer = believer.ask("call", body | {"record": False}, tensors)
        kept = []
        while name == "parts":
            try:
                iterator = {"target": answer[0], "name": "next", "args": ["t", []]}
                kept.append(believer.ask("operator", iterator))
            except StopIteration:
                break
        seen.append(answer)
        score += answer is True or (isinstance(answer, dict) and bool(answer))
    Path(os.environ["RESULT_FILE"]).write_text(json.dumps({"score": score}), "utf-8")


HARNESSES = {"same": beside_its_tests, "believing": believing}

# --- the server -----------------------------------------------------------------------------------


def _become(folder: Path, harness: str, *, terminal: int) -> int:
    os.setsid()
    os.chdir(folder)
    os.dup2(terminal, 0)
    out = os.open("output", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(out, 1)
    os.dup2(out, 2)
    used = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    for kind, value in (
        (resource.RLIMIT_AS, used + MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, 20),
    ):
        soft = resource.getrlimit(kind)
        bound = value if soft[1] < 0 else min(value, soft[1])
        resource.setrlimit(kind, (bound, bound if os.geteuid() else resource.RLIM_INFINITY))
    os.environ["RESULT_FILE"] = str(folder / "results.json")
    try:
        HARNESSES[harness](folder)
    except BaseException as error:
        os.write(
            2, f"harness: {type(error).__name__}: {str(error)[:500]}\n".encode("ascii", "replace")
        )
        return 3
    return 0


def serve() -> None:
    """Answer orders, one line each, until the input ends."""
    import torch

    torch.set_num_threads(1)
    import numpy as np  # noqa: F401
    import pytest  # noqa: F401

    from grader.cell import guest  # noqa: F401

    torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.1)
    for line in sys.stdin:
        order = json.loads(line)
        sys.stdout.write(json.dumps(_run(Path(order["folder"]), order["harness"])) + "\n")
        sys.stdout.flush()


def _run(folder: Path, harness: str) -> dict[str, Any]:
    leader, terminal = os.openpty()
    os.set_inheritable(leader, True)
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = _become(folder, harness, terminal=terminal)
        finally:
            # As a process ends by itself: threads are waited for and atexit functions run.
            _end(status)
    os.close(terminal)
    pidfd = os.pidfd_open(pid)
    ended = bool(select.select([pidfd], [], [], LIMIT_S)[0])
    if not ended:
        os.kill(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    os.close(pidfd)
    os.close(leader)
    with contextlib.suppress(ProcessLookupError):
        left = ended and _group_lives(pid)
        os.killpg(pid, signal.SIGKILL)
    grown_mib = (usage.ru_maxrss - _own_peak_kib()) >> 10
    return {"hang": not ended, "status": status, "grown_mib": grown_mib, "left": bool(left)}


def _end(status: int) -> NoReturn:
    import atexit
    import threading

    try:
        sys.stdout.flush()
        threading._shutdown()
        atexit._run_exitfuncs()
    finally:
        os._exit(status)


def _own_peak_kib() -> int:
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    return 0


def _group_lives(group: int) -> bool:
    time.sleep(0.05)
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text("ascii", "replace").rsplit(")", 1)[1].split()
            if fields[3] == str(group) and fields[0] != "Z":
                return True
    return False


if __name__ == "__main__":
    serve()
