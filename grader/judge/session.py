"""One cell as the judge speaks to it: requests out, answers and errors back in."""

from __future__ import annotations

import builtins
import re
from typing import TYPE_CHECKING, Any

import torch

from grader.errors import CellEnded, StudentError
from grader.judge.channel import Answer, Cell, Packer, broken
from grader.judge.describe import describe
from grader.judge.proxy import Remote, handle_of
from grader.judge.raised import ForbiddenOperatorError, student_error
from grader.judge.reply import Reply
from grader.model import Frame, HandIn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


_CODE_NAMES = ("", "<module>", "<lambda>", "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
_LASTING = frozenset({"function", "type"})
_KINDS = ("function", "method", "builtin_function_or_method", "generator", "module", "ndarray")


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
        self._seed: int | None = None
        self._functions: dict[str, Remote] = {}

    def seed(self, seed: int) -> None:
        """Seed the cell's generators before its next request is answered."""
        self._seed = seed

    def name(self, name: str) -> Any:
        """Return what a name of the student's module stands for.

        A function or class is looked up once in the life of the cell: every second request
        would otherwise ask for what is known.
        """
        if name not in self._functions:
            value = self.evaluate("get", {"target": None, "name": name})
            if not isinstance(value, Remote) or _LASTING.isdisjoint(value.type_names[:1]):
                return value
            self._functions[name] = value
        return self._functions[name]

    def assign(self, name: str, value: Any) -> None:
        """Give a name of the student's module another value."""
        self._functions.pop(name, None)
        self.evaluate("set", {"target": None, "name": name}, value=value)

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
        value = _read(lambda: Reply(self, answer, packer.tensors).value())
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
                raise broken("a value of no known form")

    def _packer(self) -> Packer:
        return self.cell.packer(self._default)

    def _default(self, value: Any) -> list[Any]:
        if isinstance(value, Remote):
            return ["h", handle_of(value)]
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
        if self._seed is not None:
            body["seed"], self._seed = self._seed, None
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
                raise broken("an error report of no known form")

    def _frame(self, item: Any) -> Frame:
        match item:
            case [int() as line, str() as function] if 0 <= line <= len(self._lines):
                text = self._lines[line - 1].strip() if line else ""
                path, shown = self._hand_in.locate(line)
                # A function can be renamed at run time, to a hidden input for instance.
                name = function if function in _CODE_NAMES or function in self._words else "?"
                return Frame(path, shown, name[:200], text[:200])
            case _:
                raise broken("a traceback of no known form")


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
        raise broken("an answer that cannot be read") from error
