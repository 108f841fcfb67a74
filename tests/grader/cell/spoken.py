"""A cell, and short ways to say things to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grader.cell.cell import Cell
from grader.errors import CellEnded, Ending


@dataclass
class Spoken:
    """A cell, and short ways to speak with it."""

    cell: Cell

    def load(self, source: str) -> dict[str, Any]:
        """Load a student's module; return the error that it raised, or an empty dict."""
        body = {"name": "answer", "path": "answer.py", "source": source}
        frame = self.cell.request("load", body, self.cell.packer(lambda _: []))
        return dict(frame.body) if frame.kind == "error" else {}

    def say(self, source: str) -> str:
        """Load a module that raises nothing and return what it printed."""
        problem = self.load(source)
        assert not problem, problem
        return self.cell.take_output().strip()

    def refusal(self, source: str) -> str:
        """Load a module and return the name of the exception that it raised."""
        problem = self.load(source)
        assert problem, "nothing was raised"
        return str(problem["type"])

    def ending(self, source: str) -> Ending:
        """Load a module that ends its cell and return why the cell ended."""
        try:
            problem = self.load(source)
        except CellEnded as error:
            return error.ending
        message = f"the cell is still alive: {problem or 'nothing was raised'}"
        raise AssertionError(message)

    def fate(self, source: str) -> str:
        """Load a module and return the exception that it raised or the outcome that it met."""
        try:
            problem = self.load(source)
        except CellEnded as error:
            return str(error.ending.outcome)
        return str(problem["type"]) if problem else "nothing"
