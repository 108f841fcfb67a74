"""The `student` proxy: looks like the student's module, and runs in the cell.

    student.softmax(X)                   a call; X and the result cross by value
    acc = student.Accumulator(2)         an object that stays in the cell behind a `Remote`
    student.net(X).sum().backward()      a backward pass that runs in the cell

What pytest, copy and torch look for in every object never reaches the cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from grader.errors import StudentError
from grader.judge.channel import broken
from grader.judge.raised import MissingNameError

if TYPE_CHECKING:
    from grader.judge.session import Session


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
            return session.name(name)
        except AttributeError as error:
            if isinstance(error, StudentError) and not error.frames:
                raise MissingNameError("AttributeError", name) from None
            raise

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a module-level name in the cell."""
        session: Session = object.__getattribute__(self, "_session")
        session.assign(name, value)


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
        object.__setattr__(self, "_released", Released(session, handle))

    def _operator(self, name: str, *args: Any) -> Any:
        session: Session = object.__getattribute__(self, "_session")
        body = {"target": handle_of(self), "name": name}
        return session.evaluate("operator", body, args=args)

    def __getattr__(self, name: str) -> Any:
        """Return an attribute; methods come back as something to call."""
        if _is_private_protocol(name):
            raise AttributeError(name)
        session: Session = object.__getattribute__(self, "_session")
        return session.evaluate("get", {"target": handle_of(self), "name": name})

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute in the cell."""
        session: Session = object.__getattribute__(self, "_session")
        session.evaluate("set", {"target": handle_of(self), "name": name}, value=value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the object."""
        session: Session = object.__getattribute__(self, "_session")
        body = {"target": handle_of(self), "name": None}
        return session.evaluate("call", body, args=list(args), kwargs=kwargs)

    def __len__(self) -> int:
        """Return its length."""
        length = self._operator("len")
        if type(length) is not int or not 0 <= length < 2**63:
            raise broken("a length that is not one")
        return length

    def __bool__(self) -> bool:
        """Return its truth value as the student's code defines it."""
        return self._operator("bool") is True

    def __iter__(self) -> Iterator[Any]:
        """Iterate in the cell, one request an item."""
        iterator = self._operator("iter")
        if not isinstance(iterator, Remote):
            raise broken("an iterator that is none")
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
        return isinstance(other, Remote) and handle_of(self) == handle_of(other)

    def __hash__(self) -> int:
        """Hash by identity in the cell."""
        return hash(handle_of(self))

    def __repr__(self) -> str:
        """Name the class, never what the object says of itself."""
        names: tuple[str, ...] = object.__getattribute__(self, "type_names")
        return f"<{names[0] if names else 'object'} in the cell>"


class Released:
    """Tells the cell, with the next request, that an object is no longer needed."""

    def __init__(self, session: Session, handle: int) -> None:
        """Hold on to an object or a graph of the session's cell until this is dropped."""
        self.session = session
        self.handle = handle

    def __del__(self) -> None:
        self.session.released.append(self.handle)


def handle_of(remote: Remote) -> int:
    """Return the number of an object in its cell, and nothing that the student's code says."""
    handle: int = object.__getattribute__(remote, "_handle")
    return handle


def _is_private_protocol(name: str) -> bool:
    # pytest, copy and torch probe objects for dunder names; those must not reach the cell.
    return name.startswith("__") and name.endswith("__") and name not in ("__name__", "__doc__")
